"""From a template to studies, and studies run one after another or several at once as processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hakase.errors import HakaseError, TemplateError
from hakase.ideas import update_idea
from hakase.metrics import resolve_metrics
from hakase.pipeline import run_study
from hakase.progress import Progress, Status
from hakase.records import Idea, Metric, Novelty
from hakase.seams import Area
from hakase.stages.baseline import Baseline, run_baseline
from hakase.stages.ideation import area_of
from hakase.stages.lab import Lab
from hakase.study import Registration, Study, create_study
from hakase.template import Template
from hakase.workspace import Workspace

Watcher = Callable[[str, Progress], None]
"""Is told the idea's name and its progress."""


@dataclass(frozen=True)
class Prepared:
    """A template whose baseline is known."""

    template: Template
    baseline: Baseline
    metrics: tuple[Metric, ...]
    primary: Metric

    @property
    def area(self) -> Area:
        return area_of(self.template, self.metrics, self.primary, self.baseline.run.result)


def prepare(template: Template, workspace: Workspace, lab: Lab, found: bool = True) -> Prepared:
    """Measure or look up the baseline (``found``: or take the template's run_0), and settle what is better.

    Raises:
        BaselineError: the baseline does not run.
        TemplateError: the primary metric is unclear.
    """
    baseline = run_baseline(template, workspace, lab, found)
    assert baseline.run.result is not None
    metrics, primary = resolve_metrics(template, baseline.run.result, lab.settings.metric)
    return Prepared(template, baseline, metrics, primary)


def start_studies(ideas: Sequence[Idea], prepared: Prepared, workspace: Workspace, lab: Lab) -> list[Study]:
    """A study for each idea, its hypothesis registered; those that this launch has made already are not made again."""
    template = prepared.template
    registration = Registration(
        template=template.name,
        workspace=str(workspace.root),
        metrics=prepared.metrics,
        primary=prepared.primary,
        settings=lab.settled(template.settings.run),
        baseline_seconds=prepared.baseline.run.seconds or None,
        environment=lab.described(template.settings.run),
        account=lab.budget.account,
    )
    baseline = prepared.baseline
    studies = _started(prepared, workspace, lab)
    there = {study.idea.name for study in studies}
    for idea in (idea for idea in ideas if idea.name not in there):
        primary = _primary_of(idea, prepared, lab)
        fixed = registration.model_copy(update={"primary": primary})
        registered = _registered(idea, primary)
        studies.append(create_study(workspace.results, template, registered, fixed, baseline.run, baseline.output))
    return studies


def _started(prepared: Prepared, workspace: Workspace, lab: Lab) -> list[Study]:
    """The studies that this launch made before it was interrupted."""
    if not lab.budget.account:
        return []
    studies = map(Study, workspace.studies(prepared.template.name))
    return [study for study in studies if study.registration.account == lab.budget.account]


def _primary_of(idea: Idea, prepared: Prepared, lab: Lab) -> Metric:
    """The metric that a study is judged by: the user's, else the idea's own, else the template's."""
    if lab.settings.metric or idea.primary_metric in ("", prepared.primary.name):
        return prepared.primary
    chosen = next((metric for metric in prepared.metrics if metric.name == idea.primary_metric), None)
    if chosen is None:
        raise TemplateError(
            f"the idea {idea.name} is to be judged by {idea.primary_metric!r}, which the runs do not measure",
            file=prepared.template.ideas_file,
            key=f"{idea.name}: PrimaryMetric",
            fix=f"one of: {', '.join(metric.name for metric in prepared.metrics)}; or give --metric",
        )
    return chosen


def _registered(idea: Idea, primary: Metric) -> Idea:
    """The idea with what an AI Scientist's idea leaves open: a hypothesis on the primary metric."""
    name = primary.name.replace("_", " ")
    hypothesis = idea.hypothesis or f"{idea.title} gives a better {name} than the baseline."
    return idea.model_copy(update={"hypothesis": hypothesis, "primary_metric": primary.name})


def run_studies(studies: Sequence[Study], lab: Lab, watch: Watcher) -> list[Status]:
    """Run all studies, ``lab.settings.parallel`` at a time; one that fails never stops another."""
    if lab.settings.parallel == 1 or len(studies) == 1:
        return [_run_here(study, lab, watch) for study in studies]
    return _run_processes(studies, lab, watch)


