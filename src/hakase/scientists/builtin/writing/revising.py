"""One revision of a paper that answers its review, from the evidence that is there.

It adds what the records hold and the first draft left out, and takes back what claims too much. It runs nothing, so
that a wish for more experiments is answered in the limitations, never with a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hakase.records import Draft, Review
from hakase.scientists.builtin.writing.rendering import render, tidy
from hakase.scientists.builtin.writing.sections import get_context, write_section, write_title
from hakase.scientists.builtin.writing.story import Story
from hakase.seams import PaperBrief

Answer = Callable[[dict[str, str], PaperBrief], dict[str, str]]

CLAIMS = re.compile(
    r"(?i)\b(improves?|outperforms?|superior|state[- ]of[- ]the[- ]art|novel|breakthrough|significantly)\b"
)
"""Words that claim more than a verdict other than ``better`` allows."""


def revise_paper(draft: Draft, review: Review, brief: PaperBrief) -> Draft:
    """``draft`` with every weakness answered that the evidence can answer."""
    said = " ".join((*review.weaknesses, *review.questions, *review.limitations)).lower()
    sections = dict(draft.sections)
    for topic, answer in ANSWERS.items():
        if re.search(topic, said):
            sections = answer(sections, brief)
    return Draft(title=_revise_title(draft.title, brief), sections=_take_back_claims(sections, brief))


def _add_secondary(sections: dict[str, str], brief: PaperBrief) -> dict[str, str]:
    story = Story(brief)
    if not (story.best and story.best.secondary) or "table_secondary.tex" in sections.get("results", ""):
        return sections
    return _insert(sections, "results", render("revision_secondary", **get_context(brief)), r"\paragraph{Figures.}")


def _add_datasets(sections: dict[str, str], brief: PaperBrief) -> dict[str, str]:
    story = Story(brief)
    if len(story.dataset_keys) < 2 or not any(variant.by_dataset for variant in story.variants):
        return sections
    return _insert(
        sections, "results", render("revision_datasets", **get_context(brief)), r"\paragraph{Other metrics.}"
    )


def _add_power(sections: dict[str, str], brief: PaperBrief) -> dict[str, str]:
    story = Story(brief)
    if not (story.best and story.best.effect and story.best.effect.interval):
        return sections
    return _insert(sections, "limitations", render("revision_power", **get_context(brief)), r"\end{itemize}")


def _add_scope(sections: dict[str, str], brief: PaperBrief) -> dict[str, str]:
    if not Story(brief).variants:
        return sections
    return _insert(sections, "conclusion", render("revision_scope", **get_context(brief)), "The next step")


ANSWERS: dict[str, Answer] = {
    r"other metrics?|secondary|trade-?off|accuracy": _add_secondary,
    r"data ?sets?|per-dataset|heterogene": _add_datasets,
    r"seeds?|interval|variance|statistical|power": _add_power,
    r"generali[sz]|scale|larger|small|scope|single split": _add_scope,
}
"""What a review may speak of (a pattern over its weaknesses, questions and limitations) -> what answers it."""


def _insert(sections: dict[str, str], section: str, addition: str, before: str) -> dict[str, str]:
    """``addition`` before the first ``before`` in ``section``, else at its end; nothing is added twice."""
    text = sections.get(section, "")
    if addition.strip() in text:
        return sections
    at = text.find(before)
    at = len(text) if at < 0 else at
    joint = "\n\n" if "\\paragraph" in addition else "\n"
    return {**sections, section: tidy(f"{text[:at].rstrip()}{joint}{addition.strip()}{joint}{text[at:]}")}


def _revise_title(title: str, brief: PaperBrief) -> str:
    claims = Story(brief).outcome != "better" and "?" not in title
    return write_title(brief) if claims and CLAIMS.search(title) else title


def _take_back_claims(sections: dict[str, str], brief: PaperBrief) -> dict[str, str]:
    """Abstract and conclusion written anew from the evidence where they claim what it does not show."""
    if Story(brief).outcome == "better":
        return sections
    blank = Draft(title="", sections={})
    return {
        name: write_section(name, brief, blank) if name in ("abstract", "conclusion") and CLAIMS.search(text) else text
        for name, text in sections.items()
    }
