"""Mounts for a backend that cannot mount: symbolic links where the job looks, taken away afterwards.

A template that reads ``../../../data`` looks from its real folder, so the link lies at the same relative place from
there. Studies that run at the same time may share such a link; the last one that needs it removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from hakase.errors import SandboxError
from hakase.sandboxes._mounts import inside_folder, place_of, refuse_links, target_of
from hakase.seams import Job, Mount


@contextlib.contextmanager
def linked_mounts(job: Job) -> Iterator[None]:
    """Let every mount of ``job`` be found at its place while the context lasts.

    Raises:
        SandboxError: something else is at such a place.
    """
    with contextlib.ExitStack() as stack:
        for mount in sorted(job.mounts, key=lambda mount: len(target_of(mount).parts)):
            stack.enter_context(_linked(job, mount))
        yield


@contextlib.contextmanager
def _linked(job: Job, mount: Mount) -> Iterator[None]:
    link = _place(job, mount)
    if _is_found(link, mount.source) and not _is_ours(link):
        yield
        return
    with _claim(mount.source) as claim:
        _make(link, mount.source)
        try:
            yield
        finally:
            only_here = inside_folder(job, mount) is not None
            if _is_ours(link) and (only_here or claim.is_last()):
                link.unlink(missing_ok=True)


class _Claim:
    """A shared lock on a mount's source: whoever has a link to it holds one."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def is_last(self) -> bool:
        """Whether nobody else holds one; from now on nobody can get one until this is closed."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


@contextlib.contextmanager
def _claim(source: Path) -> Iterator[_Claim]:
    descriptor = os.open(source, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield _Claim(descriptor)
    finally:
        os.close(descriptor)


def _place(job: Job, mount: Mount) -> Path:
    """Where the link has to be on the host."""
    inside = inside_folder(job, mount)
    if inside is not None:
        refuse_links(job.directory, inside.parent)
        return inside
    if mount.target is None or job.appears_at is None:
        return target_of(mount)
    relative = os.path.relpath(target_of(mount), place_of(job))
    return Path(os.path.normpath(job.directory.resolve() / relative))


def _make(link: Path, source: Path) -> None:
    if _is_ours(link) and _is_found(link, source):
        return
    if _is_ours(link):
        link.unlink()  # left by a job whose parent was killed
    with contextlib.suppress(OSError):
        link.rmdir()  # an empty folder is no more than a place to mount on
    source = source.resolve()
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"{source.parent}/./{source.name}")
    except FileExistsError:
        raise SandboxError(f"it is where the job has to find {source}", file=link, fix="move it away") from None
    except OSError as error:
        raise SandboxError(f"cannot link it to {source}: {error.strerror}", file=link) from error


def _is_ours(link: Path) -> bool:
    """Our links have a ``/./`` in them, which nobody writes by hand, so that no link of a user's is ever removed."""
    return link.is_symlink() and "/./" in os.readlink(link)  # noqa: PTH115 (Path would tidy the dot away)


def _is_found(link: Path, source: Path) -> bool:
    return link.exists() and link.samefile(source)
