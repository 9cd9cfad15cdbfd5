"""Runs a plotting script and writes, beside every PNG file that it saves, what was plotted in it.

    python recording.py plot.py

This file stands alone (standard library and matplotlib), as it is copied into the sandbox. ``x.png`` gets
``x.png.json``: the titles, labels, scales, legends and data ranges of every axes. ``runs_read.txt`` gets the names of
the runs of which the script opened a file. It changes no picture, and the script neither sees it nor fails because of
it.
"""

from __future__ import annotations

import functools
import json
import math
import os
import re
import runpy
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

AXES_SHOWN = 40
ARTISTS_SHOWN = 60
TEXT_SHOWN = 200
"""Limits of a description, so that a picture of thousands of parts stays a small file."""
RUNS_READ = "runs_read.txt"


def describe_figure(figure: Any) -> dict[str, Any]:
    """What ``figure`` shows, as JSON-ready data."""
    heading = getattr(figure, "_suptitle", None)
    return {
        "format": 1,
        "title": _text(heading.get_text()) if heading is not None else "",
        "legend": [label for legend in figure.legends for label in _legend_labels(legend)],
        "axes": [_describe_axes(axes) for axes in figure.axes[:AXES_SHOWN]],
    }


def _describe_axes(axes: Any) -> dict[str, Any]:
    lines = [_describe_line(line) for line in axes.lines[:ARTISTS_SHOWN]]
    bars = [_describe_bars(c) for c in axes.containers[:ARTISTS_SHOWN] if type(c).__name__ == "BarContainer"]
    collections = [_describe_collection(item) for item in axes.collections[:ARTISTS_SHOWN]]
    parts = [*lines, *bars, *collections]
    return {
        "title": _text(axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right")),
        "x_label": _text(axes.get_xlabel()),
        "y_label": _text(axes.get_ylabel()),
        "x_scale": axes.get_xscale(),
        "y_scale": axes.get_yscale(),
        "x_ticks": _words(axes.get_xticklabels()),
        "y_ticks": _words(axes.get_yticklabels()),
        "legend": _legend_labels(axes.get_legend()),
        "lines": lines,
        "bars": bars,
        "collections": collections,
        "images": len(axes.images),
        "error_bars": any(type(c).__name__ == "ErrorbarContainer" for c in axes.containers),
        "colorbar": axes.get_label() == "<colorbar>",
        "has_data": bool(axes.images) or any(part["points"] for part in parts) or len(axes.patches) > 0,
    }


def _describe_line(line: Any) -> dict[str, Any]:
    x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)  # as drawn: categories and dates are numbers there
    return {"label": _label(line), "points": len(_finite(y)), "x": _range(x), "y": _range(y)}


def _describe_bars(bars: Any) -> dict[str, Any]:
    heights = [bar.get_height() for bar in bars.patches]
    return {"label": _label(bars), "points": len(_finite(heights)), "x": None, "y": _range(heights)}


def _describe_collection(collection: Any) -> dict[str, Any]:
    kind = type(collection).__name__
    if kind == "PathCollection":
        offsets = collection.get_offsets()
        x, y = [point[0] for point in offsets], [point[1] for point in offsets]
    else:
        corners = [point for path in collection.get_paths()[:ARTISTS_SHOWN] for point in path.vertices]
        x, y = [point[0] for point in corners], [point[1] for point in corners]
    return {"kind": kind, "label": _label(collection), "points": len(_finite(y)), "x": _range(x), "y": _range(y)}


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else _text(label)


def _legend_labels(legend: Any) -> list[str]:
    return [_text(text.get_text()) for text in legend.get_texts()[:ARTISTS_SHOWN]] if legend is not None else []


def _words(ticks: Iterable[Any]) -> list[str]:
    """Tick labels that are words, as of categories; none when they are numbers."""
    texts = [_text(tick.get_text()) for tick in ticks]
    words = [text for text in texts if any(c.isalpha() for c in text.replace("mathdefault", ""))]
    return words[:ARTISTS_SHOWN] if len(words) > len(texts) / 2 else []


def _text(text: object) -> str:
    return " ".join(str(text).split())[:TEXT_SHOWN]


def _finite(values: Iterable[Any]) -> list[float]:
    numbers = []
    for value in values:
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if math.isfinite(number):
            numbers.append(number)
    return numbers


def _range(values: Iterable[Any]) -> list[float] | None:
    numbers = _finite(values)
    return [min(numbers), max(numbers)] if numbers else None


def png_path(target: object, options: dict[str, Any], default: str) -> str | None:
    """The file that ``savefig(target, **options)`` writes when that is a PNG file, else None."""
    if not isinstance(target, str | os.PathLike):
        return None
    path = str(Path(target))
    extension = Path(path).suffix[1:].lower()
    kind = str(options.get("format") or extension or default).lower()
    if kind != "png":
        return None
    return path if extension or options.get("format") else f"{path}.png"


def record_savefig() -> None:
    """Wrap ``Figure.savefig`` so that it leaves a description beside each PNG file."""
    import matplotlib
    from matplotlib.figure import Figure

    original: Callable[..., Any] = Figure.savefig

    @functools.wraps(original)
    def savefig(figure: Any, fname: object, *arguments: Any, **options: Any) -> Any:
        answer = original(figure, fname, *arguments, **options)
        try:
            path = png_path(fname, options, matplotlib.rcParams["savefig.format"])
            if path is not None:
                Path(f"{path}.json").write_text(json.dumps(describe_figure(figure)), encoding="utf-8")
        except Exception as error:  # noqa: BLE001 - the script's picture is saved; a missing description is no failure
            print(f"no description of {fname}: {error!r}", file=sys.stderr)
        return answer

    Figure.savefig = savefig  # type: ignore[method-assign, assignment]


def record_reading(folder: str) -> set[str]:
    """The runs in ``folder`` of which a file is opened from now on; the set grows. What C code opens is not seen."""
    read: set[str] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "sqlite3.connect") and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.relpath(os.fsdecode(arguments[0]), folder)
            if found := re.match(r"(run_\d+)[/\\]", path):
                read.add(found[1])

    sys.addaudithook(note)
    return read


def main(script: str) -> None:
    """Run ``script`` as ``__main__``, as ``python script`` would."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        record_savefig()
    except ImportError:
        print("matplotlib is not installed: nothing will be described", file=sys.stderr)
    sys.argv = [script]
    folder = Path(script).resolve().parent
    sys.path[0] = str(folder)
    read = record_reading(str(folder))
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        (folder / RUNS_READ).write_text("\n".join(sorted(read)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
