"""Reads BibTeX: of each entry the names, title, year, venue, identifier and abstract, and nothing else."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from hakase.errors import LiteratureError
from hakase.literature.bibtex import is_key
from hakase.literature.identifiers import find_identifier
from hakase.literature.listing import Listing
from hakase.records import Work

_ELSEWHERE = ("journal", "volume", "note", "howpublished", "url")
"""Fields that may mention an identifier."""
_VENUE_FIELDS = ("journal", "journaltitle", "booktitle", "publisher", "institution", "school", "howpublished")


def parse_bib(text: str, path: Path) -> tuple[Listing, ...]:
    """The works in BibTeX ``text``; ``path`` names the file in errors and as the works' source.

    Raises:
        LiteratureError: a block cannot be parsed, a key is there twice or cannot be cited, or an entry has no title.
    """
    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it logs what is raised below
    library = parse_string(text)
    if library.failed_blocks:
        raise _explain(library.failed_blocks[0], path)
    if not library.entries and text.strip():
        fix = "entries look like @article{key, title = {…}}"
        raise LiteratureError("no BibTeX entry in this file", file=path, fix=fix)
    return tuple(_read_entry(entry, path) for entry in library.entries)


def _explain(block: Any, path: Path) -> LiteratureError:
    line = (block.start_line or 0) + 1
    hidden = getattr(block, "ignore_error_block", None)
    key = getattr(block, "key", None) or getattr(hidden, "key", None)
    problem, fix = {
        "DuplicateBlockKeyBlock": ("this key is there twice", "rename or remove one of them"),
        "DuplicateFieldKeyBlock": ("a field of this entry is there twice", "keep one of them"),
    }.get(
        type(block).__name__,
        ("this entry does not end, or is no BibTeX", "check its braces, quotes and commas"),
    )
    return LiteratureError(f"line {line}: {problem}", file=path, key=key, fix=fix)


def _read_entry(entry: Any, path: Path) -> Listing:
    if not is_key(entry.key):
        message = f"line {entry.start_line + 1}: a citation cannot hold this key"
        fix = "use letters, digits and - _ : . + / in it, such as srivastava2014dropout"
        raise LiteratureError(message, file=path, key=entry.key or None, fix=fix)
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    title = _plain(fields.get("title", ""))
    if not title:
        message = f"line {entry.start_line + 1}: this entry has no title"
        raise LiteratureError(message, file=path, key=entry.key, fix="give it a title, or remove it")
    venue = next((fields[name] for name in _VENUE_FIELDS if fields.get(name)), "")
    year = re.search(r"\d{4}", fields.get("year", "") or fields.get("date", ""))
    elsewhere = " ".join(fields.get(name, "") for name in _ELSEWHERE)
    work = Work(
        key=entry.key,
        title=title,
        authors=_read_names(fields.get("author", "") or fields.get("editor", "")),
        year=int(year[0]) if year else None,
        venue=_plain(venue),
        identifier=find_identifier(fields.get("doi", ""), fields.get("eprint", ""), elsewhere),
        summary=_plain(fields.get("abstract", "")),
        source=path.name,
    )
    return Listing(work, topics=_plain(fields.get("keywords", "")))


def _read_names(text: str) -> tuple[str, ...]:
    """Each name as ``Given Family``; ``others`` stays as the last one."""
    return tuple(_given_first(name) for name in _split_names(text) if name)


def _split_names(text: str) -> list[str]:
    """The names between the ``and``s that stand outside braces."""
    names, depth = [""], 0
    for word in re.split(r"(\s+)", text.strip()):
        if depth == 0 and word.lower() == "and":
            names.append("")
        else:
            names[-1] += word
        depth += word.count("{") - word.count("}")
    return [name.strip() for name in names]


def _given_first(name: str) -> str:
    if name.startswith("{") and name.endswith("}") and "{" not in name[1:]:
        return _plain(name)
    parts = [part.strip() for part in name.split(",")]
    ordered = [parts[-1], *parts[:-1]] if len(parts) < 3 else [parts[2], parts[0], parts[1]]
    return _plain(" ".join(ordered))


def _plain(latex: str) -> str:
    """LaTeX as plain text on one line; what cannot be understood stays as it is, without braces."""
    if re.search(r"[\\{}$~]|--", latex):
        from pylatexenc.latex2text import LatexNodes2Text

        latex = LatexNodes2Text().latex_to_text(re.sub(r"(?<!\\)%", r"\%", latex))
    return " ".join(latex.split())
