"""Which Debian package has a style file or font that a template asks for (Debian 12)."""

from __future__ import annotations

_CONTENTS = {
    "texlive-latex-base": "natbib fancyhdr times helvet courier mathptmx palatino tabularx amsthm url hyperref "
    "geometry xspace colortbl pifont",
    "texlive-base": "amsfonts amssymb",
    "texlive-latex-recommended": "booktabs caption subcaption listings float xcolor microtype setspace mathtools "
    "parskip newfloat eso-pic mathrsfs lineno",
    "texlive-latex-extra": "multirow titlesec cleveref enumitem nicefrac subfigure tcolorbox todonotes wrapfig "
    "adjustbox makecell placeins framed mdframed minted tocloft comment threeparttable thmtools lipsum forloop "
    "stfloats arydshln",
    "texlive-science": "algorithm2e siunitx algorithm algorithmic algorithmicx algpseudocode algcompatible",
    "texlive-fonts-recommended": "bchr8t bchb8t bchri8t ptmr8t phvr8t pcrr8t pplr8t",
    "texlive-pictures": "tikz pgfplots pgf",
    "texlive-plain-generic": "ulem",
    "texlive-fonts-extra": "bbm dsfont bbding fontawesome5",
    "lmodern": "lmodern",
}
"""Package -> names, without ending, of files in it that papers ask for."""


def debian_package(missing: str) -> str:
    """The package that has ``missing`` (such as ``natbib.sty``); empty when it is not known here."""
    stem = missing.rsplit(".", 1)[0]
    return next((package for package, names in _CONTENTS.items() if stem in names.split()), "")
