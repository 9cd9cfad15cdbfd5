"""The passes of pdfTeX and a bibliography program over a folder, in a sandbox; what both TeX backends share.

As many passes as the log asks for, four at most. TeX is refused the shell and files outside of the folder.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hakase.naming import slug
from hakase.paper.typesetters.latin_modern import MAP
from hakase.paper.typesetters.log import read_errors, read_missing, read_warnings, wants_rerun
from hakase.paper.typesetters.scratch import LARGEST_FILE, bring_back, read_log, scratch_copy
from hakase.seams import Job, LatexError, Limits, Mount, Outcome, Sandbox, Typeset

_MOST_PASSES = 4
_OPTIONS = ("-no-shell-escape", "-interaction=nonstopmode", "-file-line-error")
_REFUSALS = {
    "openin_any": "p",
    "openout_any": "p",
    "shell_escape": "f",
    "max_print_line": "10000",
    "error_line": "254",
    "half_error_line": "238",
    # pdfTeX embeds dates; a fixed origin makes two passes over one folder give one PDF
    "FORCE_SOURCE_DATE": "1",
}
_IN_FOLDER = ("/bin/sh", "-c", 'cd latex && exec "$@"', "sh")
PYBTEX = (sys.executable, "-m", "pybtex")


@dataclass
class TexEngine:
    """One installation of TeX: its programs and how it is reached. It is a ``Typesetter``."""

    name: str
    pdflatex: Path
    bibliography: tuple[str, ...]
    sandbox: Sandbox
    pass_seconds: float
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    font_map: str = ""
    """Map of fonts that this TeX lacks, read before the paper."""

    def typeset(self, folder: Path, main: str = "template.tex", extra: Sequence[Path] = ()) -> Typeset:
        """See ``seams.Typesetter``; without ``extra`` the pictures in the folder above are read."""
        stem = Path(main).stem
        with scratch_copy(folder, extra) as root:
            work = _Work(self, root, main, slug(stem) or "paper")
            (root / "latex" / MAP).write_text(self.font_map, encoding="utf-8")
            work.run_passes()
            log = work.log()
            pdf = bring_back(root / "latex", folder, stem, work.job)
            return Typeset(
                pdf=pdf,
                engine=self.name,
                errors=work.errors + read_errors(log),
                warnings=work.warnings + read_warnings(log),
                missing_packages=read_missing(log),
                seconds=work.seconds,
            )


class _Work:
    """The passes over one scratch copy, and what they have found so far."""

    def __init__(self, engine: TexEngine, root: Path, main: str, job: str) -> None:
        self.engine, self.root, self.main, self.job = engine, root, main, job
        self.errors: tuple[LatexError, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.seconds = 0.0

    def run_passes(self) -> None:
        """TeX, references when any are cited, then TeX until nothing moves."""
        if not self._run_tex():
            return
        cited = self._make_references()
        passes = 1
        while passes < _MOST_PASSES and ((cited and passes < 3) or wants_rerun(self.log())):
            if not self._run_tex():
                return
            passes += 1

    def log(self) -> str:
        """The log of the last pass; empty when there is none."""
        file = self.root / "latex" / f"{self.job}.log"
        return read_log(file) if file.is_file() else ""

    def _run_tex(self) -> bool:
        """One pass; False when another one makes no sense."""
        source = f"\\pdfmapfile{{={MAP}}}\\input{{{self.main}}}" if self.engine.font_map else self.main
        outcome = self._run((str(self.engine.pdflatex), *_OPTIONS, f"-jobname={self.job}", source))
        if outcome.exit_code is None:
            reason = f"TeX was ended by the {outcome.ended_by}" if outcome.ended_by else "TeX was ended"
            limit = f" of {self.engine.pass_seconds:g} s a pass" if outcome.timed_out else ""
            self.errors += (LatexError(f"{reason}{limit}: perhaps a macro calls itself without end", self.main),)
            return False
        return (self.root / "latex" / f"{self.job}.aux").is_file()

    def _make_references(self) -> bool:
        """Whether the paper cites anything; if so its ``.bbl`` is made."""
        aux = self.root / "latex" / f"{self.job}.aux"
        commands = read_log(aux)
        if not re.search(r"\\citation\{", commands) or "\\bibdata" not in commands:
            return False
        self._run((*self.engine.bibliography, self.job))
        bbl = aux.with_suffix(".bbl")
        if not bbl.is_file() or "\\bibitem" not in read_log(bbl):
            said = read_log(self.root / "out") + read_log(self.root / "err")
            last = " ".join(said.split())[-300:]
            self.warnings += (f"no list of references could be made: {last}",)
        return True

    def _run(self, command: Sequence[str]) -> Outcome:
        outcome = self.engine.sandbox.run(
            Job(
                command=(*_IN_FOLDER, *command),
                directory=self.root,
                stdout=self.root / "out",
                stderr=self.root / "err",
                limits=Limits(seconds=self.engine.pass_seconds, file_size=LARGEST_FILE),
                mounts=self.engine.mounts,
                environment={**_REFUSALS, **self.engine.environment},
            )
        )
        self.seconds += outcome.seconds
        return outcome
