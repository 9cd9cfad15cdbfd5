"""Plans the runs of an idea: a short series, each run decided by what the last ones showed.

With a parameter: its default; two more values in the direction that helped; then the best value together with a
retuned companion. Without one: the change; the change with the companion halved; the companion the other way or
further; the companion alone. A combination: both parts; each alone; both with the companion retuned.
All changes are made to the baseline's code. Nothing is planned twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hakase.catalogue import SET, Application
from hakase.records import Attempt, Change, Run, RunPlan
from hakase.scientists.builtin.companions import Companion, find_companion
from hakase.scientists.builtin.recognising import find_applications
from hakase.scientists.builtin.search import milder, next_value, stronger
from hakase.scientists.builtin.trials import Trial, best_of, read_trials, signature
from hakase.seams import ExperimentView, FigurePlan
from hakase.syntax.knobs import find_by_role, find_knobs

SERIES = 4
"""Runs of a series, the baseline not counted."""

LABEL = 30
"""Characters of a label."""


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


def revise_plan(plan: RunPlan, attempt: Attempt, view: ExperimentView) -> RunPlan | None:
    """The plan at another strength: milder after a run that broke, stronger after one without effect; else None."""
    parts = find_applications(view.idea, view.area.code)
    if not parts or not plan.changes:
        return None
    if attempt.status in ("no_change", "identical_results"):
        changes = _elsewhere(plan, view) or _strengthened(plan, parts)
        why = "had no effect"
    elif attempt.status == "edit_failed":
        changes, why = plan.changes[:1] if len(plan.changes) > 1 else (), "could not be made"
    else:
        changes = _weakened(plan, parts) or _calmed(plan, attempt, find_companion(parts, view.area.code))
        why = "did not end with results"
    if not changes or signature(changes) == signature(plan.changes):
        return None
    if signature(changes) in {trial.signature for trial in read_trials(view)}:
        return None
    purpose = f"{plan.purpose} The first try at this run, {plan.label}, {why}, so this one is {_words(changes)}."
    companion = find_companion(parts, view.area.code)
    return _plan(parts, changes, plan.purpose if why in plan.purpose else purpose, companion)


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
        yield _plan((part,), (part.change(best), companion.change(factor)), purpose, companion)
    value = next_value(part, gains)
    if value is not None:
        purpose = f"{_learned(view, trials)} {_motive(part, gains, value)}".strip()
        yield _plan((part,), (part.change(value),), purpose, None)


def _for_switch(
    view: ExperimentView, part: Application, trials: tuple[Trial, ...], companion: Companion | None
) -> Iterator[RunPlan]:
    change = part.change()
    yield _plan((part,), (change,), "The change as the idea states it, everything else as in the baseline.", None)
    if companion is None:
        return
    learned = _learned(view, trials)
    best = best_of(trials)
    chosen = [one for one in best.run.changes if one.intervention == SET] if best else []
    if len(trials) >= SERIES - 1 and chosen:
        purpose = f"{learned} The {companion.words} of the best run is tried without the change, as an ablation."
        yield _plan((part,), tuple(chosen), purpose, companion)
    for factor in (0.5, *((0.25, 2.0) if _lower_helped(trials) else (2.0, 0.25))):
        purpose = f"{learned} The change may need another {companion.words} than the baseline, so that is retuned."
        yield _plan((part,), (change, companion.change(factor)), purpose, companion)


def _for_pair(
    view: ExperimentView, parts: tuple[Application, ...], trials: tuple[Trial, ...], companion: Companion | None
) -> Iterator[RunPlan]:
    both = tuple(part.change() for part in parts)
    learned = _learned(view, trials)
    yield _plan(parts, both, "Both changes together, at their usual strength.", None)
    for part, change in zip(parts, both, strict=True):
        title = part.intervention.title
        yield _plan(
            parts, (change,), f"{learned} {title} alone, to tell apart what each of the two changes does.", None
        )
    if companion is not None:
        purpose = f"{learned} Both changes with another {companion.words}, which either may have come to need."
        yield _plan(parts, (*both, companion.change(0.5)), purpose, companion)


def _gains(part: Application, trials: tuple[Trial, ...]) -> dict[float, float]:
    """Value of the parameter -> gain, of the runs that changed nothing else; ``-inf`` for those without a result."""
    own = part.change().intervention
    found = {}
    for trial in trials:
        changes = trial.run.changes
        if len(changes) == 1 and changes[0].intervention == own and "value" in changes[0].settings:
            found[float(changes[0].settings["value"])] = float("-inf") if trial.gain is None else trial.gain
    return found


def _lower_helped(trials: tuple[Trial, ...]) -> bool:
    """Whether halving the companion was better than leaving it, of a switch's first two runs."""
    if len(trials) < 2 or trials[0].gain is None or trials[1].gain is None:
        return False
    return trials[1].gain > trials[0].gain


