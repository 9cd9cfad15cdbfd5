"""Titles: the question that was asked, never an answer that a reader could take for more than was measured."""

from __future__ import annotations

from hakase.scientists.builtin.writing.nounphrases import is_plural, is_question, set_in_title_case
from hakase.scientists.builtin.writing.phrasing import capitalise, join_words, read_name, spell_count
from hakase.scientists.builtin.writing.story import Story

LONGEST = 120
"""Characters of a title that still fits two lines."""


def make_title(story: Story) -> str:
    """Plain text in title case: question, kind of study, data."""
    head, place = _ask(story), _place(story)
    noun = "Ablation" if story.by_rules else "Comparison"
    kind = noun if story.outcome == "no_run" or not story.paired else f"Paired {noun}"
    if story.outcome == "no_run":
        return f"{head}: A Plan Without a Finished Run"
    full = f"{head} A {kind}{place}" if head.endswith("?") else f"{head}: A {kind}{place}"
    return full if len(full) <= LONGEST else full.removesuffix(place)


def _ask(story: Story) -> str:
    title = story.brief.idea.title.strip().rstrip(".")
    if is_question(title):
        return set_in_title_case(title if title.endswith("?") else title.split(":")[0].split("?")[0] + "?")
    subject = capitalise(story.noun_phrase)
    if story.outcome == "no_run":
        return set_in_title_case(subject)
    verb = "Do" if is_plural(subject) else "Does"
    effect = "Lower" if story.better_word == "lower" else "Raise"
    question = f"{verb} {subject} {effect} the {read_name(story.brief.evidence.primary_metric)}?"
    return set_in_title_case(question if len(question) < LONGEST else f"{verb} {subject} Help?")


def _place(story: Story) -> str:
    names = [read_name(name) for name in story.dataset_keys]
    if not names:
        return ""
    data = join_words(names) if len(names) < 4 else f"{spell_count(len(names))} data sets"
    return f" on {set_in_title_case(capitalise(data))}"
