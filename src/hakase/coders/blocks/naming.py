"""Which file a line of an answer names, and whether that file may be edited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from hakase.coders.blocks.steps import AnswerProblem

_DECORATION = "`*#\"'()[]<>:：, \t"
_PATH = re.compile(r"[\w.~:/\\+@-]+", re.ASCII)
_EXTENSION = re.compile(
    r"[\w-]\.(py|pyx|pyi|ipynb|json|jsonl|toml|ya?ml|cfg|ini|txt|md|tex|csv|sh|js|html|c|cc|cpp|h|cu)$"
)


def named_file(line: str, editable: Sequence[str]) -> str | None:
    """The file that ``line`` names, as it is written there; None when it is prose that names no editable file."""
    bare = line.strip().strip(_DECORATION)
    for candidate in (bare, re.split(r"[:：]", bare)[-1].strip(_DECORATION)):
        if candidate in editable or (_PATH.fullmatch(candidate) and _is_path(candidate)):
            return candidate
    mentioned = [name for name in editable if re.search(rf"(?<![\w./\\-]){re.escape(name)}(?![\w/\\-])", line, re.A)]
    return mentioned[0] if len(mentioned) == 1 else None


def _is_path(text: str) -> bool:
    return bool(_EXTENSION.search(text)) or (("/" in text or "\\" in text) and not text.startswith("//"))


def resolve_file(name: str, editable: Sequence[str]) -> str:
    """The editable file that ``name`` means.

    Raises:
        AnswerProblem: it is none, or lies outside.
    """
    plain = name.replace("\\", "/")
    path = PurePosixPath(plain)
    if str(path) in editable:
        return str(path)
    may = f"Only {listed(editable)} may be edited."
    if path.is_absolute() or ".." in path.parts or plain.startswith("~") or re.match(r"[A-Za-z]:", plain):
        raise AnswerProblem(f"{name[:200]!r} lies outside of the experiment. {may}")
    raise AnswerProblem(f"{name[:200]!r} may not be edited or made. {may}")


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
