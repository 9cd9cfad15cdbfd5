"""The named literals of any Python code, each with a textual address that survives other edits.

Found are module constants, items of module-level dictionaries, fields of classes, defaults of argparse options and
of parameters, keywords of calls, and variables of functions. What they are for is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import libcst as cst

from hakase.syntax.roles import snake_case
from hakase.syntax.source import Source, name_of, parse

KINDS = ("argparse", "field", "item", "constant", "keyword", "default", "variable")
"""Where a literal stands; of several with one role the first kind decides what the code uses."""


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
