"""What a finished run shows, as plain text for notes.txt. The numbers are the comparisons', rounded for reading."""

from __future__ import annotations

from hakase.records import Comparison, Run
from hakase.scientists.builtin.writing.effects import VERDICT_WORDS
from hakase.scientists.builtin.writing.phrasing import capitalise, end_sentence, join_words, read_name
from hakase.seams import ExperimentView


def describe_run(run: Run, view: ExperimentView) -> str:
    """Purpose, change, and effect on the primary metric; or how the run ended when it has no result."""
    remarks = [end_sentence(remark) for remark in run.result.remarks] if run.result else []
    if run.number == 0:
        return " ".join(["Baseline results.", *remarks])
    done = join_words([change.summary.rstrip(".") for change in run.changes if change.summary])
    parts = [end_sentence(run.purpose), end_sentence(done)]
    if run.result is None:
        reason = run.attempts[-1].problem if run.attempts else "it was not tried"
        return " ".join([*filter(None, parts), f"No result: {end_sentence(reason)}"])
    of_run = [c for c in view.comparisons if c.run == run.number and c.metric == view.area.primary.name]
    return " ".join([*filter(None, parts), *(_describe(comparison) for comparison in of_run), *remarks])


def _describe(comparison: Comparison) -> str:
    where = f"on {read_name(comparison.dataset)}" if comparison.dataset else "pooled over the data sets"
    pooled = not comparison.dataset and comparison.relative is not None
    size = _percent(comparison.relative or 0.0) if pooled else f"{comparison.difference:+.4g}"
    metric, verdict = capitalise(read_name(comparison.metric)), VERDICT_WORDS[comparison.verdict]
    return f"{metric} {where}: {size}{_details(comparison, pooled)}; {verdict}."


def _details(comparison: Comparison, pooled: bool) -> str:
    details = []
    if comparison.low is not None and comparison.high is not None:
        low, high = (_percent(x) if pooled else f"{x:+.4g}" for x in (comparison.low, comparison.high))
        details.append(f"95% interval {low} to {high}")
    better = comparison.difference < 0 if comparison.direction == "lower" else comparison.difference > 0
    p = comparison.p_better_adjusted if better else comparison.p_worse_adjusted
    if p is not None:
        details.append(f"adjusted p {p:.3g}")
    return f" ({', '.join(details)})" if details else ""


def _percent(share: float) -> str:
    return f"{100 * share:+.2g}%"
