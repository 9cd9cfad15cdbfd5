"""One call of a model until a reply is there: the budget before, patience with the server, its quirks, the price after.

What is said about faults, in this order: a wrong key, an unknown model or an empty purse end the asking at once; a
request that is too long is trimmed; one that is refused loses the part that is refused; everything else is waited for.
Every call that reached a server is written into the journal, whatever came of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hakase.budget import Budget
from hakase.errors import ScientistError
from hakase.journal import MODEL_CALL, Journal
from hakase.models.endpoint import Arrived, Endpoint, Stopped, guess_tokens
from hakase.models.faults import Fault, classify
from hakase.models.prices import price_of
from hakase.models.providers import LONGEST_ANSWERS
from hakase.models.question import Question, Reply, Usage
from hakase.models.quirks import named_in, next_suspect
from hakase.models.refusals import refusal
from hakase.models.sending import Sending
from hakase.models.trimming import TRIMS, trim
from hakase.models.waiting import Patience, wait_in_slices
from hakase.progress import Progress
from hakase.settings import Settings

COMPLETION = 3000
"""Tokens that are set aside for an answer, and its limit when the budget is nearly spent."""
NEAR = 8
"""The budget is nearly spent when it has no room for so many answers of that length."""


@dataclass(frozen=True)
class Desk:
    """What all calls of a study have in common."""

    settings: Settings
    budget: Budget
    journal: Journal
    notify: Callable[[Progress], None]
    stopping: threading.Event


@dataclass
class Call:
    """One call of the model behind ``endpoint``."""

    desk: Desk
    endpoint: Endpoint
    question: Question
    sending: Sending
    patience: Patience
    trims: int = 0
    suspected: set[str] = field(default_factory=set)
    """Left out on suspicion; remembered when that helps."""

    def reply(self, keep: Callable[[Reply], None]) -> Reply:
        """The reply, given to ``keep`` before the budget is settled.

        Raises:
            BudgetSpent: no room for the call.
            ModelError: the model cannot be asked.
            ScientistError: it cannot be asked this.
        """
        while True:
            outcome = self._once(keep)
            if isinstance(outcome, Reply):
                return outcome
            self._react(outcome)

    # ---------------------------------------------------------------------------------------------- one try

    def _once(self, keep: Callable[[Reply], None]) -> Reply | Fault:
        if self.endpoint.quirks.refusal:
            raise self.endpoint.quirks.refusal
        if self.desk.stopping.is_set():  # interrupted between two calls: a new one would be paid and lost
            raise Stopped
        number = self._set_aside()
        began = time.monotonic()
        try:
            arrived = self.endpoint.send(self._shaped(), lambda: self._beat(began), self.desk.stopping)
        except Stopped:
            raise
        except Exception as error:
            fault = classify(error)
            if fault is None:
                raise
            self._failed(fault, number, time.monotonic() - began)
            return self._filtered(keep) if fault.kind == "filter" else fault
        return self._arrived(arrived, number, time.monotonic() - began, keep)

    def _shaped(self) -> Sending:
        """The request without what this server is known not to take."""
        without = self.sending.without | self.endpoint.quirks.without
        if self.sending.form is not None:
            without |= {mode for mode in ("schema", "tools") if not self.endpoint.supports(mode)}
        self.sending = replace(self.sending, without=without)
        return self.sending

    def _arrived(self, arrived: Arrived, number: int, seconds: float, keep: Callable[[Reply], None]) -> Reply:
        self.endpoint.quirks.reached = True
        self.endpoint.quirks.remember(frozenset(self.suspected))
        usd = self._price(arrived.usage)
        reply = Reply(arrived.text, arrived.model, arrived.usage, usd, round(seconds, 3), arrived.finish)
        try:
            keep(reply)
        finally:
            self.desk.budget.settle(number, usd or 0.0, arrived.usage.total)
        return reply

    def _filtered(self, keep: Callable[[Reply], None]) -> Reply:
        """A refusal by a filter is an answer, of no use: it is kept like one, and asked again like one."""
        reply = Reply("", self.endpoint.resolved.name, Usage(), 0.0, finish="content_filter")
        keep(reply)
        return reply

    def _failed(self, fault: Fault, number: int, seconds: float) -> None:
        """Settle and record a call without a reply. What may have been billed counts as a prompt without an answer."""
        tokens = Usage(guess_tokens(self.sending.characters)) if fault.billed else Usage()
        usd = self._price(tokens) if fault.billed else 0.0
        self.desk.budget.settle(number, usd or 0.0, tokens.total)
        if fault.kind not in ("nobody", "broken", "filter"):
            said = f"{fault.status or fault.kind}: {fault.words}"
            call = {"prompt": tokens.prompt, "cached": 0, "completion": 0, "usd": usd, "seconds": round(seconds, 3)}
            who = {"slot": self.question.slot, "role": self.question.role, "model": self.endpoint.resolved.ref}
            self.desk.journal.add(MODEL_CALL, self.question.stage, **who, **call, finish="", problem=said)

    def _price(self, usage: Usage) -> float | None:
        return price_of(self.endpoint.resolved, usage, self.desk.settings)

    # ------------------------------------------------------------------------------------------- the budget

    def _set_aside(self) -> int:
        """Set aside what the call may cost; the number to settle by. Near a limit, the answer gets a limit too."""
        budget = self.desk.budget
        prompt = guess_tokens(self.sending.characters)
        usd = self._price(Usage(prompt, 0, COMPLETION)) or 0.0
        near = self._near(prompt)
        number = budget.set_aside(usd, prompt + COMPLETION, f"asking {self.endpoint.resolved.name}")
        timeout = min(self.desk.settings.model_timeout, max(1.0, budget.seconds_left))
        longest = COMPLETION if near else LONGEST_ANSWERS.get(self.endpoint.resolved.provider)
        self.sending = replace(self.sending, timeout=timeout, max_tokens=longest)
        return number

    def _near(self, prompt: int) -> bool:
        budget = self.desk.budget
        if budget.max_usd is None and budget.max_tokens is None:
            return False
        spent = budget.spent
        wanted = Usage(prompt, 0, NEAR * COMPLETION)
        few = budget.max_tokens is not None and spent.tokens + wanted.total > budget.max_tokens
        return few or (budget.max_usd is not None and spent.usd + (self._price(wanted) or 0.0) > budget.max_usd)

    # --------------------------------------------------------------------------------------------- after a fault

    def _react(self, fault: Fault) -> None:
        if fault.kind == "long":
            self._trim(fault)
        elif fault.kind == "rejected":
            self._leave_out(fault)
        elif fault.kind in ("busy", "lost", "nobody"):
            self._wait(fault)
        else:
            error = refusal(fault, self.endpoint.resolved)
            if fault.kind in ("key", "unknown"):
                self.endpoint.quirks.refusal = error
            raise error

    def _trim(self, fault: Fault) -> None:
        shorter = trim(self.sending.turns) if self.trims < TRIMS else None
        if shorter is None:
            raise ScientistError(
                f"{self.question.slot} is too long for {self.endpoint.resolved.name}, even trimmed: {fault.words}",
                fix="use a model with a longer context",
            )
        self.trims += 1
        self.sending = replace(self.sending, turns=shorter)
        self._tell(f"{self._name} reads less than {self.question.slot} has; trimmed, asking again")

    def _leave_out(self, fault: Fault) -> None:
        named = named_in(fault.words, self.sending)
        name = named or next_suspect(self.sending)
        if not name:
            error = refusal(fault, self.endpoint.resolved)
            raise ScientistError(error.message, fix=error.fix) if self.endpoint.quirks.reached else error
        if named:
            self.endpoint.quirks.remember(frozenset({named}))
        else:
            self.suspected.add(name)
        self.sending = self.sending.lacking(name)
        self._tell(f"{self._name} refuses {name}; asking again without")

    def _wait(self, fault: Fault) -> None:
        times = self.patience.next_wait(fault, self.endpoint.quirks.reached)
        if times is None:
            raise refusal(fault, self.endpoint.resolved, self.patience.seconds)
        wait, left = times
        what = {"busy": f"refuses ({fault.short})", "lost": f"fails ({fault.words})"}.get(fault.kind, "does not answer")
        words = f"{self._name} {what}, asking again in {wait:.0f} s, giving up in {left:.0f} s"
        wait_in_slices(wait, lambda gone: self._tell(words, gone, wait), self.desk.stopping)

    # ---------------------------------------------------------------------------------------------------- words

    @property
    def _name(self) -> str:
        return self.endpoint.resolved.name

    def _beat(self, began: float) -> None:
        detail = f"asking {self._name}: {self.question.slot}"
        elapsed, limit = time.monotonic() - began, self.desk.settings.model_timeout
        self.desk.notify(Progress(stage=self.question.stage, detail=detail, elapsed=elapsed, limit=limit))

    def _tell(self, detail: str, elapsed: float = 0.0, limit: float | None = None) -> None:
        self.desk.notify(Progress(stage=self.question.stage, detail=detail, elapsed=elapsed, limit=limit))
