"""The ``process`` backend: limits and a clean environment, and no isolation.

The command can read and write whatever its user can, and it has the network. It is for code that the built-in rules
made, and for those who type ``--sandbox process``. Read-only mounts are links here: they are found, not protected.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hakase.sandboxes._environment import build_environment
from hakase.sandboxes._links import linked_mounts
from hakase.sandboxes._mounts import check_sources
from hakase.sandboxes._places import program_folders
from hakase.sandboxes._staged import MARKER, Wrapped
from hakase.sandboxes._supervision import Watch, supervise
from hakase.seams import Job, Outcome


class ProcessSandbox:
    """Runs a command as an ordinary process."""

    name = "process"
    isolating = False

    def run(self, job: Job, watch: Watch | None = None) -> Outcome:
        """See ``seams.Sandbox.run``.

        Raises:
            SandboxError: a mount is missing or its place is taken.
        """
        check_sources(job)
        with linked_mounts(job), _private_folder() as temporary:
            return supervise(job, lambda marker: _wrap(job, temporary, marker), watch)


def _wrap(job: Job, temporary: str, marker: str) -> Wrapped:
    environment = build_environment(job.environment, temporary=temporary, programs=program_folders())
    return Wrapped(
        prefix=(),
        environment={**environment, MARKER: marker},
        directory=job.directory,
        own_pids=False,
    )


@contextlib.contextmanager
def _private_folder() -> Iterator[str]:
    """A folder for HOME and TMPDIR, gone afterwards."""
    folder = tempfile.mkdtemp(prefix="hakase-")
    try:
        (Path(folder) / "home").mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
