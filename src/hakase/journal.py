"""The append-only record of a study: one row an event, in SQLite with WAL and ``synchronous=FULL``.

Stages are resumed from their records, not from here; the journal tells people and programs what happened when.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hakase.errors import StudyError

FORMAT = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,          -- seconds since the epoch
  kind TEXT NOT NULL,          -- stage_started, attempt_ended, …
  stage TEXT NOT NULL,
  data TEXT NOT NULL           -- a JSON object
);
"""


@dataclass(frozen=True)
class Event:
    """One row."""

    time: float
    kind: str
    stage: str
    data: dict[str, Any]


class Journal:
    """The journal at ``path``; made when it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with closing(self._connect()) as connection, connection:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > FORMAT:
                    raise StudyError(
                        f"journal of format {version}; this version knows {FORMAT}", file=path, fix="upgrade hakase"
                    )
                connection.executescript(SCHEMA)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
        except sqlite3.DatabaseError as error:
            raise StudyError(
                f"the journal cannot be used: {error}",
                file=path,
                fix="make room if the disk is full, else move the file away; the records are not affected",
            ) from None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def add(self, kind: str, stage: str = "", **data: Any) -> None:
        """Append one event; it is on disk when this returns."""
        row = (time.time(), kind, stage, json.dumps(data, default=str))
        with closing(self._connect()) as connection, connection:
            connection.execute("INSERT INTO events (time, kind, stage, data) VALUES (?, ?, ?, ?)", row)

    def events(self, kind: str | None = None) -> Iterator[Event]:
        """All events (of one kind), oldest first."""
        query = "SELECT time, kind, stage, data FROM events WHERE ?1 IS NULL OR kind = ?1 ORDER BY id"
        with closing(self._connect()) as connection:
            for moment, name, stage, data in connection.execute(query, (kind,)):
                yield Event(moment, name, stage, json.loads(data))
