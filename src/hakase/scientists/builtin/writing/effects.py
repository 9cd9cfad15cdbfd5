"""A comparison as a writer sees it: its macros, and the words that its verdict allows.

The verdict is the evidence's; nothing here judges a number anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from hakase.records import Comparison, Verdict
from hakase.scientists.builtin.writing.numbers import Numbers
from hakase.scientists.builtin.writing.phrasing import read_name

VERDICT_WORDS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "no_difference": "no difference shown",
    "too_few_seeds": "too few seeds",
}
VERDICT_CLAUSES: dict[Verdict, str] = {
    "better": "is better than the baseline",
    "worse": "is worse than the baseline",
    "no_difference": "shows no difference from the baseline",
    "too_few_seeds": "has too few seeds for a verdict",
}


@dataclass(frozen=True)
class Effect:
    """One comparison with the baseline, ready for prose."""

    comparison: Comparison
    numbers: Numbers

    @property
    def prefix(self) -> tuple[str | int, ...]:
        """The parts that the names of its facts begin with."""
        return ("compare", self.comparison.run, self.comparison.dataset or "pooled", self.comparison.metric)

    @property
    def dataset(self) -> str:
        """The data set in words; empty for the pooled comparison."""
        return read_name(self.comparison.dataset)

    @property
    def metric(self) -> str:
        """The metric in words."""
        return read_name(self.comparison.metric)

    @property
    def known(self) -> bool:
        """Whether its size is a fact that can be named."""
        return self.numbers.has(*self.prefix, "difference")

    @property
    def size(self) -> str:
        """Macro of the signed difference (relative, in per cent, for the pooled comparison)."""
        return self.numbers(*self.prefix, "difference")

    @property
    def unit(self) -> str:
        """What its size is a share of, or that it is one of the metric's own unit."""
        relative = not self.comparison.dataset and self.comparison.relative is not None
        return "relative to the baseline" if relative else "in its own unit"

    @property
    def interval(self) -> str:
        """``from … to …`` in macros, or empty when there is no interval."""
        if not self.numbers.has_all(self.prefix, "low", "high"):
            return ""
        return f"{self.numbers(*self.prefix, 'low')} to {self.numbers(*self.prefix, 'high')}"

    @property
    def adjusted(self) -> str:
        """Macro of the Holm-adjusted p, or empty."""
        return self.numbers(*self.prefix, "padjusted") if self.numbers.has(*self.prefix, "padjusted") else ""

    @property
    def details(self) -> str:
        """What stands in brackets behind the size: interval and adjusted p, as far as they are known."""
        parts = [f"confidence interval {self.interval}"] if self.interval else []
        parts += [f"adjusted $p$: {self.adjusted}"] if self.adjusted else []
        return f" ({'; '.join(parts)})" if parts else ""

    @property
    def interval_has_zero(self) -> bool:
        """Whether the interval contains zero; False when there is none."""
        low, high = self.comparison.low, self.comparison.high
        return low is not None and high is not None and low <= 0.0 <= high

    @property
    def shown_by_test_alone(self) -> bool:
        """Whether the corrected test reaches the level, while the interval keeps the verdict from following it."""
        c, alpha = self.comparison, self.numbers.read("alpha")
        adjusted = [p for p in (c.p_better_adjusted, c.p_worse_adjusted) if p is not None]
        return c.verdict == "no_difference" and self.interval_has_zero and min(adjusted, default=1.0) < alpha

    @property
    def movement(self) -> str:
        """``higher``, ``lower`` or ``unchanged``: which way the number itself went."""
        c = self.comparison
        moved = c.relative if not c.dataset and c.relative is not None else c.difference
        return "higher" if moved > 0 else "lower" if moved < 0 else "unchanged"

    @property
    def points_to_better(self) -> bool:
        """Whether the observed mean moved the good way, shown or not."""
        return self.movement == self.comparison.direction

    @property
    def verdict(self) -> Verdict:
        """The evidence's verdict."""
        return self.comparison.verdict

    @property
    def verdict_words(self) -> str:
        """The verdict as the tables print it."""
        return VERDICT_WORDS[self.verdict]

    @property
    def verdict_clause(self) -> str:
        """The verdict as the end of a sentence whose subject is the run."""
        return VERDICT_CLAUSES[self.verdict]
