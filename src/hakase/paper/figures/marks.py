"""How a verdict looks: colours of Okabe and Ito (2008), which colour-blind readers tell apart, and a shape each."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.records import Verdict


@dataclass(frozen=True)
class Mark:
    """Colour and shape of a verdict, with the words for a legend."""

    colour: str
    shape: str
    """matplotlib's marker."""
    filled: bool
    name: str
    words: str


MARKS: dict[Verdict, Mark] = {
    "better": Mark("#009E73", "D", True, "green diamond", "better"),
    "worse": Mark("#D55E00", "s", True, "orange square", "worse"),
    "no_difference": Mark("#0072B2", "o", True, "blue disc", "no difference shown"),
    "too_few_seeds": Mark("#7F7F7F", "o", False, "open grey circle", "too few seeds to tell"),
}
"""Also the order of legends."""
