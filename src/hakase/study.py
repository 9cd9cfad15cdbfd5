"""One idea taken from code to reviewed paper: the folder, and the only class that knows the names in it.

A stage is done when its record exists, so resuming is running the stages whose record is missing. Everything is written
to a temporary name and renamed; a study folder appears whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, ClassVar

from pydantic import Field

from hakase.disk import load_record, save_record, write_atomic
from hakase.errors import StudyError
from hakase.journal import Journal
from hakase.packages import Overlay
from hakase.progress import Status
from hakase.records import (
    Attempt,
    Evidence,
    Figures,
    Idea,
    Metric,
    Novelty,
    Paper,
    Record,
    Review,
    Run,
    RunPlan,
    Runs,
    SearchAnswer,
    Work,
)
from hakase.settings import Settings
from hakase.template import Template, experiment_files, load_template


class Registration(Record):
    """What is fixed before the first run of a study."""

    template: str
    workspace: str
    metrics: tuple[Metric, ...]
    primary: Metric
    settings: Settings
    baseline_seconds: float | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    account: str = ""
    """On which the calls of models are counted."""


class Sources(Record):
    """Works found for the paper to cite, and the searches that found them."""

    works: tuple[Work, ...] = ()
    answers: tuple[SearchAnswer, ...] = ()


@dataclass(frozen=True)
class Study:
    """A study's folder."""

    folder: Path

    KINDS: ClassVar[dict[str, type[Record]]] = {
        "idea": Idea,
        "registration": Registration,
        "novelty": Novelty,
        "runs": Runs,
        "evidence": Evidence,
        "figures": Figures,
        "sources": Sources,
        "paper": Paper,
        "review": Review,
        "improved_paper": Paper,
        "improved_review": Review,
        "status": Status,
    }

    # ------------------------------------------------------------------------------------------------- records

    def record_file(self, name: str) -> Path:
        return self.folder / "records" / f"{name}.json"

    def has(self, name: str) -> bool:
        """Whether the record is there."""
        return self.record_file(name).is_file()

    def save(self, name: str, record: Record) -> None:
        """Save a record under its name."""
        assert isinstance(record, self.KINDS[name]), f"{name} is no {type(record).__name__}"
        save_record(self.record_file(name), record)

    @property
    def idea(self) -> Idea:
        return load_record(self.record_file("idea"), Idea)

    @property
    def registration(self) -> Registration:
        return load_record(self.record_file("registration"), Registration)

    @property
    def novelty(self) -> Novelty:
        return load_record(self.record_file("novelty"), Novelty)

    @property
    def runs(self) -> Runs:
        return load_record(self.record_file("runs"), Runs)

    @property
    def evidence(self) -> Evidence:
        return load_record(self.record_file("evidence"), Evidence)

    @property
    def figures(self) -> Figures:
        return load_record(self.record_file("figures"), Figures)

    @property
    def sources(self) -> Sources:
        return load_record(self.record_file("sources"), Sources) if self.has("sources") else Sources()

    def paper(self, improved: bool = False) -> Paper:
        return load_record(self.record_file("improved_paper" if improved else "paper"), Paper)

    def review(self, improved: bool = False) -> Review:
        return load_record(self.record_file("improved_review" if improved else "review"), Review)

    @property
    def status(self) -> Status:
        return load_record(self.record_file("status"), Status) if self.has("status") else Status()

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal.db")

    @property
    def overlay(self) -> Overlay:
        """Packages that were installed for this study alone."""
        return Overlay(self.folder)

    # ------------------------------------------------------------------------------------------- runs, attempts

    def run_file(self, number: int) -> Path:
        return self.folder / "records" / "runs" / f"run_{number}.json"

    def finished_runs(self) -> tuple[Run, ...]:
        """The baseline and every run that was brought to an end, in order."""
        files = (self.folder / "records" / "runs").glob("run_*.json")
        return tuple(sorted((load_record(file, Run) for file in files), key=lambda run: run.number))

    def save_run(self, run: Run) -> None:
        save_record(self.run_file(run.number), run)

    def run_folder(self, number: int) -> Path:
        return self.folder / f"run_{number}"

    def plan_file(self, number: int, attempt: int) -> Path:
        return self.folder / "records" / "plans" / f"{number}.{attempt}.json"

    def attempt_folder(self, run: int, number: int) -> Path:
        return self.folder / "attempts" / f"{run}.{number}"

    def attempts(self, run: int) -> tuple[Attempt, ...]:
        """The attempts at a run that came to an end, in order."""
        files = (self.folder / "attempts").glob(f"{run}.*/attempt.json")
        found = (load_record(file, Attempt) for file in files)
        return tuple(sorted(found, key=lambda attempt: attempt.number))

    def plan(self, run: int, attempt: int) -> RunPlan:
        return load_record(self.plan_file(run, attempt), RunPlan)

    def code(self, run: int, editable: tuple[str, ...]) -> dict[str, str]:
        """Editable file -> text of a finished run; run 0 is the template's own code."""
        folder = self.folder
        if run:
            ended = [attempt for attempt in self.attempts(run) if attempt.status == "ok"]
            folder = self.attempt_folder(run, ended[-1].number) / "code"
        return {name: (folder / name).read_text(encoding="utf-8") for name in editable}

    # ------------------------------------------------------------------------------------------------- files

    @property
    def name(self) -> str:
        """The idea's name."""
        return self.folder.name.split("_", 2)[-1]

    @property
    def latex_source(self) -> Path | None:
        """The template's own LaTeX as it was when the study began, if it brought one."""
        file = self.folder / "records" / "latex" / "template.tex"
        return file if file.is_file() else None

    def pdf(self, improved: bool = False) -> Path:
        return self.folder / f"{self.idea.name}{'_improved' if improved else ''}.pdf"

    @property
    def template(self) -> Template:
        """The copy of the template in this study."""
        template = load_template(self.folder)
        return Template(**{**vars(template), "name": self.registration.template, "title": self._title(template)})

    def _title(self, template: Template) -> str:
        return template.settings.title or self.registration.template.replace("_", " ")

    def write(self, name: str, text: str) -> None:
        """Write a file at the top of the study."""
        write_atomic(self.folder / name, text)

    def plot_source(self) -> str:
        """plot.py as the template or the study's owner wrote it, not as the last drawing left it."""
        current = (self.folder / "plot.py").read_text(encoding="utf-8")
        own, drawn = self._plot_file("own"), self._plot_file("drawn")
        if drawn.is_file() and drawn.read_text(encoding="utf-8") == current:
            return own.read_text(encoding="utf-8")
        own.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(own, current)
        return current

    def write_plot(self, code: str) -> None:
        """plot.py as it drew the figures."""
        write_atomic(self._plot_file("drawn"), code)
        self.write("plot.py", code)

    def _plot_file(self, which: str) -> Path:
        return self.folder / "records" / "plot" / f"{which}.py"

    @property
    def in_use(self) -> bool:
        """Whether a process holds the study now."""
        try:
            with self.lock(patience=0):
                return False
        except StudyError:
            return True

    def retire(self, *names: str) -> None:
        """Move records aside (``records/previous/N``), so that their stages are done again."""
        previous = self.folder / "records" / "previous"
        target = previous / str(1 + sum(1 for _ in previous.glob("*")))
        for name in names:
            if self.has(name):
                target.mkdir(parents=True, exist_ok=True)
                self.record_file(name).rename(target / f"{name}.json")

    @contextmanager
    def lock(self, patience: float = 1.0) -> Iterator[None]:
        """Hold the study for this process; ``patience`` is in seconds, for those who only look whether it is held.

        Raises:
            StudyError: another process holds it.
        """
        file = self.folder / "records" / ".lock"
        try:
            handle = file.open("a+")
        except OSError as error:
            raise StudyError(f"this study cannot be written: {error.strerror}", file=self.folder) from None
        with handle:
            if not _take(handle, patience):
                handle.seek(0)
                raise StudyError(
                    f"another process works on this study ({handle.read().strip() or 'unknown'})",
                    file=self.folder,
                    fix="wait for it, or end it; `hakase status` shows how far it is",
                )
            handle.truncate(0)
            handle.write(f"pid {os.getpid()} on {socket.gethostname()}")
            handle.flush()
            yield


