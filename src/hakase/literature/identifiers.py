"""DOI and arXiv numbers as they are met in bibliographies, in one form. It looks nothing up."""

from __future__ import annotations

import re

_ARXIV = re.compile(r"(?<![\w.])((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(?:v\d+)?(?![\w.]*\d)")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def find_identifier(doi: str = "", eprint: str = "", other: str = "") -> str:
    """``doi:…`` or ``arxiv:…`` from the fields of an entry, or empty.

    ``other`` is free text (journal, note, URL) that is searched for an arXiv number only where it says
    "arxiv", and for a doi.org link.
    """
    named = _DOI.search(doi)
    if named and not _ARXIV_DOI.fullmatch(named[0]):
        return f"doi:{named[0].rstrip('.,;}')}"
    number = _ARXIV.search(named[0].split(".", 2)[-1] if named else eprint)
    if number:
        return f"arxiv:{number[1]}"
    return _find_in_text(other)


def _find_in_text(text: str) -> str:
    if "arxiv" in text.lower() or "corr" in text.lower().split():
        number = _ARXIV.search(re.sub(r"(?i)abs/|pdf/|arxiv[:./]", " ", text))
        if number:
            return f"arxiv:{number[1]}"
    link = re.search(r"doi\.org/(10\.\d{4,9}/\S+)", text)
    return f"doi:{link[1].rstrip('.,;}')}" if link else ""
