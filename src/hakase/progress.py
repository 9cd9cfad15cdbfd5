"""Where a study is: for people who wait, for other processes, and for those who come back."""

from __future__ import annotations

from typing import Literal

from hakase.records import Record

StudyState = Literal["new", "running", "done", "not_novel", "failed", "interrupted"]


class Progress(Record):
    """Where a study is now, for people who wait."""

    stage: str = ""
    detail: str = ""
    run: int | None = None
    attempt: int | None = None
    elapsed: float = 0.0
    """Seconds in the present step."""
    limit: float | None = None
    last_line: str = ""
    upcoming: str = ""


class Status(Record):
    """The state of a study."""

    state: StudyState = "new"
    stage: str = ""
    message: str = ""
    traceback: str = ""
    pid: int | None = None
    host: str = ""
    started: str = ""
    updated: str = ""
    seconds: float = 0.0
    """Wall clock spent on the study, over all sessions."""
    cost_usd: float = 0.0
    progress: Progress = Progress()
