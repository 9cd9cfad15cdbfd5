"""The hyperparameters of any Python code: literals that a name, and what the name is used for, make adjustable.

Found are module constants, items of module-level dictionaries, fields of classes, defaults of argparse options and
of parameters, keywords of calls, and variables of functions. Each has a textual address that survives other edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import libcst as cst

from hakase.seams import Constant
from hakase.syntax.matching import name_of
from hakase.syntax.problems import EditProblem
from hakase.syntax.roles import is_denied, role_of, snake_case
from hakase.syntax.source import Source, parse

KINDS = ("argparse", "field", "item", "constant", "keyword", "default", "variable")
"""Where a knob stands; of several with one role the first kind decides what the code uses."""

_NUMERICAL_EPSILON = 1e-4
_REGULARISED = {"Ridge", "Lasso", "ElasticNet", "SGDClassifier", "SGDRegressor", "MLPClassifier", "MLPRegressor"}


@dataclass(frozen=True)
class Literal:
    """A named literal of the code."""

    address: str
    name: str
    owner: str
    """Function, class or callee that it belongs to; empty at module level."""
    kind: str
    value: str
    """As in the code."""
    file: str
    line: int
    start: int
    end: int
    """Where the value stands, in bytes of the UTF-8 text."""


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


def method_files(files: Mapping[str, str]) -> dict[str, str]:
    """The Python files that can hold the method: those that draw (``plot*.py``) are left out."""
    names = {name: name.rsplit("/", 1)[-1] for name in files}
    return {
        name: text for name, text in files.items() if names[name].endswith(".py") and not names[name].startswith("plot")
    }


def find_literals(files: Mapping[str, str]) -> tuple[Literal, ...]:
    """All named literals in the order of files and lines, evaluation and data included; addresses are unique.

    Raises:
        EditProblem: a file is no Python.
    """
    seen: dict[str, int] = {}
    found = []
    for file, text in method_files(files).items():
        for literal in _in_file(file, text):
            count = seen[literal.address] = seen.get(literal.address, 0) + 1
            found.append(literal if count == 1 else replace(literal, address=f"{literal.address}#{count}"))
    return tuple(found)


def find_knobs(files: Mapping[str, str]) -> tuple[Knob, ...]:
    """The hyperparameters that may be varied: numbers, truth values, and texts whose role is known."""
    return tuple(knob for literal in find_literals(files) if (knob := _knob(literal)) is not None)


def find_by_role(files: Mapping[str, str], role: str) -> tuple[Knob, ...]:
    """Knobs of one role, the one that most likely decides first.

    A field or a default whose name is given a value elsewhere too comes last: that value is probably passed on to it.
    """
    fitting = [knob for knob in find_knobs(files) if knob.role == role]
    given = {knob.name for knob in fitting if knob.kind not in ("field", "default")}
    passed = {knob.address: knob.kind in ("field", "default") and knob.name in given for knob in fitting}
    return tuple(sorted(fitting, key=lambda knob: (passed[knob.address], KINDS.index(knob.kind))))


def constants(files: Mapping[str, str]) -> tuple[Constant, ...]:
    """All named literals as facts for a paper's settings table; files that are no Python are left out."""
    found = []
    for file, text in method_files(files).items():
        try:
            found += [item for item in find_literals({file: text}) if item.kind != "keyword" or role_of(item.name)]
        except EditProblem:
            continue
    settings = {item.name for item in found if item.kind != "default"}
    found = [item for item in found if item.kind != "default" or item.name not in settings]
    names = [item.name for item in found]
    return tuple(
        Constant(one.name if names.count(one.name) == 1 else one.address, one.value, one.file, one.line)
        for one in found
    )


