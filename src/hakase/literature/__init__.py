"""Where prior work is looked up: the mapping from a source's name to its class.

A new source is one file in this package and one line in ``SOURCES``; it is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from hakase.errors import ConfigError
from hakase.seams import Literature

SOURCES = {"local": "hakase.literature.local:LocalLiterature"}
"""Name -> ``module:class``. A class is called with the user's bibliography files."""


def get_literature(name: str = "local", paths: Sequence[Path] = ()) -> Literature:
    """The literature source called ``name``, which also reads the user's files at ``paths``.

    Raises:
        ConfigError: no source has this name.
        LiteratureError: one of ``paths`` cannot be read.
    """
    if name not in SOURCES:
        known = ", ".join(sorted(SOURCES))
        message = f"no literature source is called {name!r}"
        raise ConfigError(message, key="literature", fix=f"use one of: {known}")
    module, kind = SOURCES[name].split(":")
    source: Literature = getattr(import_module(module), kind)(paths)
    return source
