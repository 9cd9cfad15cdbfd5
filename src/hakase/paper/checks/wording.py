"""What a reader would notice in the words: empty or repeated text, leftovers, and claims that the evidence lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hakase.naming import macro_name
from hakase.paper.checks.known import NUMERIC_SECTIONS
from hakase.paper.checks.reading import prose
from hakase.records import SECTIONS, Comparison, Draft, Evidence, Finding
from hakase.seams import PaperBrief

_LEFTOVER = re.compile(
    r"(?:[A-Z]{3,} ){1,4}HERE\b|\b(?:TODO|FIXME|TBD|XXX)\b|(?i:\blorem ipsum\b|\bconclusions? here\b)"
    r"|\[(?i:insert|your|placeholder)[^\]]*\]|```|\?\?"
)
_FEWEST_WORDS = 25
_ALIKE = 0.8
_CLAIM = re.compile(
    r"\b(?:improve[sd]?|improving|outperform(?:s|ed)?|surpass(?:es|ed)?|beats?|exceed(?:s|ed)|superior to|better than"
    r"|(?:significant|clear|consistent|substantial) (?:improvement|gain)s?)\b",
    re.I,
)
_HEDGE = re.compile(
    r"\b(?:not?|neither|nor|never|none|nothing|without|fail(?:s|ed)?|cannot|could|would|might|may|should|whether|if"
    r"|hypothes\w+|expect\w*|predict\w*|assum\w+|claim\w*|aim\w*|goal|hope\w*|intend\w*|meant|designed|to improve"
    r"|to outperform|to beat|undecided|unclear|little|few|rarely|hardly|chance|than chance|too few)\b|n't\b|\?",
    re.I,
)
_OURS = re.compile(
    r"\b(?:we|our|ours|this|baseline|run|runs|variant\w*|method|approach|it|they)\b|\\(?:Run|Best|Compare)", re.I
)


def check_sections(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """Every part of the paper has text, and the title too."""
    if not draft.title.strip():
        yield Finding(check="empty", where="title", message="the title is empty", fix="write one")
    for section in SECTIONS:
        if len(re.findall(r"[A-Za-z]{2,}", prose(draft.sections.get(section, "")))) < 5:
            yield Finding(check="empty", where=section, message="the section is empty", fix="write it")


def check_leftovers(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """No placeholder, note to oneself, or fence of a chat."""
    for section, text in {"title": draft.title, **draft.sections}.items():
        for found in _LEFTOVER.finditer(prose(text)):
            message = f"a leftover: {found[0]}"
            yield Finding(check="leftover", where=section, message=message, fix="write the text", excerpt=found[0])


def check_repetition(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """No paragraph stands twice, in the same words or nearly."""
    seen: list[tuple[str, frozenset[tuple[str, ...]]]] = []
    for section, text in draft.sections.items():
        for paragraph in re.split(r"\n\s*\n", prose(text)):
            shingles = _shingles(paragraph)
            twin = next((where for where, other in seen if _overlap(shingles, other) > _ALIKE), None)
            if shingles and twin:
                message = f"a paragraph repeats one of {twin}"
                start = " ".join(paragraph.split())[:80]
                yield Finding(check="repetition", where=section, message=message, fix="keep one", excerpt=start)
            if shingles:
                seen.append((section, shingles))


def check_claims(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """No sentence says that something improved when no comparison says so.

    It looks at plain statements about this study only: negations, hypotheses, questions and cited work pass. Where
    only a part is better (a data set, another metric, a control), a sentence that names it passes.
    """
    better = [c for c in brief.evidence.comparisons if c.verdict == "better"]
    if any(c.primary and not c.control for c in better):
        return
    for section in NUMERIC_SECTIONS:
        for sentence in re.split(r"(?<=[.!?])\s+", prose(draft.sections.get(section, ""))):
            claim = _CLAIM.search(sentence)
            if claim and _is_about_us(sentence) and not any(_names(sentence, c, brief.evidence) for c in better):
                yield _overclaim(section, sentence, claim[0], bool(better))


def _is_about_us(sentence: str) -> bool:
    return bool(_OURS.search(sentence)) and not _HEDGE.search(sentence) and r"\cite" not in sentence


def _names(sentence: str, c: Comparison, evidence: Evidence) -> bool:
    """Whether ``sentence`` says of which part the comparison holds, in words or by a macro."""
    macros = [macro_name("compare", c.run, c.dataset or "pooled", c.metric)]
    parts = [c.metric]
    if c.metric == evidence.primary_metric:
        macros.append(macro_name("run", c.run, "label"))
        parts = [part for part in (c.dataset, c.label) if part]
    said = _words(sentence)
    return any(_words(part) in said for part in parts) or any(f"\\{macro}" in sentence for macro in macros)


def _words(text: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9.]+', text.lower().replace('_', ' ')))} ".replace(". ", " ")


def _overclaim(section: str, sentence: str, claim: str, partly: bool) -> Finding:
    why = "the pooled comparison on the primary metric is not better" if partly else "no comparison is better"
    return Finding(
        check="claim", where=section, message=f"it says {claim!r}, and {why}",
        fix="name the metric, run or data set that is better" if partly else "say what the verdict says",
        excerpt=" ".join(sentence.split()),
    )  # fmt: skip


def _shingles(paragraph: str) -> frozenset[tuple[str, ...]]:
    """Runs of four words; nothing for a short paragraph."""
    words = re.findall(r"[a-z]+", paragraph.lower())
    if len(words) < _FEWEST_WORDS:
        return frozenset()
    return frozenset(tuple(words[i : i + 4]) for i in range(len(words) - 3))


def _overlap(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / max(1, len(one | other))
