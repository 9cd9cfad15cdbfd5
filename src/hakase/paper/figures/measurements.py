"""The harness's figure of the primary metric itself: mean and standard error of every run, a panel a data set.

It stands in where a template's plot.py gives no picture, so that a paper always shows what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hakase.latex_text import escape
from hakase.paper.figures.effects import TEXT_WIDTH
from hakase.paper.figures.forest import DPI, FONT
from hakase.records import Evidence, Run

PANELS = 3
"""Panels in a row."""
_COLOUR = "#0072B2"


def draw_measurements(runs: Sequence[Run], evidence: Evidence, path: Path) -> bool:
    """Draw the primary metric of the finished ``runs`` and save it at ``path``; False when there is nothing to draw."""
    shown = [run for run in runs if run.result is not None]
    datasets = _datasets(shown, evidence.primary_metric)
    if not datasets:
        return False
    columns, rows = min(PANELS, len(datasets)), -(-len(datasets) // PANELS)
    with matplotlib.rc_context({"font.size": FONT, "font.family": "DejaVu Sans", "text.usetex": False}):
        height = rows * (0.75 + 0.2 * len(shown))
        figure = Figure(figsize=(TEXT_WIDTH, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, dataset in zip(panels.flat, datasets, strict=False):
            _draw_panel(axes, shown, dataset, evidence.primary_metric)
        for axes in list(panels.flat)[len(datasets) :]:
            axes.set_visible(False)
        figure.savefig(path, format="png", dpi=DPI, metadata={"Software": None})
    return True


def _datasets(runs: Sequence[Run], metric: str) -> list[str]:
    found = (name for run in runs if run.result for name, values in run.result.datasets.items() if metric in values)
    return list(dict.fromkeys(found))


def _draw_panel(axes: Any, runs: Sequence[Run], dataset: str, metric: str) -> None:
    for place, run in enumerate(runs):
        measured = (run.result.datasets if run.result else {}).get(dataset, {}).get(metric)
        if measured is not None:
            axes.errorbar(measured.mean, place, xerr=measured.stderr, fmt="o", color=_COLOUR, capsize=2, markersize=4)
    axes.set_yticks(range(len(runs)), [run.label for run in runs])
    axes.set_ylim(len(runs) - 0.5, -0.5)
    axes.set_title(dataset.replace("_", " "), fontsize=FONT)
    axes.set_xlabel(metric.replace("_", " "))
    axes.spines[["top", "right"]].set_visible(False)
    axes.locator_params(axis="x", nbins=4)


def measurements_caption(runs: Sequence[Run], evidence: Evidence) -> str:
    """LaTeX caption of the figure."""
    shown = [run for run in runs if run.result is not None]
    names = ", ".join(escape(name.replace("_", " ")) for name in _datasets(shown, evidence.primary_metric))
    metric = escape(evidence.primary_metric.replace("_", " "))
    return f"Mean {metric} of every finished run ({names}). Bars are standard errors, where they are known."
