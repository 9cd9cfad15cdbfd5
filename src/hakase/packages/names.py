"""What may be asked for, and what is there already. Nothing is fetched here.

Names come from a model. Only a name with a version range (PEP 508) goes on: no address, no path, no option, no marker.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable, Mapping
from functools import cache

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from hakase.packages.problems import PackageProblem

LONGEST = 100
"""Characters of a name with its range."""
MOST = 20
"""Names in one request."""


def read_requirements(names: Iterable[str]) -> tuple[Requirement, ...]:
    """The names as requirements, each once.

    Raises:
        PackageProblem: one of them is more than a name with a version range.
    """
    read = {str(requirement): requirement for requirement in map(_read, dict.fromkeys(names))}
    if len(read) > MOST:
        raise PackageProblem(f"{len(read)} packages at once; at most {MOST} can be asked for")
    return tuple(read.values())


def _read(name: str) -> Requirement:
    shown = repr(name[:LONGEST])
    try:
        requirement = Requirement(name)
    except InvalidRequirement:
        raise PackageProblem(f"{shown} is no package's name; write it as on PyPI, such as 'einops>=0.7'") from None
    if requirement.url or requirement.marker or len(name) > LONGEST or not name.isascii():
        raise PackageProblem(f"{shown} is more than a name with a version range, such as 'einops>=0.7'")
    return requirement


def find_missing(requirements: Iterable[Requirement], present: Mapping[str, str]) -> tuple[Requirement, ...]:
    """Those that neither ``present`` (canonical name -> version) nor an importable module of that name satisfies.

    Raises:
        PackageProblem: one is present in a version that does not fit, and would have to be replaced.
    """
    return tuple(requirement for requirement in requirements if not _satisfied(requirement, present))


def _satisfied(requirement: Requirement, present: Mapping[str, str]) -> bool:
    version = present.get(canonicalize_name(requirement.name))
    if version is None:
        return not requirement.specifier and requirement.name in importable_names()
    if not requirement.specifier.contains(version, prereleases=True):
        raise PackageProblem(
            f"{requirement} would replace {requirement.name} {version}, with which other runs were made; use that one"
        )
    return not requirement.extras


@cache
def importable_names() -> frozenset[str]:
    """The modules that code can import already: Python's own, and those of what is installed (``sklearn``, ``PIL``)."""
    return frozenset(sys.stdlib_module_names) | frozenset(importlib.metadata.packages_distributions()) | {"hakase"}


def canonical(packages: Mapping[str, str]) -> dict[str, str]:
    """Canonical name -> version, without those whose version no installer could compare."""
    return {canonicalize_name(name): version for name, version in packages.items() if _comparable(version)}


def _comparable(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True
