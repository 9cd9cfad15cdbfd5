"""Where the time of `make demo` goes: set-up, baseline, runs, and everything else by stage.

    python benchmarks/demo_split.py demo                    # read the workspace that `make demo` made
    python benchmarks/demo_split.py demo --clone .          # `make demo` was the first command in this clone: all of it
    python benchmarks/demo_split.py demo --total 104.2      # with the seconds of `hakase run`, as measured outside
    python benchmarks/demo_split.py scratch --run           # run the demo's command there, and time it
    python benchmarks/demo_split.py scratch --run --setup   # first time `make install` in a fresh clone

A run's seconds are those of its command in the sandbox, failed attempts too. Everything else is what the stages of the
studies took besides (from the journals), and, when the whole is known, what came before, between and after studies.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, table

from hakase.disk import load_record
from hakase.journal import Event
from hakase.records import Run
from hakase.study import Study
from hakase.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parent.parent
AIM_SHARE, AIM_SECONDS = 0.10, 20.0
PARTS = ("setup", "baseline", "runs", "in_stages", "outside_of_studies", "everything_else", "total")


@dataclass(frozen=True)
class Whole:
    """Seconds of the set-up, and of the command after it; None where they are not known."""

    setup: float | None = None
    total: float | None = None


@dataclass(frozen=True)
class Split:
    """The seconds of one study: by stage, runs not counted, and those of the runs."""

    study: str
    stages: dict[str, float]
    runs: float

    @property
    def other(self) -> float:
        """Everything that is not a run."""
        return sum(self.stages.values())


def split_study(study: Study) -> Split:
    """Seconds of a study from its journal."""
    events = list(study.journal.events())
    stages = stage_seconds(events)
    runs = sum(float(event.data["seconds"]) for event in events if event.kind == "attempt_ended")
    if runs:
        stages["experiments"] -= runs
    return Split(study.folder.name, stages, runs)


def stage_seconds(events: Iterable[Event]) -> dict[str, float]:
    """Wall clock of each stage; the time between an interruption and the resumption belongs to none."""
    seconds: dict[str, float] = {}
    stage, began, last = "", 0.0, 0.0
    for event in events:
        if event.kind in ("stage_started", "study_ended"):
            killed = event.kind == "stage_started" and event.stage == stage
            if stage:
                seconds[stage] = seconds.get(stage, 0.0) + (last if killed else event.time) - began
            stage, began = (event.stage, event.time) if event.kind == "stage_started" else ("", 0.0)
        last = event.time
    if stage:  # it goes on, or was killed
        seconds[stage] = seconds.get(stage, 0.0) + last - began
    return seconds


def baseline_seconds(workspace: Workspace) -> float:
    """Seconds of the baselines that were measured in this workspace."""
    files = workspace.cache.glob("baselines/*/*/run.json")
    return sum(load_record(file, Run).seconds for file in files)


def run_demo(workspace: Path) -> float:
    """The demo's command in ``workspace``; gives back its seconds. CalledProcessError when no paper was made."""
    workspace.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hakase", "run", "digits", "--num-ideas", "2", "--workspace", str(workspace)]
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=sys.stderr)
    return time.monotonic() - began


def time_setup() -> float:
    """Seconds of `make install` in a fresh clone; packages may come from pip's cache."""
    with tempfile.TemporaryDirectory(prefix="hakase-setup-") as scratch:
        subprocess.run(["git", "clone", "--quiet", REPOSITORY, f"{scratch}/clone"], check=True)
        began = time.monotonic()
        subprocess.run(["make", "--silent", "-C", f"{scratch}/clone", "install"], check=True, stdout=sys.stderr)
        return time.monotonic() - began


