"""Where in a file the lines of a SEARCH part stand.

The rules, in their order; the first that finds a place decides, and two places are always too many:

1. exact: all lines are equal.
2. white space: blank lines aside, all lines are equal but for spaces at their ends, tabs for spaces, and an indentation
   that is off by the same amount everywhere; the new lines are shifted by it.
3. close: at least 95% of the lines are the file's, so at most one in 20 is wrong, no other place is as close, and
   every line that the block changes, with its neighbours, is quoted right. Lines that the block does not change stay
   the file's.

Anything less is not applied; the closest place, from a similarity of 0.6, is only quoted back.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hakase.coders.blocks.steps import AnswerProblem

CLOSE = 0.95
"""Share of a SEARCH part's lines that must be the file's."""
QUOTED = 0.6
"""Similarity (``difflib`` ratio, 0 to 1) from which the closest place is worth quoting."""
LONGEST = 1_000
"""Lines of a SEARCH part."""
TAB = 4
_CANDIDATES = 5
_QUOTED_LINES = 15
_COMMENT = re.compile(r"(?<=\S)\s+#.*$")
_COMPARED = 1500
"""Characters of a place that are compared for quoting it."""


@dataclass(frozen=True)
class Place:
    """Lines ``start`` to ``end`` (exclusive, from 0) of a file, and the lines without ends that take their place."""

    start: int
    end: int
    lines: tuple[str, ...]


def find_place(file: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> Place:
    """Where ``search`` stands in ``file``, both as lines without ends.

    Raises:
        AnswerProblem: nowhere, or in several places; quotes them.
    """
    if len(search) > LONGEST:
        raise AnswerProblem(f"its SEARCH part has {len(search):,} lines. Quote the few lines that change.")
    if not any(line.strip() for line in search):
        raise AnswerProblem("its SEARCH part is empty. To insert, quote the line before, and repeat it in REPLACE.")
    for rule in (_exact, _spaced, _close):
        places = list(rule(file, search, replace))
        if len(places) > 1:
            lines = ", ".join(str(place.start + 1) for place in places[:8])
            raise AnswerProblem(
                f"its SEARCH part stands in {len(places)} places (from lines {lines}). Quote more lines around the one "
                "that you mean; to change all, send a block for each."
            )
        if places:
            return places[0]
    raise AnswerProblem(f"its SEARCH part is not in the file.{quote_closest(file, search)}")


def _exact(file: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> Iterator[Place]:
    wanted, size = list(search), len(search)
    for start in range(len(file) - size + 1):
        if file[start] == wanted[0] and list(file[start : start + size]) == wanted:
            yield Place(start, start + size, tuple(replace))


# ------------------------------------------------------------------------------------------------------ white space


def _spaced(file: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> Iterator[Place]:
    written = [(number, line) for number, line in enumerate(file) if line.strip()]
    wanted = [line for line in search if line.strip()]
    tabs = sum(line[0] == "\t" for _, line in written) > sum(line[0] == " " for _, line in written)
    have, want = [line.strip() for _, line in written], [line.strip() for line in wanted]
    for first in range(len(written) - len(wanted) + 1):
        if have[first] != want[0] or have[first : first + len(want)] != want:
            continue
        window = written[first : first + len(wanted)]
        shift = _shift(wanted, [line for _, line in window])
        if shift is not None:
            lines = tuple(_shifted(line, shift, tabs) for line in _trimmed(replace, search))
            yield Place(window[0][0], window[-1][0] + 1, lines)


def _shift(wanted: Sequence[str], found: Sequence[str]) -> int | None:
    """By how many columns ``found`` stands further right; None when lines differ in that."""
    shifts = {_indentation(have) - _indentation(want) for want, have in zip(wanted, found, strict=True)}
    return shifts.pop() if len(shifts) == 1 else None


def _indentation(line: str) -> int:
    """Columns of white space before the text."""
    spread = line.expandtabs(TAB)
    return len(spread) - len(spread.lstrip())


def _shifted(line: str, shift: int, tabs: bool) -> str:
    if not line.strip():
        return ""
    columns = max(0, _indentation(line) + shift)
    return ("\t" * (columns // TAB) + " " * (columns % TAB) if tabs else " " * columns) + line.lstrip()


def _trimmed(replace: Sequence[str], search: Sequence[str]) -> Sequence[str]:
    """``replace`` without the blank lines at its ends that ``search`` has too: the place found has none."""
    start, end = 0, len(replace)
    before, behind = _blank_ends(search)
    while start < min(before, end) and not replace[start].strip():
        start += 1
    while end > start and len(replace) - end < behind and not replace[end - 1].strip():
        end -= 1
    return replace[start:end]


def _blank_ends(lines: Sequence[str]) -> tuple[int, int]:
    written = [number for number, line in enumerate(lines) if line.strip()]
    return written[0], len(lines) - 1 - written[-1]


# ------------------------------------------------------------------------------------------------------------ close


def _close(file: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> Iterator[Place]:
    wrong = int(len(search) * (1 - CLOSE) + 1e-9)
    if not wrong:
        return
    ends = [line.rstrip() for line in file]
    wanted, new = [line.rstrip() for line in search], [line.rstrip() for line in replace]
    starts = [
        start
        for start, common in enumerate(_common_lines(ends, wanted, len(wanted)))
        if len(wanted) - common <= wrong
        and sum(a != b for a, b in zip(ends[start : start + len(wanted)], wanted, strict=True)) <= wrong
    ]
    for start in starts:
        lines = _merge(file[start : start + len(wanted)], wanted, new)
        if lines is None:
            raise AnswerProblem(f"its SEARCH part is not in the file.{quote_closest(file, search)}")
        yield Place(start, start + len(wanted), lines)


def _merge(window: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> tuple[str, ...] | None:
    """``window`` with what differs between ``search`` and ``replace``; None when a line of that is misquoted."""
    merged: list[str] = []
    done = 0
    for tag, a, b, c, d in difflib.SequenceMatcher(None, search, replace, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        around = range(max(0, a - 1), min(len(search), b + 1))
        if any(window[number].rstrip() != search[number] for number in around):
            return None
        merged += [*window[done:a], *replace[c:d]]
        done = b
    return (*merged, *window[done:])


# ---------------------------------------------------------------------------------------------------------- quoting


def quote_closest(file: Sequence[str], search: Sequence[str]) -> str:
    """The closest place in words, with its lines as they are; empty when nothing is like it."""
    wanted = _trimmed(search, search)
    size = min(len(wanted), len(file))
    text = _comparable(wanted)
    best, found = 0.0, 0
    for start in _candidates(file, wanted, size):
        ratio = difflib.SequenceMatcher(None, text, _comparable(file[start : start + size]), autojunk=False).ratio()
        if ratio > best:
            best, found = ratio, start
    if best < QUOTED:
        return " Nothing in it is like that; copy the lines from the file as it was given."
    last = found + min(size, _QUOTED_LINES)
    quoted = "\n".join(file[found:last])
    return f" The closest place is line {found + 1} to {last}; copy it exactly:\n{quoted}\n"


def _comparable(lines: Sequence[str]) -> str:
    """Without indentation and trailing comments, in which models differ from a file most."""
    return "\n".join(_COMMENT.sub("", line.strip()) for line in lines)[:_COMPARED]


def _candidates(file: Sequence[str], wanted: Sequence[str], size: int) -> list[int]:
    """Starts of the places that share most lines; when none shares any, of those like the longest line."""
    stripped = [line.strip() for line in file]
    common = _common_lines(stripped, [line.strip() for line in wanted if line.strip()], size)
    ranked = sorted(range(len(common)), key=lambda start: (-common[start], start))[:_CANDIDATES]
    if ranked and common[ranked[0]]:
        return ranked
    longest = max(range(len(wanted)), key=lambda number: len(wanted[number]))
    like = difflib.get_close_matches(
        _comparable(wanted[longest : longest + 1])[:500], sorted(set(stripped)), n=1, cutoff=QUOTED
    )
    return [max(0, min(stripped.index(like[0]) - longest, len(file) - size))] if like else []


def _common_lines(file: Sequence[str], wanted: Sequence[str], size: int) -> list[int]:
    """For every place of ``size`` lines, how many of its lines are wanted, their order left aside."""
    if not 0 < size <= len(file):
        return []
    left, have = Counter(wanted), Counter(file[:size])
    totals = [(have & left).total()]
    for gone, come in _moves(file, size):
        total = totals[-1] - (have[gone] <= left[gone])
        have[gone] -= 1
        have[come] += 1
        totals.append(total + (have[come] <= left[come]))
    return totals


def _moves(file: Sequence[str], size: int) -> Iterator[tuple[str, str]]:
    """The line that leaves and the one that enters a window of ``size`` lines, as it moves on."""
    return zip(file, file[size:], strict=False)
