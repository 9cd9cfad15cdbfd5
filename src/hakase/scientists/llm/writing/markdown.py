"""Markdown that models write in place of LaTeX, turned into LaTeX: headings, lists, emphasis, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(.+?)[ \t#]*$", re.M)
_RULE = re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$\n?", re.M)
_TABLE_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$\n?", re.M)
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*\\$^_{])\*(?=[^\s*])([^*\n$]+?)(?<=[^\s*])\*(?![\w*])")
_CODE = re.compile(r"(?<!`)`([^`'\n]+)`(?!`)")
_LINK = re.compile(r"(?<!\\)\[([^\]\n]+)\]\((?:https?://|#)[^)\s]*\)")
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?=\S)")
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\S)")


def to_latex(text: str) -> str:
    """``text`` with its Markdown as LaTeX; LaTeX stays as it is. A Markdown table goes: tables are generated."""
    text = _TABLE_ROW.sub("", _RULE.sub("", text))
    text = _HEADING.sub(lambda found: f"\\paragraph{{{_end(found[1])}}}", text)
    text = _list_items(text)
    text = _LINK.sub(r"\1", text)
    text = _STRONG.sub(r"\\textbf{\1}", text)
    text = _EMPHASIS.sub(r"\\emph{\1}", text)
    return _CODE.sub(_set_code, text)


def _end(heading: str) -> str:
    plain = heading.replace("*", "").strip().rstrip(":")
    return plain if plain.endswith((".", "?", "!")) else f"{plain}."


def _set_code(found: re.Match[str]) -> str:
    """Code in typewriter; a macro of a fact as it is, so that it prints its number like any other."""
    if re.fullmatch(r"\\[A-Za-z]+(?:\{\})?", found[1]):
        return found[1]
    return f"\\texttt{{{found[1]}}}"


def _list_items(text: str) -> str:
    """Runs of lines with bullets or numbers as lists; a line that goes on stays with its item."""
    return "\n".join(_walk(text.split("\n")))


def _walk(lines: list[str]) -> Iterator[str]:
    kind = ""
    blank = False
    for line in lines:
        wanted = "itemize" if _BULLET.match(line) else "enumerate" if _NUMBERED.match(line) else ""
        goes_on = kind and line.strip() and line[:1] in " \t" and not blank
        if not wanted and line.strip() and not goes_on and kind:
            yield f"\\end{{{kind}}}"
            kind = ""
        if wanted and wanted != kind:
            yield from ([f"\\end{{{kind}}}"] if kind else [])
            yield f"\\begin{{{wanted}}}"
            kind = wanted
        blank = not line.strip()
        yield _item(line) if wanted else line
    if kind:
        yield f"\\end{{{kind}}}"


def _item(line: str) -> str:
    return f"\\item {_NUMBERED.sub('', _BULLET.sub('', line)).strip()}"
