"""What a tree of processes uses, and the ending of processes that are known by id and start time.

It reads /proc through psutil. cgroups, where they can be had, would be exact and belong here too.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable

import psutil

SHORTEST_INTERVAL = 0.2
SHARE_OF_TIME = 0.05
"""Most of the parent's time that looking may take."""


class Meter:
    """Looks at the descendants of one process. Only descendants deeper than ``depth`` count: the rest is ours."""

    def __init__(self, pid: int, depth: int) -> None:
        self._root = psutil.Process(pid)
        self._depth = depth
        self._next = 0.0
        self._ours: frozenset[int] = frozenset()
        self.seen: set[psutil.Process] = set()
        """All that was ever met; psutil tells a process from a later one with the same id."""
        self.peak = 0
        self.memory = 0
        self.files = 0
        """Bytes in the sandbox's private /tmp, which is memory too."""
        self.processes = 0

    def look(self) -> bool:
        """Measure again, unless the last time was just now; says whether it did."""
        start = time.monotonic()
        if start < self._next:
            return False
        tree = self._descendants()
        self.seen.update(tree)
        self.processes = len(tree)
        self.files = _private_files(tree) if self._depth else 0
        self.memory = sum(map(_resident, tree)) + self.files
        self.peak = max(self.peak, self.memory)
        now = time.monotonic()
        self._next = now + max(SHORTEST_INTERVAL, (now - start) / SHARE_OF_TIME)
        return True

    def proportional(self) -> int:
        """Bytes with each shared page counted once: slower to know, and what a limit is held against in the end."""
        return sum(map(_proportional, self._descendants())) + self.files

    def _descendants(self) -> list[psutil.Process]:
        try:
            if len(self._ours) < self._depth:
                self._ours = _chain(self._root, self._depth)
            tree = self._root.children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [process for process in tree if process.pid not in self._ours]


def _chain(process: psutil.Process, depth: int) -> frozenset[int]:
    """The ids of the ``depth`` harness processes below ``process``, each the first child of the one before."""
    chain: set[int] = set()
    for _ in range(depth):
        children = process.children()
        if not children:
            break
        process = min(children, key=lambda child: child.pid)
        chain.add(process.pid)
    return frozenset(chain)


def _private_files(tree: list[psutil.Process]) -> int:
    """Bytes that the files in the /tmp of these processes take."""
    for process in tree:
        with contextlib.suppress(OSError):
            tmp = os.statvfs(f"/proc/{process.pid}/root/tmp")
            return (tmp.f_blocks - tmp.f_bfree) * tmp.f_frsize
    return 0


def end(processes: Iterable[psutil.Process], wait: float = 5.0) -> None:
    """Kill those of ``processes`` that still run, and wait until they are gone, ``wait`` seconds at most."""
    alive = [process for process in processes if process.is_running()]
    for process in alive:
        try:
            process.kill()  # checks the start time first
        except psutil.Error:
            continue
    psutil.wait_procs(alive, timeout=wait)


def carrying(name: str, value: str) -> list[psutil.Process]:
    """The processes whose environment has this variable with this value."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(name) == value:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return _resident(process)
    except psutil.Error:
        return 0
