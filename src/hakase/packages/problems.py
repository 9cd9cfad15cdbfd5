"""What the parts of this package tell each other: a package that was chosen, and why something cannot be had."""

from __future__ import annotations

from hakase.records import Record


class Package(Record):
    """One distribution in one version."""

    name: str
    version: str
    sha256: str = ""
    """Of the wheel; empty when the index does not say."""

    @property
    def pin(self) -> str:
        """Such as ``tabulate==0.9.0``."""
        return f"{self.name}=={self.version}"


class PackageProblem(Exception):
    """Why a package cannot be had, in one line. It becomes ``Refused`` before anyone outside sees it."""
