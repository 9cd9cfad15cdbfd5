"""Who edits code: one file a coder, and the mapping by which a name finds it. Imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from hakase.errors import ConfigError
from hakase.seams import Coder

if TYPE_CHECKING:
    from hakase.models import Models


def _syntax(_: Models | None) -> Coder:
    from hakase.coders.syntax import SyntaxCoder

    return SyntaxCoder()


def _blocks(models: Models | None) -> Coder:
    from hakase.coders.blocks import BlocksCoder

    return BlocksCoder(models)


def _aider(models: Models | None) -> Coder:
    from hakase.coders.aider import AiderCoder

    return AiderCoder(cast("Models", models))  # None where only its name is asked for, and whether it is installed


def _claude_code(_: Models | None) -> Coder:
    from hakase.coders.claude_code import ClaudeCodeCoder

    return ClaudeCodeCoder()


def _codex(_: Models | None) -> Coder:
    from hakase.coders.codex import CodexCoder

    return CodexCoder()


CODERS: Mapping[str, Callable[[Models | None], Coder]] = {
    "syntax": _syntax,
    "blocks": _blocks,
    "aider": _aider,
    "claude-code": _claude_code,
    "codex": _codex,
}


def get_coder(name: str, models: Models | None = None) -> Coder:
    """The coder of this name, which asks ``models`` if it asks at all.

    Without ``models`` it can say its name, as preflight asks, and a coder that needs them edits nothing.

    Raises:
        ConfigError: there is none, or the program that it needs is not installed; says how to install it.
    """
    if name not in CODERS:
        raise ConfigError(f"there is no coder {name!r}", key="coder", fix=f"use one of: {', '.join(CODERS)}")
    return CODERS[name](models)
