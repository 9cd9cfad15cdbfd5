"""The coder of the built-in scientist: carries out a plan's changes on the syntax tree. It reads no prose."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from hakase.catalogue import EditProblem, apply
from hakase.disk import write_atomic
from hakase.records import Edit, RunPlan


class SyntaxCoder:
    """Makes every change of a plan, or none."""

    name = "syntax"

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:  # noqa: ARG002
        """See ``seams.Coder``."""
        try:
            before = {name: (folder / name).read_text(encoding="utf-8") for name in editable}
        except (OSError, UnicodeDecodeError) as error:
            return Edit(problem=f"an editable file cannot be read: {error}")
        if not plan.changes:
            return Edit(problem="the plan names no change that this coder could make")
        after = dict(before)
        for change in plan.changes:
            try:
                after = apply(change, after)
            except EditProblem as problem:
                return Edit(problem=f"{change.summary or change.intervention}: {problem}")
        changed = tuple(name for name in editable if after[name] != before[name])
        for name in changed:
            write_atomic(folder / name, after[name])
        return Edit(files=changed, diff=_diff(before, after, changed))


def _diff(before: Mapping[str, str], after: Mapping[str, str], names: Sequence[str]) -> str:
    lines: list[str] = []
    for name in names:
        old, new = before[name].splitlines(keepends=True), after[name].splitlines(keepends=True)
        lines += difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
