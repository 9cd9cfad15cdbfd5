"""What a picture shows, as ``recording.py`` wrote it down. It comes out of the sandbox, so it is checked here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Range = tuple[float, float] | None
SIZE_LIMIT = 2**20
"""Bytes of a description that are read."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Drawn(_Part):
    """One line, group of bars, or collection."""

    kind: str = ""
    """matplotlib's class of a collection: PolyCollection is a band, PathCollection are points."""
    label: str = ""
    points: int = 0
    x: Range = None
    y: Range = None


class Panel(_Part):
    """One pair of axes."""

    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    x_ticks: tuple[str, ...] = ()
    """Only those that are words."""
    y_ticks: tuple[str, ...] = ()
    legend: tuple[str, ...] = ()
    lines: tuple[Drawn, ...] = ()
    bars: tuple[Drawn, ...] = ()
    collections: tuple[Drawn, ...] = ()
    images: int = 0
    error_bars: bool = False
    colorbar: bool = False
    has_data: bool = False


class Plotted(_Part):
    """One picture."""

    format: Literal[1] = 1
    title: str = ""
    legend: tuple[str, ...] = ()
    axes: tuple[Panel, ...] = Field(default=(), max_length=200)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The axes with data, colour bars aside."""
        return tuple(panel for panel in self.axes if panel.has_data and not panel.colorbar)


def read_plotted(description: Mapping[str, Any]) -> Plotted | None:
    """The description as a record; None when it is empty or not one."""
    try:
        return Plotted.model_validate(description) if description else None
    except ValidationError:
        return None


def load_plotted(picture: Path) -> Plotted | None:
    """The description beside ``picture`` (``x.png.json`` for ``x.png``); None when there is no usable one."""
    file = picture.with_name(f"{picture.name}.json")
    if file.is_symlink() or not file.is_file() or file.stat().st_size > SIZE_LIMIT:
        return None
    try:
        loaded = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    return read_plotted(loaded) if isinstance(loaded, dict) else None
