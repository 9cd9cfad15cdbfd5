"""Title and sections of a first draft."""

from __future__ import annotations

from hakase.latex_text import escape
from hakase.records import SECTIONS, Draft
from hakase.scientists.builtin.writing.citing import Citations
from hakase.scientists.builtin.writing.mechanism import explain
from hakase.scientists.builtin.writing.related import RelatedWork
from hakase.scientists.builtin.writing.rendering import render
from hakase.scientists.builtin.writing.story import Story
from hakase.scientists.builtin.writing.titles import make_title
from hakase.seams import PaperBrief


def write_title(brief: PaperBrief) -> str:
    """The title, in LaTeX."""
    return escape(make_title(Story(brief)))


def write_section(section: str, brief: PaperBrief, draft: Draft) -> str:  # noqa: ARG001 -- each section stands alone
    """LaTeX of one of ``SECTIONS``.

    Raises:
        ValueError: there is no such section.
    """
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}; the sections are {', '.join(SECTIONS)}")
    return render(section, **get_context(brief))


def get_context(brief: PaperBrief) -> dict[str, object]:
    """What every template is given."""
    story, citations = Story(brief), Citations(brief.works)
    return {
        "it": story,
        "brief": brief,
        "evidence": brief.evidence,
        "num": story.numbers,
        "has": story.numbers.has,
        "cite": citations.cite,
        "mechanism": explain(story),
        "related": RelatedWork(story, citations),
    }
