"""Language models, one for each role, behind one door.

A question goes this way: a kept reply, else a replayed one, else the budget and the server. What comes back is kept
before it is used, together with the event of its call.
"""

from __future__ import annotations

import copy
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from hakase.budget import Budget
from hakase.errors import ConfigError, HakaseError, ScientistError
from hakase.journal import FALLBACK, Journal, Kept
from hakase.models.answers import Outcome, Read, converse, form_reader, text_reader
from hakase.models.calling import Call, Desk
from hakase.models.endpoint import Endpoint, reads_pictures
from hakase.models.names import Resolved, missing_key, model_name, no_key, resolve
from hakase.models.parsing import shape_of
from hakase.models.question import Question, Reply, Role, Turn
from hakase.models.replaying import Replay
from hakase.models.replies import describe, from_kept, key_of, takes, to_json
from hakase.models.sending import FormShape, Sending
from hakase.models.waiting import Patience
from hakase.progress import Progress
from hakase.settings import BUILTIN, Settings

Form = TypeVar("Form", bound=BaseModel)
T = TypeVar("T")
AT_ONCE = 16
"""Calls in threads, at most."""


@dataclass
class _Shared:
    """What all studies of a command share: connections, what is known of servers, replays."""

    replay: Replay | None
    endpoints: dict[Resolved, Endpoint] = field(default_factory=dict)
    asking: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    lock: threading.Lock = field(default_factory=threading.Lock)
    telling: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)


