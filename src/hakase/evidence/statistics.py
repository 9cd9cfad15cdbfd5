"""Tests and intervals for the effect of a change: pure functions on numbers, which give no verdict.

Sources: Fisher (1935), The Design of Experiments, ch. 3 (sign-flip test); Phipson & Smyth (2010) (p of a
Monte Carlo permutation test); Welch (1947), Satterthwaite (1946) (unequal variances); Holm (1979) (correction).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LEVEL = 0.95
"""Coverage of every interval, two-sided."""
EXACT_LIMIT = 2**16
"""Sign assignments up to which all are tried; above, so many are drawn at random."""
SEED = 20240812
"""Of the random sign assignments, so that the same numbers give the same p."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95% confidence interval and what it was made from."""

    estimate: float
    variance: float
    """Of the estimate."""
    freedom: float
    """Degrees of freedom of ``variance``."""

    @property
    def low(self) -> float:
        """Lower end."""
        return self.estimate - self._reach

    @property
    def high(self) -> float:
        """Upper end."""
        return self.estimate + self._reach

    @property
    def _reach(self) -> float:
        from scipy.stats import t

        quantile: float = t.ppf(0.5 + LEVEL / 2, self.freedom)
        return quantile * math.sqrt(self.variance) if self.variance > 0 else 0.0


@dataclass(frozen=True)
class Probabilities:
    """One-sided p-values of an estimate: for a true effect above zero, and for one below."""

    greater: float
    less: float
    smallest: float
    """The smallest p that data of this size could give at all."""
    test: str


def smallest_p(pairs: int) -> float:
    """The smallest one-sided p of a sign-flip test on ``pairs`` pairs: 2**-pairs while all flips are tried.

    >>> smallest_p(3), smallest_p(5)
    (0.125, 0.03125)
    """
    return max(2.0**-pairs, 1 / (EXACT_LIMIT + 1)) if pairs else 1.0


def flip_signs(differences: Sequence[float]) -> Probabilities:
    """Sign-flip test of paired differences (at least one); weighted ones for a stratified test.

    Under the null hypothesis that a change does nothing, each difference is as likely to have either sign.
    p is the share of all 2**n sign assignments whose sum is at least as extreme as the one observed; beyond
    ``EXACT_LIMIT`` assignments, of so many random ones and the observed one.
    """
    n = len(differences)
    exact = 2**n <= EXACT_LIMIT
    test = "exact paired sign-flip test" if exact else f"paired sign-flip test ({EXACT_LIMIT:,} random flips)"
    if n == 1:
        greater, less = (0.5 if differences[0] > 0 else 1.0), (0.5 if differences[0] < 0 else 1.0)
    else:
        greater, less = _flip_probabilities(tuple(differences), exact)
    return Probabilities(greater, less, smallest_p(n), test)


@lru_cache(maxsize=4096)
def _flip_probabilities(differences: tuple[float, ...], exact: bool) -> tuple[float, float]:
    """Both one-sided p-values from one distribution, counted with scipy's rules for ties and for random flips."""
    import numpy as np
    from scipy.stats import permutation_test

    def total(values: Any, axis: int) -> Any:
        return np.sum(values, axis=axis)

    outcome = permutation_test(
        (np.asarray(differences, dtype=float),), total, permutation_type="samples", vectorized=True,
        n_resamples=EXACT_LIMIT, batch=4096, alternative="greater", random_state=np.random.default_rng(SEED),
    )  # fmt: skip
    sums, tie = outcome.null_distribution, abs(outcome.statistic) * 1e-14
    unseen = 0 if exact else 1
    less = (np.count_nonzero(sums <= outcome.statistic + tie) + unseen) / (len(sums) + unseen)
    return float(outcome.pvalue), float(less)


def paired_interval(differences: Sequence[float]) -> Interval | None:
    """Paired t interval of the mean difference; None for fewer than two pairs."""
    variance = _variance_of_mean(differences)
    return None if variance is None else Interval(_mean(differences), variance, len(differences) - 1)


def welch_interval(baseline: Sequence[float], variant: Sequence[float]) -> Interval | None:
    """Welch interval of mean(variant) - mean(baseline); None for fewer than two values on a side."""
    ours, theirs = _variance_of_mean(variant), _variance_of_mean(baseline)
    if ours is None or theirs is None:
        return None
    freedom = _satterthwaite([(ours, len(variant) - 1), (theirs, len(baseline) - 1)])
    return Interval(_mean(variant) - _mean(baseline), ours + theirs, freedom)


def pool_intervals(intervals: Sequence[Interval]) -> Interval:
    """The mean of independent estimates, each of equal weight, with Satterthwaite's degrees of freedom.

    variance = sum(v_k) / K^2; freedom = sum(v_k)^2 / sum(v_k^2 / f_k).
    """
    count = len(intervals)
    variance = sum(interval.variance for interval in intervals) / count**2
    freedom = _satterthwaite([(interval.variance, interval.freedom) for interval in intervals])
    return Interval(_mean([interval.estimate for interval in intervals]), variance, freedom)


def scale_interval(interval: Interval, factor: float) -> Interval:
    """``interval`` in another unit, such as a share of the baseline's mean (taken as a fixed number)."""
    return Interval(interval.estimate * factor, interval.variance * factor**2, interval.freedom)


def t_probabilities(interval: Interval, test: str) -> Probabilities:
    """One-sided p-values of a t statistic, for seeds that do not pair."""
    from scipy.stats import t

    if interval.variance <= 0:
        return Probabilities(1.0, 1.0, 1.0, test)
    statistic = interval.estimate / math.sqrt(interval.variance)
    greater = float(t.sf(statistic, interval.freedom))
    return Probabilities(greater, 1 - greater, 0.0, test)


def holm(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Holm-adjusted p-values, in the order given (Holm, 1979): the k-th smallest of m times m - k + 1, never falling.

    >>> [round(p, 6) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    adjusted, largest = [0.0] * len(probabilities), 0.0
    for rank, place in enumerate(sorted(range(len(probabilities)), key=lambda index: probabilities[index])):
        largest = max(largest, min(1.0, (len(probabilities) - rank) * probabilities[place]))
        adjusted[place] = largest
    return tuple(adjusted)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance_of_mean(values: Sequence[float]) -> float | None:
    """Squared standard error: sample variance / n."""
    if len(values) < 2:
        return None
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)


def _satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of independent variances, each given with its own."""
    total = math.fsum(variance for variance, _ in parts)
    if total <= 0:
        return min(freedom for _, freedom in parts)
    return 1 / math.fsum((variance / total) ** 2 / freedom for variance, freedom in parts)
