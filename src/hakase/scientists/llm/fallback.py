"""Who stands in when a model gives no usable answer, or may not be asked any more: the rules, and that is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hakase.errors import BudgetSpent, ScientistError
from hakase.models import Models

T = TypeVar("T")


def ask_or_rule(
    models: Models, stage: str, what: str, ask: Callable[[], T], rule: Callable[[], T], spent: bool = True
) -> T:
    """What ``ask`` gives; when it has no usable answer or the budget is spent, what ``rule`` gives, noted.

    ``what`` names the thing in words, such as ``the section results``; ``spent`` is False where a spent budget ends the
    matter. A model that cannot be reached raises: waiting may help, and the study goes on later from here.
    """
    try:
        return ask()
    except (ScientistError, BudgetSpent) as error:
        if isinstance(error, BudgetSpent) and not spent:
            raise
        models.note_fallback(stage, what, error.message)
        return rule()
