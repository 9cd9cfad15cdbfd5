"""What a person sees while work goes on: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Protocol

from hakase.budget import Budget
from hakase.progress import Progress

HEARTBEAT = 30.0
"""Seconds after which a plain screen says again what is going on."""


class Screen(Protocol):
    """Shows progress; a context manager."""

    def update(self, idea: str, progress: Progress) -> None:
        """What ``idea`` (empty: the command itself) is doing now."""
        ...

    def say(self, line: str) -> None:
        """A line that stays."""
        ...

    def count(self, budget: Budget) -> None:
        """Show what is spent on this budget."""
        ...

    def ask(self, question: str) -> bool:
        """Yes or no, from whoever is at the terminal; no when nobody is."""
        ...

    def __enter__(self) -> Screen: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def get_screen(plain: bool = False) -> Screen:
    """The live view when standard output is a terminal, else plain lines."""
    return LiveScreen() if sys.stdout.isatty() and not plain else PlainScreen()


class PlainScreen:
    """One line whenever something else begins, and one every half minute."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[object, ...]] = {}
        self.spoke: dict[str, float] = {}

    def update(self, idea: str, progress: Progress) -> None:
        key = (progress.stage, progress.detail, progress.run, progress.attempt)
        now = time.monotonic()
        if self.shown.get(idea) == key and now - self.spoke.get(idea, 0.0) < HEARTBEAT:
            return
        self.shown[idea], self.spoke[idea] = key, now
        self.say(" · ".join(part for part in (idea, describe(progress)) if part))

    def say(self, line: str) -> None:
        print(line, flush=True)

    def count(self, budget: Budget) -> None:
        pass  # the table at the end says it

    def ask(self, question: str) -> bool:
        return _answer(question)

    def __enter__(self) -> PlainScreen:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class LiveScreen:
    """A table that is drawn anew four times a second."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self.rows: dict[str, Progress] = {}
        self.began = time.monotonic()
        self.budget = Budget()
        self.console = Console(highlight=False)
        self.live = Live(console=self.console, refresh_per_second=4, get_renderable=self._draw, transient=True)

    def update(self, idea: str, progress: Progress) -> None:
        self.rows[idea] = progress
        if idea:
            self.rows.pop("", None)

    def say(self, line: str) -> None:
        self.console.print(line, markup=False, soft_wrap=True)

    def count(self, budget: Budget) -> None:
        self.budget = budget

    def ask(self, question: str) -> bool:
        self.live.stop()
        try:
            return _answer(question)
        finally:
            self.live.start()

    def _draw(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
        for column in ("idea", "stage", "run", "time / limit", "last line", "next"):
            table.add_column(column, overflow="ellipsis", no_wrap=True)
        for idea, progress in self.rows.items():
            run = "" if progress.run is None else f"{progress.run}.{progress.attempt or 1}"
            doing = f"{progress.stage}: {progress.detail}" if progress.detail else progress.stage
            cells = (idea, doing, run, _clock(progress), progress.last_line, progress.upcoming)
            table.add_row(*(Text(cell) for cell in cells))
        table.caption = f"{span(time.monotonic() - self.began)} since the start · {_spending(self.budget)}"
        return table

    def __enter__(self) -> LiveScreen:
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()


def _answer(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _spending(budget: Budget) -> str:
    if budget.spending is None:
        return "no paid model"
    spent = budget.spent
    limit = f" of ${budget.max_usd:.2f}" if budget.max_usd is not None else ""
    tokens = f" of {budget.max_tokens:,}" if budget.max_tokens is not None else ""
    money = f"${spent.usd:.2f}{limit}" if spent.usd or limit or not spent.calls else "price unknown"
    return f"{spent.calls} model calls · {money} · {spent.tokens:,}{tokens} tokens"


def describe(progress: Progress) -> str:
    """One line of text."""
    run = "" if progress.run is None else f"run {progress.run}"
    attempt = f"attempt {progress.attempt}" if progress.attempt else ""
    clock = _clock(progress)
    parts = (progress.stage, " ".join(p for p in (run, attempt) if p), progress.detail, clock, progress.last_line)
    return " · ".join(part for part in parts if part)


def _clock(progress: Progress) -> str:
    if progress.limit is None:
        return ""
    return f"{span(progress.elapsed)} / {span(progress.limit)}"


def span(seconds: float) -> str:
    """A duration for people: ``7 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
