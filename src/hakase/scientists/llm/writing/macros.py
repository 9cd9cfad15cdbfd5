"""Macros of facts as models write them, mended without changing what is said: a slash missing, a sign too many."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hakase.records import Fact
from hakase.seams import PaperBrief

NUMERIC = ("abstract", "results", "conclusion")
"""Sections in which a result may not be typed."""
_NUMBER = re.compile(r"(?<![\w.\\{])([+-]?\d*\.\d+)(\\%)?(?!\w|\.\d|\\%)")
_COMMANDS = re.compile(r"(\\(?:\w*ref|cite|label|input|includegraphics)\*?(?:\[[^\]]*\])*\{[^}]*\})")
_FEWEST_DIGITS = 3


def mend_macros(text: str, section: str, brief: PaperBrief) -> str:
    """``text`` with macros of facts spelled as they must be, and typed numbers that are plainly one fact as macros."""
    facts = {fact.macro: fact for fact in brief.evidence.facts}
    pieces = _COMMANDS.split(text)
    mended = [piece if number % 2 else _mend(piece, facts) for number, piece in enumerate(pieces)]
    if section in NUMERIC:
        typed = " ".join(
            (*brief.area.code.values(), *(c.value for c in brief.constants), *(r.diff for r in brief.runs))
        )
        mended = [p if n % 2 else _name_numbers(p, facts, typed) for n, p in enumerate(mended)]
    return "".join(mended)


def _mend(text: str, facts: Mapping[str, Fact]) -> str:
    text = re.sub(r"(\\[A-Z][A-Za-z]{4,})\\\{\\\}", r"\1{}", text)
    text = re.sub(r"(?<![\\A-Za-z])([A-Z][A-Za-z]{9,})(\{\})?(?![A-Za-z])", lambda m: _add_slash(m, facts), text)
    return re.sub(r"([+-]?)(\\([A-Z][A-Za-z]+)(?:\{\})?)(\s?\\%)?", lambda m: _drop_double(m, facts), text)


def _add_slash(found: re.Match[str], facts: Mapping[str, Fact]) -> str:
    capitals = sum(letter.isupper() for letter in found[1])
    return f"\\{found[1]}{{}}" if found[1] in facts and capitals >= 3 else found[0]


def _drop_double(found: re.Match[str], facts: Mapping[str, Fact]) -> str:
    """A sign or percent sign that the macro prints itself is not written again."""
    sign, macro, name, percent = found.groups()
    fact = facts.get(name)
    if fact is None:
        return found[0]
    sign = "" if sign and _plain(fact).startswith(sign) else sign
    percent = "" if percent and fact.text.endswith("\\%") else percent or ""
    return f"{sign}{macro}{percent}"


def _name_numbers(text: str, facts: Mapping[str, Fact], typed: str) -> str:
    """A number of at least three digits that only one fact prints, and that no code has, as that fact's macro."""

    def name(found: re.Match[str]) -> str:
        digits = found[1].lstrip("+-0.").replace(".", "")
        shown = f"{found[1]}{found[2] or ''}"
        macros = [macro for macro, fact in facts.items() if _plain(fact) in (shown, f"+{shown}")]
        alone = len(macros) == 1 and len(digits) >= _FEWEST_DIGITS and found[1].lstrip("+-") not in typed
        return f"\\{macros[0]}{{}}" if alone else found[0]

    return _NUMBER.sub(name, text)


def _plain(fact: Fact) -> str:
    """What the fact prints, with its minus sign as people type it."""
    return fact.text.replace("$-$", "-")
