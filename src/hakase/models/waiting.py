"""How long a call waits for a server that refuses for now, and what people are told meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from hakase.models.faults import Fault

FIRST = 0.5
"""Seconds before the first repetition; doubled each time."""
LONGEST = 30.0
NOBODY = 15.0
"""Seconds for a server that nobody has seen yet and that takes no connection."""
SLICE = 1.0
"""Seconds between two signs of life."""


class Patience:
    """The time that one call has for being refused, from its first refusal on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._began: float | None = None
        self._waits = 0

    def next_wait(self, fault: Fault, seen: bool) -> tuple[float, float] | None:
        """Seconds until the next try, and until giving up; None when no time is left for it."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        limit = self.seconds if seen or fault.kind != "nobody" else min(self.seconds, NOBODY)
        left = limit - (now - self._began)
        wait = min(LONGEST, FIRST * 2**self._waits) * random.uniform(1.0, 1.25)
        if fault.retry_after is not None:
            wait = max(fault.retry_after, 0.05)
        self._waits += 1
        return (wait, left) if wait <= left else None


def wait_in_slices(seconds: float, beat: Callable[[float], None], stopping: threading.Event) -> None:
    """Sleep, with ``beat(seconds so far)`` about once a second; ends early when ``stopping`` is set."""
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds and not stopping.is_set():
        beat(gone)
        stopping.wait(min(SLICE, seconds - gone))
