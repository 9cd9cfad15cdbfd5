"""The coder of the built-in scientist: carries out a plan's changes on the syntax tree. It reads no prose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hakase.catalogue import EditProblem, apply
from hakase.coders.diffs import unified_diff
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
        return Edit(files=changed, diff=unified_diff(before, after, changed))
