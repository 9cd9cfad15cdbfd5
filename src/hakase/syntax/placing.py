"""Where new lines go: beside a statement, at the start of a body, before a loop, at module level, among imports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import indent

import libcst as cst

from hakase.syntax.problems import EditProblem
from hakase.syntax.source import Source, Splice

_NO_TRAINING = re.compile(r"seed|run|trial|repeat|repetition|replication|dataset|data|name|fold|task|problem|key")


def line_splice(source: Source, statement: cst.CSTNode, text: str, behind: bool = False) -> Splice:
    """``text`` as lines of their own, before or behind ``statement`` and as deep as it."""
    lines = indent(text, source.indentation(statement)) + "\n"
    if not behind:
        place = source.line_start(source.start(statement))
        return Splice(place, place, lines)
    place = source.line_end(source.end(statement))
    return Splice(place, place, lines if source.bytes[:place].endswith(b"\n") else "\n" + lines)


def block_start(statement: cst.CSTNode) -> cst.CSTNode:
    """The first statement of a compound statement's body, behind a documentation string."""
    body = getattr(statement, "body", None)
    if not isinstance(body, cst.IndentedBlock):
        raise EditProblem("the body is on the line of its head")
    documented = isinstance(statement, cst.FunctionDef) and statement.get_docstring() is not None
    return body.body[1 if documented and len(body.body) > 1 else 0]


def loop_around(source: Source, node: cst.CSTNode) -> cst.CSTNode:
    """The outermost loop around ``node`` in its function that counts steps, not seeds or data sets.

    Raises:
        EditProblem: there is none.
    """
    loops = []
    for above in source.ancestors(node):
        if isinstance(above, cst.FunctionDef):
            break
        if isinstance(above, cst.For | cst.While):
            loops.append(above)
    counting = [loop for loop in loops if not _NO_TRAINING.search(_counter(source, loop))]
    if not counting:
        raise EditProblem("the code is in no loop of training steps")
    return counting[-1]


def _counter(source: Source, loop: cst.For | cst.While) -> str:
    return source.code(loop.target).lower() if isinstance(loop, cst.For) else ""


def definition_splice(source: Source, node: cst.CSTNode, text: str) -> Splice | None:
    """``text`` above the top-level statement that holds ``node``; None when its name is defined already."""
    defined = re.match(r"(?:def|class)\s+(\w+)", text)
    if defined and re.search(rf"^(def|class) {defined[1]}\b", source.text, flags=re.MULTILINE):
        return None
    holder = next((above for above in [node, *source.ancestors(node)] if above in source.module.body), node)
    place = source.line_start(source.start(holder))
    while place and source.bytes[source.line_start(place - 1) : place].startswith((b"#", b"@")):
        place = source.line_start(place - 1)
    return Splice(place, place, text + "\n\n\n")


def import_splice(source: Source, module: str) -> Splice | None:
    """``import module`` in its alphabetical place among the plain imports; None when it is there."""
    line = f"import {module}"
    imports = [one for one in source.module.body if _is_import(one)]
    if any(source.code(one).strip() == line for one in imports):
        return None
    plain = [one for one in imports if source.code(one).startswith("import ")]
    later = next((one for one in plain if source.code(one) > line), None)
    if later is not None and plain:
        return line_splice(source, later, line)
    if imports:
        return line_splice(source, (plain or imports)[-1], line, behind=True)
    return line_splice(source, _first_code(source.module.body), line)


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Import | cst.ImportFrom)


def _first_code(body: Sequence[cst.CSTNode]) -> cst.CSTNode:
    """The first statement behind a module's documentation string."""
    if not body:
        raise EditProblem("the file is empty")
    first = body[0]
    documented = isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr)
    return body[1] if documented and len(body) > 1 else first
