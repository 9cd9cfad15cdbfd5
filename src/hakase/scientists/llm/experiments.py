"""Runs by a language model: one question reads the last run and plans the next; another mends a plan that failed.

``describe_run`` and the ``plan_run`` after it ask the same question, so the second costs nothing. Where the model gives
no usable plan, the rules plan an idea that carries an intervention; an idea in prose is tried once, as it is stated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from hakase.models import Models, Question, Turn
from hakase.prompts import render
from hakase.records import Attempt, Run, RunPlan
from hakase.scientists.builtin import BuiltinScientist
from hakase.scientists.llm.context import about, list_metrics, one_line, tell_means, tell_pace, tell_runs
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.forms import LastReadingSheet, PlanSheet, ReadingSheet, RevisionSheet
from hakase.scientists.llm.ideas import clean_title
from hakase.seams import ExperimentView

LABEL = 30
"""Characters of a label."""
STDERR = 1500
"""Characters of the end of an attempt's error output."""
NOTES = 1500
"""Characters of the notes on a run."""
PACKAGES = 5

ADVICE: Mapping[str, str] = {
    "edit_failed": "The programmer could not make the change. Describe a smaller one, and name the place exactly.",
    "package_refused": "The package may not be installed here. Do the same without it.",
    "no_change": "The code came out as it was in an earlier run. Ask for a change that is really new.",
    "identical_results": "The code changed, the numbers did not: it is not reached, or overridden. Say where it acts.",
    "failed": "The code broke. Say what caused it and how to do it right.",
    "timed_out": "It was too slow. Ask for less work, so that it ends well within the limit.",
    "bad_results": "The results could not be read. final_info.json must keep the baseline's data sets and metrics.",
}
"""Status of an attempt -> what to do about it."""

Sheet = TypeVar("Sheet", bound=BaseModel)


def plan_run(models: Models, view: ExperimentView) -> RunPlan | None:
    """The next run; None when the model is finished, or no run is left."""
    if view.runs_left <= 0:
        return None

    def ask() -> RunPlan | None:
        sheet = _read_and_plan(models, view) if _latest_done(view) else _plan(models, view)
        return None if sheet.finished else _as_plan(sheet, view)

    return ask_or_rule(models, "experiments", f"the plan of run {_next(view)}", ask, lambda: _plan_by_rule(view))


def describe_run(models: Models, run: Run, view: ExperimentView) -> str:
    """What the finished run shows, in the model's words."""
    rules = BuiltinScientist()
    if not _latest_done(view) or view.runs[-1].number != run.number:
        return rules.describe_run(run, view)

    def ask() -> str:
        sheet = _read_and_plan(models, view) if view.runs_left > 0 else _read_last(models, view)
        return one_line(sheet.notes, NOTES)

    return ask_or_rule(
        models, "experiments", f"the notes on run {run.number}", ask, lambda: rules.describe_run(run, view)
    )


def revise_plan(models: Models, plan: RunPlan, attempt: Attempt, view: ExperimentView) -> RunPlan | None:
    """The plan with another instruction; None when the model gives the run up."""

    def complain(sheet: RevisionSheet) -> str:
        if sheet.give_up:
            return ""
        if not sheet.instruction:
            return "give an instruction, or set give_up to true"
        if _same(sheet.instruction, plan.instruction):
            return "this is the instruction that has just failed, word for word; change it, or set give_up to true"
        return ""

    def ask() -> RunPlan | None:
        sheet = _ask(models, _revision(plan, attempt, view), RevisionSheet, complain)
        if sheet.give_up:
            return None
        changed = {"instruction": sheet.instruction, "packages": sheet.packages[:PACKAGES], "changes": ()}
        return plan.model_copy(update=changed)

    rules, what = BuiltinScientist(), f"the revised plan of run {attempt.run}"
    return ask_or_rule(models, "experiments", what, ask, lambda: rules.revise_plan(plan, attempt, view))


def _ask(models: Models, question: Question, kind: type[Sheet], check: Callable[[Sheet], str] | None = None) -> Sheet:
    return models.form(question, kind, check)


def _plan(models: Models, view: ExperimentView) -> PlanSheet:
    return _ask(models, _planning(view), PlanSheet, lambda sheet: _complain(sheet, view))


