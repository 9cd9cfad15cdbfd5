"""What a TeX log says: located errors, missing files, warnings worth a reader's time.

Written for logs of pdfTeX with ``-file-line-error`` and a ``max_print_line`` so large that no line is wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hakase.seams import LatexError

_LOCATED = re.compile(r"^(?P<file>(?:\./)?[^\s:][^:\n]*\.\w+):(?P<line>\d+): (?P<message>.+)$")
_BANG = re.compile(r"^!(?: |(?=pdfTeX error))(?P<message>.+)$")
_PLACE = re.compile(r"^l\.(?P<line>\d+) ?(?P<context>.*)$")
_MISSING_FILE = re.compile(r"File [`']([^'`]+\.(?:sty|cls|bst|fd|def|clo|tfm))' not found")
_MISSING_FONT = re.compile(
    r"Font \S+?=(\w+)[^\n]* not load|[Ff]ont (\w+) at \d+ not found|\(file ([\w.]+)\): (?:Font|cannot open Type 1)"
)
_UNDEFINED = re.compile(r"LaTeX Warning: ((?:Citation|Reference) [`']?[^'\n]*'? on page \d+ undefined)")
_OVERFULL = re.compile(r"^Overfull \\hbox \((\d+(?:\.\d+)?)pt too wide\) (.*)$", re.M)
_WIDE = 20.0
"""Points beyond the margin from which a reader sees it."""
_NOT_ERRORS = ("==> Fatal error", "Emergency stop", "(job aborted")


def read_errors(log: str) -> tuple[LatexError, ...]:
    """Every distinct error, in the order of the log; the fatal one that only repeats another is left out."""
    lines = log.splitlines()
    errors: list[LatexError] = []
    for i, line in enumerate(lines):
        located, bang = _LOCATED.match(line), _BANG.match(line)
        if located and not _is_repeat(located["message"]):
            file = located["file"].removeprefix("./")
            errors.append(
                LatexError(located["message"], file, int(located["line"]), _context(lines[i + 1 : i + 12])[1])
            )
        elif bang and not _is_repeat(bang["message"]):
            number, context = _context(lines[i + 1 : i + 12])
            errors.append(LatexError(bang["message"], "", number, context))
    return tuple(dict.fromkeys(errors))


def read_missing(log: str) -> tuple[str, ...]:
    """Names of style files and fonts that this TeX does not have."""
    files = [found[1] for found in _MISSING_FILE.finditer(log)]
    fonts = [next(filter(None, found.groups())) for found in _MISSING_FONT.finditer(log)]
    return tuple(dict.fromkeys(files + fonts))


def read_warnings(log: str) -> tuple[str, ...]:
    """Undefined citations and references, and lines that stand out of the margin by more than 20 pt."""
    undefined = [re.sub(r"[`']", "", found[1]) for found in _UNDEFINED.finditer(log)]
    overfull = [
        f"a line is {found[1]} pt too wide {found[2]}" for found in _OVERFULL.finditer(log) if float(found[1]) > _WIDE
    ]
    return tuple(dict.fromkeys(undefined + overfull))


def wants_rerun(log: str) -> bool:
    """Whether labels may have changed."""
    return "Rerun to get" in log or "Rerun LaTeX" in log or "(re)run LaTeX" in log.replace("(re)run BibTeX", "")


def _is_repeat(message: str) -> bool:
    return message.strip().startswith(_NOT_ERRORS)


def _context(following: Sequence[str]) -> tuple[int | None, str]:
    """Line number and text of the first ``l.N …`` after an error."""
    for line in following:
        place = _PLACE.match(line)
        if place:
            return int(place["line"]), place["context"].strip()
    return None, ""
