"""Finding a pattern in a source.

White space, comments, redundant parentheses, annotations and the form of a number (``0``, ``0.0``) do not matter;
sums and products match in either order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import libcst as cst

from hakase.syntax.patterns import Pattern, many, metavariable
from hakase.syntax.roles import role_of
from hakase.syntax.source import Source, name_of
from hakase.syntax.steps import step_names

Bindings = Mapping[str, tuple[cst.CSTNode, ...]]
_IGNORED = {
    *("lpar", "rpar", "leading_lines", "lines_after_decorators", "trailing_whitespace", "semicolon", "comma"),
    *("header", "footer", "indent", "equal", "lbracket", "rbracket", "lbrace", "rbrace", "annotation", "returns"),
    *("default_indent", "default_newline", "encoding", "has_trailing_newline", "decorators"),
}


@dataclass(frozen=True)
class Match:
    """Where a pattern was found: its node (or the statements), and what each metavariable stands for."""

    nodes: tuple[cst.CSTNode, ...]
    bindings: Bindings


class Matcher:
    """One search: a source, and the conditions on metavariables.

    A condition is ``role:learning_rate`` (by the expression's name), ``not:REGEX`` or a regular expression that the
    whole text of the expression fits.
    """

    def __init__(self, source: Source, conditions: Mapping[str, str], known: Mapping[str, str] | None = None) -> None:
        self.source = source
        self.conditions = conditions
        self.known = known or {}

    def find(self, pattern: Pattern) -> Iterator[Match]:
        """All matches in the order of the text."""
        if pattern.expression is not None:
            yield from self._find_expression(pattern.expression)
        else:
            yield from self._find_statements(pattern.statements)

    def _find_expression(self, pattern: cst.BaseExpression) -> Iterator[Match]:
        for node in self.source.nodes:
            if not isinstance(node, cst.BaseExpression) or not self._is_read(node, pattern):
                continue
            for bindings in self._node(pattern, node, {}):
                yield Match((node,), bindings)
                break

    def _is_read(self, node: cst.BaseExpression, pattern: cst.BaseExpression) -> bool:
        """Whether ``node`` is a value; asked only when the pattern is a lone metavariable, which fits any name."""
        if not metavariable(pattern):
            return True
        above = self.source.parent(node)
        if isinstance(above, cst.Arg | cst.Assign | cst.AugAssign | cst.AnnAssign):
            return above.value is node
        if isinstance(above, cst.Attribute):
            return above.value is node
        written = (cst.AssignTarget, cst.Param, cst.For, cst.FunctionDef, cst.ClassDef, cst.ImportAlias, cst.Global)
        return not isinstance(above, written)

    def _find_statements(self, pattern: Sequence[cst.BaseStatement]) -> Iterator[Match]:
        for block in self.source.nodes:
            if isinstance(block, cst.Module | cst.IndentedBlock):
                yield from self._find_in_body(pattern, block.body)

    def _find_in_body(self, pattern: Sequence[cst.BaseStatement], body: Sequence[cst.CSTNode]) -> Iterator[Match]:
        for start in range(len(body) - len(pattern) + 1):
            window = body[start : start + len(pattern)]
            for bindings in self._same_length(pattern, window, {}):
                yield Match(tuple(window), bindings)
                break

    def _node(self, pattern: object, node: object, bound: Bindings) -> Iterator[Bindings]:
        name = metavariable(pattern)
        if name:
            yield from self._bind(name, node, bound)
        elif isinstance(pattern, cst.Integer | cst.Float) and isinstance(node, cst.Integer | cst.Float):
            if float(pattern.evaluated_value) == float(node.evaluated_value):
                yield bound
        elif isinstance(pattern, cst.Assign) and isinstance(node, cst.AnnAssign):
            yield from self._annotated(pattern, node, bound)
        elif isinstance(pattern, cst.BaseSuite) and isinstance(node, cst.BaseSuite) and _is_any_body(pattern):
            yield bound
        elif type(pattern) is not type(node):
            return
        elif isinstance(pattern, cst.BinaryOperation) and isinstance(node, cst.BinaryOperation):
            yield from self._operation(pattern, node, bound)
        elif isinstance(pattern, cst.Parameters) and pattern.star_arg and many(pattern.star_arg):
            yield {**bound, many(pattern.star_arg): ()}
        elif isinstance(pattern, cst.CSTNode):
            yield from self._fields(pattern, node, bound)
        elif pattern == node:
            yield bound

    def _bind(self, name: str, node: object, bound: Bindings) -> Iterator[Bindings]:
        if not isinstance(node, cst.BaseExpression):
            return
        if name in bound:
            yield from self._node(bound[name][0], node, bound)
        elif self._fits(name, node):
            yield {**bound, name: (node,)}

    def _fits(self, name: str, node: cst.BaseExpression) -> bool:
        text = self.source.code(node)
        if name in self.known and self.known[name] != text:
            return False
        condition = self.conditions.get(name, "")
        if condition.startswith("role:"):
            return self._role(node) in condition.removeprefix("role:").split("|")
        if condition.startswith("not:"):
            return re.fullmatch(condition.removeprefix("not:"), text) is None
        return not condition or re.fullmatch(condition, text) is not None

    def _role(self, node: cst.BaseExpression) -> str:
        return role_of(name_of(node), step_names(self.source.text))

    def _annotated(self, pattern: cst.Assign, node: cst.AnnAssign, bound: Bindings) -> Iterator[Bindings]:
        if len(pattern.targets) == 1 and node.value is not None:
            for first in self._node(pattern.targets[0].target, node.target, bound):
                yield from self._node(pattern.value, node.value, first)

    def _operation(
        self, pattern: cst.BinaryOperation, node: cst.BinaryOperation, bound: Bindings
    ) -> Iterator[Bindings]:
        if type(pattern.operator) is not type(node.operator):
            return
        orders = [(node.left, node.right)]
        if isinstance(node.operator, cst.Add | cst.Multiply):
            orders.append((node.right, node.left))
        for left, right in orders:
            for first in self._node(pattern.left, left, bound):
                yield from self._node(pattern.right, right, first)

    def _fields(self, pattern: cst.CSTNode, node: object, bound: Bindings) -> Iterator[Bindings]:
        names = [f.name for f in fields(pattern) if f.name not in _IGNORED and not f.name.startswith("whitespace")]
        yield from self._same_length(
            [getattr(pattern, name) for name in names], [getattr(node, name) for name in names], bound
        )

    def _same_length(self, pattern: Sequence[object], nodes: Sequence[object], bound: Bindings) -> Iterator[Bindings]:
        if not pattern:
            yield bound
            return
        for first in self._value(pattern[0], nodes[0], bound):
            yield from self._same_length(pattern[1:], nodes[1:], first)

    def _value(self, pattern: object, node: object, bound: Bindings) -> Iterator[Bindings]:
        if isinstance(pattern, list | tuple) and isinstance(node, list | tuple):
            yield from self._sequence(pattern, node, bound)
        else:
            yield from self._node(pattern, node, bound)

    def _sequence(self, pattern: Sequence[object], nodes: Sequence[object], bound: Bindings) -> Iterator[Bindings]:
        name = many(pattern[0]) if pattern else ""
        if name:
            for taken in range(len(nodes) + 1):
                held = tuple(node for node in nodes[:taken] if isinstance(node, cst.CSTNode))
                yield from self._sequence(pattern[1:], nodes[taken:], {**bound, name: held})
        elif not pattern or not nodes:
            if not pattern and not nodes:
                yield bound
        else:
            for first in self._value(pattern[0], nodes[0], bound):
                yield from self._sequence(pattern[1:], nodes[1:], first)


def _is_any_body(block: cst.BaseSuite) -> bool:
    """Whether a pattern's body is ``...``."""
    only: object = block.body[0] if len(block.body) == 1 else None
    if isinstance(only, cst.SimpleStatementLine) and len(only.body) == 1:
        only = only.body[0]
    return isinstance(only, cst.Expr) and isinstance(only.value, cst.Ellipsis)
