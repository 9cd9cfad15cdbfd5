"""The hyperparameter that a change is most often confounded with, and that a series retunes together with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hakase.catalogue import SET, Application, format_value
from hakase.records import Change
from hakase.syntax.knobs import Knob, find_by_role

ROLES = ("learning_rate", "exploration", "regularisation", "width", "batch_size", "epochs")
"""In the order in which they are looked for."""

_SHORT = {"learning_rate": "rate", "exploration": "explore", "regularisation": "penalty", "batch_size": "batch"}
_WHOLE = ("width", "batch_size", "epochs")


@dataclass(frozen=True)
class Companion:
    """A hyperparameter of the baseline besides the one under study."""

    knob: Knob

    def change(self, factor: float) -> Change:
        """The change that multiplies it."""
        assert self.knob.number is not None
        whole = self.knob.whole and self.knob.role in _WHOLE
        value = format_value(max(1.0, self.knob.number * factor) if whole else self.knob.number * factor, whole)
        settings = {"knob": self.knob.address, "value": value}
        return Change(intervention=SET, settings=settings, summary=f"{self.words} {value}")

    @property
    def words(self) -> str:
        return self.knob.name.replace("_", " ").strip().lower()

    @property
    def short(self) -> str:
        return _SHORT.get(self.knob.role, self.knob.role)


def find_companion(parts: tuple[Application, ...], files: Mapping[str, str]) -> Companion | None:
    """The first by ``ROLES`` that none of ``parts`` is about; None when the code has none."""
    taken = {part.knob.role for part in parts if part.knob is not None}
    agent = bool(find_by_role(files, "exploration"))
    for role in ROLES:
        knob = next(iter(find_by_role(files, role)), None)
        if role in taken or (agent and role == "epochs") or knob is None or not knob.number:
            continue
        return Companion(knob)
    return None
