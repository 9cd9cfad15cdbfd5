"""Rules that change a source at the places where a pattern is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import dedent

import libcst as cst

from hakase.syntax.matching import Match, Matcher
from hakase.syntax.parameters import check_all_matched
from hakase.syntax.patterns import fill, read_pattern
from hakase.syntax.placing import (
    block_start,
    definition_splice,
    import_splice,
    line_splice,
    loop_around,
)
from hakase.syntax.problems import EditProblem
from hakase.syntax.roles import is_denied, snake_case
from hakase.syntax.source import Source, Splice, name_of, parse

_COMPOUND = (
    *(cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation, cst.Comparison, cst.IfExp, cst.Lambda),
    cst.NamedExpr,
)
_OPERATIONS = (cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation, cst.Comparison, cst.Attribute)


@dataclass(frozen=True)
class Rule:
    """One change: ``match`` is a pattern; the others say in templates what becomes of the places where it is found."""

    match: str
    where: Mapping[str, str] = field(default_factory=dict)
    """Conditions on metavariables, see ``matching.Matcher``; also on those of ``inside``."""
    inside: str = ""
    """Pattern of a statement around the match; its metavariables may be used too. The outermost that fits counts."""
    replace: str | None = None
    before: str = ""
    after: str = ""
    start: str = ""
    """Statements at the start of the matched statement's body."""
    before_loop: str = ""
    """Statements before the loop of training steps in which the match lies."""
    after_loop: str = ""
    """Statements behind that loop."""
    add: str = ""
    """A definition at module level, above the one that holds the match."""
    imports: tuple[str, ...] = ()
    """Modules, such as ``math`` or ``numpy as np``."""
    times: str = "all"
    """``all``, ``first``, or ``once``: a problem when there are several."""
    wholly: bool = False
    """Whether it is a problem when the loop of training steps updates a parameter that is no match."""


Captures = dict[str, str]


def rewrite(text: str, rule: Rule, settings: Mapping[str, str], captured: Mapping[str, str]) -> tuple[str, Captures]:
    """``text`` changed by ``rule``, and what its metavariables stood for at the first place.

    ``settings`` fill ``{name}`` in the templates; ``captured`` are metavariables of earlier rules, which have to stand
    for the same here.

    Raises:
        EditProblem: the pattern is nowhere outside of code that loads data or evaluates, or the change is no Python.
    """
    source = parse(text)
    found = list(_find(source, rule, captured))
    if not found:
        raise EditProblem(f"no code like `{_one_line(rule.match)}` was found")
    if rule.times == "once" and len(found) > 1:
        raise EditProblem(f"code like `{_one_line(rule.match)}` was found {len(found)} times, and one was wanted")
    chosen = _outermost(source, found if rule.times == "all" else found[:1])
    if rule.wholly:
        check_all_matched(source, [match.nodes for match, _ in chosen])
    splices = [splice for match, values in chosen for splice in _splices(source, rule, match, values, settings)]
    splices += [splice for match, values in chosen for splice in _behind_loop(source, rule, match, values, settings)]
    splices += [splice for module in rule.imports if module and (splice := import_splice(source, module)) is not None]
    return source.splice(dict.fromkeys(splices)), {**captured, **chosen[0][1]}


def _find(source: Source, rule: Rule, captured: Mapping[str, str]) -> Iterator[tuple[Match, Captures]]:
    around = list(_surroundings(source, rule, captured))
    for match in Matcher(source, rule.where, captured).find(read_pattern(rule.match)):
        if _is_evaluation(source, match.nodes[0]):
            continue
        values = {name: source.code(*nodes) for name, nodes in match.bindings.items()}
        if not rule.inside:
            yield match, _named({**captured, **_guarded(values, match)}, match)
        for outer, outer_values in around:
            if outer in source.ancestors(match.nodes[0]) and _agree(values, outer_values):
                yield match, _named({**captured, **outer_values, **_guarded(values, match)}, match)
                break


def _is_evaluation(source: Source, node: cst.CSTNode) -> bool:
    """Whether ``node`` lies in a function or class that loads data or evaluates: no rule changes those."""
    around = (above for above in source.ancestors(node) if isinstance(above, cst.FunctionDef | cst.ClassDef))
    return any(is_denied("", owner.name.value) for owner in around)


