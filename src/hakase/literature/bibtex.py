"""Writes a work as a BibTeX entry that bibtex and pybtex both take. Reading is done in ``bib_file``."""

from __future__ import annotations

import re

from hakase.latex_text import escape
from hakase.records import Work

_JOURNALS = re.compile(r"Proceedings of the (IEEE|National Academy)|Journal|Transactions|Annals|Forum\b")
_MEETINGS = re.compile(r"Conference|Proceedings|Symposium|Workshop|Meeting|Congress|Advances in Neural Information")
_KINDS = (
    (re.compile(r"Tricks of the Trade|Handbook|Lecture Notes"), "incollection", "booktitle"),
    (_JOURNALS, "article", "journal"),
    (_MEETINGS, "inproceedings", "booktitle"),
    (re.compile(r"[Tt]echnical [Rr]eport"), "techreport", "institution"),
    (re.compile(r"\b(Press|Springer|Wiley|Elsevier|O'Reilly|Chapman)\b"), "book", "publisher"),
    (re.compile(r"Repository|Zenodo|arXiv|^https?:"), "misc", "howpublished"),
)
"""Tried in this order on the venue; a venue that fits none is a journal."""


def to_bibtex(work: Work) -> str:
    """``work`` as one BibTeX entry that ends with a line break.

    Capitals of the title are kept by braces; special characters and accents are LaTeX. A last author
    ``others`` becomes "et al.". A field that the work lacks is left out.

    Raises:
        ValueError: the key has a character that BibTeX cannot hold.
    """
    if not is_key(work.key):
        raise ValueError(f"not a BibTeX key: {work.key!r}")
    kind, venue_field = _choose_kind(work)
    fields = {
        "author": " and ".join(map(_write_name, work.authors)),
        "title": _write_title(work.title),
        venue_field: _write_text(work.venue),
        "year": str(work.year or ""),
        **_write_identifier(work.identifier),
    }
    if kind == "misc" and "eprint" in fields:
        fields.pop(venue_field)
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{work.key},\n" + ",\n".join(lines) + "\n}\n"


def is_key(text: str) -> bool:
    """Whether ``text`` can be a BibTeX key that LaTeX can cite."""
    return bool(text) and not re.search(r'[\s,{}()%#~\\"=]', text)


def _choose_kind(work: Work) -> tuple[str, str]:
    if not work.venue:
        return "misc", "howpublished"
    fitting = ((kind, field) for pattern, kind, field in _KINDS if pattern.search(work.venue))
    return next(fitting, ("article", "journal"))


def _write_name(name: str) -> str:
    if name == "others":
        return name
    escaped = escape(name)
    return f"{{{escaped}}}" if "," in name or " and " in f" {name} " else escaped


def _write_title(title: str) -> str:
    words = ((word, _write_text(word)) for word in title.split())
    return " ".join(f"{{{written}}}" if word != word.lower() else written for word, written in words)


def _write_text(text: str) -> str:
    return escape(text.replace("---", "—").replace("--", "–"))


def _write_identifier(identifier: str) -> dict[str, str]:
    scheme, _, number = identifier.partition(":")
    if scheme == "arxiv":
        return {"eprint": number, "archivePrefix": "arXiv"}
    if scheme == "doi":
        return {"doi": re.sub(r"([%#&{}])", r"\\\1", number)}  # an underscore stays: links want it bare
    return {}
