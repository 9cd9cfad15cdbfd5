"""Reviews that the user shows a reviewer first: text files, each a paper and its review."""

from __future__ import annotations

from pathlib import Path

from hakase.errors import ConfigError
from hakase.prompts import shorten
from hakase.settings import Settings

EXAMPLE = 8_000
"""Characters of one example that a reviewer is shown; the middle of a longer one is left out."""


def check_examples(settings: Settings) -> None:
    """Raises ConfigError for an example that cannot be read, before anything is spent."""
    read_examples(settings)


def read_examples(settings: Settings) -> tuple[str, ...]:
    """The texts of ``settings.review_examples``, in their order, each of at most ``EXAMPLE`` characters.

    Raises:
        ConfigError: a file is missing, empty or no text.
    """
    return tuple(shorten(_read(Path(name).expanduser()), EXAMPLE) for name in settings.review_examples)


def _read(path: Path) -> str:
    fix = "name text files, each a paper and its review, by a full path or one from the folder that you work in"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ConfigError(f"cannot read this example: {why}", file=path, key="review_examples", fix=fix) from None
    if not text:
        raise ConfigError("this example is empty", file=path, key="review_examples", fix=fix)
    return text