class Models:
    """Asks the model of a question's role: kept replies first, then the budget, then the server with its quirks."""

    def __init__(
        self,
        settings: Settings,
        budget: Budget,
        journal: Journal,
        notify: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._budget = budget
        self._journal = journal
        self._notify = notify
        self._shared = _Shared(_replay(settings))

    def writing_to(self, journal: Journal, notify: Callable[[Progress], None]) -> Models:
        """The same models, with another journal and listener; connections and what is known of servers are shared."""
        other = copy.copy(self)
        other._journal, other._notify = journal, notify
        return other

    def name(self, role: Role) -> str:
        """The model of ``role``, as papers and reviews name it."""
        name = model_name(self._settings, role)
        return name if name == BUILTIN else self._resolved(role).name

    def reads_pictures(self, role: Role) -> bool:
        """Whether the model of ``role`` is known to read images. What its server refused meanwhile does not count:
        the same question must be asked when a study is resumed."""
        return model_name(self._settings, role) != BUILTIN and reads_pictures(self._resolved(role))

    def text(self, question: Question, check: Callable[[str], str] | None = None) -> str:
        """The answer in words. ``check`` says what is wrong with it (empty: nothing); then it is asked again.

        Raises:
            ScientistError: no usable answer after three more tries.
            BudgetSpent: a limit of time, dollars or tokens leaves no room for the call.
            ModelError: the model cannot be asked at all.
        """
        return self._converse(question, None, text_reader(check))

    def form(self, question: Question, kind: type[Form], check: Callable[[Form], str] | None = None) -> Form:
        """The answer as a filled-in form; raises as ``text`` does."""
        return self._converse(question, shape_of(kind), form_reader(kind, check))

    def at_once(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """The results of calls made in threads, in order; the first HakaseError of any, after all have ended."""
        if not calls:
            return []
        pool = ThreadPoolExecutor(min(len(calls), AT_ONCE), thread_name_prefix="asking")
        futures = [pool.submit(call) for call in calls]
        try:
            errors = [future.exception() for future in futures]
        except KeyboardInterrupt:
            self._shared.stopping.set()  # those that wait in threads look at it every second
            pool.shutdown(wait=True, cancel_futures=True)
            self._shared.stopping.clear()
            raise
        pool.shutdown()
        if first := next((error for error in errors if error is not None), None):
            raise next((error for error in errors if isinstance(error, HakaseError)), first)
        return [future.result() for future in futures]

    def note_fallback(self, stage: str, what: str, why: str) -> None:
        """Write into the journal that the rules stood in for the model."""
        self._journal.add(FALLBACK, stage, what=what, why=why)

    # -------------------------------------------------------------------------------------------- one question

    def _converse(self, question: Question, form: FormShape | None, read: Read[T]) -> T:
        resolved = self._resolved(question.role)
        take = takes(self._journal)

        def ask(turns: tuple[Turn, ...], number: int, read: Read[T]) -> Outcome[T]:
            described = describe(question, turns, resolved, form)
            asked = _Asked(question, turns, resolved, form, described, key_of(described, number, take))
            with self._shared.lock:
                lock = self._shared.asking[asked.key]
            with lock:  # the same thing asked twice at once is paid once
                return self._answer(asked, read)

        return converse(question, ask, read)

    def _answer(self, asked: _Asked, read: Read[T]) -> Outcome[T]:
        if kept := self._journal.reply(asked.key):
            return read(from_kept(kept))
        if replay := self._shared.replay:
            reply = replace(from_kept(replay.reply(asked.key, asked.question.slot, self._journal)), usd=0.0)
            return self._keep(asked, reply, read, replayed=True)
        if variable := missing_key(asked.resolved):
            raise no_key(asked.resolved.asked, variable)
        outcomes: list[Outcome[T]] = []
        self._call(asked).reply(lambda reply: outcomes.append(self._keep(asked, reply, read)))
        return outcomes[0]

    def _keep(self, asked: _Asked, reply: Reply, read: Read[T], **notes: bool) -> Outcome[T]:
        """Read ``reply`` and keep it, whatever reading says or raises: what was paid for is on disk."""
        problem = ""
        try:
            outcome = read(reply)
            problem = outcome.problem
            return outcome
        finally:
            usage = {"prompt": reply.usage.prompt, "cached": reply.usage.cached, "completion": reply.usage.completion}
            call = {"role": asked.question.role, "model": asked.resolved.ref, **usage, "usd": reply.usd, **notes}
            ended = {"seconds": reply.seconds, "finish": reply.finish, "problem": problem}
            kept = Kept(asked.key, asked.question.slot, asked.described, to_json(reply))
            self._journal.keep_reply(kept, **call, **ended)

    def _call(self, asked: _Asked) -> Call:
        question, endpoint = asked.question, self._endpoint(asked.resolved)
        sending = Sending(
            question.system,
            asked.turns,
            question.temperature,
            asked.form,
            without=endpoint.quirks.without,
            say_fields=bool(asked.resolved.address),
        )
        desk = Desk(self._settings, self._budget, self._journal, self._tell, self._shared.stopping)
        return Call(desk, endpoint, question, sending, Patience(self._settings.model_patience))

    # ------------------------------------------------------------------------------------------------ what is shared

    def _resolved(self, role: Role) -> Resolved:
        name = model_name(self._settings, role)
        if name == BUILTIN:
            raise ScientistError(f"the rules are set for this role (models.{role})")
        return resolve(name, self._settings)

    def _endpoint(self, resolved: Resolved) -> Endpoint:
        with self._shared.lock:
            return self._shared.endpoints.setdefault(resolved, Endpoint(resolved))

    def _tell(self, progress: Progress) -> None:
        with self._shared.telling:
            self._notify(progress)


@dataclass(frozen=True)
class _Asked:
    """One question on its way, and the key of its reply."""

    question: Question
    turns: tuple[Turn, ...]
    resolved: Resolved
    form: FormShape | None
    described: dict[str, object]
    key: str


def _replay(settings: Settings) -> Replay | None:
    if not settings.replay:
        return None
    folder = Path(settings.replay).expanduser()
    if not folder.exists():
        raise ConfigError(f"{folder} does not exist", key="replay", fix="name a study, or a folder of studies")
    return Replay(folder)


__all__ = ["Form", "Models"]
