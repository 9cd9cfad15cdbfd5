"""Ctrl-C and SIGTERM: children are ended, what is done is kept, and the last line says how to go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hakase.workspace import Workspace


@contextmanager
def interruptible(workspace: Workspace, again: str = "") -> Iterator[None]:
    """Within it SIGTERM ends like Ctrl-C, and both work; ``again`` is the command to name when not ``resume``."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    # A command that was started in the background of a script inherits SIGINT as ignored: both are set.
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        how = again or how_to_resume(workspace)
        print(f"hakase: interrupted; results: {workspace.results}; go on with: {how}", file=sys.stderr)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def how_to_resume(workspace: Workspace) -> str:
    """The command that goes on with what is unfinished in ``workspace``."""
    words = ["hakase resume"]
    if workspace.root != Path.cwd().resolve():
        words.append(f"--workspace {os.path.relpath(workspace.root)!r}")
    if workspace.results_folder:
        words.append(f"--results {os.path.relpath(workspace.results)!r}")
    return " ".join(words)
