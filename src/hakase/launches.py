"""Commands that were interrupted before all their studies existed: what they were asked, for resuming to finish them.

A launch is on record from before its first idea until its last study is made, and locked while its process lives.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from hakase.disk import load_record, save_record
from hakase.errors import HakaseError
from hakase.records import Record


class Launch(Record):
    """What ``hakase run`` was asked for."""

    account: str
    template: str
    num_ideas: int
    skip_idea_generation: bool = False
    include_seeds: bool = False
    options: dict[str, Any] = Field(default_factory=dict)
    """All its settings: resuming does not depend on the environment that it was given in."""
    results: str = ""
    known_ideas: int = 0
    """Ideas that ideas.json had before; those behind them are this launch's."""


@contextmanager
def launching(folder: Path, launch: Launch, begun: Callable[[], bool]) -> Iterator[None]:
    """Keep ``launch`` on record in ``folder`` while the context lasts, and beyond it where resuming can help.

    A refusal ends it where nothing has begun that would be lost.
    """
    file = folder / f"{launch.account}.json"
    folder.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # first: a record that nobody holds is taken for interrupted
        save_record(file, launch)
        try:
            yield
        except HakaseError as error:
            if begun():
                error.fix = "; then: ".join(filter(None, (error.fix, "hakase resume")))
            else:
                _forget(file)
            raise
        _forget(file)


def _forget(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_suffix(".lock").unlink(missing_ok=True)


def interrupted_launches(folder: Path) -> list[Launch]:
    """The launches on record whose process is gone, oldest first."""
    return [load_record(file, Launch) for file in sorted(folder.glob("*.json")) if not _is_held(file)]


def _is_held(file: Path) -> bool:
    with file.with_suffix(".lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
