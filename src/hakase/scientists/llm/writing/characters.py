"""Characters of an answer that LaTeX would stumble on: Unicode made LaTeX or left out, specials in text escaped.

Formulas, names of commands, keys and labels stay as they are, and so do ampersands in tables.
"""

from __future__ import annotations

import re
import unicodedata

from hakase.latex_text import escape

_PLAIN = {
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{HORIZONTAL ELLIPSIS}": "\\ldots{}",
    "\N{BULLET}": "-",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": "~",
}
_MATHEMATICS = r"equation|align|aligned|gather|multline|eqnarray|displaymath|math|alignat|flalign"
_PROTECTED = re.compile(
    rf"\\begin\{{(?P<environment>(?:{_MATHEMATICS}|verbatim|lstlisting)\*?)\}}.*?\\end\{{(?P=environment)\}}"
    r"|\\begin\{tabular[x*]?\}(?:\{[^}]*\})?(?:\[[^\]]*\])?\{[^}]*\}"
    r"|\\(?:[cC]ite\w*|\w*ref|label|input|include|includegraphics|url|href|begin|end|hspace|vspace)\*?(?:\[[^\]]*\])*\{[^}]*\}"
    r"|\$\$.+?\$\$|\$(?!\d+[ ,.]\s?[a-z]{2,}|\s)(?:[^$\\\n]|\\.|\n(?!\s*\n))+?\$|\\\(.{1,2000}?\\\)|\\\[.{1,2000}?\\\]"
    r"|\\[A-Za-z@]+\*?|\\.",
    re.S,
)
_TABLE = re.compile(r"\\begin\{(tabular[x*]?|array)\}.*?\\end\{\1\}", re.S)
_COMMENT_LINE = re.compile(r"^[ \t]*(?<!\\)%.*$\n?", re.M)
_POWER = re.compile(r"(?<![\w$\\])(\w+)\^(\{[^{}\n]*\}|-?\w+)")
_QUOTED = re.compile(r'"([^"\n]{1,200})"')


def to_ascii(text: str) -> str:
    """``text`` in ASCII: characters as the LaTeX that prints them; what the paper's fonts lack, such as emoji, goes."""
    return "".join(_map(c) for c in unicodedata.normalize("NFC", text))


def escape_specials(text: str) -> str:
    """``text`` with comment lines gone, and the characters escaped that LaTeX would take for commands."""
    text = _COMMENT_LINE.sub("", text)
    tables = [found.span() for found in _TABLE.finditer(text)]
    pieces, start = [], 0
    for found in _PROTECTED.finditer(text):
        pieces += [_escape(text[start : found.start()], _within(start, tables)), found[0]]
        start = found.end()
    return "".join([*pieces, _escape(text[start:], _within(start, tables))])


def _map(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if character.isascii():
        return character if character.isprintable() or character in "\n\t" else ""
    if unicodedata.category(character) in ("So", "Sk", "Lo", "Cf", "Cc", "Co", "Cn", "Cs", "Me", "Mn"):
        return ""  # emoji, signs that only join others, and scripts that this paper's fonts lack
    printed = escape(character)
    return "" if printed == "?" else printed


def _within(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _escape(text: str, in_table: bool) -> str:
    """Plain text between commands: powers as formulas, quotes opened and closed, specials escaped."""
    text = _QUOTED.sub(r"``\1''", text)
    parts = re.split(r"(\$[^$]*\$)", _POWER.sub(_set_power, text))
    return "".join(part if part.startswith("$") and len(part) > 1 else _escape_plain(part, in_table) for part in parts)


def _set_power(found: re.Match[str]) -> str:
    return f"${found[1]}^{{{found[2].strip('{}')}}}$"


def _escape_plain(text: str, in_table: bool) -> str:
    text = re.sub(r"[_#%]" if in_table else r"[_#%&]", lambda found: f"\\{found[0]}", text)
    text = text.replace("^", r"\textasciicircum{}")
    return text.replace("$", r"\$")
