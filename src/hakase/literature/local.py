"""The literature on this machine: the packaged index and the user's own files. It uses no network."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path

from hakase.errors import LiteratureError
from hakase.literature.files import load_listings
from hakase.literature.json_file import parse_json
from hakase.literature.listing import Listing
from hakase.literature.ranking import Ranking
from hakase.records import SearchAnswer, Work

PACKAGED = "local index"
"""``Work.source`` of the packaged works; a work from a user's file has the file's name."""


class LocalLiterature:
    """Searches the packaged index and the files at ``paths``. The same query always has the same answer.

    A work of a user that the index has too (same title, same first surname) is found under both keys, and
    listed once, as in the index.

    Raises:
        LiteratureError: a file cannot be read, or gives another work a key that is taken.
    """

    name = "local"

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._source = ", ".join([PACKAGED, *(Path(path).name for path in paths)])
        self._by_key = {listing.work.key: listing for listing in load_packaged()}
        for path in paths:
            self._add(load_listings(Path(path)), Path(path))
        self._listings = _one_of_each(self._by_key.values())

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """At most ``limit`` works that share a word with ``query``, best first; none is an answer, too."""
        hits = self._ranking.rank(query, limit)
        works = tuple(_at(self._listings[hit.position].work, hit.closeness) for hit in hits)
        return SearchAnswer(query=query, source=self._source, works=works)

    def find(self, key: str) -> Work | None:
        """The work with this key, or None."""
        listing = self._by_key.get(key)
        return listing.work if listing else None

    @cached_property
    def _ranking(self) -> Ranking:
        return Ranking([(listing.work.title, listing.searchable) for listing in self._listings])

    def _add(self, listings: Iterable[Listing], path: Path) -> None:
        for listing in listings:
            key = listing.work.key
            taken = self._by_key.setdefault(key, listing).work
            if not _same(taken, listing.work):
                message = f"this key already stands for {taken.title!r} in {taken.source}"
                raise LiteratureError(message, file=path, key=key, fix="rename the key")


def _at(work: Work, closeness: float) -> Work:
    return work.model_copy(update={"closeness": closeness})


def load_packaged() -> tuple[Listing, ...]:
    """The packaged index, in order of its keys."""
    file = resources.files("hakase.literature") / "index.json"
    return parse_json(file.read_text(encoding="utf-8"), Path("index.json"), PACKAGED)


def _one_of_each(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    first: dict[tuple[str, str], Listing] = {}
    for listing in listings:
        first.setdefault((_plain_title(listing.work), _first_surname(listing.work)), listing)
    return tuple(first.values())


def _same(one: Work, other: Work) -> bool:
    same_number = bool(one.identifier) and one.identifier.lower() == other.identifier.lower()
    return same_number or _plain_title(one) == _plain_title(other)


def _plain_title(work: Work) -> str:
    letters = re.sub(r"\W+", "", unicodedata.normalize("NFKD", work.title).casefold())
    return letters or work.title


def _first_surname(work: Work) -> str:
    names = work.authors[0].split() if work.authors else []
    return unicodedata.normalize("NFKD", names[-1].casefold()) if names else ""
