"""Runs: up to ``max_runs``, each planned after the last was read, each of up to ``max_attempts`` attempts.

Every attempt and every run is on disk before the next begins; coming back, the loop goes on behind the last one.
"""

from __future__ import annotations

from pathlib import Path

from hakase.coders.diffs import unified_diff
from hakase.disk import save_record
from hakase.errors import BudgetSpent
from hakase.evidence.gathering import gather_evidence
from hakase.notes import render_notes
from hakase.records import Attempt, Run, RunPlan, Runs
from hakase.stages.attempts import make_attempt
from hakase.stages.lab import Lab
from hakase.stages.views import experiment_view
from hakase.study import Study

ENOUGH = "the scientist has nothing left to try"
ALL_RUNS = "all runs of the budget are made"


def run_experiments(study: Study, lab: Lab) -> None:
    """Make the runs, and save them together with the evidence.

    Raises:
        BudgetSpent: a limit was reached before any run ended.
    """
    try:
        because = _make_runs(study, lab)
    except BudgetSpent as spent:
        if len(study.finished_runs()) == 1:
            raise
        because = spent.message
        _give_up_run(study, lab)
    runs = study.finished_runs()
    registration = study.registration
    study.save("evidence", gather_evidence(study.idea, runs, registration.metrics, registration.primary))
    study.save("runs", Runs(runs=runs, finished_because=because))


def _make_runs(study: Study, lab: Lab) -> str:
    """Make run after run; why there are no more."""
    while (number := len(study.finished_runs())) <= lab.settings.max_runs:
        lab.budget.require(f"run {number}")
        plan = _next_plan(study, lab, number)
        if plan is None:
            return ENOUGH
        _make_run(study, lab, number, plan)
    return ALL_RUNS


def _next_plan(study: Study, lab: Lab, number: int) -> RunPlan | None:
    """The plan of run ``number``: the latest one that an interrupted session kept, else a new one."""
    made = study.attempts(number)
    latest = max(1, made[-1].number if made else 1)
    if study.plan_file(number, latest).is_file():
        return study.plan(number, latest)
    return lab.scientist.plan_run(experiment_view(study, lab))


def _make_run(study: Study, lab: Lab, number: int, plan: RunPlan) -> None:
    """Attempt the run until an attempt counts, the attempts are used up, or the scientist gives the run up."""
    while True:
        made = study.attempts(number)
        if made and (made[-1].status == "ok" or len(made) >= lab.settings.max_attempts):
            break
        lab.budget.require(f"another attempt at run {number}")
        revised = _revised_plan(study, lab, plan, made[-1]) if made else plan
        if revised is None:
            break
        plan = revised
        save_record(study.plan_file(number, len(made) + 1), plan)
        make_attempt(study, lab, number, len(made) + 1, plan)
    _finish_run(study, lab, number, plan)


def _revised_plan(study: Study, lab: Lab, plan: RunPlan, last: Attempt) -> RunPlan | None:
    if study.plan_file(last.run, last.number + 1).is_file():
        return study.plan(last.run, last.number + 1)
    return lab.scientist.revise_plan(plan, last, experiment_view(study, lab))


def _give_up_run(study: Study, lab: Lab) -> None:
    """A run that a spent limit left among its attempts has failed; its attempts count."""
    number = len(study.finished_runs())
    made = study.attempts(number)
    if made:
        _finish_run(study, lab, number, study.plan(number, made[-1].number))


def _finish_run(study: Study, lab: Lab, number: int, plan: RunPlan) -> None:
    attempts = study.attempts(number)
    last = attempts[-1]
    run = Run(
        number=number,
        label=plan.label,
        purpose=plan.purpose,
        status="failed",
        attempts=attempts,
        changes=plan.changes,
        base=plan.base,
        control=plan.control,
        seconds=sum(attempt.seconds for attempt in attempts),
    )
    if last.status == "ok":
        run = _collect(study, lab, run, study.attempt_folder(number, last.number))
    study.save_run(run)
    study.write("notes.txt", render_notes(study.idea, study.finished_runs()))
    study.journal.add("run_ended", "experiments", run=number, status=run.status, label=run.label)


def _collect(study: Study, lab: Lab, run: Run, folder: Path) -> Run:
    """Publish the output of the attempt as ``run_N`` and ``run_N.py``, and let the scientist describe it."""
    output = study.run_folder(run.number)
    if not output.exists():
        (folder / "output").rename(output)
    code = study.code(run.number, study.template.editable)
    study.write(f"run_{run.number}.py", code.get("experiment.py", next(iter(code.values()))))
    ended = run.model_copy(
        update={
            "status": "done",
            "result": run.attempts[-1].result,
            "diff": unified_diff(study.code(0, study.template.editable), code, tuple(code)),
            "seconds": run.attempts[-1].seconds,
        }
    )
    study.save_run(ended)
    view = experiment_view(study, lab)
    return ended.model_copy(update={"description": lab.scientist.describe_run(ended, view)})
