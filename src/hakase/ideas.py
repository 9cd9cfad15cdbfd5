"""Ideas on disk: ``ideas.json`` and ``seed_ideas.json`` in the AI Scientist's form, with keys of our own added.

Reading is strict about what would be unsafe (names that are paths) and lenient about what is merely untidy (capitals in
names, missing scores). Writing is atomic and, since two commands may add ideas at once, under a lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hakase.disk import locked, write_atomic
from hakase.errors import TemplateError
from hakase.naming import slug
from hakase.records import Idea

KEYS = {
    "Name": "name",
    "Title": "title",
    "Experiment": "experiment",
    "Interestingness": "interestingness",
    "Feasibility": "feasibility",
    "Novelty": "novelty",
    "novel": "novel",
    "Hypothesis": "hypothesis",
    "PrimaryMetric": "primary_metric",
    "ExpectedDirection": "expected_direction",
    "Intervention": "intervention",
    "References": "references",
    "Origin": "origin",
    "Score": "score",
}
"""Key in the file -> field of Idea. The first seven are the AI Scientist's."""

EXAMPLE = (
    '{"Name": "cosine_decay", "Title": "…", "Experiment": "…", "Interestingness": 6, "Feasibility": 9, "Novelty": 3}'
)


def load_ideas(file: Path, origin: str = "") -> tuple[Idea, ...]:
    """The ideas in ``file``; none when it is not there.

    Raises:
        TemplateError: not JSON (with line and column), or an idea lacks a key or has a bad value (named).
    """
    return tuple(_parse(entry, number, file, origin) for number, entry in enumerate(load_entries(file)))


def load_entries(file: Path) -> list[Any]:
    """The JSON list in ``file``; empty when it is not there.

    Raises:
        TemplateError: not a JSON list.
    """
    entries = load_json(file) if file.exists() else []
    if not isinstance(entries, list):
        raise TemplateError("a JSON list of ideas is expected", file=file, fix=f"write [{EXAMPLE}, …]")
    return entries


def load_json(file: Path) -> Any:
    """Any JSON file; TemplateError with line and column when it is not JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise TemplateError(
            f"not valid JSON: {error.msg}",
            file=file,
            key=f"line {error.lineno}, column {error.colno}",
            fix="mend that line; `python -m json.tool FILE` shows it too",
        ) from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"not UTF-8 text: {error.reason}", file=file, fix="save the file as UTF-8") from None


def _parse(entry: Any, number: int, file: Path, origin: str) -> Idea:
    if not isinstance(entry, dict):
        raise TemplateError("an idea is a JSON object", file=file, key=f"idea {number}", fix=f"write {EXAMPLE}")

    def wrong(key: str, message: str, fix: str) -> TemplateError:
        return TemplateError(message, file=file, key=f"idea {number}: {key}", fix=fix)

    fields: dict[str, Any] = {field: entry[key] for key, field in KEYS.items() if entry.get(key) is not None}
    for key in ("Name", "Title", "Experiment"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise wrong(key, "this key is missing or is no text", f"write {EXAMPLE}")
    for key in ("Interestingness", "Feasibility", "Novelty"):
        if key in entry and not (isinstance(entry[key], (int, float)) and 1 <= entry[key] <= 10):
            raise wrong(
                key, f"a score from 1 to 10 is expected, not {entry[key]!r}", "give a whole number from 1 to 10"
            )
        if key in entry:
            fields[KEYS[key]] = round(entry[key])
    fields["name"] = safe_name(entry["Name"], lambda message, fix: wrong("Name", message, fix))
    if "references" in fields:
        fields["references"] = tuple(map(str, fields["references"]))
    fields.setdefault("origin", origin)
    if "score" in fields:
        fields["score"] = round(fields["score"]) if isinstance(fields["score"], (int, float)) else None
    try:
        return Idea(**fields)
    except ValueError as error:
        raise wrong("values", str(error).splitlines()[-1].strip(), f"write {EXAMPLE}") from None


def safe_name(name: str, refuse: Callable[[str, str], TemplateError]) -> str:
    """``name`` as a slug; a name that is a path is refused, since it becomes a folder's name."""
    cleaned = slug(name)
    if "/" in name or "\\" in name or name.strip().startswith(".") or not cleaned:
        raise refuse(f"the name {name!r} cannot be a folder's name", "use lower-case letters, digits and underscores")
    return cleaned


def entry_of(idea: Idea) -> dict[str, Any]:
    """The idea as it stands in ideas.json; keys with nothing to say are left out."""
    values = {key: getattr(idea, field) for key, field in KEYS.items()}
    return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items() if v not in (None, "", ())}


def append_ideas(file: Path, ideas: Sequence[Idea]) -> None:
    """Add ``ideas`` to the end of ``file``."""
    with locked(_lock_of(file)):
        _write(file, [*load_entries(file), *map(entry_of, ideas)])


def update_idea(file: Path, name: str, **values: Any) -> None:
    """Set keys (``novel``, ``Score``, …) of the idea called ``name`` in ``file``, if it is there."""
    with locked(_lock_of(file)):
        entries = load_entries(file)
        for entry in entries:
            if isinstance(entry, dict) and slug(str(entry.get("Name", ""))) == name:
                entry.update(values)
        if entries:
            _write(file, entries)


def _lock_of(file: Path) -> Path:
    return file.parent / f".{file.name}.lock"


def _write(file: Path, entries: list[Any]) -> None:
    write_atomic(file, json.dumps(entries, indent=2, ensure_ascii=False) + "\n")
