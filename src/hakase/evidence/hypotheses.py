"""Judges the registered hypothesis by the pooled primary comparisons, and names the best run."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.evidence.verdicts import WORDS
from hakase.records import Comparison, Expected, HypothesisVerdict

SAME_WITHIN = 0.01
"""Relative change within which a run counts as the same as the baseline, when "same" is what was expected."""


def judge_hypothesis(expected: Expected, comparisons: Sequence[Comparison]) -> tuple[HypothesisVerdict, str]:
    """The verdict on what was expected of the primary metric, and the reason in words with numbers.

    Controls change more or less than the idea states and are left aside: an effect of theirs may be the companion's.
    ``better`` or ``worse``: supported when some run shows it, contradicted when some run shows the opposite and none
    shows it. ``same``: contradicted when some run shows a difference, supported when the interval of every run lies
    within ``SAME_WITHIN`` of the baseline. Otherwise undecided.
    """
    pooled = [comparison for comparison in comparisons if comparison.primary and not comparison.control]
    if not pooled:
        return "undecided", "No run of the idea's own change finished that could be compared with the baseline."
    reason = f"Expected: {expected}. " + " ".join(_sentence(comparison) for comparison in pooled)
    return _judge(expected, pooled), reason


def _judge(expected: Expected, pooled: Sequence[Comparison]) -> HypothesisVerdict:
    shown = {comparison.verdict for comparison in pooled}
    if expected == "same":
        if shown & {"better", "worse"}:
            return "contradicted"
        return "supported" if all(_is_same(comparison) for comparison in pooled) else "undecided"
    if expected in shown:
        return "supported"
    opposite = "worse" if expected == "better" else "better"
    return "contradicted" if opposite in shown else "undecided"


def _is_same(c: Comparison) -> bool:
    """Whether the whole interval of the relative change lies within ``SAME_WITHIN``."""
    if c.relative is None or c.low is None or c.high is None or c.verdict == "too_few_seeds":
        return False
    return c.low >= -SAME_WITHIN and c.high <= SAME_WITHIN


def _sentence(c: Comparison) -> str:
    if c.relative is None:
        size = f"{c.difference:+.4g}"
        interval = f" [{c.low:+.4g}, {c.high:+.4g}]" if c.low is not None and c.high is not None else ""
    else:
        size = f"{100 * c.relative:+.2f}%"
        interval = f" [{100 * c.low:+.2f}%, {100 * c.high:+.2f}%]" if c.low is not None and c.high is not None else ""
    return f"Run {c.run} ({c.label}): {c.metric} {size}{interval}, {WORDS[c.verdict]}."


def find_best(comparisons: Sequence[Comparison]) -> int | None:
    """The run with the best pooled primary effect, the earliest of equals; it need not be better than the baseline.

    Controls count only where no other run finished, and runs without an interval (a data set missing, one seed) only
    where none has one.
    """
    every = [comparison for comparison in comparisons if comparison.primary]
    own = [comparison for comparison in every if not comparison.control] or every
    pooled = [comparison for comparison in own if comparison.low is not None] or own
    return max(pooled, key=_goodness).run if pooled else None


def _goodness(c: Comparison) -> float:
    size = c.relative if c.relative is not None else c.difference
    return size if c.direction == "higher" else -size
