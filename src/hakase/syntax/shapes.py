"""Which names size the data: what slices it, shapes it, counts it or is passed to the function that makes it.

To vary one of them would change what is measured, not the method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from hakase.syntax.roles import is_data_maker, snake_case
from hakase.syntax.source import Source, name_of, parse

_DATA = (
    r"data\w*|points|pairs|examples|samples|sequences|series|corpus|cities|items|inputs?|labels?|targets?|rows"
    r"|spirals?|moons|circles|blobs|instances?|problems?|tasks?"
)
_MAKER = re.compile(rf"(make|load|generate|simulate|synthesi[sz]e)|((?!train_|fit_|update_)\w*_)?({_DATA})(_\w+)?")
_HELD = re.compile(rf"((x|y|xs|ys|train|test|val(idation)?)\d*_?)+|(\w+_)?({_DATA})")
_WEIGHTS = re.compile(
    r"[wbuvhpqme]\d*|(\w+_)?(w|weights?|bias(es)?|theta|params?|embedding|factors|centroids|hidden)\d*"
)
_CHOICE = re.compile(r"(?i)sort|rank|popul|histor|candid|best|elite|scor")
_SHAPE_AT = {
    **dict.fromkeys(("zeros", "ones", "empty", "full", "random", "standard_normal", "permutation", "arange"), 0),
    **dict.fromkeys(("linspace", "normal", "uniform", "integers"), 2),
    **dict.fromkeys(("rand", "randn")),
}
"""Functions that make arrays -> place of the argument that holds the shape; None for all."""


@lru_cache(maxsize=64)
def data_arguments(text: str) -> frozenset[str]:
    """Names in snake case that are passed to a function or class that loads or makes data.

    Raises:
        EditProblem: ``text`` is no Python.
    """
    calls = [node for node in parse(text).nodes if isinstance(node, cst.Call)]
    makers = [call for call in calls if is_data_maker(name_of(call.func))]
    return _snake(name for call in makers for arg in call.args for name in names_in(arg.value))


@lru_cache(maxsize=64)
def shaping_names(text: str) -> frozenset[str]:
    """Names in snake case that slice, shape or count data, or are read where data are made.

    Raises:
        EditProblem: ``text`` is no Python.
    """
    source = parse(text)
    return _snake(name for node in source.nodes for name in _shaping(source, node))


def names_in(node: cst.CSTNode) -> Iterator[str]:
    """The names by which ``node`` refers to values: of ``args.n`` only ``n``."""
    if name_of(node):
        yield name_of(node)
        return
    for child in node.children if not isinstance(node, cst.Call) else node.args:
        yield from names_in(child.value if isinstance(child, cst.Arg) else child)


def _shaping(source: Source, node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Call):
        yield from _called(source, node)
    elif isinstance(node, cst.Subscript) and not _CHOICE.search(source.code(node.value)):
        slices = [element.slice for element in node.slice if isinstance(element.slice, cst.Slice)]
        for bound in [bound for one in slices for bound in (one.lower, one.upper) if bound is not None]:
            names = set(names_in(bound))
            yield from names if len(names) == 1 else ()
    elif isinstance(node, cst.FunctionDef) and _makes_data(node.name.value):
        yield from names_in(node.body)


def _called(source: Source, call: cst.Call) -> Iterator[str]:
    callee = name_of(call.func)
    if _makes_data(callee) or (callee == "range" and _fills_data(source, call)):
        yield from (name for arg in call.args for name in names_in(arg.value))
    elif not _WEIGHTS.fullmatch(snake_case(_receiver(source, call))):
        shapes = [arg.value for place, arg in enumerate(call.args) if _holds_shape(callee, place, arg)]
        yield from (name for shape in shapes for name in names_in(shape))


def _holds_shape(callee: str, place: int, arg: cst.Arg) -> bool:
    if arg.keyword is not None:
        return arg.keyword.value in ("size", "shape")
    return callee in _SHAPE_AT and _SHAPE_AT[callee] in (None, place)


def _fills_data(source: Source, call: cst.Call) -> bool:
    """Whether a ``range`` counts what is put into lists of data."""
    loop = next((above for above in source.ancestors(call) if isinstance(above, cst.CompFor | cst.For)), None)
    if isinstance(loop, cst.CompFor):
        return bool(_HELD.fullmatch(snake_case(_receiver(source, call))))
    if not isinstance(loop, cst.For) or loop.iter is not call:
        return False
    appended = re.findall(r"(\w+)\.append\(", source.code(loop.body))
    return any(_HELD.fullmatch(snake_case(name)) for name in appended)


def _receiver(source: Source, node: cst.CSTNode) -> str:
    """The name that the value around ``node`` is assigned to."""
    for above in source.ancestors(node):
        if isinstance(above, cst.Assign):
            return name_of(above.targets[0].target)
        if isinstance(above, cst.BaseSuite):
            break
    return ""


def _makes_data(name: str) -> bool:
    return is_data_maker(name) or _MAKER.fullmatch(snake_case(name)) is not None


def _snake(names: Iterator[str]) -> frozenset[str]:
    return frozenset(snake_case(name) for name in names)
