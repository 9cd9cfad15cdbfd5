"""A work together with what only the search needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.records import Work


@dataclass(frozen=True)
class Listing:
    """A work as a bibliography file lists it."""

    work: Work
    topics: str = ""
    """Words that one would search by and that title and summary lack; they never reach a paper."""

    @property
    def searchable(self) -> str:
        """What is searched besides the title."""
        return f"{self.work.summary} {self.topics}"