def _run_here(study: Study, lab: Lab, watch: Watcher) -> Status:
    name = study.idea.name
    try:
        status = run_study(study, replace(lab, notify=lambda progress: watch(name, progress)))
        publish(study, status)
    except (HakaseError, OSError) as error:  # in another process's hands, or a full disk: the next study goes on
        status = study.status.model_copy(update={"state": "interrupted", "message": _full_or_held(error)})
    watch(name, Progress(stage=status.state, detail=status.message.splitlines()[0] if status.message else ""))
    return status


def _full_or_held(error: Exception) -> str:
    """Why a study's folder could not be written, with the way out."""
    if not isinstance(error, OSError):
        return str(error)
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}; make room, then: hakase resume"


def publish(study: Study, status: Status) -> None:
    """Tell the template's ideas.json what was found about the idea."""
    if study.has("novelty"):
        registration = study.registration
        file = Workspace(Path(registration.workspace)).templates / registration.template / "ideas.json"
        novelty = study.novelty
        values = novelty_entry(novelty)
        improved = study.has("improved_review")
        if improved or study.has("review"):
            values["Score"] = study.review(improved).overall
        elif status.state == "failed":
            values["Score"] = 0
        if file.parent.is_dir():
            update_idea(file, study.idea.name, **values)


def novelty_entry(novelty: Novelty) -> dict[str, object]:
    """What ideas.json says of an idea's novelty; ``novel`` only where that was decided."""
    decided = {"novel": novelty.verdict == "novel"} if novelty.verdict != "undecided" else {}
    return {**decided, "Verdict": novelty.verdict, "Reason": novelty.reason}


def _run_processes(studies: Sequence[Study], lab: Lab, watch: Watcher) -> list[Status]:
    waiting = list(studies)
    running: dict[Study, subprocess.Popen[bytes]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < lab.settings.parallel:
                study = waiting.pop(0)
                try:
                    running[study] = _spawn(study, lab)
                except HakaseError as error:  # a damaged record: the other studies go on
                    failed = {"state": "failed", "message": str(error)}
                    study.save("status", study.status.model_copy(update=failed))
            time.sleep(0.3)
            for study in list(running):
                watch(study.idea.name, _latest(study))
                if running[study].poll() is not None:
                    del running[study]
                    _note_death(study)
    except KeyboardInterrupt:
        _interrupt(running.values())
        raise
    return [study.status for study in studies]


def _spawn(study: Study, lab: Lab) -> subprocess.Popen[bytes]:
    """A process of its own that resumes the study; its output is the study's log.txt."""
    command = [sys.executable, "-m", "hakase", "resume", str(study.folder), "--plain", "--worker"]
    if lab.budget.hours_left is not None:
        command += ["--max-hours", f"{max(lab.budget.hours_left, 1e-6):.6f}"]
    with (study.folder / "log.txt").open("ab") as log:
        worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
    assert worker.stdin is not None
    with suppress(OSError), worker.stdin:  # one that is dead already says so in its log
        worker.stdin.write(json.dumps(_given_now(study, lab)).encode())
    return worker


def _given_now(study: Study, lab: Lab) -> dict[str, Any]:
    """The settings of this command that are not those the study was begun with: limits above all, and the model."""
    begun = study.registration.settings.model_dump(mode="json")
    now = lab.settings.model_dump(mode="json", exclude={"parallel", "max_hours"})
    return {key: value for key, value in now.items() if value is not None and value != begun[key]}


def _note_death(study: Study) -> None:
    """A worker that ended without saying how has failed; the end of its log says why."""
    status = study.status
    if status.state in ("new", "running"):
        lines = (study.folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        message = lines[-1] if lines else "its process ended without a word"
        study.save("status", status.model_copy(update={"state": "failed", "message": message}))


def _latest(study: Study) -> Progress:
    status = study.status
    if status.state == "running":
        return status.progress.model_copy(update={"stage": status.progress.stage or status.stage})
    return Progress(stage=status.state, detail=status.message.splitlines()[0] if status.message else "")


def _interrupt(processes: Collection[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def unfinished(studies: Sequence[Study]) -> Iterator[Study]:
    """The studies that resuming would go on with: neither ended nor in the hands of another process."""
    return (study for study in studies if study.status.state not in ("done", "not_novel") and not study.in_use)
