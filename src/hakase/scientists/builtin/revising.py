"""Revises a plan after a failed attempt: milder after one that broke, stronger after one without effect."""

from __future__ import annotations

from collections.abc import Callable

from hakase.catalogue import SET, Application
from hakase.records import Attempt, Change, RunPlan
from hakase.scientists.builtin.companions import Companion, find_companion
from hakase.scientists.builtin.plans import is_of, make_plan, say_changes
from hakase.scientists.builtin.recognising import find_applications
from hakase.scientists.builtin.search import milder, stronger
from hakase.scientists.builtin.trials import read_trials, signature
from hakase.seams import ExperimentView
from hakase.syntax.knobs import find_by_role, find_knobs


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
    purpose = f"{plan.purpose} The first try at this run, {plan.label}, {why}, so this one is {say_changes(changes)}."
    companion = find_companion(parts, view.area.code)
    return make_plan(parts, changes, plan.purpose if why in plan.purpose else purpose, companion)


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
    part = next((one for one in parts if is_of(change, one)), None)
    if part is None or part.default is None:
        return change
    value = move(part, float(change.settings["value"]))
    return change if value is None else part.change(value)


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
