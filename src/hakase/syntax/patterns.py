"""Patterns: Python with metavariables.

``$NAME`` stands for one expression, ``$...NAME`` for any number of arguments, parameters or elements, and a body of
``...`` for any body. A pattern is one expression, or one or several statements that follow one another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent

import libcst as cst

ONE, MANY = "METAVARIABLE_ONE_", "METAVARIABLE_MANY_"
_METAVARIABLE = re.compile(r"\$(\.\.\.)?([A-Z][A-Z0-9_]*)")


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern: an ``expression``, or else ``statements``."""

    expression: cst.BaseExpression | None
    statements: tuple[cst.BaseStatement, ...]


def metavariable(node: object) -> str:
    """Name of the metavariable that a pattern's node is, or an empty text."""
    if isinstance(node, cst.Name) and node.value.startswith(ONE):
        return node.value.removeprefix(ONE)
    return ""


def many(node: object) -> str:
    """Name of the metavariable for any number that a pattern's node is, or an empty text."""
    held = None
    if (isinstance(node, cst.Arg) and node.star == "*") or isinstance(node, cst.StarredElement):
        held = node.value
    elif isinstance(node, cst.Param):
        held = node.name
    if isinstance(held, cst.Name) and held.value.startswith(MANY):
        return held.value.removeprefix(MANY)
    return ""


@lru_cache(maxsize=1024)
def read_pattern(text: str) -> Pattern:
    """Parse ``text`` as a pattern.

    Raises:
        libcst.ParserSyntaxError: it is no Python even with the metavariables in place; the catalogue is at fault.
    """
    plain = _METAVARIABLE.sub(lambda found: (f"*{MANY}" if found[1] else ONE) + found[2], dedent(text).strip())
    body = cst.parse_module(plain + "\n").body
    only = body[0] if len(body) == 1 else None
    if isinstance(only, cst.SimpleStatementLine) and len(only.body) == 1 and isinstance(only.body[0], cst.Expr):
        return Pattern(only.body[0].value, ())
    return Pattern(None, tuple(body))


def fill(template: str, values: dict[str, str]) -> str:
    """``template`` with its metavariables replaced; an empty ``$...NAME`` takes the comma beside it along."""
    for name in [found[2] for found in _METAVARIABLE.finditer(template) if found[1]]:
        if not values.get(name):
            template = re.sub(rf"\$\.\.\.{name}\b,\s*|,\s*\$\.\.\.{name}\b|\$\.\.\.{name}\b", "", template)
    return _METAVARIABLE.sub(lambda found: values[found[2]], template)
