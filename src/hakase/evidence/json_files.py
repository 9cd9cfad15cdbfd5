"""Reads a JSON object that generated code wrote: size-capped, never following links, never unpickling."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

from hakase.evidence.problems import EXAMPLE, ResultProblem

SIZE_LIMIT = 50 * 2**20
"""Bytes."""
LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""May be half of a pair, which is fine, or alone, which no UTF-8 file can hold."""


def is_text(text: str) -> bool:
    """Whether ``text`` can be written as UTF-8: lone surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_object(path: Path) -> dict[str, object]:
    """The JSON object in ``path``; ``NaN`` and ``Infinity`` become floats.

    Raises:
        ResultProblem: not a regular file, larger than ``SIZE_LIMIT``, not UTF-8, not JSON, or not an object.
    """
    try:
        text = _read_bytes(path).decode("utf-8-sig")
        loaded = json.loads(text)
        if LONE_SURROGATE.search(text) and not is_text(json.dumps(loaded, ensure_ascii=False)):
            raise ValueError("an escape such as \\ud800 is half a character")
    except UnicodeDecodeError as error:
        raise ResultProblem(f"not UTF-8 text: byte {error.start}", file=path, fix="write it with json.dump") from None
    except json.JSONDecodeError as error:
        raise ResultProblem(
            f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}", file=path,
            fix="write the whole file once, at the end, with json.dump and convert arrays with .tolist(); "
            f"such as {EXAMPLE}",
        ) from None  # fmt: skip
    except (RecursionError, ValueError) as error:
        raise ResultProblem(f"cannot be read as JSON: {error}", file=path, fix="write plain numbers") from None
    if not isinstance(loaded, dict):
        raise ResultProblem(f"holds a {type(loaded).__name__}, not an object", file=path, fix=f"write {EXAMPLE}")
    return loaded


def _read_bytes(path: Path) -> bytes:
    """The bytes of a regular file; a link is refused, as it may lead out of the run."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise ResultProblem(f"cannot be opened: {error.strerror}", file=path, fix="write a plain file") from None
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ResultProblem("is not a plain file", file=path, fix="write a plain file")
        if status.st_size > SIZE_LIMIT:
            raise ResultProblem(
                f"is {status.st_size / 2**20:.0f} MB; at most {SIZE_LIMIT // 2**20} MB are read", file=path,
                fix="keep the metrics here and put arrays and curves into another file",
            )  # fmt: skip
        return stream.read(SIZE_LIMIT + 1)
