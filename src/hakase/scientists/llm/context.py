"""What prompts are told of ideas, runs and results: records as short text, the same for the same records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hakase.prompts import shorten, visible
from hakase.records import Comparison, Idea, Result, Run
from hakase.seams import Area, ExperimentView

ARCHIVE_SHOWN = 60
"""Ideas of an archive that a prompt lists, the latest; those with a score are kept before others."""
LINE = 160
"""Characters of an experiment in that list."""


@dataclass(frozen=True)
class RunStory:
    """One run besides the baseline, as a prompt tells it."""

    number: int
    label: str
    base: int
    control: bool
    purpose: str
    notes: str
    """Of an earlier reading; empty for the latest run, which is read now."""
    diff: str
    failure: str
    seconds: str
    results: tuple[str, ...]


def known_ideas(area: Area, archive: Sequence[Idea]) -> tuple[Idea, ...]:
    """Seeds and archive, each idea once, as the archive has it."""
    return tuple({idea.name: idea for idea in (*area.seed_ideas, *archive)}.values())


def list_ideas(ideas: Sequence[Idea]) -> str:
    """The ideas, one a line, with what became of them."""
    late = sorted(range(len(ideas)), key=lambda place: (ideas[place].score is None, -place))[:ARCHIVE_SHOWN]
    lines = [_idea_line(ideas[place]) for place in sorted(late)]
    if len(late) < len(ideas):
        lines.insert(0, f"({len(ideas) - len(late)} earlier ideas are not listed)")
    return "\n".join(lines)


def _idea_line(idea: Idea) -> str:
    became = {None: "not studied yet", 0: "its study failed"}.get(idea.score, f"review score {idea.score} of 10")
    experiment = " ".join(idea.experiment.split())
    cut = experiment if len(experiment) <= LINE else f"{experiment[:LINE].rsplit(' ', 1)[0]} …"
    return f"- {idea.name}: {' '.join(idea.title.split())}. {cut} [{became}]"


def one_line(text: str, limit: int = 300) -> str:
    """``text`` on one line, visible, without marks of quoting, of about ``limit`` characters at most."""
    return shorten(" ".join(re.sub("<{3,}|>{3,}", "", visible(text)).split()), limit).replace("\n", " ")


def list_metrics(area: Area) -> str:
    """The metrics with their directions, the primary one first and said to be it."""
    others = [metric for metric in area.metrics if metric.name != area.primary.name]
    first = f"{area.primary.name} (primary; {area.primary.direction} is better)"
    return ", ".join([first, *(f"{metric.name} ({metric.direction} is better)" for metric in others)])


def tell_means(result: Result | None, metric: str) -> str:
    """The mean of ``metric`` on each data set, with its standard error."""
    if result is None:
        return "no result"
    shown = []
    for dataset, values in result.datasets.items():
        if metric in values:
            measured = values[metric]
            spread = "" if measured.stderr is None else f" ± {measured.stderr:.2g}"
            shown.append(f"{dataset} {measured.mean:.4g}{spread}")
    return "; ".join(shown) or f"no {metric}"


def tell_runs(view: ExperimentView) -> tuple[RunStory, ...]:
    """All runs besides the baseline; the latest without its own notes, so that it is told alike before and after."""
    latest = view.runs[-1].number
    return tuple(_tell_run(run, view, with_notes=run.number != latest) for run in view.runs if run.number)


def _tell_run(run: Run, view: ExperimentView, with_notes: bool) -> RunStory:
    failed = run.status == "failed"
    return RunStory(
        number=run.number,
        label=one_line(run.label, 60),
        base=run.base,
        control=run.control,
        purpose=one_line(run.purpose),
        notes=one_line(run.description, 500) if with_notes and not failed else "",
        diff="" if failed else run.diff,
        failure=_tell_failure(run) if failed else "",
        seconds="" if failed else about(run.seconds),
        results=() if failed else tuple(_tell_results(run, view)),
    )


def _tell_failure(run: Run) -> str:
    last = run.attempts[-1].problem if run.attempts else "it was not tried"
    return f"no result after {len(run.attempts)} attempts; the last one: {one_line(last)}"


def _tell_results(run: Run, view: ExperimentView) -> Iterator[str]:
    metric = view.area.primary.name
    yield f"{metric}: {tell_means(run.result, metric)}"
    others = [m.name for m in view.area.metrics if m.name != metric and _is_in(m.name, run.result)]
    for name in others[:3]:
        yield f"{name}: {tell_means(run.result, name)}"
    pooled = next((c for c in view.comparisons if c.run == run.number and c.primary), None)
    if pooled is not None:
        yield f"pooled change of {metric} against the baseline: {tell_comparison(pooled)}"


def _is_in(metric: str, result: Result | None) -> bool:
    return result is not None and metric in result.metrics


def tell_comparison(comparison: Comparison) -> str:
    """Size, interval, corrected p and verdict of a pooled comparison."""
    share = comparison.relative is not None
    size = comparison.relative if comparison.relative is not None else comparison.difference
    parts = [_amount(size, share)]
    if comparison.low is not None and comparison.high is not None:
        parts.append(f"95% interval {_amount(comparison.low, share)} to {_amount(comparison.high, share)}")
    better = size < 0 if comparison.direction == "lower" else size > 0
    p = comparison.p_better_adjusted if better else comparison.p_worse_adjusted
    if p is not None:
        parts.append(f"corrected p = {p:.3g}")
    return f"{', '.join(parts)}; verdict: {comparison.verdict.replace('_', ' ')}"


def _amount(value: float, share: bool) -> str:
    return f"{100 * value:+.3g}%" if share else f"{value:+.4g}"


def about(seconds: float | None) -> str:
    """A time in words, to two digits, so that a prompt does not change with every breath of the machine."""
    if not seconds:
        return "an unknown time"
    if seconds < 1:
        return "less than 1 s"
    return f"about {float(f'{seconds:.1g}' if seconds < 10 else f'{seconds:.2g}'):g} s"


def tell_pace(view: ExperimentView) -> str:
    """What the measured speed allows."""
    limit = f"A run is stopped after {view.run_timeout:g} s."
    if not view.baseline_seconds:
        return f"{limit} How long the baseline takes was not measured."
    factor = view.run_timeout / view.baseline_seconds
    allowed = f"{float(f'{factor:.1g}'):g}" if factor < 100 else "more than 100"
    return f"The baseline takes {about(view.baseline_seconds)} here. {limit} That allows {allowed} times its work."
