"""The environment of generated code: made from an allow-list, never from what is left of ours.

Nothing of the parent's environment passes that is not named here, so no key can.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

INHERITED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "CUDA_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
)
"""What a job gets from ours when it is set there."""
SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


def build_environment(
    additions: Mapping[str, str], *, temporary: str = "/tmp", programs: tuple[Path, ...] = ()
) -> dict[str, str]:
    """The whole environment of a job.

    ``temporary`` is its private folder, ``programs`` are folders of programs besides the interpreter's own and the
    system's, ``additions`` come last and win.
    """
    fixed = {
        "PATH": ":".join(dict.fromkeys([*map(str, (*interpreter_bins(), *programs)), *SYSTEM_PATH])),
        "HOME": f"{temporary}/home",
        "TMPDIR": temporary,
        "MPLCONFIGDIR": f"{temporary}/matplotlib",
        "MPLBACKEND": "Agg",
        "USER": "hakase",
        "LOGNAME": "hakase",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**fixed, **_user_packages(), **inherited, **additions}


def interpreter_bins() -> tuple[Path, ...]:
    """Where the running interpreter and the scripts of its environment are."""
    return Path(sys.executable).parent, Path(sys.prefix) / "bin"


def user_packages() -> tuple[Path, Path] | None:
    """``(base, site-packages)`` of ``pip install --user`` where the interpreter uses them, else None."""
    import site

    folder, base = site.getusersitepackages(), site.getuserbase()
    return (Path(base), Path(folder)) if site.ENABLE_USER_SITE and Path(folder).is_dir() else None


def _user_packages() -> dict[str, str]:
    """HOME is another one in a job, so Python has to be told where the user's packages are."""
    user = user_packages()
    return {"PYTHONUSERBASE": str(user[0])} if user else {}
