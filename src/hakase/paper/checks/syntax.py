"""Whether a section is LaTeX that may be typeset: balanced, without commands that define, read or write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hakase.paper.checks.reading import TOO_DEEP, Piece, blocks, excerpt, read_pieces
from hakase.records import Draft, Finding
from hakase.seams import PaperBrief

_FORBIDDEN_NAMES = (
    "write immediate openout openin closeout closein read readline newwrite newread catcode special pdfliteral "
    "directlua def edef gdef xdef let futurelet csname expandafter newcommand renewcommand providecommand "
    "DeclareRobustCommand newenvironment renewenvironment usepackage RequirePackage documentclass batchmode "
    "pdffiledump pdfobj pdfximage ShellEscape verbatiminput lstinputlisting InputIfFileExists loop"
)
_FORBIDDEN = frozenset(_FORBIDDEN_NAMES.split())
_STRUCTURE = frozenset(
    ("section", "section*", "chapter", "part", "bibliography", "bibliographystyle", "maketitle", "title")
)
_FORBIDDEN_ENVIRONMENTS = frozenset(("document", "filecontents", "filecontents*", "thebibliography", "abstract"))
_TABULAR_NAMES = (
    "tabular tabular* tabularx array align align* aligned matrix pmatrix bmatrix vmatrix Vmatrix cases split "
    "eqnarray eqnarray* alignat alignat* gathered smallmatrix longtable"
)
_TABULAR = frozenset(_TABULAR_NAMES.split())
_BARE = {"_": r"\_ (or $…$ around a formula)", "^": "$…$ around the formula", "#": r"\#"}


def check_balance(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """Braces, formulas and environments close in the paragraph (or float, or list) where they open."""
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

    for section, text in draft.sections.items():
        for start, end in blocks(text):
            try:
                LatexWalker(text[start:end], tolerant_parsing=False).get_latex_nodes()
            except (LatexWalkerParseError, RecursionError) as error:
                told = str(error.msg).splitlines()[0] if isinstance(error, LatexWalkerParseError) else TOO_DEEP
                yield Finding(
                    check="balance",
                    where=section,
                    message=told,
                    fix="close every brace, $ and environment that is opened",
                    excerpt=" ".join(text[start:end].split())[:80],
                )


def check_commands(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """No command that defines, reads, writes, or belongs to the paper's frame."""
    for section, text in draft.sections.items():
        for piece in read_pieces(text):
            forbidden = _why_forbidden(piece)
            if forbidden:
                yield Finding(
                    check="command",
                    where=section,
                    message=f"{forbidden} may not stand in a section",
                    fix="remove it",
                    excerpt=excerpt(text, piece.position),
                )


def _why_forbidden(piece: Piece) -> str:
    if piece.kind == "macro" and (piece.name in _FORBIDDEN or piece.name in _STRUCTURE):
        return f"\\{piece.name}"
    if piece.kind == "environment" and piece.name in _FORBIDDEN_ENVIRONMENTS:
        return f"\\begin{{{piece.name}}}"
    if piece.name == TOO_DEEP:
        return TOO_DEEP
    if piece.kind == "text" and "^^" in piece.name:
        return "a character in ^^ notation"
    return ""


def check_characters(draft: Draft, brief: PaperBrief) -> Iterator[Finding]:  # noqa: ARG001
    """No special character that LaTeX would take for a command."""
    for section, text in draft.sections.items():
        for piece in read_pieces(text):
            for position, message, fix in _bare_characters(piece, text):
                spot = excerpt(text, position)
                yield Finding(check="character", where=section, message=message, fix=fix, excerpt=spot)


def _bare_characters(piece: Piece, text: str) -> Iterator[tuple[int, str, str]]:
    if piece.kind == "text" and not piece.in_mathematics and "verbatim" not in piece.inside:
        for found in re.finditer(r"[_^#]", piece.name):
            yield piece.position + found.start(), f"a bare {found[0]} in text", f"write {_BARE[found[0]]}"
    elif piece.kind == "special" and piece.name == "&" and not _TABULAR & set(piece.inside):
        yield piece.position, "a bare & in text", r"write \&"
    elif piece.kind == "comment" and re.search(r"\d\s?$", text[: piece.position]):
        yield piece.position, "a percent sign that makes the rest of the line a comment", r"write \%"
