"""Opens a PNG file that generated code wrote, within limits; whatever its decoder trips over is one error.

Only PNG is decoded, whatever the content: decoders of other formats start programs. It judges no picture.
"""

from __future__ import annotations

import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MIN_SIDE = 200
"""Pixels."""
MAX_PIXELS = 12_000_000
MAX_BYTES = 20 * 2**20
_AGAIN = "save it again with savefig as PNG"
_DECODING = (
    OSError, ValueError, SyntaxError, LookupError, TypeError, OverflowError, EOFError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises on broken or crafted chunks."""


class BadPictureError(Exception):
    """A picture that cannot be looked at, with the way to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def read_grey(path: Path) -> Image.Image:
    """The picture on white, in 256 levels of grey.

    Raises:
        BadPictureError: it is no PNG that can be decoded, or too small or too large.
    """
    from PIL import Image

    with _opened(path) as image:
        _check_size(*image.size)
        image.verify()
    with _opened(path) as image:
        rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels; nothing is decoded.

    Raises:
        BadPictureError: it is no PNG file.
    """
    with _opened(path) as image:
        return image.width, image.height


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    from PIL import Image

    try:
        _check_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=["PNG"]) as image:
                yield image
    except (*_DECODING, Image.DecompressionBombError) as error:
        raise BadPictureError(f"cannot be opened: {error}", _AGAIN) from None


def _check_file(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise BadPictureError("is no plain file", _AGAIN)
    if status.st_size > MAX_BYTES:
        raise BadPictureError(f"has {status.st_size / 2**20:.0f} MB", "set a smaller figsize or dpi (200 is enough)")


def _check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise BadPictureError(
            f"is only {width} x {height} pixels", f"at least {MIN_SIDE} a side: set figsize and dpi in savefig"
        )
    if width * height > MAX_PIXELS:
        raise BadPictureError(
            f"has {width * height / 1e6:.0f} million pixels", "set a smaller figsize or dpi (200 is enough)"
        )
