"""What is asked of a language model, and what comes back. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["ideas", "coding", "writing", "review"]
"""What a model is asked for; ``hakase.toml`` may name another model for each."""

ROLES: tuple[Role, ...] = ("ideas", "coding", "writing", "review")


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    text: str
    speaker: Literal["user", "model"] = "user"
    pictures: tuple[Path, ...] = ()
    """PNG files, shown to models that read images and left out for others."""


@dataclass(frozen=True)
class Question:
    """One thing asked of a model; two equal questions have one answer, which is paid once."""

    slot: str
    """Where in a study it is asked, such as ``paper/section/results``: the stage, then what, then which."""
    role: Role
    system: str
    """Instructions that hold for the whole stage; equal in many questions, so that a provider's cache can keep it."""
    turns: tuple[Turn, ...]
    """Oldest first, the last one the user's. What changes least stands first."""
    temperature: float | None = 0.7
    """None leaves it to the server."""
    sample: int = 0
    """Tells apart several answers to the same words, such as those of an ensemble."""

    @property
    def stage(self) -> str:
        """The stage that asks."""
        return self.slot.split("/")[0]


@dataclass(frozen=True)
class Usage:
    """Tokens of one call."""

    prompt: int = 0
    cached: int = 0
    """Of the prompt's, those that the provider had in its cache."""
    completion: int = 0
    cache_written: int = 0
    """Of the prompt's, those that the provider put into its cache; some charge more for them."""

    @property
    def total(self) -> int:
        return self.prompt + self.completion


@dataclass(frozen=True)
class Reply:
    """What a model answered, and what it cost."""

    text: str
    model: str
    """As the server named it."""
    usage: Usage = Usage()
    usd: float | None = None
    """None when the price is not known."""
    seconds: float = 0.0
    finish: str = "stop"
    """``stop``, ``length`` (cut by a limit) or what else the server said."""
