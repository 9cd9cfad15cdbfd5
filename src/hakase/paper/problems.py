"""What a typesetter said, as findings that go back to the section they stand in."""

from __future__ import annotations

from pathlib import Path

from hakase.paper.assembly import section_of
from hakase.paper.typesetters.debian import debian_package
from hakase.records import Finding
from hakase.seams import LatexError, Typeset


def findings_of(made: Typeset, folder: Path, main: str = "template.tex") -> tuple[Finding, ...]:
    """One error for each located LaTeX error and missing package, one warning for each warning.

    ``where`` is a section, a generated part's file, or ``template`` when the template itself is at fault; the
    excerpt is the source line.
    """
    missing = tuple(_missing(name) for name in made.missing_packages)
    errors = () if missing else tuple(_located(error, folder, main) for error in made.errors)
    warnings = tuple(
        Finding(check="latex", where="template", message=text, severity="warning") for text in made.warnings
    )
    return (*missing, *errors, *warnings)


def _missing(name: str) -> Finding:
    package = debian_package(name)
    fix = f"apt install {package}" if package else "install a TeX that has it, or use Hakase's own template"
    return Finding(check="package", where="template", message=f"this TeX does not have {name}", fix=fix)


def _located(error: LatexError, folder: Path, main: str) -> Finding:
    line = f" (line {error.line})" if error.line else ""
    return Finding(
        check="latex",
        where=section_of(error, folder, main),
        message=f"{error.message}{line}",
        fix="mend the LaTeX",
        excerpt=_source_line(folder / (error.file or main), error.line) or error.context,
    )


def _source_line(file: Path, line: int | None) -> str:
    if line is None or not file.is_file():
        return ""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""
