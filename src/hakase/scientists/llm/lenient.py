"""Reads what models put into forms: numbers in words, lists in one text, flags as sentences, keys in any spelling.

What is untidy is put right; what is missing stays missing. Nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from hakase.models.parsing import plain_key
from hakase.prompts import shorten, visible

LONGEST = 8000
"""Characters of one answer in words; what goes beyond has its middle left out."""
READ = 4 * LONGEST
"""Characters of a text without end that are looked at."""
MOST_LINES = 50
SCALE = {"poor": 1, "fair": 2, "good": 3, "excellent": 4}
"""The words of a scale of four."""
NUMERALS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+")
_NOTHING = re.compile(r"(?i)\W*(?:no|none|nothing|n/?a|null|not applicable|not found)?\W*")
_YES = frozenset({"true", "yes", "y", "1", "t", "finished", "done"})


def read_words(value: Any, limit: int = LONGEST) -> str:
    """Any JSON value as visible text: lists one item a line, objects as ``key: value`` lines."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = [f"{key}: {read_words(inner)}" for key, inner in value.items()]
    if isinstance(value, (list, tuple)):
        value = "\n".join(map(read_words, value[:MOST_LINES]))
    return shorten(visible(str(value)[:READ]).strip(), limit)


def read_lines(value: Any) -> tuple[str, ...]:
    """A list of short texts, each on one line; a text is taken line by line, without bullets. ``none`` is no line."""
    if isinstance(value, Mapping):
        value = [f"{key}: {_item(inner)}" for key, inner in value.items()]
    items = map(_item, value[:MOST_LINES]) if isinstance(value, (list, tuple)) else read_words(value).splitlines()
    lines = (" ".join(_BULLET.sub("", item).split()) for item in items)
    return tuple(dict.fromkeys(line for line in lines if not _NOTHING.fullmatch(line)))[:MOST_LINES]


def _item(value: Any) -> str:
    """One item of a list; of an object its values, since its keys only name them."""
    return " ".join(map(_item, value.values())) if isinstance(value, Mapping) else read_words(value)


def read_names(value: Any) -> tuple[str, ...]:
    """A list of names; a text is taken apart at commas and line ends."""
    return read_lines(re.split(r"[,;\n]", value) if isinstance(value, str) else value)


def read_yes(value: Any) -> bool:
    """Whether the answer is yes; what is no clear yes is no."""
    return value if isinstance(value, bool) else read_words(value).lower().rstrip(".!") in _YES


def read_score(value: Any, highest: int) -> int | None:
    """A whole number from 1 to ``highest``, as ``7``, ``"7/10"``, ``7.4`` or a word; None for anything else."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("score", "value", "rating") if key in value), None)
    if isinstance(value, str):
        value = _number_in(value, highest)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 1 <= value <= highest else None


def _number_in(text: str, highest: int) -> float | None:
    """The first number in ``text``, else the first word that is one (``good`` is 3, of 4)."""
    if match := _NUMBER.search(text):
        return float(match[0])
    words = NUMERALS | (SCALE if highest == len(SCALE) else {})
    return next((words[word] for word in re.findall(r"[a-z]+", text.lower()) if word in words), None)


def read_count(value: Any) -> int:
    """A run's number, as ``2``, ``"run_2"`` or ``"baseline"`` (0)."""
    found = re.search(r"\d+", read_words(value))
    return int(found.group()) if found else 0


def read_packages(value: Any) -> tuple[str, ...]:
    """Names of packages (PEP 508); other words, such as a remark that none is needed, are left out."""
    from packaging.requirements import InvalidRequirement, Requirement

    names = []
    for name in read_names(value):
        try:
            names.append(str(Requirement(name)))
        except InvalidRequirement:
            continue
    return tuple(name for name in names if name.lower() not in ("none", "null", "nothing", "n"))


Words = Annotated[str, BeforeValidator(read_words)]
Lines = Annotated[tuple[str, ...], BeforeValidator(read_lines)]
Names = Annotated[tuple[str, ...], BeforeValidator(read_names)]
Packages = Annotated[tuple[str, ...], BeforeValidator(read_packages)]
Yes = Annotated[bool, BeforeValidator(read_yes)]
Count = Annotated[int, BeforeValidator(read_count)]


class Sheet(BaseModel):
    """Base of the forms: keys in any spelling or by another name, also in a list of one or an object around them."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    other_names: ClassVar[Mapping[str, str]] = {}
    """Another name of a field, in small letters -> the field."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        return gather_fields(given, {plain_key(name): name for name in cls.model_fields} | dict(cls.other_names))


def gather_fields(given: Any, names: Mapping[str, str]) -> Any:
    """A form's values under the names of its fields; ``names`` has them by their plain spelling."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, Mapping):
        return given
    found: dict[str, Any] = {}
    around = []
    for key, item in given.items():
        name = names.get(plain_key(str(key)))
        if name is not None:
            found.setdefault(name, item)
        elif isinstance(item, Mapping):
            around.append(gather_fields(item, names))
    for inside in around:
        found = {**inside, **found}
    return found
