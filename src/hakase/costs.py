"""What a study's model calls came to, by stage: read from its journal, for status, tables and benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hakase.journal import FALLBACK, MODEL_CALL, STAGE_STARTED, Event, Journal

DONE_WHOLE = ("novelty", "figures", "paper", "review")
"""Stages that are done anew as a whole, so that what happened before does not count. The improvement is not: it goes on
with the paper that it has."""


@dataclass(frozen=True)
class Cost:
    """Calls of one stage, or of all."""

    stage: str = ""
    calls: int = 0
    prompt: int = 0
    """Tokens."""
    cached: int = 0
    """Of the prompt tokens, those that the provider had in its cache."""
    completion: int = 0
    usd: float = 0.0
    unpriced: int = 0
    """Calls whose price is not known; they are not in ``usd``."""
    unusable: int = 0
    """Calls whose answer could not be used."""

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(
            self.stage,
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.usd + other.usd,
            self.unpriced + other.unpriced,
            self.unusable + other.unusable,
        )

    @property
    def money(self) -> str:
        """Such as ``$0.12``, with what is not in it."""
        calls = f"{self.unpriced} call{'' if self.unpriced == 1 else 's'}"
        if self.unpriced and not self.usd:
            return f"price unknown ({calls})"
        return f"{dollars(self.usd)}{f' + {calls} without a known price' if self.unpriced else ''}"


def dollars(usd: float) -> str:
    """A sum of money; one of less than ten cents with its hundredths of a cent."""
    return f"${usd:.4f}" if 0 < usd < 0.1 else f"${usd:.2f}"


def costs_by_stage(journal: Journal) -> tuple[Cost, ...]:
    """One row a stage, in the order in which stages first asked a model."""
    rows: dict[str, Cost] = {}
    for event in journal.events(MODEL_CALL):
        rows[event.stage] = rows.get(event.stage, Cost(event.stage)).plus(_cost(event))
    return tuple(rows.values())


def total_cost(rows: Iterable[Cost]) -> Cost:
    """All rows together."""
    total = Cost()
    for row in rows:
        total = total.plus(row)
    return total


def _cost(event: Event) -> Cost:
    data = event.data
    usd, free = data.get("usd"), bool(data.get("replayed"))
    return Cost(
        calls=1,
        prompt=int(data.get("prompt") or 0),
        cached=int(data.get("cached") or 0),
        completion=int(data.get("completion") or 0),
        usd=float(usd or 0.0),
        unpriced=int(usd is None and not free),
        unusable=int(bool(data.get("problem"))),
    )


def fallbacks(journal: Journal) -> tuple[str, ...]:
    """What the rules did in a model's stead, and why: one line each, in the order in which it happened."""
    lines: dict[str, str] = {}
    for event in journal.events():
        if event.kind == STAGE_STARTED and event.stage in DONE_WHOLE:
            lines = {line: stage for line, stage in lines.items() if stage != event.stage}
        elif event.kind == FALLBACK:
            lines[f"{event.data.get('what', '')}: {event.data.get('why', '')}"] = event.stage
    return tuple(lines)
