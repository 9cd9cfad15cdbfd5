"""A section again, rid of what the checks or LaTeX found in it; what needs no words is mended by rule, unasked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from hakase.models import Models
from hakase.prompts import render
from hakase.records import Draft, Finding
from hakase.scientists.builtin import writing as rules
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.writing.answers import answer_fault, part_fault, read_parts
from hakase.scientists.llm.writing.asking import COOL, writing_question
from hakase.scientists.llm.writing.briefing import claim_rule, generated_parts, work_lines
from hakase.scientists.llm.writing.cleaning import clean_section
from hakase.scientists.llm.writing.facts import fact_lines
from hakase.scientists.llm.writing.placing import restore_parts
from hakase.scientists.llm.writing.refining import finding_lines
from hakase.seams import PaperBrief

BY_RULE = frozenset(("citation", "character", "duplicate_part", "label"))
"""Checks whose findings are mended without a word being written anew."""
NUMBERS = frozenset(("number", "fact", "claim"))
PARTS = frozenset(("not_shown", "not_referenced", "reference", "file"))


def repair_section(models: Models, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
    """``text`` mended; by the rules alone where these suffice or no usable answer comes."""
    by_rule = [finding for finding in findings if finding.check in BY_RULE]
    others = [finding for finding in findings if finding.check not in BY_RULE]
    mended = rules.repair_section(section, text, by_rule, brief) if by_rule else text
    if not others:
        return mended
    return ask_or_rule(
        models,
        "paper",
        f"a repair of the section {section}",
        lambda: _ask(models, section, mended, others, brief),
        lambda: rules.repair_section(section, mended, others, brief),
    )


def replace_section(models: Models, section: str, brief: PaperBrief) -> str:
    """The section, or the title, by the rules: nothing of the model's passed the checks."""
    what = "the title" if section == "title" else f"the section {section}"
    models.note_fallback("paper", what, "nothing that the model wrote passed the checks")
    if section == "title":
        return rules.write_title(brief)
    return rules.write_section(section, brief, Draft(title="", sections={}))


def _ask(models: Models, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
    prompt = render("paper/repair", **repair_values(section, text, findings, brief))
    mark = hashlib.sha256(prompt.encode()).hexdigest()[:8]

    def clean(answer: str) -> str:
        raw = read_parts(answer, (section,)).get(section, "")
        return restore_parts(clean_section(raw, section, brief), text)

    def fault(answer: str) -> str:
        return answer_fault(answer, (section,)) or part_fault(section, clean(answer))

    return clean(models.text(writing_question(f"paper/repair/{section}/{mark}", prompt, COOL), fault))


def repair_values(section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> dict[str, Any]:
    """What ``paper/repair.md.j2`` needs: of the brief only what the findings call for."""
    checks = {finding.check for finding in findings}
    cites = re.search(r"\\cite", text) or "citation" in checks
    empty = "empty" in checks
    return {
        "section": section,
        "text": text,
        "findings": finding_lines(findings),
        "facts": fact_lines(brief, "all" if section == "results" else "summary") if checks & NUMBERS or empty else (),
        "claims": claim_rule(brief) if "claim" in checks or empty else "",
        "generated": generated_parts(brief, (section,)) if checks & PARTS else [],
        "works": work_lines(brief.works) if cites else [],
    }
