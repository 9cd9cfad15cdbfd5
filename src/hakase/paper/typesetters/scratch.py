"""A copy of a paper's folder in which TeX may write, and the way back of what it made.

The copy has the shape that templates rely on: ``latex/`` with the figures in the folder above it. They lie in
``latex/`` as well, since TeX in its paranoid mode reads no parent folder.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LARGEST_FILE = 256 * 2**20
"""Bytes that a typesetter may write into one file."""
LONGEST_LOG = 4 * 2**20
"""Bytes that are read of what a typesetter says."""
_PICTURES = (".png", ".jpg", ".jpeg")
_STALE = (".aux", ".bbl", ".blg", ".log", ".out", ".toc", ".lof", ".lot")


@contextmanager
def scratch_copy(folder: Path, extra: Sequence[Path]) -> Iterator[Path]:
    """A temporary folder that holds ``latex/`` (a copy of ``folder``) and ``extra``; gone afterwards.

    Without ``extra``, the pictures beside ``folder`` come along.
    """
    with tempfile.TemporaryDirectory(prefix="hakase-tex-") as name:
        root = Path(name)
        latex = root / "latex"
        shutil.copytree(folder, latex, ignore=lambda _, names: [n for n in names if n.endswith(_STALE)])
        for item in extra or _pictures_in(folder.parent):
            for place in (root, latex):
                _copy(item, place / item.name)
        yield root


def bring_back(latex: Path, folder: Path, stem: str, job: str) -> Path | None:
    """Copy PDF, log and ``.bbl`` into ``folder`` as ``<stem>.*``; the PDF's path, None without one."""
    for ending in (".log", ".bbl", ".pdf"):
        made, target = latex / f"{job}{ending}", folder / f"{stem}{ending}"
        if made.is_file() and made.stat().st_size:
            shutil.copyfile(made, target)
        else:
            target.unlink(missing_ok=True)
    pdf = folder / f"{stem}.pdf"
    return pdf if pdf.is_file() else None


def read_log(file: Path) -> str:
    """The text of ``file``; of a longer one than ``LONGEST_LOG`` its first and its last half of that."""
    half = LONGEST_LOG // 2
    with file.open("rb") as stream:
        text = stream.read(LONGEST_LOG)
        if (size := file.stat().st_size) > LONGEST_LOG:
            stream.seek(size - half)
            text = text[:half] + b"\n" + stream.read(half)
    return text.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _PICTURES)


def _copy(item: Path, target: Path) -> None:
    if item.is_dir():
        shutil.copytree(item, target, dirs_exist_ok=True)
    elif item.is_file() and not target.exists():
        shutil.copyfile(item, target)
