"""The two things that an answer can ask for, and what is said to the model when it asks for something else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Lines to find in a file, without their ends, and those to put in their place."""

    file: str
    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True)
class WholeFile:
    """A file's new text; its lines end in ``\\n``."""

    file: str
    text: str


Step = Block | WholeFile


class AnswerProblem(Exception):
    """Why an answer is no edit, in words for the model that gave it."""
