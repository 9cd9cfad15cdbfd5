"""The limits of a command, held where generated code cannot reach them: hours, dollars and tokens."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hakase.errors import BudgetSpent
from hakase.spending import Spending, Spent


@dataclass(frozen=True)
class Budget:
    """Limits, and the account on which they are counted. None is no limit."""

    deadline: float | None = None
    """In the seconds of ``time.monotonic``."""
    max_usd: float | None = None
    max_tokens: int | None = None
    spending: Spending | None = None
    account: str = ""
    """Shared by all studies of one command, and by whatever resumes them."""

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

    @property
    def spent(self) -> Spent:
        """What the account has cost so far, what is set aside included."""
        return self.spending.spent(self.account) if self.spending else Spent()

    def require(self, what: str) -> None:
        """Raises BudgetSpent when no time is left for ``what``."""
        if self.seconds_left <= 0:
            raise BudgetSpent(f"the time limit (--max-hours) was reached before {what}")

    def set_aside(self, usd: float, tokens: int, what: str) -> int:
        """Set aside what one call of a model may cost; the number to ``settle`` it by.

        Raises:
            BudgetSpent: that would pass a limit.
        """
        self.require(what)
        if self.spending is None:
            return 0
        number = self.spending.set_aside(self.account, usd, tokens, (self.max_usd, self.max_tokens))
        if number is None:
            limit, option = self._limit(usd)
            raise BudgetSpent(f"{limit} leaves nothing for {what}", fix=f"raise it: hakase resume {option}")
        return number

    def _limit(self, usd: float) -> tuple[str, str]:
        """The limit that was in the way, and its option. Another call may have been settled since."""
        spent = self.spent
        if self.max_usd is not None and (self.max_tokens is None or spent.usd + usd > self.max_usd):
            return f"the limit of ${self.max_usd:.2f} (--max-usd; ${spent.usd:.2f} spent)", "--max-usd"
        return f"the limit of {self.max_tokens:,} tokens (--max-tokens; {spent.tokens:,} spent)", "--max-tokens"

    def settle(self, number: int, usd: float, tokens: int) -> None:
        """What the call with this number really cost."""
        if self.spending is not None:
            self.spending.settle(number, usd, tokens)
