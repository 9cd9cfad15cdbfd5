"""Plans the runs of an idea: a short series, each run decided by what the last ones showed.

With a parameter: its default; two more values in the direction that helped; then the best value together with a
retuned companion. Without one: the change; the change with the companion halved; the companion alone, which
completes the square of the two. A combination: both parts; each alone; both with the companion retuned.
All changes are made to the baseline's code. Nothing is planned twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from hakase.catalogue import Application
from hakase.records import Run, RunPlan
from hakase.scientists.builtin.companions import Companion, find_companion
from hakase.scientists.builtin.plans import make_plan
from hakase.scientists.builtin.recognising import find_applications
from hakase.scientists.builtin.search import next_value
from hakase.scientists.builtin.trials import Trial, read_trials, signature
from hakase.seams import ExperimentView, FigurePlan

SERIES = 4
"""Runs of a series, the baseline not counted."""


def plan_run(view: ExperimentView) -> RunPlan | None:
    """The next run of the series; None when it is complete, or nothing is left to try."""
    trials = read_trials(view)
    parts = find_applications(view.idea, view.area.code)
    if view.runs_left <= 0 or len(trials) >= SERIES or not parts:
        return None
    made = {trial.signature for trial in trials}
    last = len(trials) == SERIES - 1 or view.runs_left == 1
    for plan in _candidates(view, parts, trials, last):
        if plan.changes and signature(plan.changes) not in made:
            return plan
    return None


def plan_figures(view: ExperimentView) -> FigurePlan:
    """The label of every run that has results."""
    done = [run for run in view.runs if run.status == "done" and run.result is not None]
    return FigurePlan(labels={f"run_{run.number}": run.label or _fallback(run) for run in done})


def _candidates(
    view: ExperimentView, parts: tuple[Application, ...], trials: tuple[Trial, ...], last: bool
) -> Iterator[RunPlan]:
    """Plans in the order of preference; ``plan_run`` takes the first that is new."""
    companion = find_companion(parts, view.area.code)
    if len(parts) > 1:
        yield from _for_pair(view, parts, trials, companion)
    elif parts[0].default is None:
        yield from _for_switch(view, parts[0], trials, companion)
    else:
        yield from _for_parameter(view, parts[0], trials, companion if last and trials else None)


def _for_parameter(
    view: ExperimentView, part: Application, trials: tuple[Trial, ...], companion: Companion | None
) -> Iterator[RunPlan]:
    gains = _gains(part, trials)
    counted = {value: gain for value, gain in gains.items() if gain > float("-inf")}
    if companion is not None and counted:
        best = max(sorted(counted), key=lambda value: counted[value])
        factor = 2.0 if part.intervention.group == "schedule" else 0.5
        purpose = (
            f"{_learned(view, trials)} The best value so far is run again with another {companion.words}, "
            "to see whether the two depend on each other."
        )
        yield make_plan((part,), (part.change(best), companion.change(factor)), purpose, companion)
    value = next_value(part, gains)
    if value is not None:
        purpose = f"{_learned(view, trials)} {_motive(part, gains, value)}".strip()
        yield make_plan((part,), (part.change(value),), purpose, None)


def _for_switch(
    view: ExperimentView, part: Application, trials: tuple[Trial, ...], companion: Companion | None
) -> Iterator[RunPlan]:
    change = part.change()
    yield make_plan((part,), (change,), "The change as the idea states it, everything else as in the baseline.", None)
    if companion is None:
        return
    learned = _learned(view, trials)
    retuned = companion.change(0.5)
    purpose = f"{learned} The change may need another {companion.words} than the baseline, so that is retuned."
    yield make_plan((part,), (change, retuned), purpose, companion)
    purpose = (
        f"{learned} The other {companion.words} is tried without the change, to tell apart what each of the two does."
    )
    yield make_plan((part,), (retuned,), purpose, companion)


def _for_pair(
    view: ExperimentView, parts: tuple[Application, ...], trials: tuple[Trial, ...], companion: Companion | None
) -> Iterator[RunPlan]:
    both = tuple(part.change() for part in parts)
    learned = _learned(view, trials)
    yield make_plan(parts, both, "Both changes together, at their usual strength.", None)
    for part, change in zip(parts, both, strict=True):
        title = part.intervention.title
        yield make_plan(
            parts, (change,), f"{learned} {title} alone, to tell apart what each of the two changes does.", None
        )
    if companion is not None:
        purpose = f"{learned} Both changes with another {companion.words}, which either may have come to need."
        yield make_plan(parts, (*both, companion.change(0.5)), purpose, companion)


def _gains(part: Application, trials: tuple[Trial, ...]) -> dict[float, float]:
    """Value of the parameter -> gain, of the runs that changed nothing else; ``-inf`` for those without a result."""
    own = part.change().intervention
    found = {}
    for trial in trials:
        changes = trial.run.changes
        if len(changes) == 1 and changes[0].intervention == own and "value" in changes[0].settings:
            found[float(changes[0].settings["value"])] = float("-inf") if trial.gain is None else trial.gain
    return found


def _learned(view: ExperimentView, trials: tuple[Trial, ...]) -> str:
    """What the last run showed, in a sentence."""
    if not trials:
        return ""
    last, metric = trials[-1], view.area.primary.name.replace("_", " ")
    if last.gain is None:
        return f"{last.run.label} gave no result."
    moved = "lowered" if last.helped == (view.area.primary.direction == "lower") else "raised"
    shown = "is confirmed" if last.verdict in ("better", "worse") else "is not confirmed"
    if not last.gain:
        return f"{last.run.label} did not move the mean {metric}."
    return f"{last.run.label} {moved} the mean {metric}, a difference that {shown}."


def _motive(part: Application, gains: dict[float, float], value: float) -> str:
    meaning = part.intervention.parameter.meaning if part.intervention.parameter else "value"
    if not gains:
        return f"The change at a usual {meaning}, everything else as in the baseline."
    best = max(gains.values())
    if best <= 0.0:
        return f"No value has helped yet, so the {meaning} moves to the other side or nearer to the baseline."
    known = {*gains} if part.neutral is None else {*gains, part.neutral}
    if min(known) <= value <= max(known):
        return f"The {meaning} is refined between values that are known."
    peak = max(gains, key=lambda tried: gains[tried])
    others = [tried for tried in gains if tried != peak]
    if others and all((tried - peak) * (value - peak) < 0 for tried in others):
        return f"The {meaning} moves to the other side of the best value so far."
    return f"The {meaning} moves on beyond the best value so far."


def _fallback(run: Run) -> str:
    return "Baseline" if run.number == 0 else f"Run {run.number}"
