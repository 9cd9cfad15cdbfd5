"""Steps carried out on texts, all or none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hakase.coders.blocks.checking import find_problems
from hakase.coders.blocks.matching import find_place
from hakase.coders.blocks.parsing import parse_answer
from hakase.coders.blocks.steps import AnswerProblem, Block, Step, WholeFile
from hakase.coders.diffs import lines_of

_ELISION = re.compile(
    r"^(?:\.{3}|…)$"
    r"|^#\s*(?:\.{3}|…)"
    r"|^#.*\b(?:rest|remainder|remaining|existing|unchanged|same|previous|other|omitted)\b.*(?:\.{3}|…)$"
    r"|^#\s*(?:the\s+)?(?:rest|remainder) of (?:the |this )?(?:\w+ )?(?:code|file|function|class|script|method)\b",
    re.IGNORECASE,
)
_ELISION_LENGTH = 200
_PROBLEMS_TOLD = 5


def read_edit(answer: str, before: Mapping[str, str]) -> dict[str, str]:
    """The texts of all files after the edit that ``answer`` asks for.

    Raises:
        AnswerProblem: the edit cannot be made, or is not worth a run; every reason is told.
    """
    after = apply_steps(parse_answer(answer, before), before)
    problems = find_problems(before, after)
    if problems:
        raise AnswerProblem("\n".join(problems))
    return after


def apply_steps(steps: Sequence[Step], before: Mapping[str, str]) -> dict[str, str]:
    """The texts of all files after ``steps``.

    Raises:
        AnswerProblem: a step cannot be carried out; the first such steps are told.
    """
    after = dict(before)
    problems = []
    for number, step in enumerate(steps, 1):
        try:
            after[step.file] = _apply(step, after[step.file])
        except AnswerProblem as problem:
            problems.append(f"Block {number} ({step.file}): {problem}")
        if len(problems) == _PROBLEMS_TOLD:
            break
    if problems:
        if len(steps) > 1:
            problems.append("Nothing was changed: send the whole edit again, the blocks that were right included.")
        raise AnswerProblem("\n".join(problems))
    return after


def _apply(step: Step, text: str) -> str:
    lines = lines_of(text)
    end = "\r\n" if text.count("\r\n") * 2 > len(lines) else "\n"
    if isinstance(step, WholeFile):
        _refuse_elisions(step.text.split("\n"), lines)
        return step.text.strip("\n").replace("\n", end) + end
    return _apply_block(step, lines, end)


def _apply_block(block: Block, lines: Sequence[str], end: str) -> str:
    bare = [line.removesuffix("\n").removesuffix("\r") for line in lines]
    _refuse_elisions([*block.search, *block.replace], bare)
    place = find_place(bare, block.search, block.replace)
    new = [line + end for line in place.lines]
    if new and place.end == len(lines) and not lines[-1].endswith("\n"):
        new[-1] = place.lines[-1]
    return "".join([*lines[: place.start], *new, *lines[place.end :]])


def _refuse_elisions(written: Sequence[str], file: Sequence[str]) -> None:
    """Refuse lines that stand for lines left out, unless the file has them."""
    have = {line.strip() for line in file}
    for line in written:
        if len(line) <= _ELISION_LENGTH and _ELISION.match(line.strip()) and line.strip() not in have:
            raise AnswerProblem(
                f"{line.strip()[:80]!r} stands for code that is left out, but a block is taken as it is written. Write "
                "the lines out, or send smaller blocks. An empty body is `pass`."
            )
