"""The jobs that stages give to the sandbox, and the paths that code sees inside.

Code sees a small workspace of its own, ``/tmp/workspace`` with ``templates/NAME``, ``results/NAME/STUDY`` and ``data``,
so that the relative paths of the AI Scientist's templates hold wherever the user's folders are, and no path of the
user's machine leaks into code, logs or papers.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hakase.progress import Progress
from hakase.seams import Job, Limits, Mount, Outcome
from hakase.stages.lab import Lab
from hakase.study import Study
from hakase.template import experiment_files

INSIDE = Path("/tmp/workspace")


@dataclass(frozen=True)
class Bench:
    """A folder for one job: ``work`` is what the code sees and may write, the logs lie beside it."""

    folder: Path

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def stdout(self) -> Path:
        return self.folder / "stdout.txt"

    @property
    def stderr(self) -> Path:
        return self.folder / "stderr.txt"

    def stderr_tail(self, characters: int = 1500) -> str:
        """The end of stderr, where Python says what went wrong; without the path that only this machine has."""
        return tail(self.stderr, characters).replace(f"{self.work}{os.sep}", "")


def tail(file: Path, characters: int) -> str:
    """The last ``characters`` of a text file that may be missing or hold any bytes."""
    if not file.is_file():
        return ""
    with file.open("rb") as handle:
        handle.seek(max(0, file.stat().st_size - 4 * characters))
        return handle.read().decode("utf-8", "replace")[-characters:]


def lay_bench(folder: Path, code: Path) -> Bench:
    """A clean bench in ``folder`` with a copy of the code in ``code``, results and records left out."""
    if folder.exists():
        make_plain(folder)
        shutil.rmtree(folder)
    bench = Bench(folder)
    shutil.copytree(code, bench.work, ignore=experiment_files(code), symlinks=True)
    return bench


def experiment_command(out_dir: str) -> tuple[str, ...]:
    """How an experiment is run; ``out_dir`` is the bare relative name that templates rely on."""
    return (sys.executable, "experiment.py", f"--out_dir={out_dir}")


def data_mounts(data: Path) -> tuple[Mount, ...]:
    """The workspace's data, read-only, for ``../../data`` and ``../../../data`` from templates and studies alike."""
    return (Mount(data, INSIDE / "data"), Mount(data, INSIDE / "results" / "data")) if data.is_dir() else ()


def run_mounts(study: Study, inside: Path) -> tuple[Mount, ...]:
    """The outputs of all finished runs, read-only, beside the code."""
    finished = (run.number for run in study.finished_runs() if run.result is not None)
    return tuple(Mount(study.run_folder(n), inside / f"run_{n}") for n in finished)


def inside_study(study: Study) -> Path:
    """The study's path as its code sees it."""
    return INSIDE / "results" / study.registration.template / study.folder.name


def run_clean(lab: Lab, job: Job, progress: Progress) -> Outcome:
    """Run ``job`` in the lab's sandbox, and leave plain files and folders only in its directory.

    A run may leave a link to a secret, or a pipe that blocks its reader, and what it wrote is read outside the sandbox.
    """
    outcome = lab.sandbox.run(job, lab.watch(progress))
    make_plain(job.directory)
    return outcome


def make_plain(folder: Path) -> None:
    """Make ``folder`` a tree of plain files and folders that its owner may read and remove; links are not followed."""
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        place.chmod(place.stat().st_mode | 0o700)
        for entry in list(os.scandir(place)):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                Path(entry.path).chmod(entry.stat().st_mode & 0o777 | 0o600)
            else:
                Path(entry.path).unlink()


def make_job(
    bench: Bench, command: Sequence[str], inside: Path, limits: Limits, mounts: Sequence[Mount], env: Mapping[str, str]
) -> Job:
    """A job whose working directory is ``bench.work``, seen as ``inside``."""
    return Job(
        command=tuple(command),
        directory=bench.work,
        stdout=bench.stdout,
        stderr=bench.stderr,
        limits=limits,
        appears_at=inside,
        mounts=tuple(mounts),
        environment=env,
    )
