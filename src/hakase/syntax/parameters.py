"""Which statements of a training loop update parameters, for edits that are right only when they touch them all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from hakase.syntax.placing import loop_around
from hakase.syntax.problems import EditProblem
from hakase.syntax.roles import role_of
from hakase.syntax.source import Source, name_of
from hakase.syntax.steps import assignments, find_steps, step_names

_PARAMETER = re.compile(r"(?i)(w|b|weights?|bias(es)?|theta|beta|coef\w*|intercept|params?|parameters)_?\d*")


def check_all_matched(source: Source, matches: Sequence[Sequence[cst.CSTNode]]) -> None:
    """Raises:
    EditProblem: a loop of training steps around one of ``matches`` updates a parameter that is in none of them.
    """
    matched = {node for nodes in matches for node in nodes}
    loops = {loop_around(source, nodes[0]) for nodes in matches}
    for node, target in _updates(source):
        above = {node, *source.ancestors(node)}
        if above & loops and not above & matched:
            raise EditProblem(f"the loop updates {source.code(target)} too, in another way")


def _updates(source: Source) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression]]:
    """Gradient steps, and whatever else gives a name such as ``b`` a value made of its own."""
    steps = step_names(source.text)
    for step in find_steps(source):
        if any(role_of(name, steps) == "learning_rate" for name in step.names):
            yield step.node, step.target
    for node in source.nodes:
        if isinstance(node, cst.AugAssign) and _is_parameter(node.target):
            yield node, node.target
        elif isinstance(node, cst.Assign):
            pairs = [pair for pair in assignments(node) if _is_parameter(pair[0])]
            yield from ((node, target) for target, value in pairs if _reads(source, value, target))


def _is_parameter(target: cst.BaseExpression) -> bool:
    held = target.value if isinstance(target, cst.Subscript) else target
    return _PARAMETER.fullmatch(name_of(target)) is not None or _PARAMETER.fullmatch(name_of(held)) is not None


def _reads(source: Source, value: cst.BaseExpression, target: cst.BaseExpression) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(source.code(target))}(?!\w)", source.code(value)) is not None
