"""What a coder from outside is told: the plan in prose, the editable files, and why the last try failed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hakase.naming import slug
from hakase.prompts import render, visible
from hakase.records import Change, RunPlan


def write_order(plan: RunPlan, editable: Sequence[str], feedback: str = "") -> str:
    """The task in words; its first line names it, and never begins with a sign that a program takes for a command."""
    return render(
        "coding/delegate",
        editable=tuple(editable),
        label=_line(plan.label),
        purpose=_line(plan.purpose),
        instruction=visible(plan.instruction).strip(),
        packages=plan.packages,
        changes=tuple(_in_words(change) for change in plan.changes),
        feedback=feedback,
    )


def slot_of(coder: str, plan: RunPlan, editable: Sequence[str], order: str) -> str:
    """What the slots of one edit's questions begin with; two attempts at one run are told apart by their orders."""
    stage = "figures" if tuple(editable) == ("plot.py",) else "experiments"
    asked = hashlib.sha256(order.encode()).hexdigest()[:8]
    return f"{stage}/{coder}/{slug(plan.label, 40) or 'plan'}-{asked}"


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _in_words(change: Change) -> str:
    settings = ", ".join(f"{key} = {value}" for key, value in sorted(change.settings.items()))
    return _line(change.summary or f"{change.intervention}: {settings}")
