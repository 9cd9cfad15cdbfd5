"""Reading a PDF back: how many pages it has and what stands on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hakase.errors import HakaseError

if TYPE_CHECKING:
    from pypdf import PdfReader

_PARSING = (
    OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError, AssertionError,
    NotImplementedError,
)  # fmt: skip
"""What pypdf raises on broken files besides its own errors."""


def page_count(pdf: Path) -> int:
    """Number of pages.

    Raises:
        HakaseError: it is no PDF that can be read.
    """
    with _opened(pdf) as reader:
        return len(reader.pages)


def page_text(pdf: Path) -> str:
    """Plain text of all pages, with a blank line between pages; empty for a scanned PDF.

    Raises:
        HakaseError: it is no PDF that can be read.
    """
    with _opened(pdf) as reader:
        return "\n\n".join(page.extract_text() for page in reader.pages)


@contextmanager
def _opened(pdf: Path) -> Iterator[PdfReader]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        yield PdfReader(pdf)
    except (*_PARSING, PyPdfError, DependencyError) as error:
        said = f"{type(error).__name__}: {error}"
        raise HakaseError(f"this is no PDF that can be read ({said})", file=pdf, fix="give a paper as PDF") from None
