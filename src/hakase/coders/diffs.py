"""The unified diff that an edit is told by, and lines as it counts them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

NO_NEWLINE = "\\ No newline at end of file\n"


def lines_of(text: str) -> list[str]:
    """The lines of ``text`` with their ends. Only ``\\n`` ends a line: a form feed or U+2028 may stand in one."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def unified_diff(before: Mapping[str, str], after: Mapping[str, str], names: Sequence[str]) -> str:
    """What changed in the files ``names``, as ``patch -p1`` reads it; empty when nothing did."""
    return "".join(line for name in names for line in _of_file(name, before[name], after[name]))


def _of_file(name: str, old: str, new: str) -> Iterator[str]:
    for line in difflib.unified_diff(lines_of(old), lines_of(new), f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}"
