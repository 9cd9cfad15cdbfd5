"""The harness's own figure: the effect of every run against the baseline with its interval, as a forest plot.

It shows the evidence as it is: nothing is tested, ordered by success or left out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hakase.paper.figures.marks import MARKS
from hakase.records import Comparison, Evidence, Verdict

TEXT_WIDTH = 6.5
"""Inches of a page's text."""
COLUMN_WIDTH = 3.3
"""Inches of one column of a two-column page."""
UNIT_NOTE = "Where the baseline is zero, the change is in the metric's unit and not in percent."
_STRETCH = 1.6
"""An interval of a single data set may widen the frame to so many times what the marks and pooled intervals need."""


@dataclass(frozen=True)
class Row:
    """One line of the figure; numbers in percent of the baseline, or in the metric's unit where that is zero."""

    run: int
    label: str
    dataset: str
    """Empty for the pooled effect."""
    middle: float
    low: float | None
    high: float | None
    verdict: Verdict
    percent: bool = True
    wide: bool = False
    """Whether the interval is cut at the frame."""


def rows_of(evidence: Evidence) -> list[Row]:
    """What the figure shows, from top to bottom: each run's pooled effect, then its data sets if there are several."""
    primary = [c for c in evidence.comparisons if c.primary]
    several = len({c.dataset for c in evidence.comparisons if c.dataset and c.metric == evidence.primary_metric}) > 1
    rows = []
    for pooled in primary:
        rows.append(_pooled_row(pooled))
        rows += [
            _dataset_row(c)
            for c in evidence.comparisons
            if several and c.dataset and c.run == pooled.run and c.metric == pooled.metric
        ]
    return _mark_wide(rows)


def _pooled_row(c: Comparison) -> Row:
    unit = 100.0 if c.relative is not None else 1.0
    middle = c.relative if c.relative is not None else c.difference
    return Row(c.run, c.label, "", middle * unit, _scaled(c.low, unit), _scaled(c.high, unit), c.verdict, unit == 100.0)


def _dataset_row(c: Comparison) -> Row:
    unit = 100 / abs(c.baseline) if c.relative is not None and c.baseline else 1.0
    low, high = _scaled(c.low, unit), _scaled(c.high, unit)
    return Row(c.run, c.label, c.dataset, c.difference * unit, low, high, c.verdict, c.relative is not None)


def _scaled(value: float | None, unit: float) -> float | None:
    return None if value is None else value * unit


def _mark_wide(rows: Sequence[Row]) -> list[Row]:
    low, high = frame_of(rows)
    return [
        replace(row, wide=(row.low is not None and row.low < low) or (row.high is not None and row.high > high))
        for row in rows
    ]


def frame_of(rows: Sequence[Row]) -> tuple[float, float]:
    """The horizontal limits: all marks, all pooled intervals, zero, and other intervals as far as that leaves room."""
    needed = [0.0, *(row.middle for row in rows)]
    needed += [end for row in rows if not row.dataset for end in (row.low, row.high) if end is not None]
    ends = [*needed, *(end for row in rows for end in (row.low, row.high) if end is not None)]
    low, high = min(needed), max(needed)
    spare = (_STRETCH - 1) * (high - low) or 1.0
    low, high = max(min(ends), low - spare), min(max(ends), high + spare)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def shown_verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """The verdicts among ``rows``, in the order of legends."""
    return [verdict for verdict in MARKS if any(row.verdict == verdict for row in rows)]


def draw_effects(evidence: Evidence, path: Path, width: float = TEXT_WIDTH) -> bool:
    """Draw the figure as a PNG file at ``path``, ``width`` inches wide at 200 dpi, letters of 8 points.

    False, and no file, when no run was compared. The same evidence gives the same bytes.
    """
    rows = rows_of(evidence)
    if not rows:
        return False
    from hakase.paper.figures.forest import draw_forest

    draw_forest(rows, evidence.primary_metric.replace("_", " "), evidence.direction, path, width)
    return True
