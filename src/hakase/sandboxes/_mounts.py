"""What a job sees of the host besides the system, checked and in the order in which it can be mounted.

Generated code may have been in the job's folder before. So a place to mount on that leads through a link is refused:
following it would make folders wherever the link points.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from hakase.errors import SandboxError
from hakase.seams import Job, Mount


def place_of(job: Job) -> Path:
    """The absolute path that the job's folder has inside."""
    return _absolute(job.appears_at or job.directory)


def target_of(mount: Mount) -> Path:
    """The absolute path that a mount has inside."""
    return _absolute(mount.target or mount.source)


def check_sources(job: Job) -> None:
    """See that everything that the job mounts is there.

    Raises:
        SandboxError: the folder or a mount's source is missing.
    """
    if not job.directory.is_dir():
        raise SandboxError("the folder to run in is missing", file=job.directory)
    for mount in job.mounts:
        if not mount.source.exists():
            raise SandboxError(f"to be seen at {target_of(mount)}, but it is missing", file=mount.source)


def inside_folder(job: Job, mount: Mount) -> Path | None:
    """The host path below the job's folder that a mount covers; None when it covers something else."""
    target, place = target_of(mount), place_of(job)
    if target == place or not target.is_relative_to(place):
        return None
    return _absolute(job.directory) / target.relative_to(place)


@contextlib.contextmanager
def mount_points(job: Job) -> Iterator[None]:
    """Make the places in the job's folder that mounts go onto, and take the empty ones away afterwards.

    Raises:
        SandboxError: such a place leads through a link.
    """
    made: list[Path] = []
    try:
        for mount in job.mounts:
            point = inside_folder(job, mount)
            if point is not None:
                refuse_links(job.directory, point)
                made += _make_point(point, folder=mount.source.is_dir())
        yield
    finally:
        for path in reversed(made):
            _remove_empty(path)


def refuse_links(folder: Path, path: Path) -> None:
    """See that no part of ``path`` below ``folder`` is a symbolic link.

    Raises:
        SandboxError: one is.
    """
    folder = _absolute(folder)
    for part in (path, *path.parents):
        if part == folder:
            return
        if part.is_symlink():
            raise SandboxError("a link is where something has to be mounted", file=part, fix="remove the link")


def _make_point(point: Path, *, folder: bool) -> list[Path]:
    missing = [part for part in (point, *point.parents) if not part.exists()]
    for part in reversed(missing[1:] if not folder else missing):
        part.mkdir()
    if missing and not folder:
        point.touch()
    return missing[::-1]


def _remove_empty(path: Path) -> None:
    """Remove an empty folder or file, and nothing else: what the job put there stays."""
    with contextlib.suppress(OSError):
        if path.is_symlink():
            return
        if path.is_dir():
            path.rmdir()
        elif path.stat().st_size == 0:
            path.unlink()


def _absolute(path: Path) -> Path:
    """``path`` without ``..`` and relative parts, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100
