"""Packages that a scientist asked for: installed by the harness into the study's overlay, read-only for its runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hakase.packages import Refused
from hakase.records import RunPlan
from hakase.seams import Mount
from hakase.stages.jobs import inside_study
from hakase.stages.lab import Lab
from hakase.study import Study


def require_packages(study: Study, lab: Lab, plan: RunPlan) -> str:
    """Install what ``plan`` asks for; why that was refused, or empty."""
    if not plan.packages:
        return ""
    policy = lab.settings.packages or ("ask" if sys.stdin.isatty() and sys.stdout.isatty() else "deny")
    answer = study.overlay.require(plan.packages, policy, lab.settings.allow_packages, lab.ask)
    if isinstance(answer, Refused):
        study.journal.add("packages_refused", "experiments", asked=plan.packages, why=answer.reason)
        return answer.reason
    study.journal.add("packages_installed", "experiments", asked=plan.packages, installed=answer.pins)
    return ""


def package_mounts(study: Study) -> tuple[Mount, ...]:
    """The overlay, read-only."""
    return tuple(Mount(path, target) for path, target in _places(study))


def package_paths(study: Study) -> dict[str, str]:
    """The variable by which Python finds the overlay."""
    names = [target.name for _, target in _places(study)]  # beside experiment.py, whatever the sandbox calls that place
    return {"PYTHONPATH": os.pathsep.join(names)} if names else {}


def installed_packages(study: Study) -> dict[str, str]:
    """Name -> version of everything in the overlay, for the record of where a run ran."""
    return {package.name: package.version for package in study.overlay.packages()}


def _places(study: Study) -> list[tuple[Path, Path]]:
    inside = inside_study(study)
    return [(path, inside / f".packages_{number}") for number, path in enumerate(study.overlay.paths())]
