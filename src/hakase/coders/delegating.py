"""What a coder from outside is told: the plan in prose, the editable files, and why the last try failed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hakase.naming import slug
from hakase.prompts import render
from hakase.records import Change, RunPlan


def write_order(plan: RunPlan, editable: Sequence[str], feedback: str = "") -> str:
    """The task in words; its first line names it, and never begins with a sign that a program takes for a command."""
    return render(
        "coding/delegate",
        editable=tuple(editable),
        label=plan.label,
        purpose=plan.purpose,
        instruction=plan.instruction,
        changes=tuple(_in_words(change) for change in plan.changes),
        feedback=feedback,
    )


def _in_words(change: Change) -> str:
    settings = ", ".join(f"{key} = {value}" for key, value in sorted(change.settings.items()))
    return change.summary or f"{change.intervention}: {settings}"


def label_slug(plan: RunPlan, order: str) -> str:
    """A name for the slots of one edit, which tells two attempts at one run apart."""
    return f"{slug(plan.label, limit=30) or 'run'}_{hashlib.sha256(order.encode()).hexdigest()[:6]}"
