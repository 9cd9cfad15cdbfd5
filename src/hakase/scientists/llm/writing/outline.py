"""Which parts of a paper are asked for together, and what each question shows. Data only.

The parts are written in the order of the AI Scientist. A question shows nothing that is written later, so that it is
the same question whichever of its parts is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TITLE = "title"
Level = Literal["none", "counts", "summary", "all"]
"""How many of the evidence's facts a question shows."""


@dataclass(frozen=True)
class Outline:
    """One question of the draft."""

    parts: tuple[str, ...]
    """``title`` or names of ``SECTIONS``; they are answered together."""
    shown: tuple[str, ...] = ()
    """Earlier sections that it shows."""
    facts: Level = "none"
    code: bool = False
    """Whether it shows the baseline's code and what the runs changed."""
    setting: bool = False
    """Whether it shows constants, environment and sandbox."""
    prior: bool = False
    """Whether it shows the closest works, with how the idea differs."""
    works: bool = False
    """Whether it may cite."""

    @property
    def slot(self) -> str:
        """The part that the question is named by."""
        return self.parts[-1] if self.parts[0] == TITLE else self.parts[0]


OUTLINES = (
    Outline((TITLE, "introduction"), works=True),
    Outline(("background", "method"), ("introduction",), code=True, works=True),
    Outline(("experimental_setup",), ("method",), "counts", setting=True, works=True),
    Outline(("results",), ("method",), "all"),
    Outline(("limitations", "conclusion"), ("results",), "summary"),
    Outline(("related_work",), ("introduction",), prior=True, works=True),
    Outline(("abstract",), ("introduction", "results", "conclusion"), "summary"),
)


def outline_of(part: str) -> Outline:
    """The question that asks for ``part``.

    Raises:
        ValueError: there is no such part.
    """
    for outline in OUTLINES:
        if part in outline.parts:
            return outline
    raise ValueError(f"no part {part!r}")
