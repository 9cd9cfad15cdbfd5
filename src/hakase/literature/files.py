"""Reads the user's bibliography files. Which format a file has is told by its suffix and its content.

Known are BibTeX (``.bib``) and JSON (``.json``): a list of our own entries, or CSL-JSON as reference managers
export it.
"""

from __future__ import annotations

from pathlib import Path

from hakase.errors import LiteratureError
from hakase.literature.listing import Listing


def load_listings(path: Path) -> tuple[Listing, ...]:
    """The works in the file at ``path``, in its order.

    Raises:
        LiteratureError: it is missing, unreadable, of an unknown format, or an entry in it is wrong.
    """
    suffix = path.suffix.lower()
    if suffix == ".bib":
        from hakase.literature.bib_file import parse_bib

        return _without_repeats(parse_bib(_read(path), path), path)
    if suffix == ".json":
        from hakase.literature.json_file import parse_json

        return _without_repeats(parse_json(_read(path), path), path)
    message = f"a bibliography cannot have the suffix {suffix!r}"
    raise LiteratureError(message, file=path, fix="give a .bib or a .json (CSL-JSON) file")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise LiteratureError(message, file=path, fix="check the path and its rights") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise LiteratureError(f"line {line} is not UTF-8", file=path, fix="save the file as UTF-8") from None


def _without_repeats(listings: tuple[Listing, ...], path: Path) -> tuple[Listing, ...]:
    keys = [listing.work.key for listing in listings]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        fix = "rename or remove one of them"
        raise LiteratureError("two entries have this key", file=path, key=twice[0], fix=fix)
    return listings