def _knob(literal: Literal) -> Knob | None:
    role = role_of(literal.name)
    if snake_case(literal.name) == "alpha":
        role = "regularisation" if literal.owner in _REGULARISED else ""
    knob = Knob(literal.address, literal.name, literal.value, literal.kind, role, literal.file, literal.line)
    if is_denied(literal.name, literal.owner) or literal.name.startswith("__"):
        return None
    if role == "exploration" and knob.number is not None and knob.number < _NUMERICAL_EPSILON:
        return None
    if knob.number is None and not (knob.value in ("True", "False") or role):
        return None
    return knob if role or literal.kind in ("argparse", "field", "item", "constant", "default") else None


@lru_cache(maxsize=64)
def _in_file(file: str, text: str) -> tuple[Literal, ...]:
    source = parse(text)
    return tuple(literal for node in source.nodes for literal in _of_node(source, file, node))


def _of_node(source: Source, file: str, node: cst.CSTNode) -> Iterator[Literal]:
    for address, name, owner, kind, value in _named_values(source, node):
        if value is not None and _is_literal(value):
            place = source.start(value), source.end(value)
            yield Literal(address, name, owner, kind, source.code(value), file, source.line(value), *place)


_Named = tuple[str, str, str, str, cst.BaseExpression | None]


def _named_values(source: Source, node: cst.CSTNode) -> Iterator[_Named]:
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        yield from _assigned(source, node, node.targets[0].target, node.value)
    elif isinstance(node, cst.AnnAssign) and node.value is not None:
        yield from _assigned(source, node, node.target, node.value)
    elif isinstance(node, cst.Param) and node.default is not None:
        yield from _parameter(source, node)
    elif isinstance(node, cst.Call):
        yield from _call(node)


def _assigned(
    source: Source, node: cst.CSTNode, target: cst.BaseExpression, value: cst.BaseExpression
) -> Iterator[_Named]:
    name = target.value if isinstance(target, cst.Name) else ""
    owner = _owner(source, node)
    if not name:
        return
    if owner is None and isinstance(value, cst.Dict):
        for element in value.elements:
            if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
                key = str(element.key.evaluated_value)
                yield f'{name}["{key}"]', key, name, "item", element.value
    elif owner is None:
        yield name, name, "", "constant", value
    else:
        around = owner.name.value
        kind = "field" if isinstance(owner, cst.ClassDef) else "variable"
        yield f"{around}.{name}", name, around, kind, value


def _parameter(source: Source, node: cst.Param) -> Iterator[_Named]:
    function = next((above for above in source.ancestors(node) if isinstance(above, cst.FunctionDef)), None)
    if function is None or any(isinstance(above, cst.Lambda) for above in source.ancestors(node)):
        return
    outer = _owner(source, function)
    owner = function.name.value
    path = f"{outer.name.value}.{owner}" if isinstance(outer, cst.ClassDef) else owner
    denied_by = outer.name.value if isinstance(outer, cst.ClassDef) and owner == "__init__" else owner
    yield f"{path}({node.name.value})", node.name.value, denied_by, "default", node.default


def _call(node: cst.Call) -> Iterator[_Named]:
    callee = name_of(node.func)
    keywords = {arg.keyword.value: arg.value for arg in node.args if arg.keyword is not None}
    if callee == "add_argument" and "default" in keywords:
        options = [arg.value.evaluated_value for arg in node.args if isinstance(arg.value, cst.SimpleString)]
        flags = [str(option) for arg, option in zip(node.args, options, strict=False) if arg.keyword is None]
        if flags:
            flag = max(flags, key=len)
            yield f"argparse:{flag}", snake_case(flag), "", "argparse", keywords["default"]
        return
    for keyword, value in keywords.items():
        yield f"{callee}({keyword})", keyword, callee, "keyword", value


def _owner(source: Source, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | None:
    for above in source.ancestors(node):
        if isinstance(above, cst.FunctionDef | cst.ClassDef):
            return above
    return None


def _is_literal(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
        value = value.expression
    if isinstance(value, cst.Name):
        return value.value in ("True", "False")
    return isinstance(value, cst.Integer | cst.Float | cst.SimpleString)
