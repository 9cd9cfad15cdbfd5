"""Every error that Hakase raises on purpose.

HakaseError                 a refusal that a user can act on: what is wrong, in which file, under which key, the fix
├── UsageError              the command's words do not fit together
├── ConfigError             hakase.toml, an option or an environment variable has a bad value
├── TemplateError           the template breaks the contract
├── StudyError              a study's folder cannot be used: missing, in use, damaged, or of a newer format
├── PreflightError          the machine lacks something that this command needs
├── SandboxError            no sandbox can be had, or it broke before the command in it began
├── LiteratureError         a bibliography file of the user's cannot be read
├── BaselineError           the unchanged experiment does not run
├── BudgetSpent             a limit of runs, hours or dollars is reached: land with what there is
├── ModelError              a language model cannot be asked: no key, a wrong key, unknown, unreachable
└── ScientistError          the scientist gave no usable answer

A failing experiment, edit or LaTeX run is no error: it is a value that goes back to the scientist.
"""

from __future__ import annotations

from pathlib import Path


class HakaseError(Exception):
    """A refusal in words: ``message``, and where they are known the ``file``, the ``key`` in it and the ``fix``."""

    def __init__(
        self, message: str, *, file: str | Path | None = None, key: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.key = key
        self.fix = fix

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, f"[{self.key}]" if self.key else None) if part)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class UsageError(HakaseError):
    """The command's words do not fit together."""


class ConfigError(HakaseError):
    """A setting has a bad value."""


class TemplateError(HakaseError):
    """The template breaks the contract."""


class StudyError(HakaseError):
    """A study's folder cannot be used."""


class PreflightError(HakaseError):
    """The machine lacks something that this command needs."""


class SandboxError(HakaseError):
    """No sandbox can be had, or it broke before the command in it began."""


class LiteratureError(HakaseError):
    """A bibliography file cannot be read."""


class BaselineError(HakaseError):
    """The unchanged experiment does not run."""


class BudgetSpent(HakaseError):
    """A limit is reached; the study lands with what it has."""


class ModelError(HakaseError):
    """A language model cannot be asked at all; asking again unchanged would not help, or was tried long enough."""


class ScientistError(HakaseError):
    """The scientist gave no usable answer."""
