"""Draws rows of effects with intervals by matplotlib's Agg, without its global state. Imported only to draw."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from hakase.paper.figures.effects import Row, frame_of, shown_verdicts
from hakase.paper.figures.marks import MARKS
from hakase.records import Direction

FONT = 8.0
"""Points, at print size."""
DPI = 200
_LINE = 0.155
"""Inches of one line of text with its lead."""
_GAP = 0.09
"""Inches between two runs."""
_TOP, _BOTTOM = 0.28, 0.48
_LABEL_SHARE = 0.42
"""Most of the width that labels may take."""


def draw_forest(rows: Sequence[Row], metric: str, direction: Direction, path: Path, width: float) -> None:
    """Draw ``rows`` from top to bottom and save them at ``path``."""
    with matplotlib.rc_context({"font.size": FONT, "font.family": "DejaVu Sans", "text.usetex": False}):
        labels = [_label(row, width) for row in rows]
        heights = [_LINE * (1 + label.count("\n")) for label in labels]
        centres, depth = _place(rows, heights)
        figure = Figure(figsize=(width, _TOP + depth + _BOTTOM + _legend_height(rows, width)), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = _lay_axes(figure, labels, rows, depth)
        for row, label, centre in zip(rows, labels, centres, strict=True):
            _draw_row(axes, row, label, centre)
        _dress(axes, rows, metric, direction)
        figure.savefig(path, format="png", dpi=DPI, metadata={"Software": None})


def _label(row: Row, width: float) -> str:
    room = int(width * _LABEL_SHARE * 72 / (FONT * 0.6)) - (2 if row.dataset else 0)
    text = row.dataset.replace("_", " ") or row.label
    return "\n".join(textwrap.wrap(text, max(room, 10), max_lines=2, placeholder=" …")) or " "


def _place(rows: Sequence[Row], heights: Sequence[float]) -> tuple[list[float], float]:
    """The centre of each row and the depth of all, in inches downwards."""
    centres, depth = [], _GAP
    for index, (row, height) in enumerate(zip(rows, heights, strict=True)):
        if index and not row.dataset:
            depth += _GAP
        centres.append(depth + height / 2)
        depth += height
    return centres, depth + _GAP


def _legend_height(rows: Sequence[Row], width: float) -> float:
    return _LINE * -(-len(shown_verdicts(rows)) // _legend_columns(width)) + 0.08


def _legend_columns(width: float) -> int:
    return 4 if width > 5 else 2


def _lay_axes(figure: Figure, labels: Sequence[str], rows: Sequence[Row], depth: float) -> Any:
    """Axes whose vertical unit is an inch downwards, right of the widest label."""
    width, height = figure.get_size_inches()
    left = min(max(_text_width(figure, label, row) for label, row in zip(labels, rows, strict=True)) + 0.16, width / 2)
    axes = figure.add_axes(((left) / width, 1 - (_TOP + depth) / height, (width - left - 0.12) / width, depth / height))
    axes.set_ylim(depth, 0)
    axes.set_xlim(*frame_of(rows))
    return axes


def _text_width(figure: Figure, label: str, row: Row) -> float:
    """Inches of the label's widest line."""
    text = figure.text(0, 0, label, parse_math=False, weight=_weight(row))
    box = text.get_window_extent()
    text.remove()
    return float(box.width) / DPI + (0.12 if row.dataset else 0)


def _weight(row: Row) -> str:
    return "normal" if row.dataset else "bold"


def _draw_row(axes: Any, row: Row, label: str, centre: float) -> None:
    mark, (low, high) = MARKS[row.verdict], axes.get_xlim()
    thickness, size = (1.0, 3.6) if row.dataset else (1.9, 6.0)
    if row.low is not None and row.high is not None:
        ends = max(row.low, low), min(row.high, high)
        axes.plot(ends, (centre, centre), color=mark.colour, linewidth=thickness, solid_capstyle="butt", zorder=2)
        for beyond, end, arrow in ((row.low < low, low, "<"), (row.high > high, high, ">")):
            if beyond:
                axes.plot(end, centre, arrow, color=mark.colour, markersize=size, clip_on=False, zorder=3)
    face = mark.colour if mark.filled else "white"
    axes.plot(
        row.middle, centre, mark.shape, color=mark.colour, markerfacecolor=face, markersize=size, markeredgewidth=1.1,
        zorder=4,
    )  # fmt: skip
    axes.annotate(
        label, (0, centre), xycoords=("axes fraction", "data"), xytext=(-6, 0), textcoords="offset points",
        ha="right", va="center", weight=_weight(row), parse_math=False, annotation_clip=False, linespacing=1.15,
    )  # fmt: skip


def _dress(axes: Any, rows: Sequence[Row], metric: str, direction: Direction) -> None:
    """Zero line, axis, the better side in words, and the legend of verdicts."""
    axes.axvline(0, color="black", linewidth=0.8, zorder=1)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=6 if axes.figure.get_size_inches()[0] > 5 else 4)
    unit = " (%)" if all(row.percent for row in rows) else ""
    figure = axes.figure
    axes.set_xlabel(f"change of {metric} against the baseline{unit}", parse_math=False)
    _fit_axis_label(axes)
    for side, position, align in (("lower", 0.0, "left"), ("higher", 1.0, "right")):
        good = side == direction
        word = "better" if good else "worse"
        text = f"← {word}" if side == "lower" else f"{word} →"
        axes.text(position, 1.0, text, transform=axes.transAxes, ha=align, va="bottom")
    figure.legend(
        handles=[_legend_entry(verdict) for verdict in shown_verdicts(rows)], loc="lower center",
        ncols=_legend_columns(figure.get_size_inches()[0]), frameon=False, fontsize=FONT, handletextpad=0.3,
        columnspacing=1.4, borderaxespad=0.1, borderpad=0.1,
    )  # fmt: skip


def _fit_axis_label(axes: Any) -> None:
    """Move the axis label left of the axes' middle, or break it, where it would run out of the picture."""
    figure = axes.figure
    label = axes.xaxis.label
    box = label.get_window_extent()
    if box.x1 <= figure.bbox.x1 - 4:
        return
    label.set_horizontalalignment("right")
    label.set_x(1.0)
    if label.get_window_extent().x0 < 4:
        label.set_text("\n".join(textwrap.wrap(label.get_text(), 40)))


def _legend_entry(verdict: Any) -> Line2D:
    mark = MARKS[verdict]
    face = mark.colour if mark.filled else "white"
    return Line2D(
        [], [], color=mark.colour, marker=mark.shape, markerfacecolor=face, linestyle="none", markersize=5,
        label=mark.words,
    )  # fmt: skip
