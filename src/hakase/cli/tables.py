"""Rows as a table."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.cli.screen import span
from hakase.summary import Row

WIDE = 110
"""Columns of a terminal from which everything is shown."""


def print_rows(rows: Sequence[Row]) -> None:
    """One row a study; below it, the one-line causes of those without a paper."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, width=None if Console().is_terminal else 140)
    shown = [_cells(row) for row in rows]
    names = [name for name in _cells(EMPTY) if console.width >= WIDE or name not in ("novelty", "cost", "time")]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for cells in shown:
        table.add_row(*(Text(cells[name]) for name in names))
    console.print(table)
    for row in rows:
        for line in (row.cause, *row.notes):
            if line:
                console.print(f"{row.idea}: {line}", markup=False, soft_wrap=True)


EMPTY = Row(study="", idea="", title="", state="")


def _cells(row: Row) -> dict[str, str]:
    return {
        "idea": row.idea,
        "state": row.state.replace("_", " "),
        "novelty": row.novelty.replace("_", " "),
        "runs": row.runs,
        "best effect [95%]": row.effect,
        "verdict": row.verdict.replace("_", " "),
        "score": "" if row.score is None else str(row.score),
        "cost": row.cost.removeprefix("price ").partition(" (")[0],
        "time": span(row.seconds),
    }
