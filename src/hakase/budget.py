"""The limits of a command, held where generated code cannot reach them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hakase.errors import BudgetSpent


@dataclass(frozen=True)
class Budget:
    """Wall-clock budget; ``deadline`` is in the seconds of ``time.monotonic``, None for no limit."""

    deadline: float | None = None

    @staticmethod
    def of_hours(hours: float | None) -> Budget:
        """A budget that starts now."""
        return Budget(None if hours is None else time.monotonic() + hours * 3600)

    @property
    def seconds_left(self) -> float:
        """Infinity without a limit, never negative."""
        return float("inf") if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def hours_left(self) -> float | None:
        """For handing on to another process."""
        return None if self.deadline is None else self.seconds_left / 3600

    def require(self, what: str) -> None:
        """Raises BudgetSpent when no time is left for ``what``."""
        if self.seconds_left <= 0:
            raise BudgetSpent(f"the time limit (--max-hours) was reached before {what}")
