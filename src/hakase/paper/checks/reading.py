"""A section's LaTeX as a flat sequence of pieces: text, macros with their arguments, environments, comments.

Reading is tolerant: broken LaTeX gives the pieces that can be read; ``syntax`` says what is broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Kind = Literal["text", "macro", "environment", "comment", "special"]
_REFERENCES = ("ref", "eqref", "pageref", "autoref", "cref", "Cref", "nameref", "vref")
_CITATIONS = ("cite", "citep", "citet", "citealp", "citealt", "citeauthor", "citeyear", "nocite")
_OPAQUE = frozenset(
    (*_REFERENCES, *_CITATIONS, "label", "input", "include", "includegraphics", "bibliography", "bibliographystyle")
) | frozenset(("hspace", "vspace", "url", "href", "begin", "end", "setlength", "linebreak", "hskip", "vskip", "\\"))
"""Macros whose arguments are no text."""
TOO_DEEP = "nesting without end"
"""Name of the only piece of a text whose braces nest so deep that it cannot be read."""


_BLOCK_STOP = re.compile(r"\\(?P<kind>begin|end)\{|\n[ \t]*\n")


@dataclass(frozen=True)
class Piece:
    """One thing that stands in a text. ``position`` is an index into the source."""

    kind: Kind
    name: str
    """The text itself, or the name of a macro or environment."""
    position: int
    argument: str = ""
    """The last mandatory argument, without braces."""
    source: str = ""
    inside: tuple[str, ...] = ()
    """Environments around it, ``$`` for mathematics."""

    @property
    def in_mathematics(self) -> bool:
        """Whether it stands in a formula."""
        return "$" in self.inside


@dataclass(frozen=True)
class Command:
    """A command such as ``\\cite{a,b}`` with its keys."""

    name: str
    keys: tuple[str, ...]
    position: int
    source: str


@lru_cache(maxsize=64)
def read_pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of ``text`` in order."""
    from pylatexenc.latexwalker import LatexWalker

    try:
        nodes = LatexWalker(text, latex_context=_context(), tolerant_parsing=True).get_latex_nodes()[0]
        return tuple(_flatten(nodes, ()))
    except RecursionError:
        return (Piece("special", TOO_DEEP, 0, source=text),)


def citations(text: str) -> tuple[Command, ...]:
    """Every citing command."""
    return _commands(text, _CITATIONS)


def references(text: str) -> tuple[Command, ...]:
    """Every command that refers to a label."""
    return _commands(text, _REFERENCES)


def commands(text: str, *names: str) -> tuple[Command, ...]:
    """Every command of these names."""
    return _commands(text, names)


def excerpt(text: str, position: int, width: int = 45) -> str:
    """What stands around ``position`` in its paragraph, on one line."""
    before = re.split(r"\n\s*\n", text[max(0, position - width) : position])[-1]
    after = re.split(r"\n\s*\n", text[position : position + width])[0]
    return " ".join((before + after).split())


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph, those that an environment spans taken together."""
    first, depth = 0, 0
    for found in _BLOCK_STOP.finditer(text):
        if found["kind"]:
            depth = max(0, depth + (1 if found["kind"] == "begin" else -1))
        elif not depth:
            yield first, found.end()
            first = found.end()
    yield first, len(text)


def prose(text: str) -> str:
    """``text`` without comments, for checks that read sentences."""
    return re.sub(r"(?<!\\)%[^\n]*\n?", "", text)


def _commands(text: str, names: tuple[str, ...]) -> tuple[Command, ...]:
    return tuple(
        Command(p.name, tuple(k.strip() for k in p.argument.split(",") if k.strip()), p.position, p.source)
        for p in read_pieces(text)
        if p.kind == "macro" and p.name.rstrip("*") in names
    )


def _flatten(nodes: Any, inside: tuple[str, ...]) -> Iterator[Piece]:
    for node in nodes or ():
        if node is not None:
            yield from _read_node(node, inside)


def _read_node(node: Any, inside: tuple[str, ...]) -> Iterator[Piece]:
    from pylatexenc import latexwalker as lw

    if node.isNodeType(lw.LatexCharsNode):
        yield Piece("text", node.chars, node.pos, inside=inside)
    elif node.isNodeType(lw.LatexGroupNode):
        yield from _flatten(node.nodelist, inside)
    elif node.isNodeType(lw.LatexMathNode):
        yield from _flatten(node.nodelist, (*inside, "$"))
    elif node.isNodeType(lw.LatexSpecialsNode):
        yield Piece("special", node.specials_chars, node.pos, inside=inside)
    elif node.isNodeType(lw.LatexCommentNode):
        yield Piece("comment", node.comment, node.pos, inside=inside)
    elif node.isNodeType(lw.LatexEnvironmentNode):
        yield from _read_environment(node, inside)
    elif node.isNodeType(lw.LatexMacroNode):
        yield from _read_macro(node, inside)


def _read_environment(node: Any, inside: tuple[str, ...]) -> Iterator[Piece]:
    name = node.environmentname
    yield Piece("environment", name, node.pos, source=node.latex_verbatim(), inside=inside)
    within = (*inside, name)
    if name.rstrip("*") in ("equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign"):
        within = (*within, "$")
    yield from _flatten(node.nodelist, within)


def _read_macro(node: Any, inside: tuple[str, ...]) -> Iterator[Piece]:
    arguments = [a for a in (node.nodeargd.argnlist if node.nodeargd else None) or () if a is not None]
    last = arguments[-1].latex_verbatim() if arguments and hasattr(arguments[-1], "latex_verbatim") else ""
    argument = last[1:-1] if last.startswith("{") else last
    yield Piece("macro", node.macroname, node.pos, argument.strip(), node.latex_verbatim(), inside)
    if node.macroname.rstrip("*") not in _OPAQUE:
        yield from _flatten([a for a in arguments if not isinstance(a, str)], inside)


@lru_cache(maxsize=1)
def _context() -> Any:
    """The parser's knowledge of LaTeX, and what it lacks."""
    from pylatexenc.latexwalker import get_default_latex_context_db
    from pylatexenc.macrospec import std_macro

    context = get_default_latex_context_db()
    wanted = [std_macro(name, True, 1) for name in ("nameref", "vref", "cref", "Cref", "include", "setlength")]
    context.add_context_category("hakase", macros=[*wanted, std_macro("href", False, 2)], prepend=True)
    return context
