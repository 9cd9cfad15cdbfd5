"""Leaving out the part of a draft that could not be mended. The paper stays, and what it lost is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hakase.records import Draft, Finding

_STOP = re.compile(r"\\(?P<kind>begin|end)\{|\n[ \t]*\n")
_BY_COMMAND = ("file", "duplicate_part", "reference", "label")


def drop_part(draft: Draft, finding: Finding) -> tuple[Draft, str]:
    """``draft`` without what ``finding`` is about, and the name of what was left out.

    A citation loses its key, a reference or file its command, anything else the paragraph or environment that it
    stands in; without an excerpt, or when that is not found, the section goes. The name is empty when the section
    is gone already.
    """
    text = draft.sections.get(finding.where, "")
    if not text:
        return draft, ""
    shorter, name = _shorten(text, finding)
    sections = dict(draft.sections)
    if shorter.strip():
        sections[finding.where] = shorter.strip()
    else:
        del sections[finding.where]
        name = f"the section {finding.where}"
    return draft.model_copy(update={"sections": sections}), name


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
    return text[:start] + text[end:], f"a passage of {finding.where}: {words[:60]}"


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
    touched = [(first, last) for first, last in _blocks(text) if first < end and start < last]
    return (touched[0][0], touched[-1][1]) if touched else (0, len(text))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, those that an environment spans taken together."""
    first, depth = 0, 0
    for found in _STOP.finditer(text):
        if found["kind"]:
            depth = max(0, depth + (1 if found["kind"] == "begin" else -1))
        elif not depth:
            yield first, found.end()
            first = found.end()
    yield first, len(text)
