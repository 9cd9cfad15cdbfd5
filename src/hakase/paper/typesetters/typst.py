"""The last resort: pandoc reads the LaTeX and Typst sets it, where no TeX runs. What is lost is said in a warning."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hakase.paper.typesetters.plain_latex import plain_latex
from hakase.paper.typesetters.scratch import LARGEST_FILE, bring_back, scratch_copy
from hakase.seams import Job, LatexError, Limits, Mount, Outcome, Sandbox, Typeset, Typesetter

NAME = "typst"
_LOSSES = "set by pandoc and Typst: floats stand in the text, the template's own layout is lost"
_COMPILE = "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], root='..')"
_IN_FOLDER = ("/bin/sh", "-c", 'cd latex && exec "$@"', "sh")


def find_typst(sandbox: Sandbox, pass_seconds: float) -> Typesetter | None:
    """The typesetter, or None without the packages ``pypandoc`` (with its pandoc) and ``typst``."""
    pandoc, typst = _packaged_pandoc(), find_spec("typst")
    if pandoc is None or typst is None or typst.origin is None:
        return None
    return PandocTypst(NAME, pandoc, Path(typst.origin).parent.parent, sandbox, pass_seconds)


def _packaged_pandoc() -> Path | None:
    found = find_spec("pypandoc")
    if found is None or found.origin is None:
        return None
    binary = Path(found.origin).parent / "files" / "pandoc"
    return binary if binary.is_file() else None


@dataclass
class PandocTypst:
    """A ``Typesetter`` without TeX."""

    name: str
    pandoc: Path
    packages: Path
    """Where Python finds ``typst``."""
    sandbox: Sandbox
    pass_seconds: float

    def typeset(self, folder: Path, main: str = "template.tex", extra: Sequence[Path] = ()) -> Typeset:
        """See ``seams.Typesetter``; errors have no line, since pandoc and Typst read a rewritten paper."""
        stem = Path(main).stem
        with scratch_copy(folder, extra) as root:
            (root / "latex" / "plain.tex").write_text(plain_latex(folder, main), encoding="utf-8")
            seconds = 0.0
            for command in (self._read_command(), self._set_command()):
                outcome = self._run(root, command)
                seconds += outcome.seconds
                if not outcome.ok:
                    said = (root / "err").read_text(encoding="utf-8", errors="replace").strip()
                    error = LatexError(said[-600:] or f"ended by {outcome.ended_by}", main)
                    return Typeset(pdf=None, engine=self.name, errors=(error,), seconds=seconds)
            pdf = bring_back(root / "latex", folder, stem, "plain")
            return Typeset(pdf=pdf, engine=self.name, warnings=(_LOSSES,), seconds=seconds)

    def _read_command(self) -> tuple[str, ...]:
        options = ("--standalone", "--citeproc", "--number-sections", "--bibliography=references.bib")
        layout = ("-V", "fontsize=10pt", "-V", "papersize=us-letter")
        return (str(self.pandoc), "-f", "latex", "-t", "typst", *options, *layout, "-o", "plain.typ", "plain.tex")

    def _set_command(self) -> tuple[str, ...]:
        return (sys.executable, "-c", _COMPILE, "plain.typ", "plain.pdf")

    def _run(self, root: Path, command: tuple[str, ...]) -> Outcome:
        return self.sandbox.run(
            Job(
                command=(*_IN_FOLDER, *command),
                directory=root,
                stdout=root / "out",
                stderr=root / "err",
                limits=Limits(seconds=self.pass_seconds, file_size=LARGEST_FILE),
                mounts=(Mount(self.pandoc.parent), Mount(self.packages)),
                environment={"PYTHONPATH": str(self.packages)},
            )
        )
