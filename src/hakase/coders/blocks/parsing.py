"""From a model's answer to steps: SEARCH/REPLACE blocks, unified diffs, whole files, with prose and fences around them.

Pure text: nothing is looked up in the files but the names that a whole file must have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hakase.coders.blocks.fences import FENCE, find_other_files, find_whole_files
from hakase.coders.blocks.naming import listed, named_file, resolve_file
from hakase.coders.blocks.patches import find_hunks, is_patch
from hakase.coders.blocks.steps import AnswerProblem, Block, Step

_OPEN = re.compile(r"^\s*<{5,9}\s*(?:SEARCH|ORIGINAL|HEAD|FIND)\b\s*:?(.*)$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,9}\s*$")
_CLOSE = re.compile(r"^\s*>{5,9}\s*(?:\w+\s*)?$")
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_LINES_ABOVE = 4
"""Lines above a block, blank ones and fences not counted, among which its file's name is looked for."""
NO_EDIT = (
    "the answer holds no edit. Send SEARCH/REPLACE blocks: the file's name, <<<<<<< SEARCH, the lines to find, "
    "=======, the new lines, >>>>>>> REPLACE."
)


def parse_answer(answer: str, before: Mapping[str, str]) -> tuple[Step, ...]:
    """What ``answer`` asks for, in its order; ``before`` has the editable files with their texts.

    Raises:
        AnswerProblem: it asks for nothing, for something unclear, or for a file that may not be edited.
    """
    lines = _THOUGHT.sub("", answer).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    steps: list[Step]
    if any(_OPEN.match(line) for line in lines):
        blocks, rest = _find_blocks(lines, tuple(before))
        steps = [*blocks, *find_other_files(rest, before, {block.file for block in blocks})]
    elif is_patch(lines):
        steps = [*find_hunks(lines, tuple(before))]
    else:
        steps = [*find_whole_files(lines, before)]
    if not steps:
        raise AnswerProblem(NO_EDIT)
    return tuple(dict.fromkeys(steps))


def _find_blocks(lines: Sequence[str], editable: Sequence[str]) -> tuple[list[Block], list[str]]:
    """All blocks, and the lines that are outside of them."""
    blocks: list[Block] = []
    rest: list[str] = []
    index = outside = 0
    while index < len(lines):
        opening = _OPEN.match(lines[index])
        if opening is None:
            index += 1
            continue
        number = len(blocks) + 1
        name = named_file(opening[1], editable) or _name_above(lines[outside:index], editable)
        file = resolve_file(name, editable) if name else _same_file(blocks, editable, number)
        divider, end = _limits(lines, index, number)
        blocks.append(Block(file, _part(lines[index + 1 : divider]), _part(lines[divider + 1 : end])))
        rest += lines[outside:index]
        index = outside = end + 1
    return blocks, rest + list(lines[outside:])


def _name_above(lines: Sequence[str], editable: Sequence[str]) -> str | None:
    words = [line.strip().lstrip("`~") if FENCE.match(line) else line for line in lines]
    for line in [word for word in words if word.strip()][: -_LINES_ABOVE - 1 : -1]:
        if name := named_file(line, editable):
            return name
    return None


def _same_file(blocks: Sequence[Block], editable: Sequence[str], number: int) -> str:
    """The file of a block that names none: that of the block before it, or the only one there is."""
    if blocks or len(editable) == 1:
        return blocks[-1].file if blocks else editable[0]
    raise AnswerProblem(f"block {number} does not name its file. Write one of {listed(editable)} alone above it.")


def _limits(lines: Sequence[str], start: int, number: int) -> tuple[int, int]:
    """Where the block's divider and its last line are."""
    end = next((i for i in range(start + 1, len(lines)) if _CLOSE.match(lines[i]) or _OPEN.match(lines[i])), None)
    if end is None or _OPEN.match(lines[end]):
        raise AnswerProblem(
            f"block {number} is not closed by a line >>>>>>> REPLACE. Send shorter blocks, each closed."
        )
    found = [i for i in range(start + 1, end) if _DIVIDER.match(lines[i])]
    exact = [i for i in found if lines[i].strip() == "======="]
    dividers = exact or found
    if len(dividers) != 1:
        several = f"{len(dividers)} lines ======= where one belongs" if dividers else "no line ======="
        raise AnswerProblem(f"block {number} has {several}, between SEARCH and REPLACE part.")
    return dividers[0], end


def _part(lines: Sequence[str]) -> tuple[str, ...]:
    """A part of a block, without fences that stand around it."""
    written = [index for index, line in enumerate(lines) if line.strip()]
    if len(written) > 1 and FENCE.match(lines[written[0]]) and lines[written[-1]].strip() in ("```", "~~~"):
        return tuple(lines[written[0] + 1 : written[-1]])
    return tuple(lines)