def _learned(view: ExperimentView, trials: tuple[Trial, ...]) -> str:
    """What the last run showed, in a sentence."""
    if not trials:
        return ""
    last, metric = trials[-1], view.area.primary.name.replace("_", " ")
    if last.gain is None:
        return f"{last.run.label} gave no result."
    moved = "lowered" if last.helped == (view.area.primary.direction == "lower") else "raised"
    sure = {"better": "a difference that the test confirms", "worse": "a difference that the test confirms"}
    shown = sure.get(last.verdict, "a difference that the test does not confirm")
    return f"{last.run.label} {moved if last.gain else 'did not move'} the mean {metric}, {shown}."


def _motive(part: Application, gains: dict[float, float], value: float) -> str:
    meaning = part.intervention.parameter.meaning if part.intervention.parameter else "value"
    if not gains:
        return f"The change at a usual {meaning}, everything else as in the baseline."
    best = max(gains.values())
    if best <= 0.0:
        return f"No value has helped yet, so the {meaning} moves to the other side or nearer to the baseline."
    if min(gains) <= value <= max(gains):
        return f"The {meaning} is refined between values that are known."
    return f"The {meaning} moves on beyond the best value so far."


def _weakened(plan: RunPlan, parts: tuple[Application, ...]) -> tuple[Change, ...]:
    """The plan's changes with each parameter nearer to the baseline, or else the first alone."""
    changes = tuple(_moved(change, parts, milder) for change in plan.changes)
    if signature(changes) != signature(plan.changes):
        return changes
    return plan.changes[:1] if len(plan.changes) > 1 else ()


def _calmed(plan: RunPlan, attempt: Attempt, companion: Companion | None) -> tuple[Change, ...]:
    """A change without a parameter that broke, with a third of the learning rate in case it diverged."""
    rate = companion is not None and companion.knob.role == "learning_rate"
    if not rate or companion is None or attempt.status == "timed_out" or plan.changes[0].intervention == SET:
        return ()
    return (*plan.changes, companion.change(0.3))


def _strengthened(plan: RunPlan, parts: tuple[Application, ...]) -> tuple[Change, ...]:
    return tuple(_moved(change, parts, stronger) for change in plan.changes)


def _moved(
    change: Change, parts: tuple[Application, ...], move: Callable[[Application, float], float | None]
) -> Change:
    part = next((one for one in parts if _is_of(change, one)), None)
    if part is None or part.default is None:
        return change
    value = move(part, float(change.settings["value"]))
    return change if value is None else part.change(value)


def _is_of(change: Change, part: Application) -> bool:
    own = part.change()
    return change.intervention == own.intervention and change.settings.get("knob") == own.settings.get("knob")


def _elsewhere(plan: RunPlan, view: ExperimentView) -> tuple[Change, ...]:
    """The plan's changes at the next hyperparameter of the same role, when the code has several."""
    first = plan.changes[0]
    knobs = {knob.address: knob for role in _roles(view) for knob in find_by_role(view.area.code, role)}
    present = knobs.get(first.settings.get("knob", ""))
    if present is None:
        return ()
    alike = [knob.address for knob in find_by_role(view.area.code, present.role)]
    later = alike[alike.index(present.address) + 1 :]
    if not later:
        return ()
    moved = first.model_copy(update={"settings": {**first.settings, "knob": later[0]}})
    return (moved, *plan.changes[1:])


def _roles(view: ExperimentView) -> set[str]:
    return {knob.role for knob in find_knobs(view.area.code) if knob.role}


def _plan(
    parts: tuple[Application, ...], changes: tuple[Change, ...], purpose: str, companion: Companion | None
) -> RunPlan:
    return RunPlan(
        label=_label(parts, changes, companion),
        purpose=purpose.strip(),
        instruction=f"Change only this: {_words(changes)}.",
        changes=changes,
    )


def _label(parts: tuple[Application, ...], changes: tuple[Change, ...], companion: Companion | None) -> str:
    """The changes with their values in at most ``LABEL`` characters; names are cut before numbers are."""
    if len(parts) > 1 and len(changes) > len(parts) and companion is not None:
        return f"Both, {companion.short} {changes[-1].settings['value']}"[:LABEL]
    pairs = [(_short(change, parts, companion), change.settings.get("value", "")) for change in changes]
    for room in range(LABEL, 3, -1):
        text = ", ".join(f"{_cut(name, room)} {value}".strip() for name, value in pairs)
        if len(text) <= LABEL:
            break
    return text[:1].upper() + text[1:LABEL]


def _short(change: Change, parts: tuple[Application, ...], companion: Companion | None) -> str:
    part = next((one for one in parts if _is_of(change, one)), None)
    if part is not None:
        return part.intervention.short
    return companion.short if companion is not None else change.intervention


def _cut(name: str, room: int) -> str:
    """``name`` in at most ``room`` characters: without its last words, or else cut."""
    whole = name[: room + 1].rsplit(" ", 1)[0] if len(name) > room else name
    return whole[:room]


def _words(changes: tuple[Change, ...]) -> str:
    return " and ".join(change.summary[:1].lower() + change.summary[1:] for change in changes)


def _fallback(run: Run) -> str:
    return "Baseline" if run.number == 0 else f"Run {run.number}"
