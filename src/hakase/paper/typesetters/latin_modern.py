"""Latin Modern in the place of Computer Modern, for a TeX that has no outlines of the latter.

It writes the font map that pdfTeX reads before the paper. Shapes and widths of the two families agree, so the paper
looks as it would elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

MAP = "hakase-fonts.map"
_OLD = {
    "cmr": ("lmr", "lm-rep-cmrm"),
    "cmbx": ("lmbx", "lm-rep-cmrm"),
    "cmb": ("lmb", "lm-rep-cmrm"),
    "cmti": ("lmri", "lm-rep-cmit"),
    "cmsl": ("lmro", "lm-rep-cmrm"),
    "cmtt": ("lmtt", "lm-rep-cmtt"),
    "cmss": ("lmss", "lm-rep-cmrm"),
    "cmssbx": ("lmssbx", "lm-rep-cmrm"),
    "cmcsc": ("lmcsc", "lm-rep-cmsc"),
    "cmmi": ("lmmi", "lm-mathit"),
    "cmmib": ("lmmib", "lm-mathit"),
    "cmsy": ("lmsy", "lm-mathsy"),
    "cmbsy": ("lmbsy", "lm-mathsy"),
    "cmex": ("lmex", "lm-mathex"),
}
_CORK = {"ecrm": "lmr", "ecbx": "lmbx", "ecti": "lmri", "ecsl": "lmro", "ectt": "lmtt", "ecss": "lmss", "eccc": "lmcsc"}
"""Families of the T1 fonts; their sizes are written in hundredths of a point."""


def font_map(tree: Path) -> str:
    """Map lines for every Computer Modern font whose metrics lie in ``tree`` and that has a counterpart."""
    return "".join(f"{line}\n" for line in sorted(_lines(tree / "texmf-dist" / "fonts", _names(tree))))


def _lines(fonts: Path, names: dict[str, str]) -> Iterator[str]:
    for metric in fonts.glob("tfm/*/*/*.tfm"):
        found = re.fullmatch(r"([a-z]+?)(\d+)", metric.stem)
        if found is None:
            continue
        family, size = found[1], int(found[2])
        if family in _OLD:
            outline, encoding = _OLD[family]
        elif family in _CORK:
            outline, encoding, size = _CORK[family], "lm-ec", round(size / 100)
        else:
            continue
        file = _nearest(outline, size, names)
        if file:
            vector = f"enc{encoding.replace('-', '')}"
            yield f'{metric.stem} {names[file]} " {vector} ReEncodeFont " <{encoding}.enc <{file}.pfb'


def _nearest(outline: str, size: int, names: dict[str, str]) -> str:
    sizes = [int(name.removeprefix(outline)) for name in names if re.fullmatch(rf"{outline}\d+", name)]
    return f"{outline}{min(sizes, key=lambda s: (abs(s - size), s))}" if sizes else ""


def _names(tree: Path) -> dict[str, str]:
    """Outline file -> PostScript name of every Latin Modern font of the tree."""
    text = (tree / "texmf-var/fonts/map/pdftex/updmap/pdftex.map").read_text(encoding="utf-8", errors="replace")
    return {found[2]: found[1] for found in re.finditer(r"^\S+ (\S+) .*<(lm\w+)\.pfb", text, re.M)}
