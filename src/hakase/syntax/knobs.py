"""The hyperparameters of any Python code: literals that a name, and what the name is used for, make adjustable.

Whatever decides the evaluation or sizes the data is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hakase.seams import Constant
from hakase.syntax.literals import KINDS, Literal, find_literals, method_files
from hakase.syntax.problems import EditProblem
from hakase.syntax.roles import is_data_maker, is_denied, role_of, snake_case
from hakase.syntax.shapes import data_arguments, shaping_names
from hakase.syntax.steps import step_names

_NUMERICAL_EPSILON = 1e-4
_REGULARISED = {"Ridge", "Lasso", "ElasticNet", "SGDClassifier", "SGDRegressor", "MLPClassifier", "MLPRegressor"}
_NO_SETTING = re.compile(r"(\w+_)?(out|output|data|save|log)_?(dir|path|folder)|(\w*_)?(seed_)?offset|__\w+")
_NAMES_DATA = re.compile(r"(\w*_)?(data(_?sets?)?|files?|paths?|names?|urls?|dirs?|folders?)")
_SETTINGS = re.compile(r"(?i)\w*(config|cfg|params|settings|defaults|hyper\w*|options)")


@dataclass(frozen=True)
class _Uses:
    """What the code does with names, all in snake case."""

    steps: frozenset[str]
    shaping: frozenset[str]
    data: frozenset[str]


@dataclass(frozen=True)
class Knob:
    """A hyperparameter of the method."""

    address: str
    name: str
    value: str
    kind: str
    role: str
    """Empty when the name says nothing about the use."""
    file: str
    line: int

    @property
    def number(self) -> float | None:
        """The value as a number, when it is one."""
        try:
            return float(self.value)
        except ValueError:
            return None

    @property
    def whole(self) -> bool:
        """Whether the value is written as an integer."""
        return self.value.lstrip("+-").replace("_", "").isdigit()


def find_knobs(files: Mapping[str, str]) -> tuple[Knob, ...]:
    """The hyperparameters that may be varied: numbers, truth values, and texts whose role is known."""
    uses = _read_uses(files)
    return tuple(knob for literal in find_literals(files) if (knob := _knob(literal, uses)) is not None)


def find_by_role(files: Mapping[str, str], role: str) -> tuple[Knob, ...]:
    """Knobs of one role, the one that most likely decides first.

    A field or a default whose name is given a value elsewhere too comes last: that value is probably passed on to it.
    """
    fitting = [knob for knob in find_knobs(files) if knob.role == role]
    given = {knob.name for knob in fitting if knob.kind not in ("field", "default")}
    passed = {knob.address: knob.kind in ("field", "default") and knob.name in given for knob in fitting}
    return tuple(sorted(fitting, key=lambda knob: (passed[knob.address], KINDS.index(knob.kind))))


def constants(files: Mapping[str, str]) -> tuple[Constant, ...]:
    """The settings that a paper's table names, evaluation and data included; files that are no Python have none.

    Of module constants and variables those in capitals or with a role count, of parameters and keywords those with a
    role, of fields and options all; what only names a file, a folder or a data set is left out.
    """
    found = []
    for file, text in method_files(files).items():
        try:
            found += [item for item in find_literals({file: text}) if _is_setting(item, step_names(text))]
        except EditProblem:
            continue
    taken = {snake_case(item.name) for item in found if item.kind != "default"}
    roles = {role for name in taken if (role := role_of(name))}
    found = [item for item in found if item.kind != "default" or not _is_taken(item.name, taken, roles)]
    names = [item.name for item in found]
    return tuple(
        Constant(one.name if names.count(one.name) == 1 else one.address, one.value, one.file, one.line)
        for one in found
    )


def _is_taken(name: str, names: Collection[str], roles: Collection[str]) -> bool:
    """Whether another setting probably replaces a parameter's default of this name."""
    return snake_case(name) in names or role_of(name) in roles


def _is_setting(literal: Literal, steps: frozenset[str]) -> bool:
    plain, text = snake_case(literal.name), literal.value[:1] in "\"'"
    if _NO_SETTING.fullmatch(plain) or (text and _NAMES_DATA.fullmatch(plain)):
        return False
    if literal.kind in ("argparse", "field"):
        return True
    role = _role(literal, steps)
    if literal.kind == "constant":
        return bool(role) or literal.name.isupper()
    if literal.kind == "item":
        if is_data_maker(literal.owner):
            return False
        return bool(role) or bool(_SETTINGS.fullmatch(literal.owner)) or (literal.owner.isupper() and not text)
    return bool(role) and (len(plain) > 1 or literal.kind == "keyword")


def _read_uses(files: Mapping[str, str]) -> _Uses:
    texts = method_files(files).values()
    steps, shaping, data = (
        frozenset().union(*map(read, texts)) for read in (step_names, shaping_names, data_arguments)
    )
    return _Uses(steps, shaping, data)


def _role(literal: Literal, steps: frozenset[str]) -> str:
    if snake_case(literal.name) == "alpha" and literal.owner in _REGULARISED:
        return "regularisation"
    return role_of(literal.name, steps)


def _knob(literal: Literal, uses: _Uses) -> Knob | None:
    role = _role(literal, uses.steps)
    knob = Knob(literal.address, literal.name, literal.value, literal.kind, role, literal.file, literal.line)
    if is_denied(literal.name, literal.owner) or literal.name.startswith("__") or _sizes_data(knob, uses):
        return None
    if role == "exploration" and knob.number is not None and knob.number < _NUMERICAL_EPSILON:
        return None
    if knob.number is None and not (knob.value in ("True", "False") or role):
        return None
    return knob if role or literal.kind in ("argparse", "field", "item", "constant", "default") else None


def _sizes_data(knob: Knob, uses: _Uses) -> bool:
    """Whether its use or its mere letter (``N``) tells that it sizes data; a batch is drawn, not made."""
    plain = snake_case(knob.name)
    if knob.role:
        letter = len(plain) == 1 and knob.kind != "keyword" and plain in uses.shaping
        return letter or (plain in uses.data and knob.role != "batch_size")
    return len(plain) == 1 or plain in uses.shaping | uses.data
