"""The unchanged experiment, run once and kept under a hash of its code, data, and environment.

A ``run_0`` that the template brings along is taken as it is and marked as found, not measured. Anything that could
change the result changes the hash, and then the baseline is run anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hakase.disk import load_record, locked, save_record
from hakase.environment import environment_hash
from hakase.errors import BaselineError
from hakase.evidence.results import ResultProblem, read_result
from hakase.progress import Progress
from hakase.records import Attempt, Run
from hakase.seams import Outcome
from hakase.stages.jobs import INSIDE, Bench, data_mounts, experiment_command, lay_bench, make_job, run_clean
from hakase.stages.lab import Lab
from hakase.template import Template, experiment_files
from hakase.workspace import Workspace

HASHED_WHOLE = 16 * 2**20
"""Bytes; larger data files are told apart by size and time of change."""
NOT_INPUT = ("prompt.json", "seed_ideas.json", "template.toml", "plot.py")
"""Files at the top of a template that its baseline does not depend on."""


@dataclass(frozen=True)
class Baseline:
    """A baseline that can be compared with."""

    run: Run
    output: Path
    """The folder that it wrote."""


def run_baseline(template: Template, workspace: Workspace, lab: Lab, found: bool = True) -> Baseline:
    """The baseline of ``template``: from the cache, as found in the template (unless ``found`` is False), or by a run.

    Raises:
        BaselineError: it does not run or gives no usable result; names the log.
    """
    threads = lab.threads(template.settings.run)
    kept = cached_baseline(template, workspace, threads)
    if kept is not None:
        return kept
    if found and (template.folder / "run_0").is_dir():
        return _found_baseline(template)
    with locked(workspace.cache / "locks" / f"baseline_{template.name}"):
        return cached_baseline(template, workspace, threads) or _measure(template, workspace, lab)


def cached_baseline(template: Template, workspace: Workspace, threads: int) -> Baseline | None:
    """The measured baseline of exactly this code, data and environment, if there is one."""
    folder = workspace.baselines(template.name) / baseline_key(template, workspace, threads)
    if not (folder / "run.json").is_file():
        return None
    return Baseline(load_record(folder / "run.json", Run), folder / "run_0")


def baseline_key(template: Template, workspace: Workspace, threads: int) -> str:
    """A hash of everything that the baseline's result depends on."""
    digest = hashlib.sha256(environment_hash(threads).encode())
    digest.update(repr(template.settings.run.seeds).encode())
    digest.update(os.environ.get("CUDA_VISIBLE_DEVICES", "").encode())
    for file in _files(template.folder, experiment_files(template.folder)):
        if file.parent != template.folder or (file.name not in NOT_INPUT and file.suffix != ".md"):
            digest.update(f"{file.relative_to(template.folder)}\0{_fingerprint(file)}\n".encode())
    for file in _files(workspace.data, lambda *_: set()):
        digest.update(f"data/{file.relative_to(workspace.data)}\0{_fingerprint(file)}\n".encode())
    return digest.hexdigest()[:16]


def _files(folder: Path, leave_out: Callable[[str, list[str]], set[str]]) -> Iterator[Path]:
    """All files below ``folder`` in a fixed order; linked folders are entered, but none twice."""
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        out = leave_out(place, [*folders, *names])
        folders[:] = sorted(name for name in folders if name not in out and _is_new(Path(place, name), seen))
        yield from (Path(place, name) for name in sorted(names) if name not in out and Path(place, name).is_file())


def _is_new(folder: Path, seen: set[str]) -> bool:
    real = os.path.realpath(folder)
    new = real not in seen
    seen.add(real)
    return new


def _fingerprint(file: Path) -> str:
    state = file.stat()
    if state.st_size > HASHED_WHOLE:
        return f"{state.st_size} {state.st_mtime_ns}"
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _found_baseline(template: Template) -> Baseline:
    output = template.folder / "run_0"
    try:
        result = read_result(output)
    except ResultProblem as problem:
        raise BaselineError(
            f"the template's run_0 cannot be read: {problem}",
            file=output,
            fix=f"remove the folder: the baseline is then run ({template.folder.name} needs no run_0)",
        ) from None
    return Baseline(Run(number=0, label="Baseline", result=result, provenance="found"), output)


def _measure(template: Template, workspace: Workspace, lab: Lab) -> Baseline:
    kept = workspace.baselines(template.name) / baseline_key(template, workspace, lab.threads(template.settings.run))
    bench = lay_bench(kept.with_name(f".{kept.name}.partial"), template.folder)
    limit = lab.run_timeout(template.settings.run.timeout, None)
    outcome = run_clean(
        lab,
        make_job(
            bench,
            experiment_command("run_0"),
            INSIDE / "templates" / template.name,
            lab.run_limits(limit),
            data_mounts(workspace.data),
            lab.environment(template.settings.run),
        ),
        Progress(stage="baseline", detail="experiment.py, unchanged", run=0, limit=limit, upcoming="ideas"),
    )
    run = _run_of(bench, outcome, limit, lab.described(template.settings.run))
    (bench.work / "run_0").rename(bench.folder / "run_0")
    shutil.rmtree(bench.work)
    save_record(bench.folder / "run.json", run)
    shutil.rmtree(kept, ignore_errors=True)
    bench.folder.rename(kept)
    return Baseline(run, kept / "run_0")


def _run_of(bench: Bench, outcome: Outcome, limit: float, environment: dict[str, str]) -> Run:
    if not outcome.ok:
        raise BaselineError(_why(outcome, limit, bench), file=bench.stderr, fix=_fix(outcome))
    try:
        result = read_result(bench.work / "run_0")
    except ResultProblem as problem:
        raise BaselineError(f"the baseline ran, but its result cannot be used: {problem}", file=bench.stdout) from None
    attempt = Attempt(
        run=0,
        number=1,
        status="ok",
        exit_code=0,
        seconds=outcome.seconds,
        peak_memory=outcome.peak_memory,
        environment=environment,
    )
    return Run(number=0, label="Baseline", result=result, attempts=(attempt,), seconds=outcome.seconds)


def _why(outcome: Outcome, limit: float, bench: Bench) -> str:
    how = f"was ended by the {outcome.ended_by}" if outcome.ended_by else f"ended with exit code {outcome.exit_code}"
    time = f" after {outcome.seconds:.0f} s (limit {limit:.0f} s)"
    said = bench.stderr_tail(800).strip() or bench.stdout.read_text(errors="replace")[-400:].strip()
    return f"the baseline {how}{time}; it said:\n{said}"


def _fix(outcome: Outcome) -> str:
    if outcome.timed_out:
        return "give a longer --run-timeout, or make the baseline smaller"
    return "`python experiment.py --out_dir=run_0` in the template's folder must end with 0; mend it and run again"
