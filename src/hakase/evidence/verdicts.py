"""Holm's correction within a family of comparisons, and the verdict on each.

better         the adjusted one-sided p in the metric's better direction is below ALPHA and the 95% interval lies
               wholly on the good side of zero
worse          the same on the bad side
too_few_seeds  no data of this size could have reached that in this family, or the spread is unknown
no_difference  everything else; it does not say that there is none
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hakase.evidence.effects import Effect
from hakase.evidence.statistics import holm
from hakase.records import Comparison, Direction, Run, Verdict

ALPHA = 0.05

WORDS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "no_difference": "no difference shown",
    "too_few_seeds": "too few seeds",
}
"""Verdicts as a paper says them."""


@dataclass(frozen=True)
class Question:
    """One comparison before the correction: which run, on what, with which effect."""

    run: Run
    dataset: str
    """Empty when pooled."""
    metric: str
    direction: Direction
    effect: Effect

    def one_sided(self, wanted: str) -> float:
        """p for ``better`` or ``worse``; 1 where the spread is unknown, as nothing can be shown then."""
        probabilities = self.effect.probabilities
        if probabilities is None:
            return 1.0
        return probabilities.greater if (wanted == "better") == (self.direction == "higher") else probabilities.less


def answer(family: Sequence[Question], primary: bool = False) -> tuple[Comparison, ...]:
    """The comparisons of one family, corrected together, in the order of the questions."""
    better = holm([question.one_sided("better") for question in family])
    worse = holm([question.one_sided("worse") for question in family])
    return tuple(
        _compare(question, (up, down), len(family), primary)
        for question, up, down in zip(family, better, worse, strict=True)
    )


def _compare(question: Question, adjusted: tuple[float, float], size: int, primary: bool) -> Comparison:
    effect, known = question.effect, question.effect.probabilities is not None
    return Comparison(
        run=question.run.number, label=question.run.label, dataset=question.dataset, metric=question.metric,
        direction=question.direction, primary=primary, control=question.run.control,
        baseline=effect.baseline, variant=effect.variant,
        difference=effect.difference, relative=effect.relative,
        low=effect.interval.low if effect.interval else None,
        high=effect.interval.high if effect.interval else None,
        n=effect.n, test=effect.probabilities.test if effect.probabilities else "",
        p_better=question.one_sided("better") if known else None,
        p_worse=question.one_sided("worse") if known else None,
        p_better_adjusted=adjusted[0] if known else None, p_worse_adjusted=adjusted[1] if known else None,
        verdict=_verdict(question, adjusted, size), remark=_remark(effect, size),
    )  # fmt: skip


def _verdict(question: Question, adjusted: tuple[float, float], size: int) -> Verdict:
    effect = question.effect
    if _unchanged(effect):
        return "no_difference"
    if effect.interval is None or _why_too_few(effect, size):
        return "too_few_seeds"
    sign = 1 if question.direction == "higher" else -1
    lowest, highest = sorted((sign * effect.interval.low, sign * effect.interval.high))
    if adjusted[0] < ALPHA and lowest > 0:
        return "better"
    if adjusted[1] < ALPHA and highest < 0:
        return "worse"
    return "no_difference"


def _unchanged(effect: Effect) -> bool:
    """Whether every seed gave exactly the baseline's value, several times."""
    return len(effect.pairs) > 1 and not any(effect.pairs)


def _why_too_few(effect: Effect, size: int) -> str:
    if effect.probabilities is None or _unchanged(effect):
        return ""
    if not effect.varies and effect.n > 1:
        return "every seed gives the same value, so seeds are no repetitions and the spread is unknown"
    least = effect.probabilities.smallest * size
    if least < ALPHA:
        return ""
    among = f" among {size} comparisons" if size > 1 else ""
    return f"{effect.n} pairs{among} cannot give p < {ALPHA}: the smallest possible is {min(least, 1):.3g}"


def _remark(effect: Effect, size: int) -> str:
    return "; ".join(part for part in (effect.remark, _why_too_few(effect, size)) if part)
