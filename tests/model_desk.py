"""What the tests of models share: a desk at a small server, a question, a form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from hakase.budget import Budget
from hakase.journal import MODEL_CALL, Journal
from hakase.models import Models, Question, Turn
from hakase.models.providers import KEYS
from hakase.progress import Progress
from hakase.settings import Settings

SECRET = "sk-very-secret-0123456789"
QUICK = {"model_timeout": 20.0, "model_patience": 20.0}


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no address of the machine's environment gets into a test."""
    for variables in KEYS.values():
        for variable in variables:
            monkeypatch.delenv(variable, raising=False)
    for name in ("OPENAI_BASE_URL", "OLLAMA_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


class Verdict(BaseModel):
    """A small form."""

    decision: str = Field(description="novel or not_novel")
    score: int = 5
    reasons: list[str] = Field(default_factory=list)


class Desk:
    """Models at a small server, with a journal of their own."""

    def __init__(self, folder: Path, url: str, budget: Budget | None = None, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(folder / "journal.db")
        self.told: list[Progress] = []
        self.settings = Settings.model_validate({"model": "small", "base_url": url, **QUICK, **settings})
        self.models = Models(self.settings, budget or Budget(), self.journal, self.told.append)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [event.data for event in self.journal.events(MODEL_CALL)]


def question(slot: str = "paper/section/results", text: str = "Task: say something", **more: Any) -> Question:
    return Question(slot, more.pop("role", "writing"), more.pop("system", "You are brief."), (Turn(text),), **more)
