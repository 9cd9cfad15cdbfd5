"""What this machine is, as far as results depend on it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterable
from functools import cache


@cache
def installed_packages() -> dict[str, str]:
    """Distribution name (lower case) -> version, of everything importable but Hakase itself."""
    found = {
        name.lower(): distribution.version
        for distribution in importlib.metadata.distributions()
        if (name := distribution.metadata["Name"])
    }
    found.pop("hakase", None)
    return found


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def physical_memory() -> int:
    """Bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def thread_settings(threads: int) -> dict[str, str]:
    """The variables that bound the threads of numerical libraries."""
    names = (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    )
    return {name: str(threads) for name in names}


def describe_environment(requirements: Iterable[str], threads: int) -> dict[str, str]:
    """For the paper: Python, processor, threads, and the versions of the packages that the template names."""
    packages = installed_packages()
    names = [re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0] for requirement in requirements]
    return {
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(cores()),
        "threads per run": str(threads),
        **{name: packages[name.lower()] for name in names if name.lower() in packages},
    }


def environment_hash(threads: int) -> str:
    """Changes when a result could: Python, machine, any installed package, threads."""
    parts = [
        platform.python_version(),
        platform.machine(),
        str(threads),
        *sorted(map(str, installed_packages().items())),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