def _take(handle: IO[str], patience: float) -> bool:
    """Lock an open file for this process alone, trying for ``patience`` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
        else:
            return True


def create_study(
    results: Path, template: Template, idea: Idea, registration: Registration, baseline: Run, output: Path
) -> Study:
    """A new study of ``idea`` under ``results/<template>/``: a copy of the template, and the baseline as ``run_0``.

    ``output`` is the folder that the baseline wrote.

    Raises:
        StudyError: the results folder cannot be written.
    """
    parent = results / template.name
    folder = _free(parent / f"{datetime.now():%Y%m%d_%H%M%S}_{idea.name}")
    partial = parent / f".{folder.name}.partial"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(template.folder, partial, ignore=experiment_files(template.folder))
        shutil.copytree(output, partial / "run_0")
        if template.latex:
            shutil.copytree(template.latex.parent, partial / "records" / "latex")
        draft = Study(partial)
        draft.save("idea", idea)
        draft.save("registration", registration)
        draft.save_run(baseline)
        draft.save("status", Status(started=now(), updated=now()))
        partial.rename(folder)
    except OSError as error:
        raise StudyError(
            f"the study cannot be written: {error.strerror or error}",
            file=parent,
            fix="free or unlock it, or give --results DIR",
        ) from None
    return Study(folder)


def _free(folder: Path) -> Path:
    candidates = (folder.with_name(f"{folder.name}{suffix}") for suffix in ("", *(f"_{n}" for n in range(2, 1000))))
    return next(path for path in candidates if not path.exists())


def open_study(folder: Path) -> Study:
    """The study in ``folder``.

    Raises:
        StudyError: it is no study.
    """
    study = Study(folder.resolve())
    if not study.has("idea"):
        raise StudyError(
            "this is no study (no records/idea.json)",
            file=folder,
            fix="name a folder under results/<template>/; `hakase status` lists them",
        )
    return study


def now() -> str:
    """The time, for records."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
