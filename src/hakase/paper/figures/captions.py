"""Captions made only from what was plotted, or from the evidence for the figure of effects. They interpret nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from hakase.latex_text import escape
from hakase.paper.figures.effects import UNIT_NOTE, rows_of, shown_verdicts
from hakase.paper.figures.marks import MARKS
from hakase.paper.figures.plotted import Drawn, Panel, Plotted, read_plotted
from hakase.records import Evidence

MOST_NAMES = 12
"""Names of a list that a caption spells out."""


def caption(description: Mapping[str, Any], file: str) -> str:
    """LaTeX caption of a picture from its description; from the file's name where there is none."""
    return escape(plain_description(description, file))


def plain_description(description: Mapping[str, Any], file: str) -> str:
    """The caption's text before LaTeX."""
    plotted = read_plotted(description)
    if plotted is None or not plotted.panels:
        return f"{_sentence_case(PurePath(file).stem)}, as drawn by plot.py."
    return " ".join([*_what(plotted, PurePath(file).stem), *_who(plotted), *_how(plotted.panels)])


def _what(plotted: Plotted, stem: str) -> list[str]:
    """One sentence for each pair of axis labels, in which panels; titles or the file's name where there are none."""
    groups: dict[str, list[str]] = {}
    for panel in _with_shared_axes(plotted.panels):
        titles = groups.setdefault(_quantity(panel), [])
        if panel.title and panel.title not in titles:
            titles.append(panel.title)
    if [*groups] == [""]:
        titles = [plotted.title] if plotted.title else groups[""]
        return [f"{_sentence_case(_list(titles) or stem)}."]
    return [
        f"{_sentence_case(quantity or 'Axes without labels')}{f' ({_list(titles)})' if titles else ''}."
        for quantity, titles in groups.items()
    ]


def _with_shared_axes(panels: Sequence[Panel]) -> list[Panel]:
    """The panels, each with what only its neighbours say: panels that share an axis name it once."""
    shared: dict[str, Any] = {}
    for name in ("x_label", "y_label", "x_ticks", "y_ticks"):
        said = {value for panel in panels if (value := getattr(panel, name))}
        if len(said) == 1:
            shared[name] = said.pop()
    return [
        panel.model_copy(update={name: value for name, value in shared.items() if not getattr(panel, name)})
        for panel in panels
    ]


def _quantity(panel: Panel) -> str:
    if panel.x_label and panel.y_label:
        return f"{panel.y_label} against {_lower_first(panel.x_label)}"
    if panel.x_ticks and panel.y_label:
        return f"{panel.y_label} for {_list(panel.x_ticks)}"
    if panel.y_ticks and panel.x_label:
        return f"{panel.x_label} for {_list(panel.y_ticks)}"
    return panel.y_label or panel.x_label


def _who(plotted: Plotted) -> list[str]:
    """What the lines, bars and points stand for, by their labels."""
    kinds: dict[str, list[str]] = {}
    for panel in plotted.panels:
        kinds.setdefault("Lines", []).extend(_labels(panel.lines))
        kinds.setdefault("Bars", []).extend(_labels(panel.bars))
        kinds.setdefault("Points", []).extend(_labels(c for c in panel.collections if c.kind == "PathCollection"))
    named = {label for labels in kinds.values() for label in labels}
    legend = [
        label
        for names in (plotted.legend, *(panel.legend for panel in plotted.panels))
        for label in names
        if label not in named
    ]
    kinds["Legend"] = legend
    return [f"{kind}: {_list(dict.fromkeys(labels))}." for kind, labels in kinds.items() if labels]


def _how(panels: Sequence[Panel]) -> list[str]:
    notes = [
        (f"The {axis} axis is logarithmic.", [getattr(panel, f"{axis}_scale") == "log" for panel in panels])
        for axis in ("x", "y")
    ]
    bands = [any(c.kind.endswith("PolyCollection") for c in panel.collections) for panel in panels]
    notes.append(("Shaded bands are drawn around the lines.", bands))
    notes.append(("Error bars are drawn.", [panel.error_bars for panel in panels]))
    return [
        note if all(holds) else note.replace(" is ", " is partly ").replace(" are ", " are partly ")
        for note, holds in notes
        if any(holds)
    ]


def _labels(drawn: Iterable[Drawn]) -> list[str]:
    return [part.label for part in drawn if part.label and part.points]


def effects_caption(evidence: Evidence) -> str:
    """LaTeX caption of the figure that ``effects.draw_effects`` makes of ``evidence``."""
    rows = rows_of(evidence)
    better = "right" if evidence.direction == "higher" else "left"
    metric = escape(evidence.primary_metric.replace("_", " "))
    several = any(row.dataset for row in rows)
    marks = ", ".join(f"{MARKS[verdict].name}: {MARKS[verdict].words}" for verdict in shown_verdicts(rows))
    parts = [
        rf"Change of {metric} against the baseline for every finished run, with 95\% confidence intervals "
        rf"({better} of zero is better).",
        "Large marks: pooled over the data sets; small marks: single data sets." if several else "",
        f"{marks[:1].upper()}{marks[1:]}." if marks else "",
        UNIT_NOTE if any(not row.percent for row in rows) else "",
        "An interval that ends in an arrow goes on beyond the frame." if any(row.wide for row in rows) else "",
    ]
    return " ".join(part for part in parts if part)


def _list(names: Iterable[str]) -> str:
    """``a, b and c``; beyond ``MOST_NAMES`` the rest is counted."""
    shown = [_plain(name) for name in names]
    if len(shown) > MOST_NAMES:
        shown = [*shown[:MOST_NAMES], f"{len(shown) - MOST_NAMES} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _plain(text: str) -> str:
    """Words of a label: without mathematics' signs, with spaces for underscores."""
    return " ".join(text.translate(str.maketrans("_", " ", "$\\{}")).split())


def _sentence_case(text: str) -> str:
    plain = _plain(text)
    return plain[:1].upper() + plain[1:]


def _lower_first(text: str) -> str:
    """``Epoch`` as within a sentence; an abbreviation stays."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
