"""The LaTeX files that the harness writes beside a paper: facts, tables, the listing of the change, figures.

Numbers appear as macros of ``facts.tex`` only. Prose and the order of sections are not made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hakase import __version__
from hakase.latex_text import escape
from hakase.paper.figures.pictures import BadPictureError, picture_size
from hakase.paper.listing import listing_change
from hakase.paper.tables import table_comparisons, table_results, table_secondary, table_settings
from hakase.records import Fact, Figure
from hakase.seams import PaperBrief

MOST_FALLBACKS = 20
"""Lines that say what the rules did in a model's stead; the rest is counted."""
MOST_CHARACTERS = 600
"""Of one of them."""
_SIGNED_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?(\\%)?")
_WIDE, _SQUARE = 2.1, 1.2
"""Width / height from which a figure gets the whole line, and below which it gets half of it."""


def write_parts(brief: PaperBrief, folder: Path) -> tuple[Path, ...]:
    """Write every generated part into ``folder`` (the study's ``latex/``) and return their paths.

    A part with nothing to show is written as a comment, so that ``\\input`` of it always works.
    """
    parts = {
        "facts.tex": facts_file(brief.evidence.facts),
        "table_results.tex": table_results(brief),
        "table_comparisons.tex": table_comparisons(brief),
        "table_secondary.tex": table_secondary(brief),
        "table_settings.tex": table_settings(brief.constants),
        "listing_change.tex": listing_change(brief),
    }
    parts |= {f"{figure_name(f)}.tex": figure_float(f, folder.parent) for f in brief.figures}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (folder / name).write_text(text or "% nothing to show\n", encoding="utf-8")
    return tuple(folder / name for name in parts)


def part_labels(brief: PaperBrief) -> dict[str, str]:
    """Label -> the generated part (without ``.tex``) that carries it; parts with nothing to show are absent."""
    tables = {
        "tab:results": ("table_results", table_results(brief)),
        "tab:comparisons": ("table_comparisons", table_comparisons(brief)),
        "tab:secondary": ("table_secondary", table_secondary(brief)),
        "tab:settings": ("table_settings", table_settings(brief.constants)),
        "lst:change": ("listing_change", listing_change(brief)),
    }
    labels = {label: name for label, (name, text) in tables.items() if text}
    return labels | {figure_label(figure): figure_name(figure) for figure in brief.figures}


def provenance(brief: PaperBrief) -> str:
    """What in the paper is not its scientist's, for its back matter: done by rules instead, or left out; else empty."""
    parts = [*_by_rules(brief), *_left_out(brief)]
    if not parts:
        return ""
    made = rf"The choices and the text of this study are a machine's ({escape(brief.scientist)})."
    return "\n".join((r"\section*{How this paper was made}", made, *parts)) + "\n\n"


def _by_rules(brief: PaperBrief) -> Iterator[str]:
    """What the rules did in a model's stead, by the reason for it."""
    reasons: dict[str, list[str]] = {}
    for line in brief.fallbacks:
        what, _, why = line.partition(": ")
        reasons.setdefault(why, []).append(what)
    if reasons:
        yield "Hakase's built-in rules stood in for it, as follows:"
        yield from _list([f"{', '.join(what)}: {why}" for why, what in reasons.items()])


def _left_out(brief: PaperBrief) -> Iterator[str]:
    """What could not stand, and is not there any more."""
    if brief.left_out:
        yield "These parts of the text could not stand and were taken out:"
        yield from _list(list(dict.fromkeys(filter(None, brief.left_out))))


def _list(lines: list[str]) -> Iterator[str]:
    yield r"\begin{itemize}"
    yield from (rf"\item {escape(line[:MOST_CHARACTERS])}" for line in lines[:MOST_FALLBACKS])
    if len(lines) > MOST_FALLBACKS:
        yield rf"\item and {len(lines) - MOST_FALLBACKS} more, which the study's journal lists."
    yield r"\end{itemize}"


def facts_file(facts: tuple[Fact, ...]) -> str:
    """One ``\\newcommand`` a fact, its meaning and source beside it; a number may stand in text or in a formula."""
    lines = [rf"\providecommand{{\hakaseversion}}{{}}\renewcommand{{\hakaseversion}}{{{__version__}}}"]
    lines += [rf"\newcommand{{\{fact.macro}}}{{{_typeset(fact.text)}}}% {_comment(fact)}" for fact in facts]
    return "\n".join(lines) + "\n"


def _comment(fact: Fact) -> str:
    text = f"{fact.number}: {fact.meaning} <- {fact.source}"
    return " ".join(text.encode("ascii", "replace").decode().split())


def _typeset(text: str) -> str:
    kind = "number" if _SIGNED_NUMBER.fullmatch(text) else "text"
    return rf"\hakase{kind}{{{text}}}"


def figure_name(figure: Figure) -> str:
    """Name of the part that holds ``figure``, without ``.tex``."""
    return f"figure_{Path(figure.file).stem}"


def figure_label(figure: Figure) -> str:
    """Label of ``figure``, such as ``fig:training_curves``."""
    return f"fig:{Path(figure.file).stem}"


def figure_float(figure: Figure, study: Path) -> str:
    """A figure float; a wide picture spans both columns of a two-column paper."""
    ratio = _aspect_ratio(study / figure.file)
    environment = "figure*" if ratio >= _WIDE else "figure"
    share = "1" if ratio >= _WIDE else "0.7" if ratio >= _SQUARE else "0.55"
    return "\n".join(
        (
            rf"\begin{{{environment}}}[tbp]",
            r"\centering",
            rf"\includegraphics[width=\hakasewidth{{{share}}}]{{{Path(figure.file).name}}}",
            rf"\caption{{{figure.caption or figure.title}}}",
            rf"\label{{{figure_label(figure)}}}",
            rf"\end{{{environment}}}",
            "",
        )
    )


def _aspect_ratio(file: Path) -> float:
    """Width / height; that of a usual plot when the file is no picture that can be read."""
    try:
        width, height = picture_size(file)
    except BadPictureError:
        return 1.5
    return width / height
