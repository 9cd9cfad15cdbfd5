"""A conversation until the answer can be used: an unusable one is asked again, with what was wrong, three times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from hakase.errors import ScientistError
from hakase.models.parsing import Unreadable, read_form, without_thoughts
from hakase.models.question import Question, Reply, Turn
from hakase.prompts import shorten

T = TypeVar("T")
Form = TypeVar("Form", bound=BaseModel)
RE_ASKS = 3
_QUOTED = 6000
"""Characters of an unusable answer that are sent back."""
_QUOTED_OF_A_CUT = 400
"""Of one that was cut off: a model that ran on would run on from it."""
CUT = "it was cut off at the limit of length"
_TASK = re.compile(r"^Task: .*$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What was read from a reply, or what is wrong with it."""

    value: T | None = None
    problem: str = ""
    text: str = ""
    """As the model wrote it."""


Read = Callable[[Reply], Outcome[T]]
Ask = Callable[[tuple[Turn, ...], int, Read[T]], Outcome[T]]


def converse(question: Question, ask: Ask[T], read: Read[T]) -> T:
    """The answer to ``question``. ``ask(turns, number of this re-ask, read)`` gets one reply and reads it.

    Raises:
        ScientistError: none of four answers could be used.
    """
    turns = question.turns
    problem = ""
    for number in range(1 + RE_ASKS):
        outcome = ask(turns, number, read)
        if not outcome.problem and outcome.value is not None:
            return outcome.value
        problem = outcome.problem
        turns = (*turns, *_again(outcome, question))
    raise ScientistError(f"no usable answer to {question.slot} in {1 + RE_ASKS} tries; at last: {problem}")


def text_reader(check: Callable[[str], str] | None) -> Read[str]:
    """Reads an answer in words."""

    def read(reply: Reply) -> Outcome[str]:
        text = without_thoughts(reply.text)
        problem = _cut(reply) or ("" if text else "it was empty") or (check(text) if check else "")
        return Outcome(text, problem, reply.text)

    return read


def form_reader(kind: type[Form], check: Callable[[Form], str] | None) -> Read[Form]:
    """Reads a filled-in form."""

    def read(reply: Reply) -> Outcome[Form]:
        cut = _cut(reply)
        if not reply.text.strip():
            return Outcome(None, cut or "it was empty", reply.text)
        try:
            form = read_form(reply.text, kind, strict=bool(cut))
        except Unreadable as error:
            return Outcome(None, cut or str(error), reply.text)
        return Outcome(form, check(form) if check else "", reply.text)

    return read


def _cut(reply: Reply) -> str:
    if reply.finish == "length":
        return f"{CUT}; answer in fewer words"
    return "the provider's filter withheld it" if reply.finish == "content_filter" else ""


def _again(outcome: Outcome[T], question: Question) -> tuple[Turn, ...]:
    """The turns that ask once more: the answer as it was, what is wrong, and the task's name."""
    tasks = _TASK.findall(question.turns[-1].text) if question.turns else []
    task = f"\n\n{tasks[-1]}" if tasks else ""
    words = f"Your last answer cannot be used: {outcome.problem}\nAnswer again, in full, with that mended.{task}"
    said = shorten(outcome.text.strip(), _QUOTED_OF_A_CUT if CUT in outcome.problem else _QUOTED)
    return (Turn(said, "model"), Turn(words)) if said else (Turn(words),)
