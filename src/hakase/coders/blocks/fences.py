"""Fenced blocks of an answer, and the whole files among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hakase.coders.blocks.naming import named_file, resolve_file
from hakase.coders.blocks.steps import AnswerProblem, WholeFile

FENCE = re.compile(r"^\s*(`{3,}|~{3,})([^`]*)$")
_TOP_LEVEL = re.compile(r"^(?:(?:async\s+)?def\s+(\w+)|class\s+(\w+)|(\w+)\s*(?::[^=\n]+)?=(?!=))", re.MULTILINE)
KEPT_SHARE = 0.5
"""A text is the whole of a file, not a part, when it has at least this share of the file's top-level names."""


@dataclass(frozen=True)
class Fenced:
    """What stands between two fences, and the name of a file where one is given."""

    body: str
    name: str | None
    closed: bool


def find_fenced(lines: Sequence[str], editable: Sequence[str]) -> list[Fenced]:
    """All fenced blocks, in order; one that is never closed goes to the end."""
    found = []
    start = 0
    while start < len(lines):
        opening = FENCE.match(lines[start])
        if opening is None:
            start += 1
            continue
        end = _closing(lines, start, opening[1])
        body = lines[start + 1 : end]
        found.append(Fenced("\n".join(body) + "\n", _name(lines, start, body, editable), end < len(lines)))
        start = end + 1
    return found


def _closing(lines: Sequence[str], start: int, fence: str) -> int:
    """Index of the line that closes the fence, or the number of lines."""
    close = re.compile(rf"\s*{re.escape(fence[0])}{{{len(fence)},}}\s*")
    return next((index for index in range(start + 1, len(lines)) if close.fullmatch(lines[index])), len(lines))


def _name(lines: Sequence[str], start: int, body: Sequence[str], editable: Sequence[str]) -> str | None:
    """A name beside the opening fence, in a comment on the first line, or in the line above."""
    beside = re.split(r"[\s:=]+", lines[start].strip().strip("`~"))
    for word in reversed(beside):
        if word and "." in word and (name := named_file(word, editable)):
            return name
    first = body[0].strip() if body else ""
    if first.startswith("#") and first.strip("# ").removeprefix("./") in editable:
        return first.strip("# ")
    above = next((line for line in reversed(lines[max(0, start - 3) : start]) if line.strip()), "")
    return None if FENCE.match(above) else named_file(above, editable)


def find_whole_files(lines: Sequence[str], before: Mapping[str, str]) -> list[WholeFile]:
    """The whole files of an answer; without a name when only one file can be meant.

    Raises:
        AnswerProblem: a block names a file and is only a part of it, is cut off, or the file may not be edited.
    """
    editable = tuple(before)
    fenced = find_fenced(lines, editable)
    texts = _by_file([block for block in fenced if block.name], editable)
    if not texts and len(editable) == 1:
        texts = {editable[0]: fenced or [Fenced("\n".join(lines) + "\n", None, True)]}
    return [whole for name, blocks in texts.items() if (whole := _whole(name, blocks, before[name]))]


def find_other_files(lines: Sequence[str], before: Mapping[str, str], edited: Collection[str]) -> list[WholeFile]:
    """The whole files that an answer names beside its blocks; code shown of the files ``edited`` is only talk.

    Raises:
        AnswerProblem: as above.
    """
    editable = tuple(before)
    fenced = [block for block in find_fenced(lines, editable) if block.name and len(block.body.split()) > 1]
    texts = _by_file(fenced, editable)
    found = [_whole(name, blocks, before[name]) for name, blocks in texts.items() if name not in edited]
    return [whole for whole in found if whole]


def _by_file(fenced: Sequence[Fenced], editable: Sequence[str]) -> dict[str, list[Fenced]]:
    texts: dict[str, list[Fenced]] = {}
    for block in fenced:
        texts.setdefault(resolve_file(block.name or "", editable), []).append(block)
    return texts


def _whole(name: str, blocks: Sequence[Fenced], before: str) -> WholeFile | None:
    whole = [block for block in blocks if is_whole(name, block.body, before)]
    if any(not block.closed for block in whole):
        raise AnswerProblem(f"the text of {name} is cut off: its fence is not closed. Send short blocks instead.")
    different = {block.body for block in whole}
    if len(different) > 1:
        raise AnswerProblem(f"the answer holds {len(different)} different texts of {name}. Send one.")
    if whole:
        return WholeFile(name, whole[0].body)
    if any(block.name for block in blocks):
        raise AnswerProblem(
            f"the fenced code for {name} is only a part of that file, and nothing says which lines it replaces. "
            "Send it as a SEARCH/REPLACE block."
        )
    return None


def is_whole(name: str, text: str, before: str) -> bool:
    """Whether ``text`` is a whole new version of the file; judged by the names that Python code defines."""
    if not name.endswith(".py"):
        return True
    old, new = top_level_names(before), top_level_names(text)
    return len(old & new) >= KEPT_SHARE * len(old) and bool(new or not old)


@lru_cache(maxsize=64)
def top_level_names(code: str) -> frozenset[str]:
    """Functions, classes and variables at the left margin; of code with syntax errors too."""
    return frozenset(name for match in _TOP_LEVEL.finditer(code) for name in match.groups() if name)
