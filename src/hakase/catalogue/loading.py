"""Loads the catalogue from the TOML files beside it.

A file is a group of interventions. ``idioms.toml`` holds lists of recipes that several interventions share; one that
``uses`` such a list fills its ``<key>`` places by ``with``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files as package_files
from typing import Any

from hakase.catalogue.records import Intervention

IDIOMS = "idioms"


@cache
def load_catalogue() -> tuple[Intervention, ...]:
    """All interventions in the order of files and entries.

    Raises:
        pydantic.ValidationError: an entry breaks the format of ``records.Intervention``.
        KeyError: an entry uses an idiom that ``idioms.toml`` does not have.
    """
    folder = package_files("hakase.catalogue") / "data"
    tables = {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda one: one.name)
        if entry.name.endswith(".toml")
    }
    idioms = tables.pop(IDIOMS)
    return tuple(
        _intervention(group, entry, idioms) for group, table in tables.items() for entry in table["intervention"]
    )


def get_intervention(name: str) -> Intervention | None:
    """The intervention of this name, or None."""
    return next((one for one in load_catalogue() if one.name == name), None)


def _intervention(group: str, entry: dict[str, Any], idioms: Mapping[str, Any]) -> Intervention:
    fields = {key: value for key, value in entry.items() if key not in ("uses", "with")}
    shared = idioms[entry["uses"]]["recipes"] if "uses" in entry else []
    filled = _filled(shared, entry.get("with", {}))
    return Intervention.model_validate({**fields, "group": group, "recipes": [*entry.get("recipes", []), *filled]})


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    """``value`` with ``<key>`` replaced in every text; rules that need a key which is not given are left out."""
    if isinstance(value, dict):
        return {key: _filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, words) for item in value if _given(item, words)]
    if isinstance(value, str):
        for key, word in words.items():
            value = value.replace(f"<{key}>", word)
    return value


def _given(item: Any, words: Mapping[str, str]) -> bool:
    return not (isinstance(item, dict) and set(item.get("needs", ())) - set(words))
