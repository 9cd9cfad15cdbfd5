"""A command with a time limit and nothing else: how TeX runs where the caller has no sandbox.

It isolates nothing. TeX itself is told to refuse the shell and files outside its folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

from hakase.seams import Job, Outcome, Pulse


class Direct:
    """A ``Sandbox`` that only limits time."""

    name = "none"
    isolating = False

    def run(self, job: Job, watch: Callable[[Pulse], None] | None = None) -> Outcome:  # noqa: ARG002
        """Run ``job`` in its folder; its whole session ends with it."""
        begun = time.monotonic()
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with job.stdout.open("wb") as out, job.stderr.open("wb") as err:
            child = subprocess.Popen(
                job.command,
                cwd=job.directory,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment | dict(job.environment),
                start_new_session=True,
            )
            try:
                code: int | None = child.wait(timeout=job.limits.seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end_session(child)
        ended_by = "time limit" if code is None else f"signal {-code}" if code < 0 else ""
        return Outcome(
            exit_code=None if ended_by else code,
            seconds=time.monotonic() - begun,
            peak_memory=0,
            timed_out=code is None,
            ended_by=ended_by,
        )


def _end_session(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        child.wait()
