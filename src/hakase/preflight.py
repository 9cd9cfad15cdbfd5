"""What this machine has, what is missing, and what it costs to be without it: looked at before anything is spent."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from hakase.environment import cores, physical_memory
from hakase.errors import ConfigError, HakaseError, PreflightError
from hakase.records import Record
from hakase.settings import Settings
from hakase.workspace import Workspace

DISK_NEEDED = 500 * 2**20
"""Bytes below which no study is begun."""


class Check(Record):
    """One thing that was looked at."""

    name: str
    level: Literal["ok", "warning", "failure"]
    detail: str
    fix: str = ""


def preflight(workspace: Workspace, settings: Settings) -> tuple[Check, ...]:
    """All checks, the machine first."""
    return (
        *_machine(),
        *_workspace(workspace),
        *_scientist(settings),
        *_models(settings),
        *_sandbox(settings),
        *_typesetter(settings),
    )


def require(checks: Sequence[Check]) -> None:
    """Raises PreflightError that names every failure."""
    failures = [check for check in checks if check.level == "failure"]
    if failures:
        text = "; ".join(f"{check.name}: {check.detail}" for check in failures)
        raise PreflightError(text, fix="; ".join(check.fix for check in failures if check.fix) or None)


def _machine() -> Iterator[Check]:
    yield Check(name="Python", level="ok", detail=f"{platform.python_version()} at {sys.executable}")
    memory = physical_memory() / 2**30
    yield Check(name="processor", level="ok", detail=f"{cores()} cores, {memory:.0f} GiB of memory, {_device()}")


def _device() -> str:
    if Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi"):
        return "an NVIDIA GPU"
    return "no GPU (templates run on the CPU)"


def _workspace(workspace: Workspace) -> Iterator[Check]:
    folder = workspace.results
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        fix = "give another with --results DIR or --workspace DIR, or make it writable"
        yield Check(name="workspace", level="failure", detail=f"{folder} cannot be written", fix=fix)
        return
    yield Check(name="workspace", level="ok", detail=f"{workspace.root}, results in {workspace.results}")
    free = shutil.disk_usage(folder).free
    level: Literal["ok", "failure"] = "ok" if free >= DISK_NEEDED else "failure"
    yield Check(
        name="disk",
        level=level,
        detail=f"{free / 2**20:,.0f} MiB free for {folder}" if level == "failure" else f"{free / 2**30:.1f} GiB free",
        fix="" if level == "ok" else f"make room: {DISK_NEEDED / 2**20:.0f} MiB at least, or --results elsewhere",
    )


def _scientist(settings: Settings) -> Iterator[Check]:
    from hakase.coders import get_coder
    from hakase.scientists import get_scientist

    try:
        scientist = get_scientist(settings)
        coder = get_coder(settings.coder or scientist.coder)
        _require_match(settings)
    except HakaseError as error:
        yield Check(name="scientist", level="failure", detail=error.message, fix=error.fix or "")
        return
    yield Check(name="scientist", level="ok", detail=f"{scientist.name}; coder: {coder.name}")


def _require_match(settings: Settings) -> None:
    """A coder that reads prose needs a scientist that writes it, and the other way round."""
    if settings.asks_models and settings.coder == "syntax":
        message, fix = "the coder syntax reads no prose, which is what a language model writes", "--coder blocks"
    elif not settings.asks_models and settings.coder not in ("", "syntax"):
        message, fix = f"the built-in scientist plans nothing for the coder {settings.coder}", "name a --model too"
    else:
        return
    raise ConfigError(message, key="coder", fix=fix)


def _models(settings: Settings) -> Iterator[Check]:
    """What can be known of the models without asking them: who serves them, keys, prices, files they are shown."""
    if not settings.asks_models:
        return
    from hakase.models.names import require_keys, resolve, role_models
    from hakase.models.prices import require_prices
    from hakase.scientists.llm.reviewing import check_examples

    try:
        _require_plain_address(settings.base_url)
        found = {name: resolve(name, settings) for name in role_models(settings)}
        require_keys(settings)
        require_prices(settings)
        for resolved in found.values():
            _require_plain_address(resolved.address)
        check_examples(settings)
        _require_replay(settings)
    except HakaseError as error:
        yield Check(name="models", level="failure", detail=error.message, fix=error.fix or "")
        return
    places = ", ".join(f"{name} at {resolved.place}" for name, resolved in found.items())
    yield Check(name="models", level="ok", detail=f"{places}; `hakase doctor --live` asks them")


def _require_plain_address(address: str) -> None:
    """Addresses are saved in every study, with its settings: no password may stand in one, and none is shown here."""
    try:
        parts = urlsplit(address)
        secret = "@" in parts.netloc or bool(parts.query)
        wrong = "" if parts.port is None or parts.port > 0 else "port 0"
    except ValueError as error:
        secret, wrong = False, str(error)
    if secret:
        wrong = "it holds a password or a query, and would be saved in every study"
    if wrong:
        fix = "write it as http://HOST:PORT/v1, and export a secret as HAKASE_API_KEY"
        raise ConfigError(f"the address of the model's server cannot be used: {wrong}", key="base_url", fix=fix)


def _require_replay(settings: Settings) -> None:
    if settings.replay and not any(Path(settings.replay).rglob("journal.db")):
        raise ConfigError(
            f"no replies are kept in {settings.replay} (no journal.db beneath it)",
            key="replay",
            fix="name a study's folder, or a workspace with studies",
        )


def _sandbox(settings: Settings) -> Iterator[Check]:
    from hakase.sandboxes import get_sandbox
    from hakase.scientists import get_scientist

    try:
        sandbox = get_sandbox(settings.sandbox, harmless=get_scientist(settings).harmless)
    except HakaseError as error:
        yield Check(name="sandbox", level="failure", detail=error.message, fix=error.fix or "")
        return
    if sandbox.isolating:
        yield Check(name="sandbox", level="ok", detail=f"{sandbox.name}: no network, no home, no secrets")
        return
    detail = f"{sandbox.name}: limits and a clean environment, no isolation "
    if settings.asks_models:
        detail += "(code that a language model wrote can read your files, your keys and the network)"
    else:
        detail += "(enough for the built-in scientist's edits)"
    yield Check(name="sandbox", level="warning", detail=detail, fix="install bubblewrap")


def _typesetter(settings: Settings) -> Iterator[Check]:
    from hakase.paper.typesetters import probe_typesetters

    reports = {report.name: report for report in probe_typesetters()}
    present = [report for report in reports.values() if report.available]
    wanted = reports.get(settings.typesetter) if settings.typesetter != "auto" else next(iter(present), None)
    if wanted is None or not wanted.available:
        fix = wanted.detail if wanted else next(iter(reports.values())).detail
        yield Check(name="typesetter", level="failure", detail="nothing here can make the PDF", fix=fix)
        return
    yield Check(name="typesetter", level="ok", detail=f"{wanted.name} ({wanted.detail}): {wanted.cost}")
