"""Gathers a study's evidence: comparisons, the hypothesis' verdict, counts, remarks, facts. It saves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hakase.evidence.comparing import compare, finished_variants
from hakase.evidence.facts import number_facts
from hakase.evidence.hypotheses import find_best, judge_hypothesis
from hakase.metrics import same_measurements
from hakase.records import Comparison, Evidence, Idea, Metric, Run


def gather_evidence(idea: Idea, runs: Sequence[Run], metrics: Sequence[Metric], primary: Metric) -> Evidence:
    """Everything that a paper about ``idea`` may refer to.

    ``runs`` are all runs of the study with all their attempts, failed ones too, the baseline first. Attempts at the
    baseline are not counted.

    Raises:
        ResultProblem: two results cannot be told apart by their names.
    """
    comparisons = compare(runs, metrics, primary)
    hypothesis, reason = judge_hypothesis(idea.expected_direction, comparisons)
    planned = [run for run in runs if run.number > 0]
    attempts = [attempt for run in planned for attempt in run.attempts]
    evidence = Evidence(
        primary_metric=primary.name, direction=primary.direction, comparisons=comparisons,
        best_run=find_best(comparisons), hypothesis=hypothesis, hypothesis_reason=reason,
        runs_planned=len(planned), runs_finished=len(finished_variants(runs)), attempts=len(attempts),
        attempts_failed=sum(attempt.status != "ok" for attempt in attempts),
        remarks=tuple(_remarks(runs, comparisons, primary)),
    )  # fmt: skip
    return evidence.model_copy(update={"facts": number_facts(evidence, runs)})


def _remarks(runs: Sequence[Run], comparisons: Sequence[Comparison], primary: Metric) -> list[str]:
    return [
        *(
            f"{_name(run)}: {remark}"
            for run in runs
            if run.status == "done" and run.result
            for remark in run.result.remarks
        ),
        *_found_baseline(runs),
        *_identical_runs(runs, primary),
        *_missing_primary(runs, comparisons, primary),
        *(f"run {c.run}, pooled: {c.remark}" for c in comparisons if c.primary and c.remark),
    ]


def _name(run: Run) -> str:
    return "baseline" if run.number == 0 else f"run {run.number}"


def _found_baseline(runs: Sequence[Run]) -> list[str]:
    if any(run.number == 0 and run.provenance == "found" for run in runs):
        return ["baseline: came with the template and was not measured on this machine"]
    return []


def _identical_runs(runs: Sequence[Run], primary: Metric) -> list[str]:
    """Pairs of runs with the same numbers, costs aside: the change of one of them probably never took effect."""
    done = [run for run in runs if run.status == "done" and run.result is not None]
    return [
        f"{_name(one)} and {_name(other)} have identical metrics"
        for one, other in combinations(done, 2)
        if one.result and other.result and same_measurements(one.result, other.result, primary.name)
    ]


def _missing_primary(runs: Sequence[Run], comparisons: Sequence[Comparison], primary: Metric) -> list[str]:
    compared = {comparison.run for comparison in comparisons if comparison.primary}
    return [
        f"run {run.number}: not compared, as it or the baseline lacks {primary.name}"
        for run in finished_variants(runs)
        if run.number not in compared
    ]
