"""Collects facts and numbers them. Two facts of one name would let a paper print the wrong number: refused."""

from __future__ import annotations

from hakase.evidence.problems import ResultProblem
from hakase.naming import macro_name
from hakase.records import Fact

Part = str | int


class Ledger:
    """Facts in the order they were added."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}

    def add(self, parts: tuple[Part, ...], text: str, meaning: str, source: str, value: float | None = None) -> None:
        """Add the fact whose macro's name is made of ``parts``.

        Raises:
            ResultProblem: another fact has that name.
        """
        macro = macro_name(*parts)
        if macro in self._facts:
            raise ResultProblem(
                f"two results share the name {macro}: {self._facts[macro].source} and {source}",
                fix="rename a data set or a metric so that their ASCII letters and digits differ",
            )
        self._facts[macro] = Fact(
            number=len(self._facts) + 1, macro=macro, text=text, value=value, meaning=meaning, source=source
        )

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, numbered from 1."""
        return tuple(self._facts.values())
