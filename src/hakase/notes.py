"""``notes.txt`` in the AI Scientist's form, written from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.records import Figure, Idea, Result, Run


def render_notes(idea: Idea, runs: Sequence[Run], figures: Sequence[Figure] = ()) -> str:
    """The whole text of notes.txt."""
    parts = [f"# Title: {idea.title}", f"# Experiment description: {idea.experiment}"]
    if idea.hypothesis:
        parts.append(f"# Hypothesis (registered before the runs): {idea.hypothesis}")
    parts += [part for run in runs for part in _run_lines(run)]
    if figures:
        parts.append("# Plot Descriptions")
        parts += [f"{figure.file}: {figure.description or figure.title}" for figure in figures]
    return "\n".join(parts) + "\n"


def _run_lines(run: Run) -> list[str]:
    label = "Baseline" if run.number == 0 else run.label
    lines = [f"## Run {run.number}: {label}"]
    if run.result is None:
        reason = run.attempts[-1].problem if run.attempts else "no attempt"
        return [
            *lines,
            f"Results: none; failed after {len(run.attempts)} attempts: {reason}",
            f"Description: {run.purpose}",
        ]
    return [*lines, f"Results: {means(run.result)}", f"Description: {run.description or 'Baseline results.'}"]


def means(result: Result) -> dict[str, dict[str, float]]:
    """Data set -> ``<metric>_mean`` -> mean, as the AI Scientist prints it."""
    return {
        dataset: {name if name.endswith("_mean") else f"{name}_mean": m.mean for name, m in values.items()}
        for dataset, values in result.datasets.items()
    }
