"""LaTeX errors as findings, each with the section that it stands in, so that it can go back for repair."""

from __future__ import annotations

from pathlib import Path

from hakase.paper.assembly import section_of
from hakase.records import Finding
from hakase.seams import Typeset


def findings_of(typeset: Typeset, main: Path) -> tuple[Finding, ...]:
    """A finding for every error and every missing package of a typesetting run of ``main``."""
    errors = tuple(
        Finding(
            check="latex",
            where=section_of(error, main.parent, main.name) or error.file or main.name,
            message=error.message,
            excerpt=error.context,
            fix="mend the LaTeX, or leave the passage out",
        )
        for error in typeset.errors
    )
    missing = tuple(
        Finding(check="latex", where=main.name, message=f"the LaTeX package {name} is not installed", fix="install it")
        for name in typeset.missing_packages
    )
    return errors + missing
