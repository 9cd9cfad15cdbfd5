"""Every result, comparison and count of a study as numbered facts, each with its LaTeX macro and its source.

Numbers are rounded here and nowhere else. ``Fact.value`` holds the unrounded number in the unit of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from hakase.evidence.comparing import finished_variants
from hakase.evidence.effects import WELCH
from hakase.evidence.ledger import Ledger
from hakase.evidence.rounding import decimals_for, number_text, p_text, seconds_text
from hakase.evidence.verdicts import ALPHA, WORDS
from hakase.latex_text import escape
from hakase.records import Comparison, Evidence, Fact, Measurement, Run

RECORD = "records/evidence.json"
RUNS = "records/runs.json"


def number_facts(evidence: Evidence, runs: Sequence[Run]) -> tuple[Fact, ...]:
    """The facts of ``evidence`` (whose own facts are not looked at) and of the finished ``runs``."""
    ledger = Ledger()
    finished = [*(run for run in runs if run.number == 0 and run.result), *finished_variants(runs)]
    for run in finished:
        _add_run(ledger, run)
    for comparison in evidence.comparisons:
        where = comparison.dataset or "pooled"
        _add_comparison(ledger, ("compare", comparison.run, where, comparison.metric), comparison)
    _add_best(ledger, evidence)
    _add_counts(ledger, evidence, finished)
    return ledger.facts


def _add_run(ledger: Ledger, run: Run) -> None:
    label = "Baseline" if run.number == 0 else run.label
    ledger.add(("run", run.number, "label"), escape(label), f"label of run {run.number}", RUNS)
    ledger.add(
        ("run", run.number, "seconds"), seconds_text(run.seconds), f"wall seconds of run {run.number}", RUNS,
        run.seconds,
    )  # fmt: skip
    for dataset, values in run.result.datasets.items() if run.result else ():
        for metric, measurement in values.items():
            _add_measurement(ledger, run, dataset, metric, measurement)


def _add_measurement(ledger: Ledger, run: Run, dataset: str, metric: str, measured: Measurement) -> None:
    parts = ("run", run.number, dataset, metric)
    source = f"run_{run.number}/final_info.json: {dataset}/{metric}"
    of = f"of {metric} on {dataset}, run {run.number}"
    places = decimals_for(measured.stderr, measured.mean)
    ledger.add((*parts, "mean"), number_text(measured.mean, places), f"mean {of}", source, measured.mean)
    if measured.stderr is not None:
        text = number_text(measured.stderr, places)
        ledger.add((*parts, "stderr"), text, f"standard error {of}", source, measured.stderr)
    if measured.values:
        count = len(measured.values)
        ledger.add((*parts, "n"), str(count), f"number of seeds {of}", source, count)


def _add_comparison(ledger: Ledger, parts: tuple[str | int, ...], comparison: Comparison) -> None:
    """The facts of one comparison: effect and interval, p, pairs and verdict."""
    where = comparison.dataset or "all data sets pooled"
    of = f"of {comparison.metric} on {where}, run {comparison.run} against the baseline"
    files = f"run_{comparison.run}/final_info.json and run_0/final_info.json"
    source = f"{files}: {comparison.dataset or 'all'}/{comparison.metric}"
    _add_effect(ledger, parts, comparison, of, source)
    p, adjusted = observed_p(comparison)
    how = f"{of} ({comparison.test})"
    if p is not None:
        ledger.add((*parts, "p"), p_text(p), f"one-sided p {how}", source, p)
    if adjusted is not None:
        ledger.add((*parts, "padjusted"), p_text(adjusted), f"Holm-adjusted one-sided p {how}", source, adjusted)
    counted = "seed pairs" if WELCH not in comparison.test else "seeds of the smaller group (they do not pair)"
    ledger.add((*parts, "n"), str(comparison.n), f"{counted} {of}", source, comparison.n)
    ledger.add((*parts, "verdict"), WORDS[comparison.verdict], f"verdict {of}", source)


MOST_PLACES = 6


def _add_effect(ledger: Ledger, parts: tuple[str | int, ...], c: Comparison, of: str, source: str) -> None:
    relative = not c.dataset and c.relative is not None
    factor, unit, name = (100.0, r"\%", "relative change in percent") if relative else (1.0, "", "difference")
    middle = c.relative if relative and c.relative is not None else c.difference
    half = (c.high - c.low) / 2 * factor if c.low is not None and c.high is not None else None
    places = decimals_for(half, middle * factor, 3)
    ends = [end * factor for end in (c.low, c.high) if end]
    while any(round(end, places) == 0 for end in ends) and places < MOST_PLACES:
        places += 1  # an end that rounds to zero would hide on which side of it the interval ends
    for part, value, meaning in (
        ("difference", middle, f"{name} {of}"),
        ("low", c.low, f"lower end of the 95% interval of the {name} {of}"),
        ("high", c.high, f"upper end of the 95% interval of the {name} {of}"),
    ):
        if value is not None:
            text = number_text(value * factor, places, sign=True) + unit
            ledger.add((*parts, part), text, meaning, source, value * factor)


def observed_p(comparison: Comparison) -> tuple[float | None, float | None]:
    """The p-value and its adjusted value in the direction that the effect was observed in."""
    effect = comparison.relative if not comparison.dataset and comparison.relative is not None else None
    size = comparison.difference if effect is None else effect
    if (size >= 0) == (comparison.direction == "higher"):
        return comparison.p_better, comparison.p_better_adjusted
    return comparison.p_worse, comparison.p_worse_adjusted


def _add_best(ledger: Ledger, evidence: Evidence) -> None:
    best = next((c for c in evidence.comparisons if c.primary and c.run == evidence.best_run), None)
    if best is None:
        return
    ledger.add(("best", "run"), str(best.run), "the run with the best pooled primary effect", RECORD, best.run)
    ledger.add(("best", "label"), escape(best.label), "label of the best run", RECORD)
    _add_comparison(ledger, ("best",), best)


def _add_counts(ledger: Ledger, evidence: Evidence, finished: Sequence[Run]) -> None:
    datasets, seeds = _sizes(finished, evidence.primary_metric)
    for parts, count, meaning in (
        (("runs", "planned"), evidence.runs_planned, "runs planned besides the baseline"),
        (("runs", "finished"), evidence.runs_finished, "runs finished besides the baseline"),
        (("attempts", "total"), evidence.attempts, "attempts at these runs"),
        (("attempts", "failed"), evidence.attempts_failed, "attempts that failed or did not count"),
        (("datasets", "count"), datasets, "data sets with the primary metric"),
        (("comparisons", "count"), len(evidence.comparisons), "comparisons with the baseline"),
    ):
        ledger.add(parts, str(count), meaning, RECORD, count)
    text = str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    shown = text if seeds[0] else "an unknown number of"
    ledger.add(("seeds", "count"), shown, "seeds of the baseline on each data set", RECORD, seeds[0] or None)
    ledger.add(("alpha",), str(ALPHA), "level of every test", RECORD, ALPHA)
    ledger.add(("hypothesis", "verdict"), evidence.hypothesis, "verdict on the registered hypothesis", RECORD)


def _sizes(finished: Sequence[Run], metric: str) -> tuple[int, list[int]]:
    """Data sets of the baseline with ``metric``, and the different numbers of seeds on them, ascending."""
    result = finished[0].result if finished else None
    measured = [values[metric] for values in result.datasets.values() if metric in values] if result else []
    return len(measured), sorted({len(measurement.values) for measurement in measured}) or [0]
