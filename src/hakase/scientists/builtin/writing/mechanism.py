"""Why the change could matter: the catalogue's words about an intervention, or the idea's own when there are none."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.catalogue import Intervention
from hakase.latex_text import escape
from hakase.scientists.builtin.writing.phrasing import capitalise, end_sentence
from hakase.scientists.builtin.writing.story import Story

COSTS = {
    "none": "nothing",
    "low": "less than a tenth",
    "medium": "less than half",
    "high": "more than half",
}
"""What an intervention is expected to add to the time of a run."""


@dataclass(frozen=True)
class Mechanism:
    """LaTeX about how the change acts; ``explanation`` is empty where nothing is known."""

    motivation: str
    explanation: str = ""


def explain(story: Story) -> Mechanism:
    """The mechanism of the story's idea."""
    motivation = _motivate(story)
    known = story.intervention
    if known is None:
        return Mechanism(motivation)
    return Mechanism(f"{motivation} {_place_in_catalogue(known)}", _explain(known))


def _motivate(story: Story) -> str:
    """Why to look at all; what sort of change it is can be said only of the catalogue's."""
    if not story.by_rules:
        return (
            "Many changes to a training program can be argued for, and few are measured with care. This study takes up "
            f"one of them: {story.subject}."
        )
    verb = "are changes" if story.subject_is_plural else "is a change"
    return (
        "To train a model is to make many choices, from the optimizer to the size of a batch, and each of them can be "
        f"tested. {capitalise(story.subject)} {verb} to one of them: easy to make, easy to believe in, and hard to "
        "judge by eye."
    )


def _place_in_catalogue(known: Intervention) -> str:
    return (
        "It is taken from a catalogue of known interventions that the program holds, so that the method itself is not "
        f"presented as an invention. The catalogue expects it to add {COSTS[known.cost]} to the time of a run."
    )


def _explain(known: Intervention) -> str:
    mechanism = escape(end_sentence(known.mechanism))
    if known.parameter is None:
        return mechanism
    return f"{mechanism} Its strength is set by one number, the {escape(known.parameter.meaning.removeprefix('the '))}."
