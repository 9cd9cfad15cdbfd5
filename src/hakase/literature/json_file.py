"""Reads JSON: our own entries (as in ``index.json``) or CSL-JSON, told apart by the first entry's fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from hakase.errors import LiteratureError
from hakase.literature.identifiers import find_identifier
from hakase.literature.listing import Listing
from hakase.records import Work

_NOT_IN_A_KEY = re.compile(r"""[\s,{}()%#~\\"'=]+""")


class Entry(BaseModel):
    """One entry of our own form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    authors: tuple[str, ...] = ()
    others: bool = False
    """Whether more authors follow than are listed."""
    year: int | None = None
    venue: str = ""
    identifier: str = ""
    """``doi:10…``, ``arxiv:1412.6980`` or empty."""
    summary: str = ""
    topics: tuple[str, ...] = ()
    """Words that one would search by and that are not in the summary."""
    checked: str = ""
    """The public source that the facts were compared with."""

    def to_listing(self, source: str) -> Listing:
        """The entry as a record and its topics; a last author ``others`` says that the list is cut."""
        authors = (*self.authors, "others") if self.others else self.authors
        work = Work(
            key=self.key,
            title=self.title,
            authors=authors,
            year=self.year,
            venue=self.venue,
            identifier=self.identifier,
            summary=self.summary,
            source=source,
        )
        return Listing(work, topics=", ".join(self.topics))


def parse_json(text: str, path: Path, source: str = "") -> tuple[Listing, ...]:
    """The works in JSON ``text``.

    ``path`` names the file in errors, and in ``Work.source`` unless ``source`` is given.

    Raises:
        LiteratureError: it is no JSON, no list of entries, or an entry lacks a key or title or has a wrong
        field.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise LiteratureError(message, file=path, fix="make it valid JSON") from None
    items = data.get("items") if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        message = "this is no list of entries"
        raise LiteratureError(message, file=path, fix='give [{"key": …, "title": …}, …] or CSL-JSON')
    is_csl = bool(items) and "key" not in items[0] and "id" in items[0]
    read = _read_csl if is_csl else _read_entry
    return tuple(read(item, number, path, source or path.name) for number, item in enumerate(items, start=1))


def _read_entry(item: Mapping[str, Any], number: int, path: Path, source: str) -> Listing:
    try:
        entry = Entry.model_validate(item)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        key = str(item.get("key", f"entry {number}"))
        message = f"entry {number}, field {field!r}: {first['msg']}"
        known = f"known fields: {', '.join(Entry.model_fields)}"
        raise LiteratureError(message, file=path, key=key, fix=known) from None
    if not entry.key.strip() or not entry.title.strip() or _NOT_IN_A_KEY.search(entry.key):
        message = f"entry {number}: key or title is empty, or the key has a space, comma, brace or quote"
        raise LiteratureError(message, file=path, key=entry.key or None, fix="such as srivastava2014dropout")
    return entry.to_listing(source)


def _read_csl(item: Mapping[str, Any], number: int, path: Path, source: str) -> Listing:
    key = _NOT_IN_A_KEY.sub("-", str(item.get("id", ""))).strip("-")
    title = _text(item.get("title"))
    if not key or not title:
        missing = "title" if key else "id"
        message = f"entry {number} has no {missing}"
        raise LiteratureError(message, file=path, key=key or None, fix=f"give it its {missing}")
    elsewhere = " ".join(_text(item.get(field)) for field in ("URL", "note", "number", "container-title"))
    work = Work(
        key=key,
        title=title,
        authors=tuple(filter(None, map(_csl_name, _items(item.get("author"))))),
        year=_csl_year(item),
        venue=_text(item.get("container-title")) or _text(item.get("publisher")),
        identifier=find_identifier(_text(item.get("DOI")), "", elsewhere),
        summary=_text(item.get("abstract")),
        source=source,
    )
    return Listing(work, topics=_text(item.get("keyword")))


def _csl_name(name: Any) -> str:
    if not isinstance(name, dict):
        return _text(name)
    order = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    return _text(name.get("literal")) or " ".join(filter(None, (_text(name.get(part)) for part in order)))


def _csl_year(item: Mapping[str, Any]) -> int | None:
    issued = item.get("issued")
    year = re.search(r"(?<!\d)\d{4}(?!\d)", json.dumps(issued)) if issued else None
    return int(year[0]) if year else None


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """``value`` on one line without markup; empty for anything that is no text or number."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return " ".join(re.sub(r"</?[a-zA-Z][^<>]*>", "", str(value)).split())
