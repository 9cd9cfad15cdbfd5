"""What a job says: kept in a file up to a cap, and its last line for the watcher.

It does not interpret the text, and it never follows a link that generated code may have put where a log belongs.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import BinaryIO

LAST_LINE_LENGTH = 200
TAIL = 4096
"""Bytes looked at for the last line."""
CHUNK = 65536

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b.")
_LINE_ENDS = re.compile(r"[\r\n]+")


class CappedLog:
    """One stream of a job on its way from a pipe into a file."""

    def __init__(self, pipe: int, path: Path, cap: int) -> None:
        """Make ``path`` anew. ``pipe`` is read without blocking, and stays its owner's to close."""
        os.set_blocking(pipe, False)
        self.pipe = pipe
        self.truncated = False
        self.spoke_at = time.monotonic()
        self._room = cap
        self._cap = cap
        self._tail = b""
        self._file = _create(path)

    def take(self) -> bool:
        """Take what is in the pipe now; False at its end."""
        try:
            data = os.read(self.pipe, CHUNK)
        except BlockingIOError:
            return True
        if data:
            self._keep(data)
        return bool(data)

    def drain(self) -> None:
        """Take what is left in the pipe, without waiting for whoever may hold its other end."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.pipe, CHUNK):
                self._keep(data)

    def close(self) -> None:
        """Say in the file when something was thrown away, and close it."""
        if self.truncated:
            self._file.write(f"\n[cut here: more than {self._cap} bytes]\n".encode())
        self._file.close()

    @property
    def last_line(self) -> str:
        """The last line that has visible text, without control characters, at most 200 characters."""
        return last_line(self._tail)

    def _keep(self, data: bytes) -> None:
        self.spoke_at = time.monotonic()
        self._tail = (self._tail + data)[-TAIL:]
        self.truncated = self.truncated or len(data) > self._room
        self._file.write(data[: self._room])
        self._file.flush()
        self._room -= min(self._room, len(data))


def last_line(tail: bytes) -> str:
    """The last visible line in ``tail``; a carriage return, as progress bars use it, also begins a line.

    >>> last_line(b"epoch 1\\n 10%\\r 20%\\r")
    '20%'
    """
    text = _ESCAPES.sub("", tail.decode(errors="replace"))
    for line in reversed(_LINE_ENDS.split(text)):
        shown = "".join(c if c.isprintable() else " " for c in line).strip()
        if shown:
            return shown[:LAST_LINE_LENGTH]
    return ""


def _create(path: Path) -> BinaryIO:
    """A new file at ``path``; what was there, a link or a named pipe perhaps, is removed and not followed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb")
