"""Questions of the writing stage: one system message for all of them, so that a provider's cache can keep it."""

from __future__ import annotations

from hakase.models.question import Question, Turn
from hakase.prompts import render

WARM = 0.7
COOL = 0.2
"""Temperature for repairs, which should change little."""


def writing_question(slot: str, prompt: str, temperature: float = WARM) -> Question:
    """``prompt`` as one question about the paper."""
    system = render("paper/system")
    return Question(slot=slot, role="writing", system=system, turns=(Turn(prompt),), temperature=temperature)
