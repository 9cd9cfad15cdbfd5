"""Makes a measurement of a stated mean, its standard error and the values of each seed, noting disagreement.

The values of each seed are the primary record: mean and standard error follow from them where they are given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev

from hakase.records import Measurement

EXACT = 1e-6
"""Relative difference below which two numbers are the same number, written twice."""
ROUNDED = 1e-2
"""Relative difference up to which a stated mean may be the rounded mean of its values."""


@dataclass
class Remarks:
    """What was recomputed or left out, collected by reason."""

    names: dict[str, list[str]] = field(default_factory=dict)

    def note(self, reason: str, name: str) -> None:
        """Add ``name`` under ``reason``."""
        self.names.setdefault(reason, []).append(name)

    def texts(self) -> tuple[str, ...]:
        """One sentence a reason, naming at most six."""
        return tuple(f"{reason}: {_some(names)}" for reason, names in self.names.items())


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@dataclass(frozen=True)
class Repetitions:
    """Finite values, one a seed, and the seeds' names where they are known."""

    values: tuple[float, ...] = ()
    seeds: tuple[str, ...] = ()


def measure(name: str, mean: float, stated: float | None, repeated: Repetitions, remarks: Remarks) -> Measurement:
    """The measurement of ``name`` from a stated mean and standard error and the values of each seed."""
    values = repeated.values
    if not values:
        return Measurement(mean=mean, stderr=_usable(name, stated, remarks))
    if not _close(fmean(values), mean, values, ROUNDED):
        remarks.note("left out a list that does not average to the mean, so it is not one value a seed", name)
        return Measurement(mean=mean, stderr=_usable(name, stated, remarks))
    if not _close(fmean(values), mean, values, EXACT):
        remarks.note("mean recomputed from the values of each seed (the file rounds it)", name)
    spread = _standard_error(name, stated, values, remarks)
    return Measurement(mean=fmean(values), stderr=spread, values=values, seeds=repeated.seeds)


def _usable(name: str, stated: float | None, remarks: Remarks) -> float | None:
    if stated is None or (math.isfinite(stated) and stated >= 0):
        return stated
    remarks.note("left out a standard error that is negative or not finite", name)
    return None


def _standard_error(name: str, stated: float | None, values: Sequence[float], remarks: Remarks) -> float | None:
    """Sample standard deviation / sqrt(n); None for a single value, which has none."""
    if len(values) < 2:
        if stated is not None:
            remarks.note("left out a standard error of a single value", name)
        return None
    true = stdev(values) / math.sqrt(len(values))
    if stated is not None and not math.isclose(stated, true, rel_tol=ROUNDED, abs_tol=1e-12):
        remarks.note(
            "standard error recomputed as sample standard deviation / sqrt(n) from the values of each seed "
            f"({_formula(stated, values)})", name,
        )  # fmt: skip
    return true


def _formula(stated: float, values: Sequence[float]) -> str:
    """How a wrong standard error seems to have come about."""
    n, sample = len(values), stdev(values)
    population = sample * math.sqrt((n - 1) / n)
    candidates = {
        "the population standard deviation / n": population / n,
        "the sample standard deviation / n": sample / n,
        "the population standard deviation / sqrt(n)": population / math.sqrt(n),
        "the sample standard deviation": sample,
        "the population standard deviation": population,
    }
    for formula, value in candidates.items():
        if math.isclose(stated, value, rel_tol=1e-4, abs_tol=1e-12):
            return f"the file gives {formula}"
    return "the file gives another number"


def _close(one: float, other: float, values: Sequence[float], tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(value) for value in (*values, other)) + 1e-12
