"""The ``labels`` dictionary of a plot.py, which says which runs are drawn and under which names."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from hakase.syntax.problems import EditProblem
from hakase.syntax.source import Source, Splice, parse


def set_labels(source: str, labels: Mapping[str, str]) -> str | None:
    """``source`` with the dictionary replaced, one run a line; None when it has no such dictionary or is no Python."""
    try:
        parsed = parse(source)
    except EditProblem:
        return None
    found = _dictionary(parsed)
    if found is None:
        return None
    indent = parsed.indentation(found)
    items = "".join(f"{indent}    {_quoted(run)}: {_quoted(label)},\n" for run, label in labels.items())
    return parsed.splice([Splice(parsed.start(found), parsed.end(found), "{\n" + items + indent + "}")])


def _dictionary(parsed: Source) -> cst.Dict | None:
    for node in parsed.nodes:
        targets = node.targets if isinstance(node, cst.Assign) else [node] if isinstance(node, cst.AnnAssign) else []
        named = any(isinstance(one.target, cst.Name) and one.target.value == "labels" for one in targets)
        if named and isinstance(node, cst.Assign | cst.AnnAssign) and isinstance(node.value, cst.Dict):
            return node.value
    return None


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{plain}"'
