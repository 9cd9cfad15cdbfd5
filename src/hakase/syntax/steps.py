"""Which names the code takes gradient steps with: ``x -= NAME * g``, ``x = x - NAME * g``, an optimizer's rate.

A name such as ``step_size`` says nothing alone: in a random walk it is a width, in gradient descent a learning rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from hakase.syntax.roles import role_of, snake_case
from hakase.syntax.source import Source, name_of, parse

OPTIMIZER = re.compile(r"(?i)\w*(sgd\w*|adam\w*|rmsprop|adagrad|adadelta|optimi[sz]er|descent|xgb\w*|lgbm\w*)")
"""Callees whose step size is a learning rate."""

_GRADIENT = re.compile(r"g|dx|d_?(w|b|theta|p|params?)\d*|\w*grad(s|ients?)?|g_?(w|b|theta)\d*")
_RANDOM = re.compile(r"gauss|normal\w*|uniform|rand\w*|standard_normal|triangular|choice|\w*noise|perturbation")


@dataclass(frozen=True)
class Step:
    """A statement or expression that moves ``target`` by a product of ``factors``."""

    node: cst.CSTNode
    target: cst.BaseExpression
    factors: tuple[cst.BaseExpression, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the factors, in snake case."""
        return frozenset(snake_case(name) for one in self.factors if (name := name_of(one)))


def find_steps(source: Source) -> Iterator[Step]:
    """All that have the form of a gradient step, those of a random walk left out."""
    random = _random_names(source)
    for node in source.nodes:
        for step in _steps_of(source, node):
            if len(step.factors) > 1 and not _is_random(source, step, random):
                yield step


@lru_cache(maxsize=64)
def step_names(text: str) -> frozenset[str]:
    """Names in snake case that are used as a learning rate in ``text``.

    Raises:
        EditProblem: it is no Python.
    """
    source = parse(text)
    names = {name for step in find_steps(source) for name in step.names} | set(_given_to_optimizers(source))
    passed = [(snake_case(to), snake_case(name)) for to, name in _passed_on(source)]
    while more := {name for to, name in passed if to in names or role_of(to) == "learning_rate"} - names:
        names |= more
    return frozenset(names)


def _steps_of(source: Source, node: cst.CSTNode) -> Iterator[Step]:
    if isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.SubtractAssign | cst.AddAssign):
        yield Step(node, node.target, tuple(_factors(node.value)))
    elif isinstance(node, cst.Assign):
        for target, value in assignments(node):
            if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Subtract | cst.Add):
                scaled = _factors(value.left) if isinstance(value.operator, cst.Subtract) else [value.left]
                moved = source.code(target) in [source.code(one) for one in scaled]
                yield from [Step(node, target, tuple(_factors(value.right)))] if moved else []
    elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Subtract):
        step = Step(node, node.left, tuple(_factors(node.right)))
        if any(_GRADIENT.fullmatch(name) for name in step.names):
            yield step


def assignments(node: cst.Assign) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """Targets with their values, item by item where tuples are on both sides."""
    for target in (one.target for one in node.targets):
        both = isinstance(target, cst.Tuple) and isinstance(node.value, cst.Tuple)
        if both and len(target.elements) == len(node.value.elements):  # type: ignore[attr-defined]
            pairs = zip(target.elements, node.value.elements, strict=True)  # type: ignore[attr-defined]
            yield from ((left.value, right.value) for left, right in pairs)
        else:
            yield target, node.value


def _factors(value: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Factors of a product; what divides it is none of them."""
    if isinstance(value, cst.UnaryOperation):
        yield from _factors(value.expression)
    elif isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply | cst.Divide):
        yield from _factors(value.left)
        if isinstance(value.operator, cst.Multiply):
            yield from _factors(value.right)
    elif isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.MatrixMultiply):
        yield from _factors(value.left)
        yield value.right
    else:
        yield value


def _is_random(source: Source, step: Step, random: frozenset[str]) -> bool:
    """Whether it goes a random way: what compares with the target (``r - q``) learns, however noisy."""
    target = source.code(step.target)
    names = {name for factor in step.factors for name in _names_in(factor)}
    return not any(target in source.code(factor) for factor in step.factors) and bool(
        names & random or any(_RANDOM.fullmatch(name) for name in names)
    )


def _random_names(source: Source) -> frozenset[str]:
    """Names that are given a random draw itself."""
    pairs = [pair for node in source.nodes if isinstance(node, cst.Assign) for pair in assignments(node)]
    return frozenset(
        name_of(target)
        for target, value in pairs
        if isinstance(value, cst.Call) and _RANDOM.fullmatch(name_of(value.func)) and name_of(target)
    )


def _names_in(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    for child in node.children:
        yield from _names_in(child)


def _given_to_optimizers(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, cst.Call) and OPTIMIZER.fullmatch(name_of(node.func)):
            for arg in node.args:
                yield snake_case(name_of(arg.value) if arg.keyword is None else arg.keyword.value)


def _passed_on(source: Source) -> Iterator[tuple[str, str]]:
    """Pairs of a name and one that its value is made of, by assignments and keywords."""
    for node in source.nodes:
        if isinstance(node, cst.Assign):
            for target, value in assignments(node):
                yield from ((name_of(target), name_of(factor)) for factor in _factors(value))
        elif isinstance(node, cst.Arg) and node.keyword is not None:
            yield from ((node.keyword.value, name_of(factor)) for factor in _factors(node.value))
