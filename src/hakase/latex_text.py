"""Plain text as LaTeX that typesets with any engine and no extra package. It does not parse or mend LaTeX."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"{\textbar}",
    '"': "''",
    "`": r"{\textasciigrave}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    "\N{MICRO SIGN}": r"\ensuremath{\mu}",
    "\N{RIGHTWARDS ARROW}": r"\ensuremath{\rightarrow}",
    "\N{SUPERSCRIPT TWO}": r"\ensuremath{^{2}}",
    "\N{SUPERSCRIPT THREE}": r"\ensuremath{^{3}}",
}
_NEEDS_PACKAGE = re.compile(r"\\(mathbb|mathfrak|mathscr|text[a-z]*(oldstyle|circled))\b")


def escape(text: str) -> str:
    r"""``text`` so that LaTeX prints it as it stands, on one line.

    White space becomes single spaces and control characters vanish. A character that plain LaTeX cannot
    print is replaced by its ASCII form, or by ``?`` when it has none. ``--`` is kept from becoming a dash.

    >>> escape("acc_1 > 50% & --out_dir")
    'acc\\_1 \\ensuremath{>} 50\\% \\& -{}-out\\_dir'
    """
    line = " ".join(unicodedata.normalize("NFC", text).replace("\N{NO-BREAK SPACE}", "\0").split())
    escaped = "".join(_escape_character(c) for c in line.replace("\0", "\N{NO-BREAK SPACE}"))
    return re.sub(r"-(?=-)", "-{}", escaped)


def _escape_character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() else ""
    latex: str = _encoder().unicode_to_latex(character)
    if latex.isascii() and not _NEEDS_PACKAGE.search(latex):
        return latex if latex.startswith(("{", "\\ensuremath")) or latex.isalnum() else f"{{{latex}}}"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return "".join(_SPECIAL.get(c, c) for c in plain) or _unprintable(character)


def _unprintable(character: str) -> str:
    """Nothing for marks that only join or format other characters, else a question mark."""
    return "" if unicodedata.category(character) in ("Mn", "Cf", "Cc") else "?"


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)
