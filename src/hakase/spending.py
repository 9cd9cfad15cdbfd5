"""What model calls cost, over all processes of a workspace: the ground on which limits of dollars and tokens stand.

Money is set aside before a call and settled after it, so that calls in parallel cannot pass a limit together. A call
whose process died counts at what was set aside: it may have been billed. What each call said stands in the journals.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hakase.errors import ConfigError

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  account TEXT NOT NULL,      -- one command, with all its studies and all that resumes them
  usd REAL NOT NULL,          -- set aside, then real; 0 where no price is known
  tokens INTEGER NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_account ON calls (account);
"""


@dataclass(frozen=True)
class Spent:
    """Of one account, what is set aside included."""

    usd: float = 0.0
    tokens: int = 0
    calls: int = 0


class Spending:
    """The calls of all accounts, in the SQLite file at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"the record of spending cannot be used: {error}",
                file=self.path,
                fix="make room if the disk is full, else move the file away",
            ) from None

    def set_aside(self, account: str, usd: float, tokens: int, within: tuple[float | None, int | None]) -> int | None:
        """Set money and tokens aside for one call; its number, or None when that would pass the limits ``within``."""
        max_usd, max_tokens = within
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            spent = _spent(connection, account)
            if (max_usd is not None and spent.usd + usd > max_usd) or (
                max_tokens is not None and spent.tokens + tokens > max_tokens
            ):
                connection.execute("ROLLBACK")
                return None
            cursor = connection.execute(
                "INSERT INTO calls (time, account, usd, tokens) VALUES (?, ?, ?, ?)",
                (time.time(), account, usd, tokens),
            )
            connection.execute("COMMIT")
            return cursor.lastrowid

    def settle(self, number: int, usd: float, tokens: int) -> None:
        """What the call really cost; nothing when it never reached the server."""
        with self._open() as connection:
            connection.execute("UPDATE calls SET usd = ?, tokens = ?, settled = 1 WHERE id = ?", (usd, tokens, number))

    def spent(self, account: str) -> Spent:
        """What the account has spent or set aside."""
        with self._open() as connection:
            return _spent(connection, account)


def _spent(connection: sqlite3.Connection, account: str) -> Spent:
    row = connection.execute(
        "SELECT COALESCE(SUM(usd), 0), COALESCE(SUM(tokens), 0), COUNT(*) FROM calls WHERE account = ?", (account,)
    ).fetchone()
    return Spent(*row)
