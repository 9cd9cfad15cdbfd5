"""Reads what models put into a form: scores as words, lists as one text, flags as sentences. It judges nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hakase.prompts import shorten, visible

LONGEST_TEXT = 4000
"""Characters of one text of a review."""
READ = 4 * LONGEST_TEXT
"""Characters of an answer without end that are looked at."""
LONGEST_POINT = 1000
MOST_POINTS = 12
WORDS = {
    "poor": 1, "fair": 2, "good": 3, "excellent": 4, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
NOTHING = re.compile(r"(?i)^\W*(none|nothing|n/?a|null|no [a-z ]{0,40}|not applicable|not found)?\W*$")
DENIED = re.compile(r"(?i)\b(no|none|not|nothing|n/a|false|null)\b|^\W*$|^0$")


def read_score(value: object, highest: int) -> int | None:
    """A whole number from 1 to ``highest``, rounded when it has decimals; None for anything else."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("score", "value", "rating") if key in value), None)
    if isinstance(value, str):
        value = _number_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 1 <= value <= highest else None


def _number_in(text: str) -> float | None:
    """The first number in ``text``, else the first word that is one (``good`` is 3)."""
    if match := NUMBER.search(text):
        return float(match[0])
    return next((WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS), None)


def read_text(value: object) -> str:
    """One text; what is nested is joined, what nobody sees is left out."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = " ".join(text for text in map(read_text, value[:MOST_POINTS]) if text)
    return "" if value is None else shorten(visible(str(value)[:READ]).strip(), LONGEST_TEXT)


def read_points(value: object) -> tuple[str, ...]:
    """A list of points, from a list or from one text with a point a line; ``none`` is no point."""
    if isinstance(value, Mapping):
        value = [f"{key}: {read_text(text)}" for key, text in value.items()]
    if isinstance(value, list | tuple):
        texts = [read_text(item) for item in value[: 4 * MOST_POINTS]]
    else:
        texts = read_text(value).splitlines()
    points = (" ".join(BULLET.sub("", text).split()) for text in texts)
    kept = [shorten(point, LONGEST_POINT) for point in points if not NOTHING.match(point)]
    return tuple(dict.fromkeys(kept))[:MOST_POINTS]


def read_flag(value: object) -> bool:
    """Yes or no; a sentence is a yes unless it begins by denying."""
    if isinstance(value, bool | int | float):
        return bool(value)
    return not DENIED.search(read_text(value)[:40])


def read_decision(value: object) -> Literal["Accept", "Reject", ""]:
    """Accept or Reject in any spelling; empty when it is neither or both."""
    text = read_text(value).lower()
    accept, reject = "accept" in text, "reject" in text
    if re.search(r"\bnot\b.{0,20}\baccept", text):
        return "Reject"
    if accept == reject:
        return ""
    return "Accept" if accept else "Reject"


def read_names(value: Any, names: Sequence[str], others: Mapping[str, str]) -> Any:
    """A form's values under the names of its fields: any case and punctuation, ``others`` too, one level nested."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        return value
    known = {_letters(name): name for name in names} | dict(others)
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = known.get(_letters(str(key)))
        if name is not None:
            found.setdefault(name, item)
        elif isinstance(item, Mapping):
            found |= {k: v for k, v in read_names(item, names, others).items() if k not in found}
    return found


def _letters(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.lower())
