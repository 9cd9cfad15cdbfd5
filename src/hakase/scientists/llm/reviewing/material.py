"""What a reviewer is shown of a paper, within stated sizes, and the list of it that the review carries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hakase.prompts import shorten, visible
from hakase.records import Draft, Fact
from hakase.scientists.llm.reviewing.evidence import describe_code, describe_evidence, describe_findings
from hakase.scientists.llm.reviewing.injection import find_instructions
from hakase.seams import Dossier

OWN_TEXT = 20_000
"""Characters of the text of a study's paper that a reviewer reads; the evidence takes the rest of the room."""
FOREIGN_TEXT = 28_000
"""Characters of the text of a paper from elsewhere."""
CODE = 3_500
SHORTEST_APPENDIX = 1_000
EXCERPTS = {"abstract": 1_500, "results": 3_000, "conclusion": 1_000}
"""Characters of the parts that a reflection sees again."""
HEADINGS = {
    "abstract": r"abstract",
    "results": r"(?:experiments?|results?|evaluation|experimental results|results and discussion)",
    "conclusion": r"(?:conclusions?|discussion|conclusions? and (?:future work|limitations))",
}
REFERENCES = re.compile(r"(?im)^\W*(?:\d+\W+)?(?:references|bibliography)\W*$")
AFTER_REFERENCES = re.compile(r"(?im)^\W*(?:appendix|appendices|supplementary)\b")
INTRODUCTION = re.compile(r"(?im)^\W*(?:1\W+)?introduction\W*$")
MACRO = re.compile(r"\\([A-Za-z]+)(?:\{\})?")


@dataclass(frozen=True)
class Material:
    """A paper and what is known of it, each part as text; empty where there is none."""

    paper: str
    pages: int
    text: str
    evidence: str
    key_evidence: str
    """The shorter form, for reflections."""
    findings: str
    code: str
    excerpts: str
    instructions: tuple[str, ...]
    """Passages of the paper that speak to its reviewer."""
    basis: tuple[str, ...]


def gather_material(dossier: Dossier) -> Material:
    """All that a reviewer reads of ``dossier``; without a brief that is the text only."""
    brief = dossier.brief
    facts = brief.evidence.facts if brief else ()
    text = _expand(visible(dossier.text).strip(), facts)
    shown = trim_paper(text, OWN_TEXT if brief else FOREIGN_TEXT)
    code = describe_code(brief, CODE) if brief else ""
    return Material(
        paper=visible(dossier.paper),
        pages=dossier.pages,
        text=shown,
        evidence=describe_evidence(brief) if brief else "",
        key_evidence=describe_evidence(brief, whole=False) if brief else "",
        findings=describe_findings(dossier.findings) if brief else "",
        code=code,
        excerpts=_excerpts(dossier.draft, facts) if dossier.draft else excerpts_of(text),
        instructions=find_instructions(text),
        basis=(_name_text(dossier, text, shown), *_name_records(dossier, code)),
    )


def _name_text(dossier: Dossier, text: str, shown: str) -> str:
    source = "text of the PDF" if dossier.paper.lower().endswith(".pdf") else "text of the paper"
    return source if shown == text else f"{source} (shortened to {len(shown)} of {len(text)} characters)"


def _name_records(dossier: Dossier, code: str) -> tuple[str, ...]:
    if dossier.brief is None:
        return ()
    return ("evidence", "findings of the checks", *(("code",) if code else ()))


def trim_paper(text: str, limit: int) -> str:
    """``text`` in about ``limit`` characters: first without bibliography, then without appendix, then without middle.

    What is kept of a long body is its beginning and, twice as much, its end: that is where the results stand.
    """
    if len(text) <= limit:
        return text
    body, bibliography, appendix = split_paper(text)
    if len(body) > limit:
        head = limit // 3
        body = f"{body[:head]}\n[… {len(body) - limit} characters left out …]\n{body[head - limit :]}"
    note = f"\n[bibliography of {len(bibliography)} characters left out]\n" if bibliography else ""
    room = limit - len(body)
    if appendix and room < len(appendix):
        appendix = shorten(appendix, room) if room > SHORTEST_APPENDIX else "[appendix left out]"
    return body + note + appendix


def split_paper(text: str) -> tuple[str, str, str]:
    """Body, bibliography and what follows it; the last two are empty when no bibliography is recognised."""
    start = next((m for m in reversed(list(REFERENCES.finditer(text))) if m.start() > len(text) // 10), None)
    if start is None:
        return text, "", ""
    after = AFTER_REFERENCES.search(text, start.end())
    end = after.start() if after else len(text)
    return text[: start.end()], text[start.end() : end], text[end:]


def excerpts_of(text: str) -> str:
    """Abstract, results and conclusion, by their headings; beginning and end of a text without such headings."""
    parts = [(name, _under(text, heading, EXCERPTS[name])) for name, heading in HEADINGS.items()]
    found = [f"{name}: {part}" for name, part in parts if part]
    return "\n\n".join(found) if len(found) > 1 else shorten(text, sum(EXCERPTS.values()))


def _under(text: str, heading: str, limit: int) -> str:
    """What follows the heading, up to the bibliography and up to ``limit`` characters."""
    match = re.search(rf"(?im)^\W*(?:\d+(?:\.\d+)*\W*)?{heading}(?:[.:—]\s|\W*$)", text)
    if match is None:
        return ""
    part = text[match.end() : match.end() + limit]
    ends = [end.start() for pattern in (REFERENCES, INTRODUCTION) if (end := pattern.search(part))]
    return part[: min(ends, default=limit)].strip()


def _excerpts(draft: Draft, facts: Sequence[Fact]) -> str:
    parts = [(name, _expand(draft.sections.get(name, ""), facts)) for name in EXCERPTS]
    return "\n\n".join(f"{name}: {shorten(part, EXCERPTS[name])}" for name, part in parts if part)


def _expand(text: str, facts: Sequence[Fact]) -> str:
    """``text`` with the numbers in place of their macros."""
    values = {fact.macro: fact.text for fact in facts}
    return MACRO.sub(lambda match: values.get(match[1], match[0]), text)
