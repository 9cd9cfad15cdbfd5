"""Unified diffs (and patches with ``*** Update File:``) as blocks: line numbers are not believed, only lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hakase.coders.blocks.fences import FENCE
from hakase.coders.blocks.naming import listed, resolve_file
from hakase.coders.blocks.steps import AnswerProblem, Block

_OLD = re.compile(r"^--- (\S+)")
_NEW = re.compile(r"^\+\+\+ (\S+)")
_FILE = re.compile(r"^\*\*\* (Update|Add|Delete) File: *(\S+)")
_HUNK = re.compile(r"^@@")
_NOTHING = "/dev/null"


def is_patch(lines: Sequence[str]) -> bool:
    """Whether the answer has a hunk of a diff."""
    return any(_HUNK.match(line) for line in lines) or any(
        _OLD.match(old) and _NEW.match(new) for old, new in pairwise(lines)
    )


def find_hunks(lines: Sequence[str], editable: Sequence[str]) -> list[Block]:
    """One block a hunk.

    Raises:
        AnswerProblem: a file may not be edited, or is to be made or removed.
    """
    blocks = []
    file = editable[0] if len(editable) == 1 else ""
    index = 0
    while index < len(lines):
        if header := _header(lines, index):
            file = _target(header, editable)
        if not _HUNK.match(lines[index]):
            index += 1
            continue
        end = _end_of_hunk(lines, index + 1)
        if not file:
            raise AnswerProblem(f"the diff does not name its file. Name one of {listed(editable)}.")
        blocks.append(_as_block(file, lines[index + 1 : end]))
        index = end
    if not blocks:
        raise AnswerProblem("the diff has no hunk: a line with @@, then the changed lines.")
    return blocks


def _header(lines: Sequence[str], index: int) -> tuple[str, str] | None:
    """Old and new name, when a file's part of the diff begins here."""
    if match := _FILE.match(lines[index]):
        verb, name = match.groups()
        return (_NOTHING if verb == "Add" else name, _NOTHING if verb == "Delete" else name)
    old = _OLD.match(lines[index])
    new = _NEW.match(lines[index + 1]) if old and index + 1 < len(lines) else None
    return (old[1], new[1]) if old and new else None


def _target(header: tuple[str, str], editable: Sequence[str]) -> str:
    old, new = header
    if new == _NOTHING:
        raise AnswerProblem(f"{old} may not be removed. Only {listed(editable)} may be edited.")
    shortened = new.removeprefix("b/")
    return resolve_file(shortened if shortened in editable else new, editable)


def _end_of_hunk(lines: Sequence[str], start: int) -> int:
    for index in range(start, len(lines)):
        line = lines[index]
        if _HUNK.match(line) or FENCE.match(line) or line.startswith(("diff --git ", "*** ")) or _header(lines, index):
            return index
    return len(lines)


def _as_block(file: str, body: Sequence[str]) -> Block:
    lines = [line for line in body if not line.startswith("\\")]
    while lines and not lines[-1].strip():
        lines.pop()
    search = tuple(_text(line) for line in lines if not line.startswith("+"))
    replace = tuple(_text(line) for line in lines if not line.startswith("-"))
    return Block(file, search, replace)


def _text(line: str) -> str:
    return line[1:] if line.startswith((" ", "+", "-")) else line
