"""The effect of one run on one metric, within a data set or pooled over data sets, with its test and interval.

It corrects for nothing and gives no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hakase.evidence.pairing import Match, match_seeds
from hakase.evidence.statistics import (
    Interval,
    Probabilities,
    flip_signs,
    paired_interval,
    pool_intervals,
    scale_interval,
    t_probabilities,
    welch_interval,
)
from hakase.records import Measurement

TINY = 1e-200
"""A baseline below this in size counts as zero: nothing can be a share of it."""
WELCH = "Welch's t-test"


@dataclass(frozen=True)
class Effect:
    """Variant minus baseline. ``interval`` and ``probabilities`` are None where the spread is unknown."""

    baseline: float
    variant: float
    relative: float | None
    """Share of the baseline's size; None when that is zero."""
    n: int
    """Pairs, or values of the smaller group."""
    interval: Interval | None = None
    """In the metric's unit within a data set; of ``relative`` when pooled (see ``pool``)."""
    probabilities: Probabilities | None = None
    pairs: tuple[float, ...] = ()
    """Differences of each seed; empty when seeds do not pair."""
    varies: bool = True
    """Whether any seed differs from another; seeds that change nothing are no repetitions."""
    remark: str = ""

    @property
    def difference(self) -> float:
        """Variant minus baseline, in the metric's unit."""
        return self.variant - self.baseline


def effect_within(baseline: Measurement, variant: Measurement) -> Effect:
    """The effect on one data set; on the seeds in common where only some pair."""
    match = match_seeds(baseline, variant)
    old, new = match.old, match.new
    before = _mean(old) if match.paired else baseline.mean
    after = _mean(new) if match.paired else variant.mean
    effect = Effect(
        before, after, (after - before) / abs(before) if abs(before) > TINY else None, min(len(old), len(new)),
        varies=len({*old}) > 1 or len({*new}) > 1, remark=match.remark,
    )  # fmt: skip
    return _with_pairs(effect, match) if match.paired else _with_welch(effect, match)


def _with_pairs(effect: Effect, match: Match) -> Effect:
    pairs = tuple(after - before for before, after in zip(match.old, match.new, strict=True))
    alone = "" if effect.n > 1 else "one seed: the spread is unknown"
    remark = "; ".join(part for part in (effect.remark, alone) if part)
    interval, probabilities = paired_interval(pairs), flip_signs(pairs)
    return replace(effect, interval=interval, probabilities=probabilities, pairs=pairs, remark=remark)


def _with_welch(effect: Effect, match: Match) -> Effect:
    interval = welch_interval(match.old, match.new)
    if interval is None:
        return replace(effect, remark="the values of each seed are unknown, and with them the spread")
    return replace(effect, interval=interval, probabilities=t_probabilities(interval, WELCH))


def pool(effects: Sequence[Effect]) -> Effect:
    """The mean effect over data sets (at least one), each of equal weight, as a share of its baseline.

    Where the baseline of every data set is zero there is no share: the effect is then in the metric's unit and
    ``relative`` is None. A data set with a zero baseline among others is left out and named in the remark.
    """
    shares = [effect for effect in effects if effect.relative is not None]
    used = shares or list(effects)
    scales = [1 / abs(effect.baseline) if shares else 1.0 for effect in used]
    interval = _pool_intervals(used, scales)
    return Effect(
        baseline=_mean([effect.baseline for effect in used]),
        variant=_mean([effect.variant for effect in used]),
        relative=_mean([effect.relative for effect in shares if effect.relative is not None]) if shares else None,
        n=sum(effect.n for effect in used),
        interval=interval,
        probabilities=_pool_probabilities(used, scales, interval),
        pairs=tuple(pair for effect in used for pair in effect.pairs),
        varies=any(effect.varies for effect in used),
        remark=_pool_remark(effects, shares),
    )


def _pool_intervals(effects: Sequence[Effect], scales: Sequence[float]) -> Interval | None:
    parts = [
        scale_interval(effect.interval, scale)
        for effect, scale in zip(effects, scales, strict=True)
        if effect.interval is not None
    ]
    return pool_intervals(parts) if len(parts) == len(effects) else None


def _pool_probabilities(
    effects: Sequence[Effect], scales: Sequence[float], interval: Interval | None
) -> Probabilities | None:
    """Sign flips of every (data set, seed) pair, each data set weighing the same; a t-test where seeds do not pair."""
    if all(effect.pairs for effect in effects):
        return flip_signs(
            [pair * scale / effect.n for effect, scale in zip(effects, scales, strict=True) for pair in effect.pairs]
        )
    return t_probabilities(interval, f"stratified {WELCH}") if interval is not None else None


def _pool_remark(effects: Sequence[Effect], shares: Sequence[Effect]) -> str:
    remarks = list(dict.fromkeys(effect.remark for effect in effects if effect.remark))
    if not shares:
        remarks.append("the baseline is zero: the effect is in the metric's unit, not relative")
    elif len(shares) < len(effects):
        remarks.append(
            f"{len(effects) - len(shares)} data set(s) with a baseline of zero left out of the pooled effect"
        )
    return "; ".join(remarks)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
