"""The append-only record of a study: events, and every reply of a model, in SQLite with WAL and ``synchronous=FULL``.

Stages are resumed from their records; events tell people and programs what happened when. Replies are kept before they
are used, under a key of what was asked, so that the same thing is never paid for twice. No key or header is kept.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hakase.errors import StudyError

FORMAT = 2
STAGE_STARTED = "stage_started"
MODEL_CALL = "model_call"
"""Kind of the event of one call of a model: slot, role, model, tokens, price, seconds, problem."""
ASKED_AFRESH = "asked_afresh"
"""Kind of the event after which nothing that was kept before is used again (``hakase write --fresh``)."""
FALLBACK = "fallback"
"""Kind of the event that the rules stood in for a model: what, and why."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,          -- seconds since the epoch
  kind TEXT NOT NULL,          -- stage_started, attempt_ended, …
  stage TEXT NOT NULL,
  data TEXT NOT NULL           -- a JSON object
);
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  key TEXT NOT NULL,           -- hash of everything that was asked
  slot TEXT NOT NULL,          -- where in the study it was asked
  question TEXT NOT NULL,      -- JSON
  reply TEXT NOT NULL          -- JSON
);
CREATE INDEX IF NOT EXISTS replies_by_key ON replies (key);
CREATE INDEX IF NOT EXISTS replies_by_slot ON replies (slot);
"""


@dataclass(frozen=True)
class Event:
    """One row."""

    time: float
    kind: str
    stage: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """One reply of a model as it was kept; ``question`` and ``reply`` are JSON objects."""

    key: str
    slot: str
    question: dict[str, Any]
    reply: dict[str, Any]


class Journal:
    """The journal at ``path``; made when it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > FORMAT:
                raise StudyError(
                    f"journal of format {version}; this version knows {FORMAT}", file=path, fix="upgrade hakase"
                )
            if version < FORMAT:  # opening one that is there writes nothing
                connection.executescript(SCHEMA)
                connection.execute(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept all or none; StudyError when the file cannot be used."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as connection, connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
        except sqlite3.DatabaseError as error:
            raise StudyError(
                f"the journal cannot be used: {error}",
                file=self.path,
                fix="make room if the disk is full, else move the file away; the records are not affected",
            ) from None

    def add(self, kind: str, stage: str = "", **data: Any) -> None:
        """Append one event; it is on disk when this returns."""
        row = (time.time(), kind, stage, json.dumps(data, default=str))
        with self._open() as connection:
            connection.execute("INSERT INTO events (time, kind, stage, data) VALUES (?, ?, ?, ?)", row)

    def events(self, kind: str | None = None) -> Iterator[Event]:
        """All events (of one kind), oldest first."""
        query = "SELECT time, kind, stage, data FROM events WHERE ?1 IS NULL OR kind = ?1 ORDER BY id"
        with self._open() as connection:
            for moment, name, stage, data in connection.execute(query, (kind,)):
                yield Event(moment, name, stage, json.loads(data))

    def keep_reply(self, kept: Kept, **call: Any) -> None:
        """Keep a reply together with the event of its call, both or none; on disk when this returns."""
        now = time.time()
        reply = (now, kept.key, kept.slot, json.dumps(kept.question), json.dumps(kept.reply))
        event = (now, MODEL_CALL, kept.slot.split("/")[0], json.dumps({"slot": kept.slot, **call}, default=str))
        with self._open() as connection:
            connection.execute("INSERT INTO replies (time, key, slot, question, reply) VALUES (?, ?, ?, ?, ?)", reply)
            connection.execute("INSERT INTO events (time, kind, stage, data) VALUES (?, ?, ?, ?)", event)

    def reply(self, key: str) -> Kept | None:
        """The reply kept under ``key``, if there is one; the latest when there are several."""
        return next(iter(self._replies("key = ?", key)), None)

    def replies_at(self, slot: str) -> tuple[Kept, ...]:
        """All replies kept for ``slot``, the latest first."""
        return tuple(self._replies("slot = ?", slot))

    def _replies(self, where: str, value: str) -> list[Kept]:
        query = f"SELECT key, slot, question, reply FROM replies WHERE {where} ORDER BY id DESC"
        with self._open() as connection:
            rows = connection.execute(query, (value,)).fetchall()
        return [Kept(key, slot, json.loads(question), json.loads(reply)) for key, slot, question, reply in rows]
