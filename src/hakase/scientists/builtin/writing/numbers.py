"""Numbers of the text: LaTeX macros of facts that the evidence has, never digits.

It typesets nothing and computes nothing: what a macro stands for is the evidence's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hakase.naming import macro_name
from hakase.records import Evidence


@dataclass(frozen=True)
class Numbers:
    """The facts by the parts of their names, such as ``numbers("best", "difference")``."""

    evidence: Evidence

    @cached_property
    def macros(self) -> dict[str, str]:
        """Macro's name, without the backslash -> its text."""
        return {fact.macro: fact.text for fact in self.evidence.facts}

    def has(self, *parts: str | int) -> bool:
        """Whether there is such a fact."""
        return macro_name(*parts) in self.macros

    def has_all(self, prefix: tuple[str | int, ...], *names: str) -> bool:
        """Whether there is a fact ``prefix + name`` for every one of ``names``."""
        return all(self.has(*prefix, name) for name in names)

    def read(self, *parts: str | int) -> float:
        """The value of a fact that is a number; 0 when there is none."""
        macro = macro_name(*parts)
        return next((fact.value or 0.0 for fact in self.evidence.facts if fact.macro == macro), 0.0)

    def print_alike(self, one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
        """Whether two facts that are there have the same text."""
        return self.macros[macro_name(*one)] == self.macros[macro_name(*other)]

    def __call__(self, *parts: str | int) -> str:
        r"""``\Macro{}`` of a fact.

        Raises:
            KeyError: the evidence has no such fact; a sentence that may lack it asks ``has`` first.
        """
        macro = macro_name(*parts)
        if macro not in self.macros:
            raise KeyError(f"no fact {macro} for {parts}")
        return f"\\{macro}{{}}"
