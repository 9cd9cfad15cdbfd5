"""Runs a program that edits code: a time limit, a capped output, an environment by allow-list, and no survivors.

It does not isolate: what a program may reach is up to the coder that calls it.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

SECONDS = 600.0
"""Time limit of one edit."""
GRACE = 3.0
"""Seconds between the polite order to end and the other one."""
TICK = 0.05
OUTPUT_SIZE = 32 * 2**20
"""Bytes that a program may print."""
LAST_WORDS = 800
"""Characters of output that a problem quotes."""
INHERITED = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("OMP_NUM_THREADS",),
)
"""What every program gets from our environment; keys are not among it."""
AGENT_INHERITED = (
    *("HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NODE_EXTRA_CA_CERTS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""What an agent with its own login gets besides."""
MORE_NAMES = "HAKASE_AGENT_ENV"
"""Variable with more names, separated by commas, that agents with their own login get."""


@dataclass(frozen=True)
class Program:
    """A command and what it is given."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    text: str = ""
    """Its standard input."""
    seconds: float = SECONDS
    allowance: Callable[[], float] = field(default=lambda: 0.0)
    """Seconds that it may take beyond its limit, asked again and again; minus infinity ends it now."""


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    exit_code: int
    output: str
    complaint: str
    """Its standard error."""
    stopped: str = ""
    """Why we ended it; empty when it ended by itself."""

    @property
    def last_words(self) -> str:
        """The end of what it printed, and of what it complained about."""
        return "\n".join(part.strip()[-LAST_WORDS:] for part in (self.output, self.complaint) if part.strip())


def build_environment(names: Iterable[str], additions: Mapping[str, str]) -> dict[str, str]:
    """An environment of the variables in ``names`` and INHERITED that are set here, and of ``additions``."""
    inherited = {name: os.environ[name] for name in (*INHERITED, *names) if name in os.environ}
    return {"LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1", **inherited, **additions}


def agent_names(*own: str) -> tuple[str, ...]:
    """The variables for an agent with its own login: the common ones, its ``own``, those that the user adds."""
    more = (name.strip() for name in os.environ.get(MORE_NAMES, "").split(","))
    return (*AGENT_INHERITED, *own, *(name for name in more if name))


def run_program(program: Program) -> Ended:
    """Run ``program`` to its end or its limits; no process of its group is alive afterwards.

    Raises:
        OSError: it cannot be started.
    """
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(program.text.encode())
        stdin.seek(0)
        process = subprocess.Popen(
            (*_tied_to_us(), *program.command),
            cwd=program.folder,
            env=dict(program.environment),
            stdin=stdin,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            stopped = _follow(process, program, (out, err))
        finally:
            _end(process)
        return Ended(process.returncode, _text(out), _text(err), stopped)


def _follow(process: subprocess.Popen[bytes], program: Program, outputs: tuple[IO[bytes], ...]) -> str:
    """Wait for the end; why it has to be brought about, or empty."""
    started = time.monotonic()
    while process.poll() is None:
        allowance = program.allowance()
        if allowance == float("-inf"):
            return "it was not worth going on"
        if time.monotonic() - started > program.seconds + allowance:
            return f"it did not end within {program.seconds:.0f} s"
        if any(os.fstat(output.fileno()).st_size > OUTPUT_SIZE for output in outputs):
            return f"it printed more than {OUTPUT_SIZE:,} bytes"
        time.sleep(TICK)
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, its group, and descendants that left the group."""
    family = _descendants(process.pid) if process.returncode is None else []
    if process.returncode is None:
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    _signal_group(process.pid, signal.SIGKILL)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # nobody is left; macOS says the second of a zombie's group
        return


@functools.cache
def _tied_to_us() -> tuple[str, ...]:
    """The words before a command that end it with us, so that kill -9 leaves no agent that goes on spending."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    words = (setpriv, "--pdeathsig", "KILL", "--")
    tried = subprocess.run((*words, "true"), capture_output=True, check=False)
    return words if tried.returncode == 0 else ()


def _text(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read(OUTPUT_SIZE).decode("utf-8", "replace")
