"""What the catalogue's data files hold, as frozen records. They are checked when they are loaded."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hakase.records import Expected

Cost = Literal["none", "low", "medium", "high"]
"""What an intervention adds to the time of a run: nothing, less than a tenth, less than half, more."""


class Entry(BaseModel):
    """Base of the catalogue's records."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleEntry(Entry):
    """One change of the code; the fields are those of ``hakase.syntax.rewriting.Rule``."""

    match: str
    where: dict[str, str] = Field(default_factory=dict)
    inside: str = ""
    replace: str | None = None
    before: str = ""
    after: str = ""
    start: str = ""
    before_loop: str = ""
    after_loop: str = ""
    add: str = ""
    imports: tuple[str, ...] = ()
    times: Literal["all", "first", "once"] = "all"
    wholly: bool = False


class Recipe(Entry):
    """How to make an intervention in one idiom of programming: by a hyperparameter, or by rules made in order."""

    idiom: str
    knob: str = ""
    """Role of the hyperparameter that is given the value."""
    rules: tuple[RuleEntry, ...] = ()
    needs: tuple[str, ...] = ()
    """In idioms.toml: keys without which the recipe is left out."""


class Parameter(Entry):
    """The one number by which an intervention is tuned; ``{value}`` in the rules."""

    meaning: str
    default: float
    levels: tuple[float, ...]
    neutral: float | None = None
    """The value at which the intervention does nothing, when there is one (``inf`` is allowed)."""
    relative: bool = False
    """Values are factors of the hyperparameter's own value."""
    grid: Literal["log", "linear"] = "log"
    low: float | None = None
    high: float | None = None
    whole: bool = False


class Intervention(Entry):
    """A named change of a method, with what is believed about it and how it is made."""

    name: str
    group: str = ""
    title: str
    """A noun phrase."""
    hypothesis: str
    """Why the primary metric should move; one or two sentences."""
    mechanism: str
    """How it works; two or three sentences that fit a paper's method."""
    short: str
    """At most 16 characters, for legends."""
    expected_direction: Expected = "better"
    cost: Cost = "none"
    interestingness: int = Field(default=5, ge=1, le=10)
    novelty: int = Field(default=3, ge=1, le=10)
    references: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    """Phrases by which an idea in prose is recognised as this one."""
    parameter: Parameter | None = None
    recipes: tuple[Recipe, ...] = ()
