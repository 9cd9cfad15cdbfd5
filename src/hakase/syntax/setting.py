"""Giving a hyperparameter another value, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from hakase.syntax.literals import find_literals
from hakase.syntax.problems import EditProblem
from hakase.syntax.source import Splice, parse


def set_knob(files: Mapping[str, str], address: str, value: str) -> dict[str, str]:
    """``files`` with the literal at ``address`` (see ``literals``) replaced by ``value``, which is Python source.

    Raises:
        EditProblem: there is no such knob, or it has this value already.
    """
    literals = find_literals(files)
    found = next((literal for literal in literals if literal.address == address), None)
    if found is None:
        raise EditProblem(f"there is no hyperparameter {address} in {', '.join(files)}")
    if found.value == value:
        raise EditProblem(f"{address} is {value} already")
    source = parse(files[found.file])
    splice = Splice(found.start, found.end, value)
    return {**files, found.file: source.splice([splice])}
