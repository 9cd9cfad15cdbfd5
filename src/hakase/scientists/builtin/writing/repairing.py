"""Mends a section by what the checks found in it, by rule: a number becomes its macro, or the sentence goes.

Text is replaced or taken away, never invented. What cannot be mended in place, such as braces that do not close, is
answered by writing the section anew from the brief.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hakase.records import Draft, Finding
from hakase.scientists.builtin.writing.citing import drop_unknown_citations
from hakase.scientists.builtin.writing.cutting import close_gaps, drop_last, drop_paragraph, drop_sentence, locate
from hakase.scientists.builtin.writing.rendering import tidy
from hakase.scientists.builtin.writing.sections import write_section
from hakase.seams import PaperBrief

NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:\\?%)?")
PROTECTED = re.compile(
    r"\\(?:cite[tp]?|ref|eqref|label|input)\*?(?:\[[^\]]*\])*\{[^}]*\}|\\[A-Z][A-Za-z]+\{\}|\$[^$]*\$"
)
"""Places whose digits and signs are left as they stand."""
REWRITTEN = frozenset(("balance", "command", "empty", "not_shown", "not_referenced"))
"""Checks whose findings are answered by writing the section anew."""


def repair_section(section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
    """``text`` with what ``findings`` name replaced or taken out; findings about other sections change nothing."""
    mine = [finding for finding in findings if finding.where in (section, "")]
    if any(finding.check in REWRITTEN for finding in mine):
        anew = write_section(section, brief, Draft(title="", sections={}))
        if anew.strip() != text.strip():
            return anew
    mended = drop_unknown_citations(text, brief.works)
    for finding in mine:
        mended = _mend(mended, finding, brief)
    return tidy(close_gaps(mended))


def _mend(text: str, finding: Finding, brief: PaperBrief) -> str:
    span = locate(text, finding.excerpt)
    if span is None:
        return text
    match finding.check:
        case "number":
            return _replace_number(text, span, finding, brief)
        case "character":
            return text[: span[0]] + _escape_bare(text[slice(*span)]) + text[span[1] :]
        case "file" | "label" | "duplicate_part":
            return drop_last(text, finding.excerpt)
        case "repetition":
            return drop_paragraph(text, span)
        case _:
            return drop_sentence(text, span)


def _replace_number(text: str, span: tuple[int, int], finding: Finding, brief: PaperBrief) -> str:
    """The numbers within ``span`` as the macro of the one fact with that text; else their sentence goes."""
    named = re.search(r"number ([\d.,]+)", finding.message)
    for match in NUMBER.finditer(text, *span):
        bare = match[0].lstrip("+-").removesuffix("%").removesuffix("\\")
        if (named and bare != named[1].rstrip(".,")) or _is_protected(text, match.start()):
            continue
        macros = [fact.macro for fact in brief.evidence.facts if fact.text in (match[0], bare)]
        if len(macros) == 1:
            return f"{text[: match.start()]}\\{macros[0]}{{}}{text[match.end() :]}"
        return drop_sentence(text, match.span())
    return drop_sentence(text, span)


def _is_protected(text: str, position: int) -> bool:
    return any(match.start() <= position < match.end() for match in PROTECTED.finditer(text))


def _escape_bare(piece: str) -> str:
    """``piece`` with the special characters outside of commands and formulas escaped."""
    parts, start = [], 0
    for match in PROTECTED.finditer(piece):
        parts += [re.sub(r"(?<!\\)([_^#&%])", _escaped, piece[start : match.start()]), match[0]]
        start = match.end()
    return "".join([*parts, re.sub(r"(?<!\\)([_^#&%])", _escaped, piece[start:])])


def _escaped(match: re.Match[str]) -> str:
    return r"{\textasciicircum}" if match[1] == "^" else f"\\{match[1]}"
