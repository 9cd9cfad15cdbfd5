"""Reading a PDF back: how many pages it has and what stands on them."""

from __future__ import annotations

from pathlib import Path

from hakase.errors import HakaseError


def page_count(pdf: Path) -> int:
    """Number of pages.

    Raises:
        HakaseError: it is no PDF that can be read.
    """
    return len(_pages(pdf))


def page_text(pdf: Path) -> str:
    """Plain text of all pages, with a blank line between pages; empty for a scanned PDF.

    Raises:
        HakaseError: it is no PDF that can be read.
    """
    return "\n\n".join(_pages(pdf))


def _pages(pdf: Path) -> list[str]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return [page.extract_text() for page in PdfReader(pdf).pages]
    except (PyPdfError, OSError, ValueError, KeyError) as error:
        raise HakaseError(f"this is no PDF that can be read ({error})", file=pdf, fix="give a paper as PDF") from None
