"""The parent's side of the stage: starting it, hearing its report, ending it and all that is under it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hakase.errors import SandboxError
from hakase.sandboxes import _usage
from hakase.sandboxes._places import gpu_devices
from hakase.seams import Job, Limits

MARKER = "HAKASE_JOB"
"""A variable of the job's environment by which its processes are known even when all else failed."""
HEADROOM = 4 * 2**30
"""Address space above the memory limit: numerical libraries reserve much more than they use."""
OPEN_FILES = 4096
TO_REPORT = 12.0
"""Seconds that the stage has to end everything, before it is ended too."""
WITHOUT_A_WORD = "signal 9"
"""How it ended when the stage could not report: somebody, the command or the kernel, ended it."""
STAGE = Path(__file__).with_name("_stage.py")


@dataclass(frozen=True)
class Wrapped:
    """How a backend starts the stage."""

    prefix: tuple[str, ...]
    """What stands before the stage's own command line."""
    environment: Mapping[str, str]
    directory: Path
    own_pids: bool
    """Whether the stage is in a pid namespace of its own, below bubblewrap and its init."""
    descriptors: tuple[int, ...] = ()
    """Passed on, and closed by us once it runs."""


Wrap = Callable[[str], Wrapped]
"""From the job's marker."""


@dataclass
class Staged:
    """A started stage. ``stdout``, ``stderr`` and ``status`` are descriptors to read from."""

    process: subprocess.Popen[bytes]
    status: int
    control: int
    marker: str
    depth: int
    """How many processes of ours are below the one that was started."""
    reached_command: bool = False
    ended: bool = False
    exit_code: int | None = None
    ended_by: str = ""
    peak: int = 0
    _said: bytes = b""
    _seen: Collection[psutil.Process] = field(default_factory=tuple)

    @property
    def pid(self) -> int:
        """Of the process that we started: the stage itself or what is around it."""
        return self.process.pid

    @property
    def stdout(self) -> int:
        """Where the job's output is read."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    @property
    def stderr(self) -> int:
        """Where the job's complaints, and those of the sandbox, are read."""
        assert self.process.stderr is not None
        return self.process.stderr.fileno()

    def hear(self) -> bool:
        """Read the stage's report; False when it has said all it will."""
        data = os.read(self.status, 4096)
        self._said += data
        self.reached_command = self.reached_command or self._said.startswith(b"started\n")
        words = self._said.decode().split()
        complete = len(words) == 4 and self._said.endswith(b"\n")
        if complete:
            self._read_report(words[1], int(words[2]), int(words[3]))
        elif not data:
            self.ended_by, self.ended = WITHOUT_A_WORD, True
        return not self.ended

    def ask_to_end(self) -> None:
        """SIGTERM to the command's process group."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self.control, b"T")

    def remember(self, processes: Collection[psutil.Process]) -> None:
        """These are the job's, should it come to ending them one by one."""
        self._seen = processes

    def end_all(self) -> None:
        """End what is left of the job. Nothing of it is alive afterwards. Can be called again."""
        if self.control >= 0:
            os.close(self.control)
            self.control = -1
        self._hear_out()
        if self.ended and self.ended_by != WITHOUT_A_WORD:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(TO_REPORT)
                return
        self.process.kill()
        self.process.wait()
        _usage.end(self._seen)
        _usage.end(_usage.carrying(MARKER, self.marker))

    def _hear_out(self) -> None:
        until = time.monotonic() + TO_REPORT
        while not self.ended and time.monotonic() < until:
            if select.select([self.status], [], [], 0.1)[0]:
                self.hear()

    def _read_report(self, how: str, number: int, peak: int) -> None:
        self.ended, self.peak = True, peak
        if how == "exit":
            self.exit_code = number
        else:
            self.ended_by = f"signal {number}"


@contextlib.contextmanager
def start(job: Job, wrap: Wrap) -> Iterator[Staged]:
    """Start the stage for ``job`` in ``wrap``; at the end of the context all of it is ended.

    Raises:
        SandboxError: what should be started is not there.
    """
    hear, say = os.pipe()
    listen, order = os.pipe()
    marker = uuid.uuid4().hex
    wrapped = wrap(marker)
    try:
        process = _spawn(job, wrapped, say, listen)
    finally:
        for descriptor in (say, listen, *wrapped.descriptors):
            os.close(descriptor)
    staged = Staged(process, status=hear, control=order, marker=marker, depth=2 if wrapped.own_pids else 0)
    try:
        yield staged
    finally:
        staged.end_all()
        os.close(hear)
        for pipe in filter(None, (process.stdout, process.stderr)):
            pipe.close()


def _spawn(job: Job, wrapped: Wrapped, status: int, control: int) -> subprocess.Popen[bytes]:
    arguments = (*wrapped.prefix, *_stage_command(job, wrapped.own_pids, status, control))
    try:
        return subprocess.Popen(
            arguments,
            cwd=wrapped.directory,
            env=wrapped.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(status, control, *wrapped.descriptors),
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxError(f"cannot start {arguments[0]} in {wrapped.directory}: {error}") from error


def _stage_command(job: Job, own_pids: bool, status: int, control: int) -> tuple[str, ...]:
    limits = ",".join(f"{name}={value}" for name, value in _resource_limits(job.limits).items())
    own = "1" if own_pids else "0"
    return sys.executable, "-I", "-S", str(STAGE), str(status), str(control), own, limits, *job.command


def _resource_limits(limits: Limits) -> dict[str, int]:
    """What the kernel itself holds of each process. With a GPU the address space means nothing."""
    values = {"RLIMIT_CORE": 0, "RLIMIT_NOFILE": OPEN_FILES}
    if limits.file_size is not None:
        values["RLIMIT_FSIZE"] = limits.file_size
    if limits.memory is not None and not gpu_devices():
        values["RLIMIT_AS"] = limits.memory + HEADROOM
    return values