def read_clone(clone: Path, workspace: Workspace) -> Whole:
    """Set-up and command by the times of files, for a clone in which `make demo` was the first command.

    The set-up lasts from the making of .venv to its mark; the command from there to the last event of a study.
    """
    began = (clone / ".venv" / "pyvenv.cfg").stat().st_mtime
    ready = (clone / ".venv" / ".installed").stat().st_mtime
    last = max(event.time for folder in workspace.studies() for event in Study(folder).journal.events())
    return Whole(ready - began, last - ready)


def measure(workspace: Workspace, whole: Whole) -> dict[str, Any]:
    """The whole report."""
    splits = [split_study(Study(folder)) for folder in workspace.studies()]
    baseline, runs = baseline_seconds(workspace), sum(split.runs for split in splits)
    inside = sum(split.other for split in splits)
    outside = None if whole.total is None else whole.total - baseline - runs - inside
    other = inside + (outside or 0.0)
    return {
        "machine": describe_machine(),
        "setup": whole.setup,
        "total": whole.total,
        "baseline": baseline,
        "runs": runs,
        "in_stages": inside,
        "outside_of_studies": outside,
        "everything_else": other,
        "share_of_runs": other / runs if runs else None,
        "aim": {"share_of_runs": AIM_SHARE, "or_seconds": AIM_SECONDS},
        "met": other <= max(AIM_SHARE * runs, AIM_SECONDS),
        "stages": list(dict.fromkeys(name for split in splits for name in split.stages)),
        "studies": [{"study": s.study, "stages": s.stages, "runs": s.runs, "everything_else": s.other} for s in splits],
    }


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown: the whole, then each study."""
    whole = [(part.replace("_", " "), say_seconds(report[part])) for part in PARTS]
    stages = report["stages"]
    rows = [study_row(study, stages) for study in report["studies"]]
    headers = ("study", "runs", *stages, "everything else")
    share = "" if report["share_of_runs"] is None else f" ({report['share_of_runs']:.1%} of the runs' time)"
    aim = f"everything else: {report['everything_else']:.1f} s{share}; "
    aim += f"aim at most {AIM_SHARE:.0%} or {AIM_SECONDS:.0f} s: {'met' if report['met'] else 'not met'}"
    if report["total"] is None:
        aim += "; time before and after the studies is not in it (give --total or --clone)"
    return f"{table(('part', 'seconds'), whole)}\n\n{table(headers, rows)}\n\n{aim}"


def study_row(study: dict[str, Any], stages: Sequence[str]) -> list[str]:
    seconds = (study["runs"], *(study["stages"].get(stage) for stage in stages), study["everything_else"])
    return [study["study"], *map(say_seconds, seconds)]


def say_seconds(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{seconds:.1f}"


def main() -> None:
    parser = make_parser()
    arguments = parser.parse_args()
    workspace = Workspace(arguments.workspace.resolve())
    if arguments.run and workspace.studies():
        parser.error(f"{arguments.workspace} has studies already; give --run a new folder")
    whole = time_whole(arguments, workspace)
    if not workspace.studies():
        parser.error(f"{arguments.workspace} has no studies")
    report = measure(workspace, whole)
    publish(report, as_table(report), arguments.out)


def time_whole(arguments: argparse.Namespace, workspace: Workspace) -> Whole:
    """Run or read what the command line asks for."""
    if arguments.clone:
        return read_clone(arguments.clone, workspace)
    setup = time_setup() if arguments.setup else None
    return Whole(setup, run_demo(workspace.root) if arguments.run else arguments.total)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Split the time of `make demo`.")
    parser.add_argument("workspace", type=Path, help="the demo's workspace, such as demo")
    parser.add_argument("--run", action="store_true", help="run the demo in this new workspace, and time it")
    parser.add_argument("--total", type=float, help="seconds of the whole `hakase run`, if you measured them")
    parser.add_argument("--clone", type=Path, help="the clone whose very first command was `make demo`")
    parser.add_argument("--setup", action="store_true", help="also time `make install` in a fresh clone")
    parser.add_argument("--out", type=Path, help="write the report here (JSON, and .md beside it)")
    return parser


if __name__ == "__main__":
    main()
