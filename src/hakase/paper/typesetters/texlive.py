"""TeX as the machine has it: pdflatex, with bibtex when it is there and pybtex when not.

Two passes and a bibliography need no latexmk: the loop of ``passes`` stops each pass by itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from hakase.paper.typesetters.passes import PYBTEX, TexEngine
from hakase.seams import Mount, Sandbox

NAME = "texlive"


def find_texlive(sandbox: Sandbox, pass_seconds: float) -> TexEngine | None:
    """The installed TeX, or None."""
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        return None
    bibtex = shutil.which("bibtex")
    return TexEngine(
        name=NAME,
        pdflatex=Path(pdflatex),
        bibliography=(bibtex,) if bibtex else PYBTEX,
        sandbox=sandbox,
        pass_seconds=pass_seconds,
        mounts=_mounts(Path(pdflatex)),
    )


def _mounts(program: Path) -> tuple[Mount, ...]:
    """The TeX tree when it lies in the home folder, which a sandbox hides."""
    home = Path.home()
    real = program.resolve()
    if home not in real.parents or len(real.parents) < 3 or real.parents[2] == home:
        return ()
    folders = (real.parents[2], program.parent)
    return tuple(Mount(folder) for folder in dict.fromkeys(folders) if home in folder.parents)
