"""``hakase status`` and ``hakase doctor``."""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hakase.cli.models import live_checks, spending_lines
from hakase.cli.screen import describe, span
from hakase.cli.tables import print_rows
from hakase.costs import costs_by_stage
from hakase.preflight import preflight
from hakase.records import Comparison
from hakase.settings import load_settings
from hakase.study import Study, open_study
from hakase.summary import effect_text, summarise
from hakase.workspace import Workspace


def show_status(folder: Path | None, workspace: Workspace, json: bool) -> int:
    """All studies as a table, or one in detail."""
    if folder is not None:
        return _show_study(open_study(folder), json)
    studies = [Study(path) for path in workspace.studies()]
    rows = [summarise(study) for study in studies]
    if json:
        print(json_module.dumps([row.model_dump() for row in rows], indent=1))
        return 0
    if not rows:
        print(f"no studies in {workspace.results}; start with: hakase run digits")
        return 0
    print_rows(rows)
    for study in studies:
        if study.status.state == "running":
            print(f"{study.idea.name}: {describe(study.status.progress)} (pid {study.status.pid})")
    print(f"results: {workspace.results}")
    return 0


def _show_study(study: Study, json: bool) -> int:
    row = summarise(study)
    if json:
        spending = [vars(cost) for cost in costs_by_stage(study.journal)]
        print(
            json_module.dumps({**row.model_dump(), "status": study.status.model_dump(), "spending": spending}, indent=1)
        )
        return 0
    print(f"{row.title}\n{row.state}{f' in {row.stage}' if row.state not in ('done',) else ''}, {span(row.seconds)}")
    if row.cause:
        print(f"cause: {study.status.message}")
    print(f"hypothesis: {study.idea.hypothesis}")
    if study.has("novelty"):
        print(f"novelty: {study.novelty.verdict}: {study.novelty.reason}")
    comparisons = {c.run: c for c in study.evidence.comparisons if c.primary} if study.has("evidence") else {}
    for run in study.finished_runs():
        compared = _compared(comparisons.get(run.number))
        print(
            f"run {run.number}: {run.label}: {run.status}, {span(run.seconds)}, attempts: {len(run.attempts)}{compared}"
        )
        for attempt in run.attempts:
            if attempt.status != "ok":
                print(f"  attempt {attempt.number}: {attempt.status}: {attempt.problem}")
    if row.hypothesis:
        print(f"hypothesis {row.hypothesis}: {study.evidence.hypothesis_reason}")
    if row.score is not None:
        print(f"review: {row.score}/10")
    for line in spending_lines(study.journal):
        print(line)
    print(f"paper: {row.pdf}" if row.pdf else f"no paper yet; go on with: hakase resume {study.folder}")
    return 0


def _compared(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    control = " (control)" if comparison.control else ""
    return f", {comparison.metric} {effect_text(comparison)}: {comparison.verdict.replace('_', ' ')}{control}"


def show_doctor(workspace: Workspace, options: Mapping[str, Any], live: bool, json: bool) -> int:
    """Every check; 2 when one failed."""
    settings = load_settings(workspace.root, options)
    checks = preflight(workspace, settings)
    if live and all(check.level != "failure" for check in checks):
        checks = (*checks, *live_checks(settings))
    failed = any(check.level == "failure" for check in checks)
    if json:
        print(json_module.dumps([check.model_dump(exclude={"format"}) for check in checks], indent=1))
        return 2 if failed else 0
    marks = {"ok": "ok  ", "warning": "note", "failure": "FAIL"}
    for check in checks:
        print(f"{marks[check.level]}  {check.name}: {check.detail}")
        if check.fix and check.level != "ok":
            print(f"      fix: {check.fix}")
    print("not ready: mend what failed" if failed else "ready: hakase run digits --num-ideas 2")
    return 2 if failed else 0
