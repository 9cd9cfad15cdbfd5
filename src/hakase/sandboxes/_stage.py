"""The small program that stands between a sandbox and the command in it: it starts, limits, ends and reaps.

It is run by itself (``python -I -S _stage.py …``), in both backends, and imports nothing of Hakase. It takes in every
process that the command leaves behind (it is their "subreaper"), so a daemonised grandchild stays its descendant, and
it is gone only when all of them are. It does not judge: limits of time and memory are the parent's.

    _stage.py STATUS_FD CONTROL_FD OWN_PIDS LIMITS COMMAND…

STATUS_FD gets ``started``, then ``exit N PEAK`` or ``signal N PEAK`` (PEAK in bytes) or ``ended 0 PEAK``. A byte on
CONTROL_FD asks the command's group to end; its closing, which also comes when the parent is killed, ends everything.
OWN_PIDS is 1 in a pid namespace of its own, else 0. LIMITS is ``NAME=VALUE,…`` with the names of ``resource``.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
COMMAND_NOT_FOUND = 127
"""The exit code that shells give."""
LAST_ATTEMPTS = 10.0
"""Seconds of trying to end what is left, before the parent has to."""


def main(arguments: list[str]) -> int:
    """Run the command to its end, end what it left, and report."""
    status, control, own_pids, limits = int(arguments[0]), int(arguments[1]), arguments[2] == "1", arguments[3]
    for descriptor in (status, control):
        os.set_inheritable(descriptor, False)
    _ask_the_kernel()
    wakeup = _wake_on_signals()
    os.write(status, b"started\n")
    child = os.fork()
    if child == 0:
        _become(arguments[4:], limits)
    ending = _follow(child, control, wakeup)
    _end_all(own_pids)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    os.write(status, f"{ending} {peak}\n".encode())
    return 0


def _ask_the_kernel() -> None:
    """Adopt orphans, die with the parent, and keep the command from reading or tracing this process."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _wake_on_signals() -> int:
    """A descriptor that becomes readable, with the signal's number, on SIGCHLD and SIGTERM."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return reading


def _become(command: list[str], limits: str) -> None:
    """Turn this process into the command. Never returns."""
    try:
        os.setsid()
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores both, and exec would hand that on
        for pair in filter(None, limits.split(",")):
            name, value = pair.split("=")
            _limit(getattr(resource, name), int(value))
        os.execvp(command[0], command)
    except (OSError, ValueError) as error:
        os.write(2, f"{command[0]}: {error}\n".encode())
    finally:
        os._exit(COMMAND_NOT_FOUND)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _follow(child: int, control: int, wakeup: int) -> str:
    """Wait for the child's end or the order to end it; says how it ended."""
    while True:
        ending = _reap(child)
        if ending:
            return ending
        ready, _, _ = select.select([control, wakeup], [], [])
        if wakeup in ready and signal.SIGTERM in os.read(wakeup, 4096):
            return "ended 0"
        if control in ready:
            if not os.read(control, 1):
                return "ended 0"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGTERM)


def _reap(child: int) -> str:
    """Collect whatever has ended; how ``child`` did, or an empty string when it has not."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return f"exit {code}" if code >= 0 else f"signal {-code}"
            if pid == 0:
                break
    return ""


def _end_all(own_pids: bool) -> None:
    """Kill until nothing is left to wait for.

    Outside a pid namespace only direct children are killed: their ids cannot be taken by another process as long as
    they are not reaped here, and whatever they leave behind becomes a direct child in its turn.
    """
    until = time.monotonic() + LAST_ATTEMPTS
    while time.monotonic() < until:
        for pid in [-1] if own_pids else _children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _children() -> list[int]:
    """The ids of this process's direct children, dead but unreaped ones too."""
    own = str(os.getpid())
    found = []
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):  # noqa: PTH112, PTH208
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as stat:  # noqa: PTH123
            if stat.read().rpartition(")")[2].split()[1] == own:
                found.append(int(name))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
