"""A study's own packages, in layers: each installation is a folder that is never changed again, and a record.

The folder appears whole by a rename and the record after it, so a folder without a record is no layer and is made anew.
Later layers are resolved against earlier ones and against everything that Hakase itself runs with.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hakase.disk import load_record, save_record, sync_folder
from hakase.environment import installed_packages
from hakase.packages.installers import Installer, get_installer
from hakase.packages.names import canonical, find_missing, importable_names, read_requirements
from hakase.packages.problems import Package, PackageProblem
from hakase.records import Record

Policy = Literal["ask", "allow", "deny"]
ANY = "*"
STRAY = frozenset({"tests", "docs", "examples", "benchmarks", "scripts", "bin"})
"""Folders that wheels hold by accident; nothing imports them."""
STARTUP = frozenset({"sitecustomize", "usercustomize"})
"""What Python runs before any program."""


class Layer(Record):
    """One installation."""

    number: int
    requested: tuple[str, ...]
    """As the scientist named them."""
    packages: tuple[Package, ...]
    installer: str


@dataclass(frozen=True)
class Installed:
    """What was asked for is importable; ``packages`` are what had to be added for it, perhaps none."""

    packages: tuple[Package, ...] = ()

    @property
    def pins(self) -> tuple[str, ...]:
        """Each as ``name==version``."""
        return tuple(package.pin for package in self.packages)


@dataclass(frozen=True)
class Refused:
    """Nothing was added; ``reason`` is one line, with the way out where there is one."""

    reason: str


class Overlay:
    """The packages of the study in ``folder``: files in ``.packages/``, records in ``records/packages/``."""

    def __init__(self, folder: Path, seconds: float = 600.0) -> None:
        self.files = folder / ".packages"
        self.records = folder / "records" / "packages"
        self.seconds = seconds
        """For each command of the installer."""

    def layers(self) -> tuple[Layer, ...]:
        """All installations, the first one first."""
        found = [load_record(file, Layer) for file in self.records.glob("*.json")]
        return tuple(sorted(found, key=lambda layer: layer.number))

    def paths(self) -> tuple[Path, ...]:
        """The folders to show read-only to generated code and to put on its PYTHONPATH."""
        return tuple(self._folder(layer.number) for layer in self.layers() if self._folder(layer.number).is_dir())

    def packages(self) -> tuple[Package, ...]:
        """Everything that this study has beyond what Hakase runs with."""
        return tuple(package for layer in self.layers() for package in layer.packages)

    def require(
        self, names: Sequence[str], policy: Policy, allowed: Sequence[str], ask: Callable[[str], bool]
    ) -> Installed | Refused:
        """See that ``names`` (PEP 508, such as ``einops>=0.7``) can be imported by the study's code.

        ``allowed`` are the names that need no question, ``*`` for any; under ``allow`` no others are installed. ``ask``
        puts a question to the user. What is there already needs no permission.
        """
        try:
            self._restore()
            missing = find_missing(read_requirements(names), self._present())
            if not missing:
                return Installed()
            _permit(missing, policy, allowed)
            question = None if policy == "allow" or _all_allowed(missing, allowed) else ask
            return self._add(tuple(map(str, missing)), question)
        except PackageProblem as problem:
            return Refused(str(problem))

    def _present(self) -> dict[str, str]:
        own = {package.name: package.version for package in self.packages()}
        return canonical({**installed_packages(), **own})

    def _add(self, requested: tuple[str, ...], ask: Callable[[str], bool] | None) -> Installed:
        installer = get_installer(self.seconds)
        new = self._resolve(requested, installer)
        if ask is not None and not ask(_question(new)):
            raise PackageProblem(f"{_listed(new)}: the user declined; do without")
        number = max((layer.number for layer in self.layers()), default=0) + 1
        self._lay(number, new)
        layer = Layer(number=number, requested=requested, packages=new, installer=installer.name)
        save_record(self.records / f"{number}.json", layer)
        return Installed(new)

    def _resolve(self, requested: tuple[str, ...], installer: Installer) -> tuple[Package, ...]:
        """What has to be added, so that everything requested works with everything present."""
        present = self._present()
        with tempfile.TemporaryDirectory(prefix="hakase-packages-") as scratch:
            try:
                chosen = installer.resolve(requested, present, Path(scratch))
            except PackageProblem as problem:
                raise PackageProblem(f"{', '.join(requested)}: {problem}") from None
        return tuple(package for package in chosen if present.get(package.name) != package.version)

    def _restore(self) -> None:
        """Lay again what is on record and was removed from the disk; it was permitted then."""
        for layer in self.layers():
            if not self._folder(layer.number).is_dir():
                self._lay(layer.number, layer.packages)

    def _lay(self, number: int, packages: Sequence[Package]) -> None:
        """Make the folder of a layer, whole or not at all."""
        self.files.mkdir(parents=True, exist_ok=True)
        target = self._folder(number)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.files) as scratch:
            made = Path(scratch) / "made"
            made.mkdir()
            get_installer(self.seconds).install(packages, made, Path(scratch))
            _refuse_shadows(made, packages)
            shutil.rmtree(target, ignore_errors=True)
            made.rename(target)
        sync_folder(self.files)

    def _folder(self, number: int) -> Path:
        return self.files / str(number)


def _permit(missing: Sequence[Requirement], policy: Policy, allowed: Sequence[str]) -> None:
    """Raises PackageProblem when the policy forbids one of them without a question."""
    if policy == "ask" or (policy == "allow" and _all_allowed(missing, allowed)):
        return
    names = [requirement.name for requirement in missing if policy == "deny" or not _is_allowed(requirement, allowed)]
    why = 'packages = "deny"' if policy == "deny" else "not among allow_packages"
    named = ", ".join(f'"{name}"' for name in names)
    raise PackageProblem(
        f'{", ".join(names)} may not be installed ({why}); to permit it: packages = "allow" and '
        f"allow_packages = [{named}] in hakase.toml, or -c packages=allow with these allow_packages"
    )


def _all_allowed(missing: Sequence[Requirement], allowed: Sequence[str]) -> bool:
    return all(_is_allowed(requirement, allowed) for requirement in missing)


def _is_allowed(requirement: Requirement, allowed: Sequence[str]) -> bool:
    return ANY in allowed or canonicalize_name(requirement.name) in map(canonicalize_name, allowed)


def _question(packages: Sequence[Package]) -> str:
    return f"Install {_listed(packages)} for this study only (wheels, into its own folder)?"


def _listed(packages: Sequence[Package]) -> str:
    return ", ".join(package.pin for package in packages) or "nothing new"


def _refuse_shadows(folder: Path, packages: Sequence[Package]) -> None:
    """Raises PackageProblem when a module in ``folder`` would be imported instead of one that is there already."""
    modules = {_module(path) for path in folder.iterdir()} - {""}
    shadows = sorted((modules - STRAY) & (importable_names() | STARTUP))
    if shadows:
        raise PackageProblem(f"{_listed(packages)} would replace modules that are there already: {', '.join(shadows)}")


def _module(path: Path) -> str:
    """The name under which Python imports the file or folder; empty when it does not, or only as a namespace."""
    if path.is_dir():
        return path.name if any(path.glob("__init__.*")) else ""
    return path.name.split(".")[0] if path.suffix in (".py", ".so", ".pyd", ".pyc") else ""
