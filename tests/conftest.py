"""Shared by all tests: a workspace of its own for each, and the command line as a user calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent / "templates"
BROKEN = TEMPLATES / "broken"

Hakase = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _quiet_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in [name for name in os.environ if name.startswith("HAKASE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty workspace whose path has spaces and letters beyond ASCII."""
    folder = tmp_path / "wörk space"
    folder.mkdir()
    return folder


@pytest.fixture
def hakase(workspace: Path) -> Hakase:
    """Calls ``hakase WORDS…`` in the workspace."""

    def call(*words: str | Path, timeout: float = 240) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hakase", *map(str, words)]
        return subprocess.run(command, cwd=workspace, capture_output=True, text=True, timeout=timeout, check=False)

    return call


@pytest.fixture
def bring(workspace: Path) -> Callable[[str], Path]:
    """Copies a test template (``bandit_class``, ``broken/no_means``) into the workspace."""

    def copy(name: str) -> Path:
        target = workspace / "templates" / Path(name).name
        shutil.copytree(TEMPLATES / name, target)
        return target

    return copy
