"""Who edits code: one file a coder, and the mapping by which a name finds it. Imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hakase.errors import ConfigError
from hakase.seams import Coder

if TYPE_CHECKING:
    from hakase.models import Models

CODERS = {
    "syntax": "hakase.coders.syntax:SyntaxCoder",
    "blocks": "hakase.coders.blocks:BlocksCoder",
    "aider": "hakase.coders.aider:AiderCoder",
    "claude-code": "hakase.coders.claude_code:ClaudeCodeCoder",
    "codex": "hakase.coders.codex:CodexCoder",
}
"""Name -> ``module:class``. A class is called with the models, or None; one whose program is missing says so then."""


def get_coder(name: str, models: Models | None = None) -> Coder:
    """The coder of this name, which asks ``models`` if it asks at all.

    Raises:
        ConfigError: there is none, or the program that it needs is not installed; says how to install it.
    """
    if name not in CODERS:
        raise ConfigError(f"there is no coder {name!r}", key="coder", fix=f"use one of: {', '.join(CODERS)}")
    module, kind = CODERS[name].split(":")
    coder: Coder = getattr(import_module(module), kind)(models)
    return coder
