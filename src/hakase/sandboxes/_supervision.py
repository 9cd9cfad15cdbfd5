"""Runs a staged command from outside: its output, its limits, its end. Both backends stand on it.

The parent holds every limit; nothing that the command can write to decides about them. After ``supervise`` returned or
raised, no process of the job is alive. What isolates the command is not here, but in the backend that wraps it.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Callable, Iterator

from hakase.errors import SandboxError
from hakase.sandboxes._output import CappedLog
from hakase.sandboxes._staged import Staged, Wrap, start
from hakase.sandboxes._usage import Meter
from hakase.seams import Job, Outcome, Pulse

TICK = 0.1
"""Longest wait for output before the limits are looked at."""
BETWEEN_PULSES = 0.5
GRACE = 5.0
"""Seconds between the polite order to end and the other one."""

Watch = Callable[[Pulse], None]


def supervise(job: Job, wrap: Wrap, watch: Watch | None = None) -> Outcome:
    """Run ``job`` in what ``wrap`` makes around it.

    Raises:
        SandboxError: the command was never reached.
    """
    started = time.monotonic()
    with start(job, wrap) as staged, _logs(job, staged) as logs:
        supervision = _Supervision(job, staged, logs, watch)
        try:
            supervision.follow()
        finally:
            staged.end_all()
            for log in logs:
                log.drain()
    if not staged.reached_command:
        raise SandboxError(f"the sandbox could not start: {_complaint(job)}", fix="hakase doctor says what is missing")
    return supervision.outcome(time.monotonic() - started)


@contextlib.contextmanager
def _logs(job: Job, staged: Staged) -> Iterator[tuple[CappedLog, CappedLog]]:
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(contextlib.closing(CappedLog(staged.stdout, job.stdout, job.limits.output)))
        err = stack.enter_context(contextlib.closing(CappedLog(staged.stderr, job.stderr, job.limits.output)))
        yield out, err


def _complaint(job: Job) -> str:
    lines = job.stderr.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason was given"


class _Supervision:
    """One job while it runs."""

    def __init__(self, job: Job, staged: Staged, logs: tuple[CappedLog, CappedLog], watch: Watch | None) -> None:
        self._limits = job.limits
        self._staged = staged
        self._logs = logs
        self._watch = watch
        self._meter = Meter(staged.pid, staged.depth)
        self._started = time.monotonic()
        self._next_pulse = self._started + BETWEEN_PULSES
        self._ended_by = ""

    def follow(self) -> None:
        """Until the command has ended, by itself or by a limit."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._staged.status, selectors.EVENT_READ, self._staged.hear)
            for log in self._logs:
                selector.register(log.pipe, selectors.EVENT_READ, log.take)
            self._until_ended(selector, float("inf"))
            if self._ended_by == "time limit":
                self._staged.ask_to_end()
                self._until_ended(selector, time.monotonic() + GRACE)

    def outcome(self, seconds: float) -> Outcome:
        """What became of it."""
        peak = max(self._meter.peak, self._staged.peak)
        ended_by = self._ended_by or self._staged.ended_by
        if not ended_by and self._staged.exit_code != 0 and self._exceeds(self._staged.peak):
            ended_by = "memory limit"  # the address space ran out between two looks
        return Outcome(
            exit_code=None if ended_by else self._staged.exit_code,
            seconds=seconds,
            peak_memory=peak,
            timed_out=ended_by == "time limit",
            ended_by=ended_by,
            truncated=any(log.truncated for log in self._logs),
        )

    def _until_ended(self, selector: selectors.BaseSelector, deadline: float) -> None:
        """Serve the pipes until the stage has reported, a limit is newly reached, or the deadline has come."""
        before = self._ended_by
        while not self._staged.ended and time.monotonic() < deadline:
            for key, _ in selector.select(TICK):
                if not key.data():
                    selector.unregister(key.fileobj)
            self._ended_by = self._ended_by or self._broken_limit()
            if self._ended_by != before:
                return
            self._pulse()

    def _broken_limit(self) -> str:
        if self._staged.ended:
            return ""
        if time.monotonic() - self._started > self._limits.seconds:
            return "time limit"
        if self._staged.reached_command:
            self._staged.remember(self._meter.seen)
            if self._meter.look():
                return self._broken_by_use()
        return ""

    def _broken_by_use(self) -> str:
        if self._meter.processes > self._limits.processes:
            return "process limit"
        if self._exceeds(self._meter.memory) and self._exceeds(self._meter.proportional()):
            return "memory limit"
        return ""

    def _exceeds(self, memory: int) -> bool:
        return self._limits.memory is not None and memory > self._limits.memory

    def _pulse(self) -> None:
        now = time.monotonic()
        if self._watch is None or now < self._next_pulse:
            return
        self._next_pulse = now + BETWEEN_PULSES
        out, err = self._logs
        silent_for = now - max(out.spoke_at, err.spoke_at)
        self._watch(Pulse(now - self._started, out.last_line or err.last_line, silent_for))
