"""Writing so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from hakase.errors import StudyError
from hakase.records import Record

R = TypeVar("R", bound=Record)


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write ``data`` to a temporary name beside ``path``, fsync, and rename it into place."""
    raw = data.encode() if isinstance(data, str) else data
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(raw)
            handle.flush()
            os.fsync(handle.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock ``file``, made with its folders if need be; waits for another process that holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def save_record(path: Path, record: Record) -> None:
    """Save ``record`` as JSON at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, record.model_dump_json(indent=1) + "\n")


def load_record(path: Path, kind: type[R]) -> R:
    """The record at ``path``.

    Raises:
        StudyError: it is missing, damaged, or of a format that this version does not know.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise StudyError("this record is missing", file=path, fix="`hakase resume` makes it again") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise StudyError(
            f"not a {kind.__name__} record that this version can read: {first['msg']}",
            file=path,
            key=".".join(map(str, first["loc"])) or None,
            fix="restore the file, or remove it so that `hakase resume` makes it again",
        ) from None
