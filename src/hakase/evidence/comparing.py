"""Compares every finished run with the baseline: pooled on the primary metric, and per data set on every metric.

The pooled primary comparisons of all runs are one family for Holm's correction; all others are a second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hakase.evidence.effects import Effect, effect_within, pool
from hakase.evidence.verdicts import Question, answer
from hakase.records import Comparison, Measurement, Metric, Result, Run


def compare(runs: Sequence[Run], metrics: Sequence[Metric], primary: Metric) -> tuple[Comparison, ...]:
    """Every comparison of ``runs`` with run 0, run by run, the pooled primary one (``primary=True``) first.

    A run without results or without the primary metric has no comparison; so has a study without a baseline.
    With one data set, the pooled comparison is that data set's, and both carry the same verdict.
    """
    baseline = next((run.result for run in runs if run.number == 0 and run.result), None)
    variants = finished_variants(runs)
    if baseline is None or not variants:
        return ()
    pooled = [question for run in variants if (question := _pooled_question(baseline, run, primary))]
    single = _has_one_dataset(baseline, primary)
    others = [
        question
        for run in variants
        for question in _dataset_questions(baseline, run, metrics)
        if not (single and question.metric == primary.name)
    ]
    first = answer(pooled, primary=True)
    same = [_within(comparison, baseline, primary) for comparison in first] if single else []
    return _by_run(variants, [*first, *same, *answer(others)])


def finished_variants(runs: Sequence[Run]) -> list[Run]:
    """The runs after the baseline that have results."""
    return [run for run in runs if run.number > 0 and run.status == "done" and run.result is not None]


def _has_one_dataset(baseline: Result, primary: Metric) -> bool:
    return sum(primary.name in values for values in baseline.datasets.values()) == 1


def _pooled_question(baseline: Result, run: Run, primary: Metric) -> Question | None:
    wanted = [name for name, values in baseline.datasets.items() if primary.name in values]
    present = [name for name in wanted if primary.name in _values(run, name)]
    if not present:
        return None
    effect = pool(
        [effect_within(baseline.datasets[name][primary.name], _values(run, name)[primary.name]) for name in present]
    )
    missing = [name for name in wanted if name not in present]
    return Question(run, "", primary.name, primary.direction, _without_spread(effect, missing) if missing else effect)


def _without_spread(effect: Effect, missing: Sequence[str]) -> Effect:
    """A pooled effect that lacks data sets is not the comparison that was registered: it can show nothing."""
    remark = f"no result on {', '.join(missing)}, so the pooled effect shows nothing"
    return replace(effect, interval=None, probabilities=None, pairs=(), remark=remark)


def _dataset_questions(baseline: Result, run: Run, metrics: Sequence[Metric]) -> list[Question]:
    return [
        Question(run, name, metric.name, metric.direction, effect_within(values[metric.name], measured))
        for name, values in baseline.datasets.items()
        for metric in metrics
        if metric.name in values and (measured := _values(run, name).get(metric.name)) is not None
    ]


def _values(run: Run, dataset: str) -> dict[str, Measurement]:
    return run.result.datasets.get(dataset, {}) if run.result else {}


def _within(pooled: Comparison, baseline: Result, primary: Metric) -> Comparison:
    """The pooled comparison of a single data set, said of that data set and in the metric's unit."""
    name = next(name for name, values in baseline.datasets.items() if primary.name in values)
    unit = abs(pooled.baseline) if pooled.relative is not None else 1.0
    return pooled.model_copy(
        update={
            "dataset": name,
            "primary": False,
            "low": None if pooled.low is None else pooled.low * unit,
            "high": None if pooled.high is None else pooled.high * unit,
        }
    )


def _by_run(variants: Sequence[Run], comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    return tuple(c for run in variants for c in comparisons if c.run == run.number)
