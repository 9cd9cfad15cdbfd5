"""The forms that a language model fills in for ideas, novelty, experiments, figures and works to cite: small and flat.

What is missing and needed is refused, and the model is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from hakase.models.parsing import plain_key
from hakase.scientists.llm.lenient import Count, Lines, Names, Packages, Sheet, Words, Yes, read_score, read_words

USUAL = 5
"""A grade that is not given."""

Grade = Annotated[int, BeforeValidator(lambda value: read_score(value, 10) or USUAL)]


class IdeaSheet(Sheet):
    """One idea."""

    title: Words = Field(min_length=1, description="plain text, as of a paper")
    experiment: Words = Field(min_length=1, description="what to change in which function, and what to compare")
    name: Words = Field("", description="short, lower_case_with_underscores")
    hypothesis: Words = Field("", description="what you expect and why, in one or two sentences")
    primary_metric: Words = ""
    expected_direction: Words = Field("better", description="better, worse or same: the primary metric")
    interestingness: Grade = Field(USUAL, description="1 to 10")
    feasibility: Grade = Field(USUAL, description="1 to 10")
    novelty: Grade = Field(USUAL, description="1 to 10")


class ReflectionSheet(Sheet):
    """An idea again, or that it will do."""

    nothing_to_improve: Yes = False
    title: Words = ""
    experiment: Words = ""
    hypothesis: Words = ""
    primary_metric: Words = ""
    expected_direction: Words = Field("", description="better, worse or same")
    interestingness: Grade = USUAL
    feasibility: Grade = USUAL
    novelty: Grade = USUAL


class DirectionsSheet(Sheet):
    """Where several ideas could go."""

    directions: Lines = Field(description="one line each")


class ClosestSheet(Sheet):
    """A work that is close to the idea."""

    key: Words = ""
    difference: Words = Field("", description="how the idea differs from it, in one sentence")


def _read_closest(value: Any) -> Any:
    """A list of works from an object of key -> difference, from texts, or from a single work."""
    if isinstance(value, Mapping) and not {plain_key(str(key)) for key in value} & {"key", "difference"}:
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
    packages: Packages = Field((), description="packages that the code does not have yet; usually none")


class LastReadingSheet(Sheet):
    """What the last run shows."""

    notes: Words = Field(min_length=1, description="what the run shows, in plain text")


class ReadingSheet(PlanSheet, LastReadingSheet):
    """What a run shows, and the next one."""


class RevisionSheet(Sheet):
    """What to do about a failed attempt."""

    give_up: Yes = Field(False, description="true: this run is not worth another attempt")
    instruction: Words = Field("", description="for the programmer, complete: it replaces the last one")
    packages: Packages = ()


class LookSheet(Sheet):
    """What was seen in the figures."""

    good_enough: Yes = False
    instruction: Words = Field("", description="what plot.py must do differently; empty when they are good enough")


class SeekSheet(Sheet):
    """The next searches for works to cite, and those worth citing."""

    queries: Lines = Field((), description="up to 4 short searches; empty when enough is found")
    chosen: Names = Field((), description="keys of the found works that the paper should cite")
    done: Yes = Field(False, description="true when no further search is needed")
