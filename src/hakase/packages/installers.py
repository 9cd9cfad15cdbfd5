"""pip, or uv where pip is missing: which versions would do, and laying them into a folder. Wheels only.

Both read the user's own configuration (indexes, proxies, certificates). They work in a scratch folder.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from packaging.utils import canonicalize_name

from hakase.packages.problems import Package, PackageProblem

OVERRIDDEN = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
"""Settings of the user's that do not go with a folder of our own."""
REMOVED = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_BINARY", "PIP_PRE", "PIP_REPORT", "PIP_QUIET")
NO_NETWORK = re.compile(
    r"Retrying \(|NameResolution|NewConnectionError|error sending request|dns error|Connection refused"
)
PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.M)


class Installer(Protocol):
    """A program that knows package indexes."""

    name: str

    def resolve(self, wanted: Sequence[str], present: Mapping[str, str], scratch: Path) -> tuple[Package, ...]:
        """What has to be added to ``present`` for ``wanted``; raises PackageProblem when nothing fits."""
        ...

    def install(self, packages: Sequence[Package], target: Path, scratch: Path) -> None:
        """Lay exactly these into ``target``; raises PackageProblem when one cannot be had."""
        ...


def get_installer(seconds: float) -> Installer:
    """pip of the running Python, else uv; each command of it may take ``seconds``.

    Raises:
        PackageProblem: neither is there.
    """
    if importlib.util.find_spec("pip"):
        return Pip(seconds)
    uv = shutil.which("uv")
    if uv is None:
        raise PackageProblem("neither pip nor uv is there to install packages; fix: python -m ensurepip")
    return Uv(uv, seconds)


class Pip:
    """See ``Installer``."""

    name = "pip"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.command = (sys.executable, "-m", "pip", "install", "--retries", "1", "--progress-bar", "off", "--no-color")

    def resolve(self, wanted: Sequence[str], present: Mapping[str, str], scratch: Path) -> tuple[Package, ...]:
        report = scratch / "report.json"
        options = ("--dry-run", "--report", str(report), "--only-binary", ":all:")
        limits = ("--constraint", str(_write_constraints(scratch, present)))
        _call([*self.command, *options, *limits, *wanted], scratch, self.seconds)
        return tuple(_of_report(item) for item in json.loads(report.read_text(encoding="utf-8"))["install"])

    def install(self, packages: Sequence[Package], target: Path, scratch: Path) -> None:
        exact = all(package.sha256 for package in packages)
        lines = [f"{package.pin} --hash=sha256:{package.sha256}" if exact else package.pin for package in packages]
        (scratch / "pins.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        options = ("--no-deps", "--only-binary", ":all:", "--target", str(target), "--requirement", "pins.txt")
        _call([*self.command, *options], scratch, self.seconds)


class Uv:
    """See ``Installer``."""

    name = "uv"

    def __init__(self, program: str, seconds: float) -> None:
        self.seconds = seconds
        self.command = (program, "pip")
        self.options = ("--quiet", "--python", sys.executable, "--only-binary", ":all:")

    def resolve(self, wanted: Sequence[str], present: Mapping[str, str], scratch: Path) -> tuple[Package, ...]:
        (scratch / "wanted.txt").write_text("\n".join(wanted) + "\n", encoding="utf-8")
        limits = ("--constraint", str(_write_constraints(scratch, present)), "--no-header", "--no-annotate")
        pins = _call([*self.command, "compile", "wanted.txt", *self.options, *limits], scratch, self.seconds)
        return tuple(Package(name=name, version=version) for name, version in PINNED.findall(pins))

    def install(self, packages: Sequence[Package], target: Path, scratch: Path) -> None:
        pins = [package.pin for package in packages]
        options = (*self.options, "--no-deps", "--target", str(target))
        _call([*self.command, "install", *options, *pins], scratch, self.seconds)


def _of_report(item: Mapping[str, Mapping[str, Any]]) -> Package:
    """An entry of pip's installation report (https://pip.pypa.io/en/stable/reference/installation-report/)."""
    described = item["metadata"]
    archive = item["download_info"].get("archive_info", {})
    kind, _, value = archive.get("hash", "").partition("=")  # how pip before 23.1 has it
    hashes = {kind: value, **archive.get("hashes", {})}
    name = canonicalize_name(described["name"])
    return Package(name=name, version=described["version"], sha256=hashes.get("sha256", ""))


def _write_constraints(scratch: Path, present: Mapping[str, str]) -> Path:
    file = scratch / "present.txt"
    file.write_text("".join(f"{name}=={version}\n" for name, version in sorted(present.items())), encoding="utf-8")
    return file


def _call(command: Sequence[str], scratch: Path, seconds: float) -> str:
    """The command's stdout; it works in ``scratch``, where no file can be taken for a package or a module."""
    environment = {name: value for name, value in os.environ.items() if name not in REMOVED} | OVERRIDDEN
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackageProblem(f"the package index did not deliver within {seconds:.0f} s") from None
    if done.returncode:
        raise PackageProblem(_reason(done.stdout, done.stderr))
    return done.stdout


def _reason(stdout: str, stderr: str) -> str:
    """Why an installer gave up, in one line."""
    if NO_NETWORK.search(stderr):
        return "no package index answered; is there a network? (PIP_INDEX_URL and PIP_FIND_LINKS name other places)"
    _, found, conflict = stdout.partition("The conflict is caused by:")
    if found:
        lines = conflict.partition("\n\n")[0].strip().splitlines()
        return "it does not go with what is installed: " + "; ".join(line.strip() for line in lines)
    if "--dry-run" in stderr and "no such option" in stderr:
        return "this pip is too old to say what it would install; fix: python -m pip install --upgrade pip"
    said = [
        line.partition("ERROR:")[2] or line for line in stderr.splitlines() if "WARNING" not in line and line.strip()
    ]
    reason = " ".join((said or ["the installer failed without a word"])[0].split())[:400]
    return f"{reason}; only wheels are installed" if reason.startswith("Could not find") else reason
