"""Which folders of the host a job has to see: the system's programs, the interpreter, TeX. All of them read-only.

It is a list of what is shown, not of what is hidden: a home, another project, a socket under /run or a disk under /mnt
is invisible because nothing here names it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from hakase.sandboxes._environment import user_packages

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store"),
    *("/var/lib/texmf", "/var/cache/fonts", "/var/cache/fontconfig", "/sys/devices/system/cpu"),
)
SETTINGS = (
    *("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "texmf", "texlive", "ssl/certs"),
    *("mime.types", "os-release", "debian_version", "papersize", "matplotlibrc", "OpenCL", "locale.alias"),
)
"""Below /etc. Not the whole of it: run by root, a sandbox could read /etc/shadow there."""
PREFIX_PARTS = ("bin", "include", "lib", "lib64", "share", "pyvenv.cfg")
GPUS = ("/dev/nvidia*", "/dev/kfd", "/dev/dri")


def system_folders() -> tuple[Path, ...]:
    """What of the system exists here; links such as /lib64 are among them as links."""
    paths = (*map(Path, SYSTEM), *(Path("/etc") / name for name in SETTINGS))
    return tuple(path for path in paths if path.exists())


def interpreter_folders() -> tuple[Path, ...]:
    """Where the running Python, its packages and Hakase itself are, in every spelling that leads there."""
    executable = Path(sys.executable)
    prefixes = [Path(sys.prefix), Path(sys.base_prefix), executable.resolve().parent.parent, executable.parent.parent]
    user = user_packages()
    packages = [Path(__file__).parent.parent, *([user[1]] if user else [])]
    folders = [part for prefix in _with_resolved(prefixes) for part in _narrow(prefix)]
    shown = [*folders, *_with_resolved(packages)]
    links = [hop for hop in _hops(executable) if not any(hop.is_relative_to(folder) for folder in shown)]
    return _outside_system([*shown, *links])


def tex_folders() -> tuple[Path, ...]:
    """The trees of a TeX Live that the user installed elsewhere than in the system's folders."""
    program = shutil.which("pdflatex")
    if program is None:
        return ()
    binary = Path(program).resolve()  # TREE/bin/PLATFORM/pdftex
    return _outside_system([Path(program).parent, *binary.parents[2:3]]) if len(binary.parents) > 4 else ()


def program_folders() -> tuple[Path, ...]:
    """Folders of programs, besides Python's and the system's, that a job finds by name."""
    return tuple(folder for folder in tex_folders() if (folder / "pdflatex").exists())


def gpu_devices() -> tuple[Path, ...]:
    """The device files of GPUs, unless CUDA_VISIBLE_DEVICES is set and empty."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return ()
    return tuple(path for pattern in GPUS for path in sorted(Path("/dev").glob(pattern[len("/dev/") :])))


def _with_resolved(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(spelling for path in paths for spelling in (path, path.resolve())))


def _hops(executable: Path) -> list[Path]:
    """The links that lead from ``executable`` to the program, itself first."""
    hops = [executable]
    while hops[-1].is_symlink():
        hops.append(Path(os.path.normpath(hops[-1].parent / hops[-1].readlink())))
    return hops


def _narrow(prefix: Path) -> list[Path]:
    """``prefix``, or only its parts that Python needs when a home lies in it (``python -m venv ~``)."""
    if not Path.home().is_relative_to(prefix):
        return [prefix]
    return [prefix / part for part in PREFIX_PARTS if (prefix / part).exists()]


def _outside_system(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those that the system's folders do not show anyway."""
    return tuple(path for path in dict.fromkeys(paths) if not any(path.is_relative_to(s) for s in SYSTEM))
