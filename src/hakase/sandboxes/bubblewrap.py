"""The ``bubblewrap`` backend: namespaces around a command that sees only what it is shown.

No network, no other process, no home, no key; the system, the interpreter and mounts read-only; writable are the job's
folder and a private /tmp. It filters no system calls and has no cgroup: the parent counts memory and processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hakase.errors import SandboxError
from hakase.sandboxes._bwrap import Bwrap, find_bwraps, isolation, proc
from hakase.sandboxes._environment import build_environment
from hakase.sandboxes._mounts import check_sources, mount_points, place_of, target_of
from hakase.sandboxes._places import (
    gpu_devices,
    interpreter_folders,
    program_folders,
    system_folders,
    tex_folders,
)
from hakase.sandboxes._staged import MARKER, Wrapped
from hakase.sandboxes._supervision import Watch, supervise
from hakase.seams import Job, Outcome

TMP_SIZE = 4 * 2**30
"""Bytes of the private /tmp, and of /dev/shm, where the job has no memory limit."""


class BubblewrapSandbox:
    """Runs a command in a bubblewrap."""

    name = "bubblewrap"
    isolating = True

    def __init__(self, bwrap: Bwrap | None = None, visible: tuple[Path, ...] = ()) -> None:
        """``bwrap``: default, the first that works here. ``visible``: more folders to show read-only.

        Raises:
            SandboxError: there is none that works.
        """
        self.bwrap = bwrap or _working_bwrap()
        self.visible = visible

    def run(self, job: Job, watch: Watch | None = None) -> Outcome:
        """See ``seams.Sandbox.run``.

        Raises:
            SandboxError: a mount is missing, or bubblewrap could not make the sandbox.
        """
        check_sources(job)
        with mount_points(job):
            return supervise(job, lambda marker: self._wrap(job, marker), watch)

    def _wrap(self, job: Job, marker: str) -> Wrapped:
        environment = {**build_environment(job.environment, programs=program_folders()), MARKER: marker}
        options = (
            *isolation(self.bwrap.disable_userns),
            *self._private(job.limits.memory or TMP_SIZE),
            *_shown(job, self.visible),
            *("--remount-ro", "/", "--remount-ro", "/dev", "--chdir", str(place_of(job))),
            *(word for name, value in environment.items() for word in ("--setenv", name, value)),
        )
        arguments = _in_memory(options)
        return Wrapped(
            prefix=(str(self.bwrap.path), "--args", str(arguments), "--"),
            environment={},
            directory=Path("/"),
            own_pids=True,
            descriptors=(arguments,),
        )

    def _private(self, size: int) -> tuple[str, ...]:
        """What the sandbox has for itself: /proc, /dev, /tmp."""
        sized = ("--size", str(size)) if self.bwrap.size_limits else ()
        return (
            *proc(self.bwrap.fresh_proc),
            *("--dev", "/dev"),
            *(word for device in gpu_devices() for word in ("--dev-bind", str(device), str(device))),
            *(*sized, "--tmpfs", "/dev/shm", *sized, "--tmpfs", "/tmp", "--dir", "/tmp/home"),
            *("--symlink", "../tmp", "/var/tmp"),
        )


def _working_bwrap() -> Bwrap:
    found = find_bwraps()
    for bwrap in found:
        if bwrap.works:
            return bwrap
    reasons = "; ".join(f"{bwrap.path}: {bwrap.reason}" for bwrap in found)
    raise SandboxError(f"bubblewrap does not work here ({reasons or 'there is none'})", fix="hakase doctor")


def _shown(job: Job, visible: Iterable[Path]) -> tuple[str, ...]:
    """Mounts of host folders, the outer before the inner, so that what lies deeper stays seen."""
    readable = {path: path for path in (*system_folders(), *interpreter_folders(), *tex_folders(), *visible)}
    shown = [(target, _show(source, target, writable=False)) for target, source in readable.items()]
    place = place_of(job)
    shown.append((place, ("--bind", str(job.directory.absolute()), str(place))))
    for mount in job.mounts:
        target = target_of(mount)
        shown.append((target, _show(mount.source.absolute(), target, writable=mount.writable)))
    shown.sort(key=lambda pair: len(pair[0].parts))
    return tuple(word for _, words in shown for word in words)


def _show(source: Path, target: Path, *, writable: bool) -> tuple[str, ...]:
    if source == target and source.is_symlink() and len(source.parts) == 2:
        return "--symlink", str(source.readlink()), str(target)  # /bin, /lib64 and the like
    return "--bind" if writable else "--ro-bind", str(source), str(target)


def _in_memory(options: Iterable[str]) -> int:
    """A descriptor to read ``options`` from; on the command line the command in the sandbox could read them."""
    descriptor = os.memfd_create("options")
    os.write(descriptor, b"".join(os.fsencode(option) + b"\0" for option in options))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
