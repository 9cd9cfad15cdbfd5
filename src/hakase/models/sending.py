"""What is really sent for a question: the shape that a server takes, as far as it is known. Data, and pure rules.

Every rule of a conversation stands here: it ends with the user, speakers alternate, it is never a system text alone,
and ``n`` is never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hakase.models.question import Turn

Mode = Literal["text", "schema", "tools", "prompt"]
"""How a form is asked for: by the server's JSON schema, by a tool, or in words; ``text`` is no form."""
OPTIONAL = ("schema", "tools", "pictures", "temperature", "max_tokens", "system")
"""What can be left out for a server that refuses it; the first ones are the likeliest to be refused."""
GO_ON = "Go on."
UNSEEN = "(The pictures cannot be shown to you: go by what is said of them.)"


@dataclass(frozen=True)
class FormShape:
    """A form as servers want it."""

    name: str
    schema: dict[str, Any]
    fields: str
    """In words, one line a field."""


@dataclass(frozen=True)
class Sending:
    """One request, before any server's wire format."""

    system: str
    turns: tuple[Turn, ...]
    temperature: float | None
    form: FormShape | None = None
    max_tokens: int | None = None
    """Only where the provider wants a limit, and near a limit of the budget."""
    timeout: float = 300.0
    """Seconds."""
    without: frozenset[str] = field(default_factory=frozenset)
    """What this server refuses, of ``OPTIONAL``."""
    say_fields: bool = False
    """Whether the fields are named in words too: a server may take a schema and not show it to its model."""

    @property
    def mode(self) -> Mode:
        """How the form is asked for."""
        if self.form is None:
            return "text"
        if "schema" not in self.without:
            return "schema"
        return "tools" if "tools" not in self.without else "prompt"

    @property
    def used(self) -> tuple[str, ...]:
        """Of ``OPTIONAL``, what this request has."""
        has = {
            "schema": self.mode == "schema",
            "tools": self.mode == "tools",
            "pictures": any(turn.pictures for turn in self.turns),
            "temperature": self.temperature is not None,
            "max_tokens": self.max_tokens is not None,
            "system": bool(self.system),
        }
        return tuple(name for name in OPTIONAL if has[name] and name not in self.without)

    @property
    def characters(self) -> int:
        """Length of all that is read."""
        form = len(str(self.form.schema)) if self.form else 0
        return len(self.system) + sum(len(turn.text) for turn in self.turns) + form

    def lacking(self, name: str) -> Sending:
        """The same without ``name``."""
        return replace(self, without=self.without | {name})

    def conversation(self) -> tuple[str, tuple[Turn, ...]]:
        """System text (empty when the server takes none) and turns, as they go out."""
        turns = _alternating(self.turns)
        if self.form and (self.mode == "prompt" or self.say_fields):
            turns = (*turns[:-1], replace(turns[-1], text=f"{turns[-1].text.rstrip()}\n\n{self.form.fields}"))
        if "pictures" in self.without:
            turns = tuple(_without_pictures(turn) for turn in turns)
        if self.system and "system" in self.without:
            return "", (replace(turns[0], text=f"{self.system.rstrip()}\n\n{turns[0].text}"), *turns[1:])
        return self.system, turns


def _without_pictures(turn: Turn) -> Turn:
    return replace(turn, text=f"{UNSEEN}\n\n{turn.text}", pictures=()) if turn.pictures else turn


def _alternating(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns with neighbours of one speaker joined, from a user's turn to a user's turn."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and joined[-1].speaker == turn.speaker:
            last = joined.pop()
            turn = replace(turn, text=f"{last.text}\n\n{turn.text}", pictures=(*last.pictures, *turn.pictures))
        joined.append(turn)
    if not joined or joined[0].speaker == "model":
        joined.insert(0, Turn(GO_ON))
    if joined[-1].speaker == "model":
        joined.append(Turn(GO_ON))
    return tuple(joined)
