"""One attempt at a run: edit, run in the sandbox, read. Whatever happens is kept in ``attempts/RUN.NUMBER/``.

Its plan is on record before the attempt begins, and ``attempt.json`` after it ended; an attempt without the second is
done again in a clean place.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from hakase.coders.syntax import SyntaxCoder
from hakase.disk import save_record, write_atomic
from hakase.errors import BudgetSpent
from hakase.evidence.results import ResultProblem, read_result
from hakase.metrics import same_measurements
from hakase.progress import Progress
from hakase.records import Attempt, AttemptStatus, Edit, Result, RunPlan
from hakase.seams import Coder, Outcome
from hakase.stages.jobs import (
    Bench,
    data_mounts,
    experiment_command,
    inside_study,
    lay_bench,
    make_job,
    run_clean,
    run_mounts,
)
from hakase.stages.lab import Lab
from hakase.stages.packages import installed_packages, package_mounts, package_paths, require_packages
from hakase.stages.views import study_timeout
from hakase.study import Study

MOST_OF_A_DIFF = 4000
"""Characters of the last attempt's edit that a coder is shown."""


@dataclass(frozen=True)
class Reading:
    """What an attempt came to."""

    status: AttemptStatus
    problem: str = ""
    result: Result | None = None
    speed: str = ""


def make_attempt(study: Study, lab: Lab, run: int, number: int, plan: RunPlan) -> Attempt:
    """Make attempt ``number`` at ``run``, and save it."""
    folder = study.attempt_folder(run, number)
    lab.notify(Progress(stage="experiments", detail=plan.label, run=run, attempt=number, upcoming="edit, then run"))
    study.journal.add("attempt_started", "experiments", run=run, attempt=number, label=plan.label)
    bench = _lay(study, folder, plan)
    missing = require_packages(study, lab, plan)
    edit = Edit() if missing else _edit(study, lab, bench, run, plan)
    write_atomic(folder / "change.diff", edit.diff)
    _keep_code(study, bench)
    refused = Reading("package_refused", missing) if missing else _refuse(study, bench, edit)
    outcome = None if refused else _execute(study, lab, bench, run, plan)
    if outcome is not None and outcome.timed_out and lab.budget.seconds_left <= 0:
        raise BudgetSpent("the time limit (--max-hours) was reached during a run")
    reading = refused or _read(study, bench, run, outcome)
    _keep_output(bench, run)
    attempt = Attempt(
        run=run,
        number=number,
        status=reading.status,
        problem=reading.problem,
        exit_code=outcome.exit_code if outcome else None,
        seconds=round(outcome.seconds, 3) if outcome else 0.0,
        peak_memory=outcome.peak_memory if outcome else 0,
        stderr_tail=bench.stderr_tail(),
        measured_speed=reading.speed,
        result=reading.result,
        environment={**lab.described(study.template.settings.run), **installed_packages(study)},
        folder=str(folder.relative_to(study.folder)),
    )
    save_record(folder / "attempt.json", attempt)
    study.journal.add(
        "attempt_ended", "experiments", **attempt.model_dump(exclude={"result", "stderr_tail", "format", "environment"})
    )
    return attempt


def _edit(study: Study, lab: Lab, bench: Bench, run: int, plan: RunPlan) -> Edit:
    """Changes that the rules planned are made on the syntax tree, what is planned in prose by the lab's coder."""
    coder: Coder = SyntaxCoder() if plan.changes else lab.coder
    return coder.edit(bench.work, plan, study.template.editable, _feedback(study, run))


def _lay(study: Study, folder: Path, plan: RunPlan) -> Bench:
    """A clean bench that holds the code of the run that the plan starts from."""
    bench = lay_bench(folder, study.folder)
    for name, text in study.code(plan.base, study.template.editable).items():
        (bench.work / name).write_text(text, encoding="utf-8")
    return bench


def _feedback(study: Study, run: int) -> str:
    """What the last attempt did and came to, numbered: the same edit for the same reason is another question then."""
    made = study.attempts(run)
    if not made:
        return ""
    last = made[-1]
    diff = (study.attempt_folder(run, last.number) / "change.diff").read_text(encoding="utf-8")
    said = f"Attempt {last.number} ({last.status}): {last.problem}\n{last.stderr_tail}".strip()
    return f"{said}\nIts edit was:\n{diff[:MOST_OF_A_DIFF]}" if diff else said


def _keep_code(study: Study, bench: Bench) -> None:
    for name in study.template.editable:
        target = bench.folder / "code" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bench.work / name, target)


def _refuse(study: Study, bench: Bench, edit: Edit) -> Reading | None:
    """Why this edit is not worth a run, or None."""
    if edit.problem:
        return Reading("edit_failed", edit.problem)
    editable = study.template.editable
    code = {name: (bench.work / name).read_text(encoding="utf-8") for name in editable}
    for run in study.finished_runs():
        if run.result is not None and study.code(run.number, editable) == code:
            return Reading("no_change", f"the code is that of run {run.number}: the edit changes nothing new")
    return None


def _execute(study: Study, lab: Lab, bench: Bench, run: int, plan: RunPlan) -> Outcome:
    inside = inside_study(study)
    limit = study_timeout(study, lab)
    attempt = int(bench.folder.name.split(".")[1])
    job = make_job(
        bench,
        experiment_command(f"run_{run}"),
        inside,
        lab.run_limits(limit),
        (*data_mounts(lab.data), *run_mounts(study, inside), *package_mounts(study)),
        {**lab.environment(study.template.settings.run), **package_paths(study)},
    )
    progress = Progress(
        stage="experiments", detail=plan.label, run=run, attempt=attempt, limit=limit, upcoming="read the result"
    )
    return run_clean(lab, job, progress)


def _read(study: Study, bench: Bench, run: int, outcome: Outcome | None) -> Reading:
    assert outcome is not None
    output = bench.work / f"run_{run}"
    if not outcome.ok:
        return _read_failure(study, output, bench, outcome)
    try:
        result = read_result(output)
    except ResultProblem as problem:
        return Reading("bad_results", str(problem))
    for earlier in study.finished_runs():
        if earlier.result is not None and same_measurements(earlier.result, result, study.registration.primary.name):
            return Reading("identical_results", f"every metric equals run {earlier.number}'s: the change has no effect")
    return Reading("ok", result=result)


def _read_failure(study: Study, output: Path, bench: Bench, outcome: Outcome) -> Reading:
    partial = _partial(output)
    if outcome.timed_out:
        speed = _speed(study, outcome)
        return Reading("timed_out", f"stopped at the time limit after {outcome.seconds:.0f} s. {speed}", partial, speed)
    if outcome.ended_by:
        return Reading("failed", f"ended by {outcome.ended_by} after {outcome.seconds:.1f} s", partial)
    last = bench.stderr_tail(400).strip().splitlines()[-1:] or ["nothing on stderr"]
    return Reading("failed", f"exit code {outcome.exit_code}: {last[0]}", partial)


def _partial(output: Path) -> Result | None:
    try:
        return read_result(output)
    except ResultProblem:
        return None


def _speed(study: Study, outcome: Outcome) -> str:
    baseline = study.registration.baseline_seconds
    if not baseline:
        return ""
    return f"The baseline takes {baseline:.0f} s; this had {outcome.seconds:.0f} s and did not end."


def _keep_output(bench: Bench, run: int) -> None:
    """Keep what the run wrote into its folder, and drop the working copy."""
    output = bench.work / f"run_{run}"
    if output.is_dir() and not output.is_symlink():
        output.rename(bench.folder / "output")
    shutil.rmtree(bench.work)