def _read_and_plan(models: Models, view: ExperimentView) -> ReadingSheet:
    return _ask(models, _planning(view), ReadingSheet, lambda sheet: _complain(sheet, view))


def _read_last(models: Models, view: ExperimentView) -> LastReadingSheet:
    return _ask(models, _planning(view), LastReadingSheet)


def _complain(sheet: PlanSheet, view: ExperimentView) -> str:
    """What keeps the sheet from being a plan."""
    if sheet.finished:
        return "" if _next(view) > 1 else "no run was made yet: plan the first one"
    if not sheet.instruction:
        return "give an instruction for the programmer, or set finished to true"
    if sheet.base not in view.code:
        return f"base is {sheet.base}; code to start from has run {', '.join(map(str, sorted(view.code)))}"
    return ""


def _as_plan(sheet: PlanSheet, view: ExperimentView) -> RunPlan:
    return RunPlan(
        label=name_run(sheet.label, view.runs),
        purpose=one_line(sheet.purpose, 600),
        instruction=sheet.instruction,
        base=sheet.base,
        control=sheet.control,
        packages=sheet.packages[:PACKAGES],
    )


def name_run(label: str, runs: Sequence[Run]) -> str:
    """``label`` fit for a legend, and unlike those of the other runs."""
    number = runs[-1].number + 1
    short = clean_title(label)
    if len(short) > LABEL:
        short = short[: LABEL + 1].rsplit(" ", 1)[0][:LABEL]
    taken = {"baseline", *(run.label.lower() for run in runs)}
    if short and short.lower() not in taken:
        return short
    ending = f" ({number})"
    return f"{short[: LABEL - len(ending)]}{ending}" if short else f"Run {number}"


def _plan_by_rule(view: ExperimentView) -> RunPlan | None:
    if view.idea.intervention:
        return BuiltinScientist().plan_run(view)
    if len(view.runs) > 1:
        return None
    return RunPlan(
        label=name_run(view.idea.title.partition(":")[0], view.runs),
        purpose="The idea as it is stated.",
        instruction=f"{view.idea.title}\n\n{view.idea.experiment}\n\nMake this change in its simplest form.",
    )


def _planning(view: ExperimentView) -> Question:
    reading = view.runs[-1].number if _latest_done(view) else 0
    bases = [str(number) for number in sorted(view.code) if number]
    values = {"reading": reading, "number": _next(view), "left": view.runs_left, "bases": ", ".join(bases)}
    return _question(f"experiments/plan/{_next(view)}", render("experiments/plan", **_told(view), **values), view)


def _revision(plan: RunPlan, attempt: Attempt, view: ExperimentView) -> Question:
    speed = attempt.measured_speed if attempt.measured_speed not in attempt.problem else ""
    text = render(
        "experiments/revise",
        **_told(view),
        plan=plan,
        purpose=one_line(plan.purpose),
        attempt=attempt,
        problem=f"{attempt.problem} {speed}".strip(),
        stderr=attempt.stderr_tail[-STDERR:].strip(),
        advice=ADVICE.get(attempt.status, "Find out what went wrong, and avoid it."),
    )
    return _question(f"experiments/revise/{attempt.run}.{attempt.number}", text, view)


def _told(view: ExperimentView) -> dict[str, object]:
    baseline = view.runs[0]
    return {
        "area": view.area,
        "metrics": list_metrics(view.area),
        "baseline": tell_means(baseline.result, view.area.primary.name),
        "seconds": about(view.baseline_seconds) if view.baseline_seconds else "",
        "idea": view.idea,
        "runs": tell_runs(view),
        "pace": tell_pace(view),
    }


def _question(slot: str, text: str, view: ExperimentView) -> Question:
    system = render("common/system", researcher=view.area.system)
    return Question(slot=slot, role="coding", system=system, turns=(Turn(text),), temperature=0.5)


def _latest_done(view: ExperimentView) -> bool:
    """Whether the latest run is one to read: not the baseline, and not one that failed."""
    return view.runs[-1].number > 0 and view.runs[-1].status == "done"


def _next(view: ExperimentView) -> int:
    return view.runs[-1].number + 1


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).lower() == " ".join(other.split()).lower()
