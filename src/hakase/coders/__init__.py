"""Who edits code: one file a coder, and the mapping by which a name finds it. Imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hakase.errors import ConfigError
from hakase.models import Models
from hakase.seams import Coder


def _syntax() -> Coder:
    from hakase.coders.syntax import SyntaxCoder

    return SyntaxCoder()


CODERS: Mapping[str, Callable[[], Coder]] = {"syntax": _syntax}


def get_coder(name: str, models: Models | None = None) -> Coder:  # noqa: ARG001
    """The coder of this name.

    Raises:
        ConfigError: there is none.
    """
    if name not in CODERS:
        raise ConfigError(f"there is no coder {name!r}", key="coder", fix=f"use one of: {', '.join(CODERS)}")
    return CODERS[name]()
