"""Title and sections of the first draft. Two parts share a question; the second is read from the reply that is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hakase.models import Models
from hakase.prompts import render
from hakase.records import Draft
from hakase.scientists.builtin import writing as rules
from hakase.scientists.builtin.writing.revising import CLAIMS
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.writing.answers import answer_fault, part_fault, read_parts
from hakase.scientists.llm.writing.asking import writing_question
from hakase.scientists.llm.writing.briefing import section_values
from hakase.scientists.llm.writing.cleaning import clean_part
from hakase.scientists.llm.writing.outline import TITLE, Outline, outline_of
from hakase.seams import PaperBrief

EMPTY = Draft(title="", sections={})


def write_title(models: Models, brief: PaperBrief) -> str:
    """The title, in LaTeX; it claims no result that no comparison shows."""
    return ask_or_rule(
        models,
        "paper",
        "the title",
        lambda: _ask_part(models, TITLE, brief, EMPTY),
        lambda: rules.write_title(brief),
    )


def write_section(models: Models, section: str, brief: PaperBrief, draft: Draft) -> str:
    """LaTeX of one of ``SECTIONS``.

    Raises:
        ValueError: there is no such section.
    """
    outline_of(section)
    return ask_or_rule(
        models,
        "paper",
        f"the section {section}",
        lambda: _ask_part(models, section, brief, draft),
        lambda: rules.write_section(section, brief, draft),
    )


def _ask_part(models: Models, part: str, brief: PaperBrief, draft: Draft) -> str:
    """The part out of the answer that has it together with others; alone when that answer lacks it."""
    outline = outline_of(part)
    found = _ask(models, outline, f"paper/section/{outline.slot}", brief, draft)
    if part not in found:
        found = _ask(models, replace(outline, parts=(part,)), f"paper/section/{part}/alone", brief, draft)
    return found[part]


def _ask(models: Models, outline: Outline, slot: str, brief: PaperBrief, draft: Draft) -> dict[str, str]:
    """The usable parts of one answer, at least one."""
    prompt = render("paper/section", **section_values(outline, brief, draft))

    others = [text for name, text in draft.sections.items() if name not in outline.parts]

    def clean(answer: str) -> dict[str, str]:
        return {name: clean_part(name, raw, brief, others) for name, raw in read_parts(answer, outline.parts).items()}

    def fault(answer: str) -> str:
        return answer_fault(answer, outline.parts) or _parts_fault(clean(answer), outline, brief)

    return _usable(clean(models.text(writing_question(slot, prompt), fault)), brief)


def _parts_fault(found: Mapping[str, str], outline: Outline, brief: PaperBrief) -> str:
    """Why no part can be used; empty when one can."""
    if _usable(found, brief):
        return ""
    if not found:
        return "the answer has none of the parts: " + ", ".join(outline.parts)
    return "; ".join(_fault(name, text, brief) for name, text in found.items())


def _usable(found: Mapping[str, str], brief: PaperBrief) -> dict[str, str]:
    return {name: text for name, text in found.items() if not _fault(name, text, brief)}


def _fault(name: str, text: str, brief: PaperBrief) -> str:
    return part_fault(name, text) or (title_fault(text, brief) if name == TITLE else "")


def title_fault(title: str, brief: PaperBrief) -> str:
    """Why a title says too much; empty when it does not."""
    shown = any(c.primary and not c.control and c.verdict == "better" for c in brief.evidence.comparisons)
    claim = CLAIMS.search(title)
    if claim and not shown and "?" not in title and claim[0].lower() not in brief.idea.title.lower():
        return f"the title says {claim[0]!r}, and no run is shown to be better: name what was tried instead"
    if re.search(r"\d\s*\\?%|\d\.\d", title) and title not in brief.idea.title:
        return "the title has a number: leave results out of it"
    return ""
