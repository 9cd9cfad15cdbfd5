"""Rows as a table."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.cli.screen import span
from hakase.summary import Row


def print_rows(rows: Sequence[Row]) -> None:
    """One row a study; below it, the one-line causes of those without a paper."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=None if Console().is_terminal else 140)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (
        "idea",
        "state",
        "novelty",
        "runs",
        "best effect [95% interval]",
        "verdict",
        "score",
        "cost",
        "time",
    ):
        table.add_column(column, no_wrap=column not in ("idea", "verdict"), overflow="fold")
    for row in rows:
        score = "" if row.score is None else str(row.score)
        verdict = row.verdict.replace("_", " ")
        cells = (
            row.idea,
            row.state,
            row.novelty,
            row.runs,
            row.effect,
            verdict,
            score,
            f"${row.cost_usd:.2f}",
            span(row.seconds),
        )
        table.add_row(*cells)
    console.print(table)
    for row in rows:
        if row.cause:
            console.print(f"{row.idea}: {row.cause}", markup=False, soft_wrap=True)
