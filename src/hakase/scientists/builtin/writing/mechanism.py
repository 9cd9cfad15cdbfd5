"""Why the change could matter: the catalogue's words about an intervention, or the idea's own when there are none."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.scientists.builtin.writing.phrasing import capitalise
from hakase.scientists.builtin.writing.story import Story


@dataclass(frozen=True)
class Mechanism:
    """LaTeX about how the change acts; fields are empty where nothing is known."""

    motivation: str
    explanation: str = ""
    equation: str = ""
    symbols: str = ""


def explain(story: Story) -> Mechanism:
    """The mechanism of the story's idea."""
    verb = "are changes" if story.subject_is_plural else "is a change"
    return Mechanism(
        motivation="To train a model is to make many choices, from the optimizer to the size of a batch, and each of "
        f"them can be tested. {capitalise(story.subject)} {verb} to one of them: easy to make, easy to believe in, "
        "and hard to judge by eye."
    )
