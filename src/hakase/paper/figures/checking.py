"""Checks pictures before a paper shows them: each opens, has a sane size, is not blank, and none comes twice.

Whether a picture is well drawn is not judged here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hakase.paper.figures.pictures import BadPictureError, read_grey
from hakase.paper.figures.plotted import Plotted, load_plotted
from hakase.records import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

MAX_PICTURES = 12
_UNSAFE = re.compile(r"""[\x00-\x1f\x7f%#$&~^{}|\\"']""")
"""Characters of a file's name that mean something else in LaTeX."""
MIN_INK = 0.001
"""Least share of pixels that differ from the background: the frame of empty axes alone has 0.006 or more."""
LEVELS = 12
"""Levels of grey, of 255, within which a pixel counts as background."""
CELLS = 48
"""Side of the thumbnail by which pictures are compared."""
NEAR = 6.0
"""Largest mean difference, in 255 levels of grey, of the 2% most different cells of two copies of one picture, when
nothing else is known of them. Another encoder (JPEG) makes 4; plots of the same kind with other data make 8 to 70."""
NEAR_DESCRIBED = 15.0
"""The same for pictures whose descriptions agree in every label and data range; another size makes up to 9."""


def check_figure(path: Path) -> list[Finding]:
    """What is wrong with the picture at ``path``; its description beside it, if any, is read as well."""
    if _UNSAFE.search(path.name) or path.name != shown_name(path):
        return [_wrong(path, "has a name that LaTeX cannot hold", "use ASCII letters, digits, - and _")]
    try:
        picture = read_grey(path)
    except BadPictureError as bad:
        return [_wrong(path, str(bad), bad.fix)]
    if _ink(picture) < MIN_INK:
        return [_wrong(path, "the picture is blank", "plot the data before savefig, and save the figure drawn on")]
    plotted = load_plotted(path)
    if plotted is not None and not plotted.panels:
        return [_wrong(path, "the axes show no data", "plot finite numbers of runs that exist, then save")]
    return []


def check_figures(paths: Sequence[Path]) -> list[Finding]:
    """What is wrong with these pictures, and which of the good ones repeat an earlier one.

    Of more than ``MAX_PICTURES`` the first are looked at, and each of the others is a finding.
    """
    looked_at, more = paths[:MAX_PICTURES], paths[MAX_PICTURES:]
    findings = [finding for path in looked_at for finding in check_figure(path)]
    bad = {finding.where for finding in findings}
    findings += _find_repeats([path for path in looked_at if shown_name(path) not in bad])
    return findings + [_wrong(path, f"is one of more than {MAX_PICTURES} pictures", "draw fewer") for path in more]


def shown_name(path: Path) -> str:
    """The file's name as findings tell it: the same, unless it is no UTF-8."""
    return path.name.encode("utf-8", "backslashreplace").decode()


def _find_repeats(paths: Sequence[Path]) -> list[Finding]:
    seen: list[_Look] = []
    findings = []
    for path in paths:
        look = _Look(path, hashlib.sha256(path.read_bytes()).hexdigest(), _thumbnail(path), load_plotted(path))
        first = next((other for other in seen if _is_repeat(other, look)), None)
        if first is None:
            seen.append(look)
        else:
            message = f"shows the same as {first.path.name}"
            findings.append(_wrong(path, message, "draw something else or leave one out"))
    return findings


@dataclass(frozen=True, eq=False)
class _Look:
    """What two pictures are compared by."""

    path: Path
    digest: str
    cells: NDArray[np.float64]
    plotted: Plotted | None


def _is_repeat(one: _Look, other: _Look) -> bool:
    if one.digest == other.digest:
        return True
    distance = _distance(one.cells, other.cells)
    if one.plotted is not None and other.plotted is not None:
        return one.plotted == other.plotted and distance < NEAR_DESCRIBED
    return distance < NEAR


def _ink(picture: Image.Image) -> float:
    """Share of pixels more than ``LEVELS`` away from the most frequent one."""
    counts = picture.histogram()
    background = counts.index(max(counts))
    return sum(count for level, count in enumerate(counts) if abs(level - background) > LEVELS) / sum(counts)


def _thumbnail(path: Path) -> NDArray[np.float64]:
    import numpy as np
    from PIL import Image

    return np.asarray(read_grey(path).resize((CELLS, CELLS), Image.Resampling.BOX), dtype=float)


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Mean difference of the 2% most different cells."""
    import numpy as np

    worst = np.sort(np.abs(one - other), axis=None)[-max(CELLS * CELLS // 50, 1) :]
    return float(np.mean(worst))


def _wrong(path: Path, message: str, fix: str) -> Finding:
    return Finding(check="figures", where=shown_name(path), message=message, fix=fix)
