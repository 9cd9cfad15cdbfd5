"""Language models, one for each role, behind one door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from hakase.budget import Budget
from hakase.journal import Journal
from hakase.models.question import Question, Role
from hakase.progress import Progress
from hakase.settings import Settings

Form = TypeVar("Form", bound=BaseModel)
T = TypeVar("T")


class Models:
    """Asks the model of a question's role: kept replies first, then the budget, then the server with its quirks."""

    def __init__(
        self,
        settings: Settings,
        budget: Budget,
        journal: Journal,
        notify: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        raise NotImplementedError

    def writing_to(self, journal: Journal, notify: Callable[[Progress], None]) -> Models:
        """The same models, with another journal and listener; connections and what is known of servers are shared."""
        raise NotImplementedError

    def name(self, role: Role) -> str:
        """The model of ``role``, as papers and reviews name it."""
        raise NotImplementedError

    def reads_pictures(self, role: Role) -> bool:
        """Whether the model of ``role`` is known to read images."""
        raise NotImplementedError

    def text(self, question: Question, check: Callable[[str], str] | None = None) -> str:
        """The answer in words. ``check`` says what is wrong with it (empty: nothing); then it is asked again.

        Raises:
            ScientistError: no usable answer after three more tries.
            BudgetSpent: a limit of time, dollars or tokens leaves no room for the call.
            ModelError: the model cannot be asked at all.
        """
        raise NotImplementedError

    def form(self, question: Question, kind: type[Form], check: Callable[[Form], str] | None = None) -> Form:
        """The answer as a filled-in form; raises as ``text`` does."""
        raise NotImplementedError

    def at_once(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """The results of calls made in threads, in order; the first HakaseError of any, after all have ended."""
        raise NotImplementedError

    def note_fallback(self, stage: str, what: str, why: str) -> None:
        """Write into the journal that the rules stood in for the model."""
        raise NotImplementedError


__all__ = ["Form", "Models"]
