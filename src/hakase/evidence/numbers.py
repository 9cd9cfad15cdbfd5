"""Finds the numbers in the free-form JSON that templates write beside each other. It checks no statistics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hakase.evidence.problems import EXAMPLE, ResultProblem

DEPTH = 4
"""Levels of nested dictionaries that become names such as ``a/b``."""
OVERFLOW = 1e100
"""Numbers from here on are a run that diverged: their squares overflow."""
SHORT_ARRAY = 8
"""Arrays of at most so many numbers become ``a/0``, ``a/1``…; longer ones are curves, and left out."""


@dataclass(frozen=True)
class Numbers:
    """Numbers by name, in the order of the file, and what was left out."""

    found: Mapping[str, float]
    left_out: tuple[str, ...]


def flatten(values: Mapping[str, object], file: Path, key: str) -> Numbers:
    """The numbers in ``values``; ``key`` is where they stand in ``file``.

    Nested dictionaries become ``a/b``; strings and nulls inside them are settings and are left out.

    Raises:
        ResultProblem: a value at the top is a string or null, or a number is not finite.
    """
    found: dict[str, float] = {}
    left_out: list[str] = []
    stack: list[tuple[str, object, int]] = [(name, value, 0) for name, value in reversed([*values.items()])]
    while stack:
        name, value, depth = stack.pop()
        children = _children(value)
        if is_number(value):
            found[name] = finite(value, file, f"{key}.{name}")
        elif children is not None and depth < DEPTH:
            stack += [(f"{name}/{child}", inner, depth + 1) for child, inner in reversed(children)]
        elif depth == 0 and not isinstance(value, Mapping | list):
            raise _not_a_number(value, file, f"{key}.{name}")
        else:
            left_out.append(name)
    return Numbers(found, tuple(left_out))


def _children(value: object) -> list[tuple[str, object]] | None:
    if isinstance(value, Mapping):
        return [(str(name), inner) for name, inner in value.items()]
    if isinstance(value, list) and len(value) <= SHORT_ARRAY and all(is_number(inner) for inner in value):
        return [(str(index), inner) for index, inner in enumerate(value)]
    return None


def is_number(value: object) -> bool:
    """Whether JSON gave a number; true and false count as 1 and 0."""
    return isinstance(value, int | float)


def as_float(value: object) -> float:
    """A number of JSON as a float; a whole number that is too large for one is infinite."""
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def finite(value: object, file: Path, key: str) -> float:
    """``value`` as a float.

    Raises:
        ResultProblem: it is NaN, infinite, or at least ``OVERFLOW``.
    """
    number = as_float(value)
    if abs(number) < OVERFLOW:
        return number
    raise ResultProblem(
        f"the metric is {number}", file=file, key=key,
        fix="find out why the run diverged (learning rate, division by zero, log of zero); "
        "a metric that is not finite is a failed run",
    )  # fmt: skip


def _not_a_number(value: object, file: Path, key: str) -> ResultProblem:
    shown = f"the text {value[:40]!r}" if isinstance(value, str) else "null"
    return ResultProblem(
        f"the metric is {shown}, not a number", file=file, key=key,
        fix=f"write a number, and leave notes and settings out of `means`; such as {EXAMPLE}",
    )  # fmt: skip


@dataclass(frozen=True)
class SeedValues:
    """One value a seed, and the seeds' names where the file gives them."""

    values: tuple[object, ...] = ()
    seeds: tuple[str, ...] = ()


def values_per_seed(info: object, names: Sequence[str], depth: int = DEPTH) -> SeedValues:
    """The per-seed values in a ``final_info_dict`` of the metric with these spellings; empty when it gives none.

    Met: metric -> list, metric -> {seed: value}, {seed: {metric: value}}, a list of {metric: value}, and a bare
    value. Dictionaries by seed are sorted by the seed's number, and give the seeds' names.
    """
    for name in names:
        found = _look_up(info, name.split("/"))
        if found is not None:
            return _by_seed(found)
    rows = _by_seed(info)
    if not depth or not rows.values or not all(isinstance(row, Mapping) for row in rows.values):
        return SeedValues()
    columns = [values_per_seed(row, names, depth - 1).values for row in rows.values]
    if any(len(column) != 1 for column in columns):
        return SeedValues()
    return SeedValues(tuple(column[0] for column in columns), rows.seeds)


def _look_up(info: object, path: Sequence[str]) -> object | None:
    for name in path:
        if not isinstance(info, Mapping) or name not in info:
            return None
        info = info[name]
    return info


def _by_seed(values: object) -> SeedValues:
    if isinstance(values, list):
        return SeedValues(tuple(values))
    if isinstance(values, Mapping):
        seeds = tuple(sorted(values, key=_seed_order))
        return SeedValues(tuple(values[seed] for seed in seeds), seeds)
    return SeedValues() if values is None else SeedValues((values,))


def _seed_order(seed: str) -> tuple[int, str]:
    digits = "".join(c for c in seed if c.isdecimal())
    return (int(digits[:12]) if digits else -1, seed)
