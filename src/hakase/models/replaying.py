"""Kept replies of other journals, which answer instead of a model. The journals are copied and read, never opened.

A question is looked up by its key. When that is not there (the program's words have changed, or the address), the n-th
asking at a slot gets the n-th reply that was kept at that slot.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hakase.errors import ConfigError, ModelError
from hakase.journal import Journal, Kept

JOURNAL = "journal.db"


@dataclass(frozen=True)
class Source:
    """The replies of one journal, oldest first."""

    path: Path
    replies: tuple[Kept, ...]

    @property
    def idea(self) -> str:
        """Name of the study's folder without its time."""
        return _idea(self.path)


class Replay:
    """All journals at or beneath a folder."""

    def __init__(self, folder: Path) -> None:
        paths = [folder] if folder.is_file() else sorted(folder.rglob(JOURNAL))
        self._sources = tuple(Source(path.resolve(), _read(path)) for path in paths)
        if not any(source.replies for source in self._sources):
            raise ConfigError(
                f"no kept reply of a model is in {folder}",
                key="replay",
                fix="name a study that was made with a language model, or a folder of such studies",
            )

    def reply(self, key: str, slot: str, journal: Journal) -> Kept:
        """The reply kept under ``key``, else the next one of ``slot`` that ``journal`` does not have yet.

        Raises:
            ModelError: there is none.
        """
        sources = self._nearest(journal.path.resolve())
        for source in sources:
            for kept in reversed(source.replies):
                if kept.key == key:
                    return kept
        already = len(journal.replies_at(slot))
        at_slot = [kept for source in sources for kept in source.replies if kept.slot == slot]
        if already < len(at_slot):
            return at_slot[already]
        raise ModelError(
            f"the replay has no reply for {slot} (asking {already + 1}, {len(at_slot)} kept)",
            key="replay",
            fix="replay with the settings of the recorded study, or without --replay to ask the model",
        )

    def _nearest(self, own: Path) -> list[Source]:
        """Sources other than ``own``, those of studies of the same idea first."""
        others = [source for source in self._sources if source.path != own]
        return sorted(others, key=lambda source: source.idea != _idea(own))


def _idea(path: Path) -> str:
    return re.sub(r"^\d{8}_\d{6}_", "", path.parent.name)


def _read(path: Path) -> tuple[Kept, ...]:
    """The replies in the journal at ``path``, from a copy: opening it could write beside it."""
    with tempfile.TemporaryDirectory(prefix="hakase-replay-") as folder:
        copy = Path(folder) / JOURNAL
        for end in ("-wal", ""):
            source = path.with_name(path.name + end)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + end))
        try:
            with closing(sqlite3.connect(copy)) as connection:
                rows = connection.execute("SELECT key, slot, reply FROM replies ORDER BY id").fetchall()
        except sqlite3.OperationalError:  # a journal of an older format has no replies
            rows = []
        except sqlite3.DatabaseError as error:
            raise ConfigError(f"not a readable journal: {error}", file=path, key="replay") from None
    return tuple(Kept(key, slot, {}, json.loads(reply)) for key, slot, reply in rows)
