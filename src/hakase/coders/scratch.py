"""A copy of a folder in which a program from outside may do what it likes, and what is taken back from it.

The copy holds every plain file that can be read, but no hidden file and no file that gives orders to agents. Only the
editable files come back, all of them or none, and only as text that can be code; whatever else the program did stays
behind and is deleted with the copy.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from hakase.coders.diffs import unified_diff
from hakase.disk import write_atomic
from hakase.records import Edit

COPIED_SIZE = 64 * 2**20
"""Bytes; a larger file beside the code is data, and no editor of code needs it."""
TEXT_SIZE = 2**20
"""Bytes; an edited file may be larger only when it was at least half as large before."""
LEFT_OUT = frozenset(("__pycache__", "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "AGENTS.override.md"))
"""Besides hidden names: what an agent would take for orders of its user."""
NAMED = 5
"""Files that a problem names at most."""


class ScratchProblem(Exception):
    """In words: why the folder cannot be handed out, or its files cannot be taken back."""


@dataclass(frozen=True)
class Scratch:
    """The copy: ``work`` has the files, ``home`` is an empty folder for the program's own."""

    root: Path
    before: Mapping[str, str]
    """Editable file -> the text that was given."""
    stamps: dict[str, int] = field(default_factory=dict)
    """Other file -> when it was copied (ns)."""

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def home(self) -> Path:
        return self.root / "home"

    def after(self) -> dict[str, str]:
        """Editable file -> its text now.

        Raises:
            ScratchProblem: a file is gone, empty, huge, or not code.
        """
        texts = {name: _read_back(self.work, name, text) for name, text in self.before.items()}
        for name, text in texts.items():
            wrong = _syntax_problem(name, text)
            if wrong and not _syntax_problem(name, self.before[name]):
                raise ScratchProblem(f"{name} is no valid Python after the edit: {wrong}")
        return texts

    def strays(self) -> tuple[str, ...]:
        """Files that were made or changed and are not editable, sorted."""
        found = _plain_files(self.work)
        return tuple(
            sorted(
                name
                for name, path in found
                if name not in self.before and self.stamps.get(name) != path.stat(follow_symlinks=False).st_mtime_ns
            )
        )


@contextmanager
def scratch_copy(folder: Path, editable: Sequence[str]) -> Iterator[Scratch]:
    """A copy of ``folder``, deleted at the end.

    Raises:
        ScratchProblem: an editable file cannot be read.
    """
    before = {name: _read_given(folder / name) for name in editable}
    with tempfile.TemporaryDirectory(prefix="hakase-", ignore_cleanup_errors=True) as root:
        scratch = Scratch(Path(root).resolve(), before)
        scratch.work.mkdir()
        scratch.home.mkdir()
        for name, path in _plain_files(folder):
            if name not in before and _wanted(name, path):
                _copy(path, scratch, name)
        for name, text in before.items():
            (scratch.work / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch.work / name).write_bytes(text.encode())
        yield scratch


def take_back(scratch: Scratch, folder: Path, said: str = "") -> Edit:
    """What the program made of the editable files, written to ``folder``: all of it, or nothing and a problem.

    ``said`` are the program's last words, for the problem when it changed nothing.
    """
    try:
        after = scratch.after()
    except ScratchProblem as problem:
        return Edit(problem=str(problem))
    changed = tuple(name for name, text in after.items() if text != scratch.before[name])
    if not changed:
        return Edit(problem=_nothing_changed(scratch, said))
    try:
        _write_all(folder, {name: after[name] for name in changed}, scratch.before)
    except OSError as error:
        return Edit(problem=f"the edited files cannot be written: {error.strerror}")
    return Edit(files=changed, diff=unified_diff(scratch.before, after, changed))


def _read_given(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ScratchProblem(f"the editable file {path.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ScratchProblem(f"the editable file {path.name} is not UTF-8, at byte {error.start}") from None


def _plain_files(folder: Path) -> list[tuple[str, Path]]:
    """``(relative name, path)`` of all plain files; links are not followed, hidden folders not entered."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in LEFT_OUT)
        paths = (Path(place) / name for name in sorted(files))
        found += [(path.relative_to(folder).as_posix(), path) for path in paths if _is_plain(path)]
    return found


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _wanted(name: str, path: Path) -> bool:
    base = path.name
    return not base.startswith(".") and base not in LEFT_OUT and path.stat().st_size <= COPIED_SIZE and bool(name)


def _copy(path: Path, scratch: Scratch, name: str) -> None:
    target = scratch.work / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # what cannot be read is not copied
        shutil.copyfile(path, target)
        scratch.stamps[name] = target.stat().st_mtime_ns


def _read_back(work: Path, name: str, before: str) -> str:
    path = work / name
    # A link could name a file of the user's, and a pipe would never be read to its end.
    if not _is_plain(path) or not path.resolve().is_relative_to(work):
        raise ScratchProblem(f"{name} was deleted, or replaced by something that is no plain file")
    limit = max(TEXT_SIZE, 2 * len(before.encode()))
    if path.stat().st_size > limit:
        raise ScratchProblem(f"{name} became {path.stat().st_size:,} bytes large; {limit:,} are allowed")
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ScratchProblem(f"{name} cannot be read after the edit: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ScratchProblem(f"{name} is not UTF-8 text after the edit, at byte {error.start}") from None
    if before.strip() and not text.strip():
        raise ScratchProblem(f"{name} was emptied")
    return _with_newlines_of(before, text)


def _with_newlines_of(before: str, text: str) -> str:
    """``text`` with Windows line ends if ``before`` had them and the program dropped them all."""
    return text.replace("\n", "\r\n") if "\r\n" in before and "\r\n" not in text else text


def _syntax_problem(name: str, text: str) -> str:
    if not name.endswith(".py"):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def _nothing_changed(scratch: Scratch, said: str) -> str:
    strays = scratch.strays()
    shown = ", ".join(strays[:NAMED])
    other = f"; it changed files that may not be edited: {shown}" if strays else ""
    words = f". Its last words: {said.strip()}" if said.strip() else ""
    return f"no editable file was changed ({', '.join(scratch.before)}){other}{words}"


def _write_all(folder: Path, texts: Mapping[str, str], before: Mapping[str, str]) -> None:
    written: list[str] = []
    try:
        for name, text in texts.items():
            write_atomic(folder / name, text)
            written.append(name)
    except OSError:
        for name in written:
            write_atomic(folder / name, before[name])
        raise
