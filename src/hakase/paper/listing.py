"""The diff of the key change as a LaTeX listing: coloured, wrapped, shortened when long, ASCII only."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from hakase.naming import macro_name
from hakase.records import Run
from hakase.seams import PaperBrief

_LINES_SHOWN = 44
_LONGEST_WORD = 24
_SPECIAL = {
    "\\": r"\char92 ",
    "{": r"\char123 ",
    "}": r"\char125 ",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\char95 ",
    "^": r"\char94 ",
    "~": r"\char126 ",
    "'": r"\char13 ",
    "`": r"\char18 ",
    "-": "-{}",
    "<": "<{}",
    ">": ">{}",
    ",": ",{}",
    "?": "?{}",
    "!": "!{}",
}
_BREAK_AFTER = frozenset(",.([{=/:")


def listing_change(brief: PaperBrief) -> str:
    """A float with the diff of the best run, else of the first finished one; empty when none changed code."""
    run = key_run(brief)
    if run is None:
        return ""
    lines, left_out = shorten(run.diff.splitlines())
    name = rf"\{macro_name('run', run.number, 'label')}{{}}"
    cut = f" {left_out} further lines are in the study's records." if left_out else ""
    caption = f"The change of the code in run {run.number} ({name}) against the baseline, as it ran.{cut}"
    body = "\n".join(render_line(line) for line in lines)
    raw = "\n".join(f"%| {line}" for line in lines)
    return (
        f"{raw}\n\\begin{{hakaselisting*}}[tbp]\n\\begin{{hakasediff}}\n"
        f"{body}\n\\end{{hakasediff}}\n\\caption{{{caption}}}\n\\label{{lst:change}}\n\\end{{hakaselisting*}}\n"
    )


def key_run(brief: PaperBrief) -> Run | None:
    """The run whose change the paper shows."""
    changed = [run for run in brief.runs if run.number and run.status == "done" and run.diff.strip()]
    best = [run for run in changed if run.number == brief.evidence.best_run]
    return next(iter(best + changed), None)


def shorten(lines: Sequence[str]) -> tuple[list[str], int]:
    """At most ``_LINES_SHOWN`` lines, unchanged ones dropped first; and how many are left out."""
    kept = [line for line in lines if not line.startswith(("---", "diff ", "index "))]
    if len(kept) > _LINES_SHOWN:
        kept = [line for line in kept if line.startswith(("+", "-", "@@"))]
    return kept[:_LINES_SHOWN], max(0, len(kept) - _LINES_SHOWN)


def render_line(line: str) -> str:
    """One line of a unified diff as a macro of ``hakase.sty``."""
    if line.startswith("+++"):
        return rf"\hakasehunk{{{escape_code(line[3:].strip().removeprefix('b/').split(chr(9))[0])}}}"
    if line.startswith("@@"):
        return rf"\hakasehunk{{{escape_code(line)}}}"
    kind = {"+": "added", "-": "removed"}.get(line[:1], "kept")
    return rf"\hakase{kind}{{{escape_code(line[1:])}}}"


def escape_code(text: str) -> str:
    """``text`` for a typewriter face: spaces kept, ASCII only, with places where a long line may break."""
    ascii_text = "".join(_to_ascii(character) for character in text.expandtabs(4))
    indent = len(ascii_text) - len(ascii_text.lstrip(" "))
    words = ascii_text.lstrip(" ").split(" ")
    return r"\ " * indent + r"\ ".join(_breakable(word) for word in words)


def _breakable(word: str) -> str:
    pieces, run = [], 0
    for character in word:
        pieces.append(_SPECIAL.get(character, character))
        run += 1
        if character in _BREAK_AFTER or run >= _LONGEST_WORD:
            pieces.append(r"\hakasebreak{}")
            run = 0
    return "".join(pieces)


def _to_ascii(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else ""
    plain = unicodedata.normalize("NFKD", character.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return plain or f"<U+{ord(character):04X}>"
