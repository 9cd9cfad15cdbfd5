"""A draft becomes a folder of LaTeX: Hakase's own template, other people's templates, generated parts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hakase.errors import TemplateError
from hakase.paper.assembly import assemble, section_at
from hakase.paper.parts import facts_file, part_labels, write_parts
from hakase.paper.tables import table_comparisons
from hakase.records import SECTIONS, Draft, Fact
from tests.paper_samples import make_bibtex, make_brief, make_draft

CONFERENCE = r"""\documentclass{article}
\usepackage{natbib,graphicx,booktabs,hyperref,amsmath}
\graphicspath{{../}}
\begin{filecontents}{references.bib}
@article{old, title={An old one}, author={A. Nobody}, year={1999}}
\end{filecontents}
\title{TITLE HERE}
\author{Hakase}
\begin{document}
\maketitle
\begin{abstract}
ABSTRACT HERE
\end{abstract}
\section{Introduction}
\label{sec:intro}
INTRO HERE
\section{Related Work}
\label{sec:related}
RELATED WORK HERE
\section{Background}
BACKGROUND HERE
\section{Method}
METHOD HERE
\section{Experimental Setup}
EXPERIMENTAL SETUP HERE
\section{Results}
RESULTS HERE
% EXAMPLE FIGURE
\begin{figure}[h]
\includegraphics{example.png}
\caption{PLEASE FILL IN CAPTION HERE}
\end{figure}
\section{Conclusions and Future Work}
CONCLUSIONS HERE
\bibliographystyle{plainnat}
\bibliography{references}
\end{document}
"""


@pytest.fixture
def latex(tmp_path: Path) -> Path:
    return tmp_path / "study" / "latex"


def _assemble(latex: Path, template: Path | None = None, draft: Draft | None = None) -> str:
    return assemble(template, draft or make_draft(), make_brief(), latex, make_bibtex()).read_text()


def _user_template(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "template" / "latex"
    folder.mkdir(parents=True)
    (folder / "template.tex").write_text(text)
    (folder / "venue.sty").write_text("% a style\n")
    (folder / "template.pdf").write_bytes(b"old")
    return folder / "template.tex"


def test_every_section_stands_once_and_in_order(latex: Path) -> None:
    tex = _assemble(latex)
    assert re.findall(r"% hakase: section (\w+)", tex) == list(SECTIONS)
    assert tex.count(r"\section{") == len(SECTIONS) - 1
    assert "HERE" not in tex


def test_the_folder_holds_all_that_it_reads(latex: Path) -> None:
    tex = _assemble(latex)
    for name in re.findall(r"\\input\{(\w+)\}", tex):
        assert (latex / f"{name}.tex").is_file()
    for name in ("hakase.cls", "hakase.sty", "hakase.bst", "references.bib"):
        assert (latex / name).is_file()


def test_only_cited_works_are_in_the_literal_bibliography(latex: Path) -> None:
    draft = make_draft()
    draft = draft.model_copy(update={"sections": {**draft.sections, "introduction": "As said \\cite{holm1979simple}."}})
    draft.sections["related_work"] = "Nothing."
    draft.sections["abstract"] = "Nothing."
    tex = _assemble(latex, draft=draft)
    block = tex[tex.index(r"\begin{filecontents}{references.bib}") : tex.index(r"\end{filecontents}")]
    assert block.count("@") == 1
    assert "holm1979simple" in block
    assert "holm1979simple" in (latex / "references.bib").read_text()


def test_a_paper_without_citations_has_no_list_of_references(latex: Path) -> None:
    sections = dict.fromkeys(SECTIONS, "Some words that cite nothing.")
    assert r"\bibliography{" not in _assemble(latex, draft=Draft(title="T", sections=sections))


def test_a_conference_template_is_filled_and_keeps_its_own(latex: Path, tmp_path: Path) -> None:
    tex = _assemble(latex, _user_template(tmp_path, CONFERENCE))
    assert re.findall(r"% hakase: section (\w+)", tex) == list(SECTIONS)
    assert tex.index(r"\section{Limitations}") < tex.index(r"\section{Conclusions and Future Work}")
    assert "example.png" not in tex
    assert "HERE" not in tex
    assert "An old one" not in tex
    assert r"\bibliographystyle{plainnat}" in tex
    assert r"\label{sec:intro}" in tex
    assert (latex / "venue.sty").is_file()
    assert not (latex / "template.pdf").exists()


def test_sections_without_placeholders_are_found_by_title(latex: Path, tmp_path: Path) -> None:
    text = CONFERENCE.replace("METHOD HERE", "").replace("CONCLUSIONS HERE", "")
    tex = _assemble(latex, _user_template(tmp_path, text))
    assert tex.count(r"\section{Method}") == 1
    assert tex.index(r"\section{Method}") < tex.index("% hakase: section method")
    assert tex.count(r"\section{Conclusion") == 1


def test_a_missing_section_leaves_no_heading(latex: Path) -> None:
    draft = make_draft()
    del draft.sections["background"]
    assert r"\section{Background}" not in _assemble(latex, draft=draft)


def test_a_template_without_a_document_is_refused_by_name(latex: Path, tmp_path: Path) -> None:
    template = _user_template(tmp_path, "just words")
    with pytest.raises(TemplateError, match="no document") as refusal:
        _assemble(latex, template)
    assert refusal.value.file == str(template)


def test_a_line_knows_its_section(latex: Path) -> None:
    lines = _assemble(latex).splitlines()
    line = next(i for i, text in enumerate(lines, 1) if "Listing~" in text)
    assert section_at("\n".join(lines), line) == "method"
    assert section_at("\n".join(lines), len(lines)) == ""


def test_tables_hold_macros_and_no_numbers(latex: Path) -> None:
    brief = make_brief()
    write_parts(brief, latex)
    for name in ("table_results", "table_comparisons", "table_secondary"):
        body = (latex / f"{name}.tex").read_text().partition(r"\hakasemid")[2]
        body = re.sub(r"\\multicolumn\{\d\}\{c\}", "", body)
        assert not re.search(r"\d", body), name
        macros = set(re.findall(r"\\((?:Run|Compare)[A-Za-z]+)", body))
        assert macros <= {fact.macro for fact in brief.evidence.facts}


def test_the_table_of_comparisons_says_its_unit() -> None:
    brief = make_brief()
    assert "Relative change of" in table_comparisons(brief)
    assert "metric's unit" not in table_comparisons(brief)
    comparisons = tuple(c.model_copy(update={"relative": None}) for c in brief.evidence.comparisons)
    zero = replace(brief, evidence=brief.evidence.model_copy(update={"comparisons": comparisons}))
    assert r"\caption{Change of" in table_comparisons(zero)
    assert "metric's unit" in table_comparisons(zero)


def test_the_best_run_of_a_data_set_is_bold(latex: Path) -> None:
    write_parts(make_brief(datasets=("digits",)), latex)
    rows = (latex / "table_results.tex").read_text().partition(r"\hakasemid")[2].splitlines()
    assert [row.startswith(r"\RunFour") for row in rows if r"\hakasebest" in row] == [True]


def test_a_part_with_nothing_to_show_can_be_put_in_and_has_no_label(latex: Path) -> None:
    brief = make_brief(runs=0)
    write_parts(brief, latex)
    assert (latex / "table_comparisons.tex").read_text().startswith("%")
    assert "tab:comparisons" not in part_labels(brief)
    assert "lst:change" not in part_labels(brief)


def test_facts_get_a_true_minus_sign() -> None:
    facts = [
        Fact(number=1, macro="Low", text="-0.3", meaning="", source=""),
        Fact(number=2, macro="V", text="worse", meaning="", source=""),
    ]
    text = facts_file(tuple(facts))
    assert r"\newcommand{\Low}{\hakasenumber{-0.3}}" in text
    assert r"\newcommand{\V}{\hakasetext{worse}}" in text


def test_what_the_rules_wrote_in_a_model_s_stead_is_said_before_the_references(latex: Path, tmp_path: Path) -> None:
    assert "How this paper was made" not in _assemble(latex)
    lines = (
        "the section method: no usable answer (100% & more_of it)",
        *(f"repair {n}: empty {n}" for n in range(30)),
        "a title: empty 3",
    )
    brief = replace(make_brief(), scientist="language model small_1", fallbacks=lines)
    for template in (None, _user_template(tmp_path, CONFERENCE)):
        tex = assemble(template, make_draft(), brief, latex, make_bibtex()).read_text()
        made = tex.index(r"\section*{How this paper was made}")
        assert tex.index("% hakase: end conclusion") < made < tex.index(r"\bibliography{")
        assert r"a machine's (language model small\_1)" in tex
        assert r"\item the section method: no usable answer (100\% \& more\_of it)" in tex
        assert r"\item repair 3, a title: empty 3" in tex
        assert r"\item and 11 more" in tex


def test_what_was_left_out_is_said_before_the_references(latex: Path) -> None:
    brief = replace(make_brief(), left_out=("the section abstract", "the section abstract"))
    tex = assemble(None, make_draft(), brief, latex, make_bibtex()).read_text()
    assert "could not stand and were taken out" in tex
    assert tex.count(r"\item the section abstract") == 1


def test_assembling_twice_gives_the_same(latex: Path, tmp_path: Path) -> None:
    template = _user_template(tmp_path, CONFERENCE)
    assert _assemble(latex, template) == _assemble(latex, template)