def _surroundings(source: Source, rule: Rule, captured: Mapping[str, str]) -> Iterator[tuple[cst.CSTNode, Captures]]:
    if rule.inside:
        for match in Matcher(source, rule.where, captured).find(read_pattern(rule.inside)):
            values = {name: source.code(*nodes) for name, nodes in match.bindings.items()}
            yield match.nodes[0], _guarded(values, match)


def _agree(values: Captures, others: Captures) -> bool:
    return all(others.get(name, text) == text for name, text in values.items())


def _guarded(values: Captures, match: Match) -> Captures:
    """``values`` with parentheses around those that an operator beside them would tear apart."""
    compound = {name for name, nodes in match.bindings.items() if nodes and isinstance(nodes[0], _COMPOUND)}
    return {name: f"({text})" if name in compound else text for name, text in values.items()}


def _named(values: Captures, match: Match) -> Captures:
    """``values`` with, for each ``$X``, ``$X_NAME``: a plain name for it."""
    names = {
        f"{name}_NAME": snake_case(name_of(nodes[0])) or "value"
        for name, nodes in match.bindings.items()
        if len(nodes) == 1
    }
    return {**names, **values}


def _outermost(source: Source, found: list[tuple[Match, Captures]]) -> list[tuple[Match, Captures]]:
    """Without matches that lie in an earlier one."""
    kept: list[tuple[Match, Captures]] = []
    end = -1
    for match, values in found:
        if source.start(match.nodes[0]) >= end:
            kept.append((match, values))
            end = source.end(match.nodes[0])
    return kept


def _splices(
    source: Source, rule: Rule, match: Match, values: Captures, settings: Mapping[str, str]
) -> Iterator[Splice]:
    def filled(template: str) -> str:
        return _filled(template, values, settings)

    first, last = match.nodes[0], match.nodes[-1]
    if rule.replace is not None:
        yield Splice(source.start(first), source.end(last), _fitted(source, first, filled(rule.replace)))
    if rule.before:
        yield line_splice(source, _statement(source, first), filled(rule.before))
    if rule.after:
        yield line_splice(source, _statement(source, last), filled(rule.after), behind=True)
    if rule.start:
        yield line_splice(source, block_start(first), filled(rule.start))
    if rule.before_loop:
        yield line_splice(source, loop_around(source, first), filled(rule.before_loop))
    if rule.add and (splice := definition_splice(source, first, filled(rule.add))) is not None:
        yield splice


def _behind_loop(
    source: Source, rule: Rule, match: Match, values: Captures, settings: Mapping[str, str]
) -> Iterator[Splice]:
    """What follows the loop; made last, since a match may end where its loop ends."""
    if rule.after_loop:
        text = _filled(rule.after_loop, values, settings)
        yield line_splice(source, loop_around(source, match.nodes[0]), text, behind=True)


def _filled(template: str, values: Captures, settings: Mapping[str, str]) -> str:
    text = fill(dedent(template).strip("\n"), values)
    for name, value in settings.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _statement(source: Source, node: cst.CSTNode) -> cst.CSTNode:
    kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
    if isinstance(node, kinds):
        return node
    return next(above for above in source.ancestors(node) if isinstance(above, kinds))


def _fitted(source: Source, node: cst.CSTNode, text: str) -> str:
    """``text`` in place of ``node``: indented as it is, or in parentheses where an operator is beside it."""
    if not isinstance(node, cst.BaseExpression):
        return text.replace("\n", "\n" + source.indentation(node))
    above, new = source.parent(node), cst.parse_expression(text)
    if node.lpar or not isinstance(above, _OPERATIONS) or not isinstance(new, _COMPOUND):
        return text
    return text if _continues(above, node, new) else f"({text})"


def _continues(above: cst.CSTNode, node: cst.CSTNode, new: cst.BaseExpression) -> bool:
    """Whether ``new`` on the left of ``above`` reads the same without parentheses: ``a * b`` in front of ``* c``."""
    both = isinstance(above, cst.BinaryOperation) and isinstance(new, cst.BinaryOperation)
    return both and above.left is node and type(above.operator) is type(new.operator)  # type: ignore[attr-defined]


def _one_line(pattern: str) -> str:
    return "; ".join(line.strip() for line in pattern.strip().splitlines())
