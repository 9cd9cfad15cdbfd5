"""Checks pictures before a paper shows them: each opens, has a sane size, is not blank, and none comes twice.

Whether a picture is well drawn is not judged here.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hakase.paper.figures.plotted import Plotted, load_plotted
from hakase.records import Finding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SIDE = 200
"""Pixels."""
MAX_PIXELS = 40_000_000
MIN_INK = 0.001
"""Least share of pixels that differ from the background: the frame of empty axes alone has 0.006 or more."""
CELLS = 48
"""Side of the thumbnail by which pictures are compared."""
NEAR = 6.0
"""Largest mean difference, in 255 levels of grey, of the 2% most different cells of two copies of one picture, when
nothing else is known of them. Another encoder (JPEG) makes 4; plots of the same kind with other data make 8 to 70."""
NEAR_DESCRIBED = 15.0
"""The same for pictures whose descriptions agree in every label and data range; another size makes up to 9."""


def check_figure(path: Path) -> list[Finding]:
    """What is wrong with the picture at ``path``; its description beside it, if any, is read as well."""
    try:
        pixels = _read_grey(path)
    except _BadPictureError as bad:
        return [_wrong(path, str(bad), bad.fix)]
    if _ink(pixels) < MIN_INK:
        return [_wrong(path, "the picture is blank", "plot the data before savefig, and save the figure drawn on")]
    plotted = load_plotted(path)
    if plotted is not None and not plotted.panels:
        return [_wrong(path, "the axes show no data", "plot finite numbers of runs that exist, then save")]
    return []


def check_figures(paths: Sequence[Path]) -> list[Finding]:
    """What is wrong with these pictures, and which of the good ones repeat an earlier one."""
    findings = [finding for path in paths for finding in check_figure(path)]
    bad = {finding.where for finding in findings}
    return findings + _find_repeats([path for path in paths if path.name not in bad])


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


class _BadPictureError(Exception):
    """A picture that cannot be looked at, with the way to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def _read_grey(path: Path) -> NDArray[np.float64]:
    """The picture on white, as height x width levels of grey from 0 to 255."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                _check_size(*image.size)
                image.verify()
            with Image.open(path) as image:
                rgba = image.convert("RGBA")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _BadPictureError(f"cannot be opened: {error}", "save it again with savefig as PNG") from None
    white = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(white, rgba).convert("L"), dtype=float)


def _check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise _BadPictureError(
            f"is only {width} x {height} pixels", f"at least {MIN_SIDE} a side: set figsize and dpi in savefig"
        )
    if width * height > MAX_PIXELS:
        raise _BadPictureError(
            f"has {width * height / 1e6:.0f} million pixels", "set a smaller figsize or dpi (200 is enough)"
        )


def _ink(pixels: NDArray[np.float64]) -> float:
    """Share of pixels more than 12 levels away from the most frequent one."""
    import numpy as np

    background = np.bincount(pixels.astype(np.int64).ravel(), minlength=256).argmax()
    return float(np.mean(np.abs(pixels - background) > 12))


def _thumbnail(path: Path) -> NDArray[np.float64]:
    import numpy as np
    from PIL import Image

    image = Image.fromarray(_read_grey(path).astype("uint8"))
    return np.asarray(image.resize((CELLS, CELLS), Image.Resampling.BOX), dtype=float)


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Mean difference of the 2% most different cells."""
    import numpy as np

    worst = np.sort(np.abs(one - other), axis=None)[-max(CELLS * CELLS // 50, 1) :]
    return float(np.mean(worst))


def _wrong(path: Path, message: str, fix: str) -> Finding:
    return Finding(check="figures", where=path.name, message=message, fix=fix)
