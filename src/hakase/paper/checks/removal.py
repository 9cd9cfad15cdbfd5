"""Leaving out the part of a draft that could not be mended. The paper stays, and what it lost is named."""

from __future__ import annotations

import re

from hakase.paper.checks.reading import blocks
from hakase.records import Draft, Finding

_INPUT = re.compile(r"\\input\{\w+\}")
_UNSHOWN = ("not_shown", "not_referenced")
_BY_COMMAND = ("file", "duplicate_part", "reference", "label")


def drop_part(draft: Draft, finding: Finding) -> tuple[Draft, str]:
    """``draft`` without what ``finding`` is about, and the name of what was left out.

    A citation loses its key, a reference or file its command, anything else the paragraph or environment that it
    stands in (generated parts that are put in there stay); without an excerpt that can be found, the section goes.
    A figure or table that nobody wrote about is put in with a bare reference. The name is empty when the section is
    gone already.
    """
    text = draft.sections.get(finding.where, "")
    if not text:
        return draft, ""
    shorter, name = _point_to(text, finding) if finding.check in _UNSHOWN else _shorten(text, finding)
    sections = dict(draft.sections)
    if shorter.strip():
        sections[finding.where] = shorter.strip()
    else:
        del sections[finding.where]
        name = f"the section {finding.where}"
    return draft.model_copy(update={"sections": sections}), name


def _point_to(text: str, finding: Finding) -> tuple[str, str]:
    kind, _, stem = finding.excerpt.partition(":")
    word, part = ("Figure", f"figure_{stem}") if kind == "fig" else ("Table", f"table_{stem}")
    shown = "" if rf"\input{{{part}}}" in text or finding.check == "not_referenced" else f"\n\\input{{{part}}}"
    return f"{text}\n\n{word}~\\ref{{{finding.excerpt}}} is given without comment.{shown}", f"a discussion of {part}"


def _shorten(text: str, finding: Finding) -> tuple[str, str]:
    if finding.check == "citation":
        return _without_key(text, finding.excerpt), f"the citation {finding.excerpt} in {finding.where}"
    if finding.check in _BY_COMMAND and finding.excerpt in text and not _in_float(text, finding.excerpt):
        return text.replace(finding.excerpt, "", 1), f"{finding.excerpt} in {finding.where}"
    span = _find(text, finding.excerpt)
    if span is None:
        return "", ""
    start, end = _block_around(text, *span)
    words = " ".join(text[start:end].split())
    parts = [part for part in _INPUT.findall(text[start:end]) if part not in finding.excerpt]
    kept = "".join(f"{part}\n" for part in parts) + ("\n" if parts else "")
    return text[:start] + kept + text[end:], f"a passage of {finding.where}: {words[:60]}"


def _without_key(text: str, key: str) -> str:
    """``text`` with ``key`` out of every citation; a citation that is left empty goes, with the space before it."""

    def keep_others(found: re.Match[str]) -> str:
        keys = [k.strip() for k in found["keys"].split(",")]
        others = [k for k in keys if k and k != key]
        if len(others) == len(keys):
            return found[0]
        return f"{found['head']}{{{','.join(others)}}}" if others else ""

    return re.sub(r"(?P<head>[\s~]*\\cite\w*\*?(?:\[[^\]]*\])*)\{(?P<keys>[^}]*)\}", keep_others, text)


def _in_float(text: str, excerpt: str) -> bool:
    before = text[: text.index(excerpt)]
    return any(before.count(rf"\begin{{{n}}}") > before.count(rf"\end{{{n}}}") for n in ("figure", "figure*", "table"))


def _find(text: str, excerpt: str) -> tuple[int, int] | None:
    """Where ``excerpt`` stands, whatever the white space; None when it does not or is empty."""
    words = excerpt.split()
    if not words:
        return None
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return found.span() if found else None


def _block_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The paragraphs from ``start`` to ``end``, with the whole of every environment in them."""
    touched = [(first, last) for first, last in blocks(text) if first < end and start < last]
    return (touched[0][0], touched[-1][1]) if touched else (0, len(text))
