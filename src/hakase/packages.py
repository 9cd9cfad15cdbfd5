"""A study's own overlay of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Installed:
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    reason: str


class Overlay:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def installed(self) -> tuple[str, ...]:
        return ()

    def paths(self) -> tuple[Path, ...]:
        return ()

    def require(
        self,
        names: Sequence[str],
        policy: Literal["ask", "allow", "deny"],
        allowed: Sequence[str],
        ask: Callable[[str], bool],
    ) -> Installed | Refused:
        return Refused("not yet")
