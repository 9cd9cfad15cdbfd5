"""The built-in scientist over many ideas by the real command line: how many papers, how many edits that ran at once.

    python benchmarks/builtin_ideas.py [--ideas 20] [--template digits] [--workspace DIR] [--parallel N]
    python benchmarks/builtin_ideas.py --read --workspace DIR      # count what is there, run nothing

`--out FILE.json` keeps the report. Without --workspace it works in a scratch folder, kept and named. A
template outside the package is added from a folder: --template tests/templates/bandit_class.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reporting import describe_machine, publish, share, share_text, table

from hakase.ideas import load_ideas
from hakase.records import Run
from hakase.study import Study
from hakase.summary import Row
from hakase.summary import summarise as summarise_study
from hakase.workspace import Workspace

HAKASE = (sys.executable, "-m", "hakase")


def run_ideas(template: str, count: int, workspace: Path, parallel: int) -> tuple[str, int]:
    """`hakase run` with its output on stderr; gives back the template's name and the exit code."""
    name = template
    if Path(template).is_dir():
        name = Path(template).name
        subprocess.run([*HAKASE, "template", "add", template, "--workspace", workspace], check=True, stdout=sys.stderr)
    command = [*HAKASE, "run", name, "--num-ideas", str(count), "--model", "builtin", "--parallel", str(parallel)]
    return name, subprocess.run([*command, "--workspace", workspace, "--plain"], stdout=sys.stderr).returncode


def summarise(workspace: Workspace, template: str) -> dict[str, Any]:
    """Counts over all studies of ``template`` in the workspace."""
    studies = [Study(folder) for folder in workspace.studies(template)]
    rows = [summarise_study(study) for study in studies]
    runs = [run for study in studies for run in study.finished_runs()[1:]]
    scores = [row.score for row in rows if row.score is not None]
    seconds = [row.seconds for row in rows if row.state in ("done", "not_novel")]
    reviewed = sum(is_reviewed(row) for row in rows)
    return {
        "ideas_proposed": len(load_ideas(workspace.templates / template / "ideas.json")),
        "studies": len(studies),
        "states": dict(Counter(row.state for row in rows)),
        "novelty": dict(Counter(row.novelty for row in rows)),
        "reviewed_pdfs": share(reviewed, len(rows)),
        "reviewed_pdfs_of_those_run": share(reviewed, sum(row.state != "not_novel" for row in rows)),
        "first_attempts_that_ran": share(sum(ran_at_once(run) for run in runs), len(runs)),
        "first_attempts": dict(Counter(run.attempts[0].status for run in runs if run.attempts)),
        "runs": len(runs),
        "runs_failed": sum(run.status == "failed" for run in runs),
        "verdicts": count_verdicts(studies),
        "hypotheses": dict(Counter(row.hypothesis for row in rows if row.hypothesis)),
        "scores": dict(sorted(Counter(scores).items())),
        "median_seconds": statistics.median(seconds) if seconds else None,
        "rows": [describe_row(row, workspace.root) for row in rows],
        "troubles": [trouble for study in studies for trouble in describe_troubles(study)],
    }


def is_reviewed(row: Row) -> bool:
    """Whether the study has a PDF that is really there, and a review."""
    return bool(row.pdf) and Path(row.pdf).is_file() and row.score is not None


def ran_at_once(run: Run) -> bool:
    return bool(run.attempts) and run.attempts[0].status == "ok"


def count_verdicts(studies: Sequence[Study]) -> dict[str, int]:
    """Verdicts on the runs, on the primary metric pooled over the data sets."""
    found = (study.evidence for study in studies if study.has("evidence"))
    return dict(Counter(c.verdict for evidence in found for c in evidence.comparisons if c.primary))


def describe_row(row: Row, root: Path) -> dict[str, Any]:
    """A study on one line, its PDF relative to the workspace."""
    kept = ("idea", "state", "novelty", "runs", "effect", "verdict", "hypothesis", "score", "seconds", "cause")
    pdf = str(Path(row.pdf).relative_to(root)) if row.pdf else ""
    return {**{name: getattr(row, name) for name in kept}, "pdf": pdf}


def describe_troubles(study: Study) -> list[dict[str, Any]]:
    """Attempts that did not count, each with why."""
    return [
        {"idea": study.idea.name, "run": run.number, "attempt": a.number, "status": a.status, "problem": a.problem}
        for run in study.finished_runs()[1:]
        for a in run.attempts
        if a.status != "ok"
    ]


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown: the counts, then a line for each study."""
    found = report["result"]
    counts = [
        ("ideas that end in a reviewed PDF", share_text(found["reviewed_pdfs"])),
        ("edits that ran at the first attempt", share_text(found["first_attempts_that_ran"])),
        ("runs; failed", f"{found['runs']}; {found['runs_failed']}"),
        ("novelty", say_counts(found["novelty"])),
        ("verdicts on the runs", say_counts(found["verdicts"])),
        ("hypotheses", say_counts(found["hypotheses"])),
        ("overall scores", say_counts(found["scores"])),
        ("median seconds a study", found["median_seconds"]),
        ("seconds in all", report["seconds"]),
    ]
    columns = ("idea", "state", "runs", "effect", "verdict", "score", "seconds")
    rows = [[row[name] for name in columns] for row in found["rows"]]
    return f"{table(('measure', report['template']), counts)}\n\n{table(columns, rows)}"


def say_counts(counts: dict[Any, int]) -> str:
    """Such as ``better: 3, worse: 5``."""
    return ", ".join(f"{name or 'not known'}: {count}" for name, count in counts.items()) or "none"


def main() -> int:
    arguments = parse_arguments()
    root = (arguments.workspace or Path(tempfile.mkdtemp(prefix="hakase-ideas-"))).resolve()
    root.mkdir(parents=True, exist_ok=True)
    began, code, name = time.monotonic(), 0, Path(arguments.template).name
    if not arguments.read:
        name, code = run_ideas(arguments.template, arguments.ideas, root, arguments.parallel)
    report = {
        "machine": describe_machine(),
        "template": name,
        "ideas_asked": arguments.ideas,
        "parallel": arguments.parallel,
        "exit_code": code,
        "seconds": round(time.monotonic() - began, 1) if not arguments.read else None,
        "result": summarise(Workspace(root), name),
    }
    publish(report, as_table(report), arguments.out)
    print(f"workspace: {root}", file=sys.stderr)
    return code


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the built-in scientist over many ideas and count what comes out.")
    parser.add_argument("--ideas", type=int, default=20, help="ideas (default 20)")
    parser.add_argument("--template", default="digits", help="a template's name, or a folder with one")
    parser.add_argument("--workspace", type=Path, help="where to work (default: a scratch folder)")
    parser.add_argument("--parallel", type=int, default=1, help="studies at a time")
    parser.add_argument("--read", action="store_true", help="count the studies that are there; run nothing")
    parser.add_argument("--out", type=Path, help="write the report here (JSON, and .md beside it)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
