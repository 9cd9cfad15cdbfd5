"""Which rule answers a request, and the answer, in no protocol yet."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.scripted.asking import Asked, Tool, count_tokens
from tests.scripted.scenario import Fit, Scenario, fill, fit_rule, task_of

LOST = "The scenario has no rule for this question."


@dataclass(frozen=True)
class Answer:
    """What the model says: words, or a call of a tool with arguments (JSON)."""

    text: str = ""
    tool: str = ""
    arguments: str = ""
    finish: str = "stop"
    """``stop``, ``length`` or ``tool``."""

    @property
    def tokens(self) -> int:
        return count_tokens(self.text + self.tool + self.arguments)


class Player:
    """Plays a scenario: finds the rule, and remembers how often each has answered."""

    def __init__(self, scenario: Scenario) -> None:
        self._rules = scenario.rules
        self._answered: Counter[int] = Counter()
        self._bodies: Counter[tuple[int, str]] = Counter()
        self._lock = threading.Lock()

    def fit(self, asked: Asked) -> Fit | None:
        """The first rule that fits, or None."""
        task, recent = task_of(list(asked.users))
        for index, rule in enumerate(self._rules):
            if rule.times is not None and self._answered[index] >= rule.times:
                continue
            fit = fit_rule(rule, index, task, recent, asked.prompt)
            if fit is not None:
                return fit
        return None

    def answer(self, fit: Fit | None, asked: Asked, body: str, counts: bool = True) -> Answer:
        """The answer of the rule; one that ``counts`` makes a list go on. ``body`` tells requests apart."""
        if fit is None:
            return Answer(text=LOST)
        with self._lock:
            place = self._bodies[fit.index, body] if fit.rule.by == "body" else self._answered[fit.index]
            self._answered[fit.index] += counts
            self._bodies[fit.index, body] += counts
        reply = fit.rule.reply
        if isinstance(reply, list):
            reply = reply[place % len(reply) if fit.rule.cycle else min(place, len(reply) - 1)]
        return _shaped(fill(reply, fit.groups), fit.rule.tool, asked)


def _shaped(reply: Any, tool: str, asked: Asked) -> Answer:
    """The reply in the form that the request wants; one that is words stays words, as chatty models do."""
    if isinstance(reply, str):
        return Answer(text=reply)
    arguments = json.dumps(reply)
    chosen = next((offered for offered in asked.tools if offered.name == tool), None)
    if chosen is None and not tool:
        chosen = _suited(asked, reply)
    if chosen is not None:
        return Answer(tool=chosen.name, arguments=arguments, finish="tool")
    return Answer(text=arguments if asked.structured else f"```json\n{json.dumps(reply, indent=1)}\n```")


def _suited(asked: Asked, reply: Mapping[str, Any]) -> Tool | None:
    """The offered tool whose parameters the reply has, else the first one if one must be called."""
    if asked.schema is not None:
        return None
    for tool in asked.tools:
        if set(reply) <= set(tool.parameters.get("properties", {})):
            return tool
    return asked.tools[0] if asked.forced else None


def spoil(answer: Answer, fault: str) -> Answer:
    """The answer as a fault of its content leaves it."""
    if fault == "empty":
        return Answer()
    if fault == "truncated":
        half = {
            "text": answer.text[: len(answer.text) // 2],
            "arguments": answer.arguments[: len(answer.arguments) // 2],
        }
        return replace(answer, finish="length", **half)
    if fault == "bad_json":
        return replace(answer, text=_broken(answer.text), arguments=_broken(answer.arguments))
    if fault == "wrong_schema":
        other = json.dumps({"colour": "blue", "number": "seven"})
        return replace(answer, text=other if answer.text else "", arguments=other if answer.arguments else "")
    return answer


def _half(text: str) -> str:
    return text[: len(text) // 2]


def _broken(text: str) -> str:
    return f"{text[: max(2, len(text) * 2 // 3)]} \"'}} ] {{" if text else ""


def body_hash(body: bytes) -> str:
    """What tells requests apart."""
    return hashlib.sha256(body).hexdigest()
