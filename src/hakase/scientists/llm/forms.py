"""The forms that a language model fills in for ideas, novelty, experiments and figures: small, flat, lenient.

What is untidy is put right here (a number in words, a list in one line, another spelling of a key); what is missing
and needed is refused, and the model is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hakase.prompts import shorten, visible

LONGEST = 8000
"""Characters of one answer in words; what goes beyond has its middle left out."""

_NOTHING = frozenset({"", "none", "null", "n/a", "na", "nothing", "no", "[]", "-"})
_YES = frozenset({"true", "yes", "y", "1", "t", "finished", "done"})


def read_words(value: Any) -> str:
    """Any JSON value as plain text: lists one item a line, objects as ``key: value`` lines."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = [f"{key}: {read_words(inner)}" for key, inner in value.items()]
    text = "\n".join(map(read_words, value)) if isinstance(value, (list, tuple)) else str(value)
    return shorten(visible(text).strip(), LONGEST)


def read_lines(value: Any) -> tuple[str, ...]:
    """A list of short texts; a text is taken line by line, without bullets."""
    items = [read_words(item) for item in value] if isinstance(value, (list, tuple)) else read_words(value).splitlines()
    cleaned = (re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", item).strip() for item in items)
    return tuple(dict.fromkeys(item for item in cleaned if item.lower() not in _NOTHING))


def read_names(value: Any) -> tuple[str, ...]:
    """A list of names; a text is taken apart at commas and line ends."""
    return read_lines(re.split(r"[,;\n]", value) if isinstance(value, str) else value)


def read_yes(value: Any) -> bool:
    """Whether the answer is yes; what is no clear yes is no."""
    return value if isinstance(value, bool) else read_words(value).lower().rstrip(".!") in _YES


def read_grade(value: Any) -> int:
    """A score from 1 to 10, as ``7``, ``"7/10"`` or ``7.4``; 5 when none is given."""
    found = re.search(r"\d+(?:\.\d+)?", read_words(value))
    return max(1, min(10, round(float(found.group())))) if found else 5


def read_count(value: Any) -> int:
    """A run's number, as ``2``, ``"run_2"`` or ``"baseline"`` (0)."""
    found = re.search(r"\d+", read_words(value))
    return int(found.group()) if found else 0


Words = Annotated[str, BeforeValidator(read_words)]
Lines = Annotated[tuple[str, ...], BeforeValidator(read_lines)]
Names = Annotated[tuple[str, ...], BeforeValidator(read_names)]
Yes = Annotated[bool, BeforeValidator(read_yes)]
Grade = Annotated[int, BeforeValidator(read_grade)]
Count = Annotated[int, BeforeValidator(read_count)]


class Sheet(BaseModel):
    """Base of the forms: keys in any spelling, an answer wrapped in one more object or list is unwrapped."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, given: Any) -> Any:
        fields = {_plain(name): name for name in cls.model_fields}
        while True:
            inner = _inside(given, fields)
            if inner is None:
                break
            given = inner
        if not isinstance(given, Mapping):
            return given
        return {fields.get(_plain(str(key)), str(key)): value for key, value in given.items()}


def _inside(given: Any, fields: Mapping[str, str]) -> Any:
    """The object inside a list of one, or under a single key that no field has; None when there is none."""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], Mapping):
        return given[0]
    if isinstance(given, Mapping) and len(given) == 1:
        ((key, value),) = given.items()
        if _plain(str(key)) not in fields and isinstance(value, Mapping):
            return value
    return None


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


class IdeaSheet(Sheet):
    """One idea."""

    title: Words = Field(min_length=1, description="plain text, as of a paper")
    experiment: Words = Field(min_length=1, description="what to change in which function, and what to compare")
    name: Words = Field("", description="short, lower_case_with_underscores")
    hypothesis: Words = Field("", description="what you expect and why, in one or two sentences")
    primary_metric: Words = ""
    expected_direction: Words = Field("better", description="better, worse or same: the primary metric")
    interestingness: Grade = Field(5, description="1 to 10")
    feasibility: Grade = Field(5, description="1 to 10")
    novelty: Grade = Field(5, description="1 to 10")


class ReflectionSheet(Sheet):
    """An idea again, or that it will do."""

    nothing_to_improve: Yes = False
    title: Words = ""
    experiment: Words = ""
    hypothesis: Words = ""
    primary_metric: Words = ""
    expected_direction: Words = Field("", description="better, worse or same")
    interestingness: Grade = 5
    feasibility: Grade = 5
    novelty: Grade = 5


class DirectionsSheet(Sheet):
    """Where several ideas could go."""

    directions: Lines = Field(description="one line each")


class ClosestSheet(Sheet):
    """A work that is close to the idea."""

    key: Words = ""
    difference: Words = Field("", description="how the idea differs from it, in one sentence")


def _read_closest(value: Any) -> Any:
    """A list of works from an object of key -> difference, from texts, or from a single work."""
    if isinstance(value, Mapping) and not {_plain(str(key)) for key in value} & {"key", "difference"}:
        value = [{"key": key, "difference": difference} for key, difference in value.items()]
    items = value if isinstance(value, (list, tuple)) else [value]
    return [_as_work(item) for item in items if isinstance(item, Mapping) or read_words(item)]


def _as_work(item: Any) -> Any:
    if isinstance(item, (Mapping, ClosestSheet)):
        return item
    key, _, difference = read_words(item).partition(":")
    return {"key": key.strip(), "difference": difference.strip()}


class NoveltySheet(Sheet):
    """What one round of the search for prior work comes to."""

    decision: Words = Field(description="continue, novel, not_novel or undecided")
    reason: Words = Field("", description="in one or two sentences")
    queries: Lines = Field((), description="1 to 3 new queries, only with continue")
    closest: Annotated[tuple[ClosestSheet, ...], BeforeValidator(_read_closest)] = ()


class PlanSheet(Sheet):
    """The next run, or that there is none."""

    finished: Yes = Field(False, description="true: no further run is worth it")
    label: Words = Field("", description="for legends, at most 30 characters")
    purpose: Words = Field("", description="what the run shall tell, in one sentence")
    instruction: Words = Field("", description="for the programmer: what to change in which file and function")
    base: Count = Field(0, description="number of the run whose code to start from")
    control: Yes = Field(False, description="true for an ablation or anything that is not the idea as stated")
    packages: Names = Field((), description="packages that the code does not have yet; usually none")


class LastReadingSheet(Sheet):
    """What the last run shows."""

    notes: Words = Field(min_length=1, description="what the run shows, in plain text")


class ReadingSheet(PlanSheet, LastReadingSheet):
    """What a run shows, and the next one."""


class RevisionSheet(Sheet):
    """What to do about a failed attempt."""

    give_up: Yes = Field(False, description="true: this run is not worth another attempt")
    instruction: Words = Field("", description="for the programmer, complete: it replaces the last one")
    packages: Names = ()


class LookSheet(Sheet):
    """What was seen in the figures."""

    good_enough: Yes = False
    instruction: Words = Field("", description="what plot.py must do differently; empty when they are good enough")
