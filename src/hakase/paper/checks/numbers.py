"""The rule of digits: in abstract, results and conclusion a number is a fact, or it stands in code or configuration.

Not counted are digits that are no numbers: in names (L2, F1), as a subscript or a power, and the level of an interval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hakase.paper.checks.known import NUMERIC_SECTIONS
from hakase.paper.checks.reading import Piece, excerpt, read_pieces
from hakase.records import Draft, Fact, Finding
from hakase.seams import PaperBrief

_NUMBER = re.compile(r"(?<![A-Za-z\d.])(?:\d+(?:,\d{3})+|\d+)(?:\.\d+)*(?:[eE][+-]?\d+)?|(?<![\w.])\.\d+")
_IN_CODE = re.compile(r"(?<![A-Za-z_\d.])(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:\.\d+)*")
_DIMENSION = re.compile(r"D\b")
_INTERVAL_LEVEL = re.compile(r"\s*\\?%[\s~$-]*(?:\w+\s+){0,2}?(?:confidence|interval|CI)", re.I)


def check_numbers(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:
    """Every number that is typed where it should be a macro, with the macro that says it."""
    allowed = Allowed.of(brief)
    for section in NUMERIC_SECTIONS:
        text = draft.sections.get(section, "")
        for number, position in _typed_numbers(text):
            if not allowed.has(number, text[position + len(number) :]):
                yield Finding(
                    check="number",
                    where=section,
                    message=f"the number {number} is typed, and neither code nor configuration has it",
                    fix=_fix(number, brief.evidence.facts),
                    excerpt=excerpt(text, position),
                )


@dataclass(frozen=True)
class Allowed:
    """Numbers that may be typed."""

    values: frozenset[float]
    words: frozenset[str]
    """Versions and the like, which are no numbers."""

    @classmethod
    def of(cls, brief: PaperBrief) -> Allowed:
        """The literals of the code, of every finished run's changes, of constants and environment."""
        words = {found for text in _configuration(brief) for found in _IN_CODE.findall(text)}
        values = (_value(word) for word in words)
        return cls(frozenset(v for v in values if v is not None), frozenset(words))

    def has(self, number: str, following: str) -> bool:
        """Whether ``number`` may be typed before ``following``."""
        value = _value(number)
        if number in self.words or value is None:
            return number in self.words
        if _DIMENSION.match(following) or (value == 95 and _INTERVAL_LEVEL.match(following)):
            return True
        percent = following.lstrip().startswith(("\\%", "%"))
        return value in self.values or (percent and any(abs(v * 100 - value) < 1e-9 for v in self.values))


def _configuration(brief: PaperBrief) -> Iterable[str]:
    yield from brief.area.code.values()
    yield from (constant.value for constant in brief.constants)
    yield from brief.environment.values()
    for run in brief.runs:
        yield from (line[1:] for line in run.diff.splitlines() if line.startswith("+") and line[:3] != "+++")
        yield from (value for change in run.changes for value in change.settings.values())


def _typed_numbers(text: str) -> Iterator[tuple[str, int]]:
    for piece in read_pieces(text):
        if piece.kind == "text":
            for found in _NUMBER.finditer(piece.name):
                position = piece.position + found.start()
                if not _is_name(text, position, piece):
                    yield found[0], position


def _is_name(text: str, position: int, piece: Piece) -> bool:
    """Whether the digits belong to a name: after a hyphened letter (``top-1`` is none), a subscript or a power."""
    before = text[:position]
    if re.search(r"[A-Za-z]\d*[.-]?$", before) and not before.endswith("-"):
        return True
    return piece.in_mathematics and bool(re.search(r"[_^]\{?$", before)) and not re.search(r"10\^\{?$", before)


def _value(number: str) -> float | None:
    try:
        return float(number.replace(",", "").replace("_", ""))
    except ValueError:
        return None


def _fix(number: str, facts: Iterable[Fact]) -> str:
    matches = [fact.macro for fact in facts if _says(fact, number)]
    if not matches:
        return "use the macro of a fact, or leave the number out"
    return "write " + " or ".join(f"\\{macro}{{}}" for macro in matches[:3])


def _says(fact: Fact, number: str) -> bool:
    """Whether the fact prints as ``number``, or rounds to it at two decimals or more."""
    text = fact.text.lstrip("+-$<").removesuffix("\\%")
    if text == number:
        return True
    decimals = len(number.partition(".")[2])
    value = _value(number)
    return decimals >= 2 and value is not None and fact.value is not None and round(abs(fact.value), decimals) == value
