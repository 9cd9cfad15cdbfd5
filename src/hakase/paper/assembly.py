"""From a draft and a LaTeX template to a folder that compiles here and elsewhere.

Each section stands between marker comments, so that a typesetter's error finds its section.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from hakase.errors import TemplateError
from hakase.latex_text import escape
from hakase.paper.citations import bibliography, cited_keys
from hakase.paper.parts import provenance, write_parts
from hakase.paper.slots import clear_leftovers, fill_author, fill_slot, fill_title, remove_slot
from hakase.records import SECTIONS, Draft
from hakase.seams import LatexError, PaperBrief

MARKER = re.compile(r"^% hakase: (section|end) (\w+)$", re.M)
_LITERAL_BIB = re.compile(r"\\begin\{filecontents\*?\}(\[[^\]]*\])?\{([^}]*\.bib)\}.*?\\end\{filecontents\*?\}", re.S)
_PRODUCTS = frozenset((".aux", ".log", ".out", ".bbl", ".blg", ".fls", ".fdb_latexmk", ".toc", ".gz"))


def assemble(template: Path | None, draft: Draft, brief: PaperBrief, folder: Path, bibtex: Mapping[str, str]) -> Path:
    """Write ``folder/template.tex`` with all that it needs, and return its path.

    Args:
        template: the user's ``template.tex``; None for Hakase's own. Its style files come along.
        bibtex: key -> BibTeX entry, at least of the works that the draft cites.

    Raises:
        TemplateError: the template cannot be read or has no ``\\begin{document}``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tex = _read_template(template)
    _copy_style(template, folder)
    write_parts(brief, folder)
    references = bibliography(cited_keys(draft.sections.values()), bibtex)
    (folder / "references.bib").write_text(references, encoding="utf-8")
    tex = _set_references(_fill(tex, draft, brief), references)
    target = folder / "template.tex"
    target.write_text(_set_preamble(tex), encoding="utf-8")
    return target


def section_at(tex: str, line: int) -> str:
    """The section in which line ``line`` (from 1) of an assembled paper stands; empty outside of all."""
    section = ""
    for text in tex.splitlines()[:line]:
        found = MARKER.match(text)
        if found:
            section = found[2] if found[1] == "section" else ""
    return section


def section_of(error: LatexError, folder: Path, main: str = "template.tex") -> str:
    """Where an error must be mended: a section's name, a generated part's file, or ``template``.

    An error in a generated part belongs to that part; one that stands in no section, to the template.
    """
    if error.file and Path(error.file).name != main:
        return Path(error.file).name
    if error.line is None:
        return "template"
    return section_at((folder / main).read_text(encoding="utf-8"), error.line) or "template"


def own_template() -> Path:
    """Hakase's own ``template.tex``; its class lies beside it."""
    return Path(str(files("hakase.paper") / "style" / "template.tex"))


def _read_template(template: Path | None) -> str:
    path = template or own_template()
    try:
        tex = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"the LaTeX template cannot be read ({error})", file=path, fix="save it as UTF-8") from None
    if r"\begin{document}" not in tex or r"\end{document}" not in tex:
        raise TemplateError(
            "the LaTeX template has no document",
            file=path,
            fix=r"it needs \begin{document} and \end{document}",
        )
    return tex


def _copy_style(template: Path | None, folder: Path) -> None:
    """Hakase's style, then whatever lies beside the user's template; products of TeX stay behind."""
    for file in own_template().parent.iterdir():
        if file.suffix in (".cls", ".sty", ".bst"):
            shutil.copyfile(file, folder / file.name)
    if template is None or template.parent.resolve() == folder.resolve():
        return
    for file in template.parent.rglob("*"):
        product = file.suffix in _PRODUCTS or (file.suffix == ".pdf" and file.stem == template.stem)
        if file.is_file() and not product and file != template:
            target = folder / file.relative_to(template.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _fill(tex: str, draft: Draft, brief: PaperBrief) -> str:
    head, begin, body = tex.partition(r"\begin{document}")
    body = begin + body
    for section in SECTIONS:
        text = draft.sections.get(section, "").strip()
        body = fill_slot(body, section, _marked(section, text, body)) if text else remove_slot(body, section)
    whole = fill_title(head + _add_provenance(body, brief), draft.title)
    return clear_leftovers(fill_author(whole, _author(brief)))


def _add_provenance(body: str, brief: PaperBrief) -> str:
    """``body`` with what the rules wrote in a model's stead, before the references or whatever else ends the text."""
    end = re.search(r"^[ \t]*\\(bibliography(style)?|printbibliography|appendix|end\{document)\b", body, re.M)
    at = end.start() if end else len(body)
    return body[:at] + provenance(brief) + body[at:]


def _author(brief: PaperBrief) -> str:
    return rf"\textbf{{Hakase}} {{\small\quad written by a machine, scientist: {escape(brief.scientist)}}}"


def _marked(section: str, text: str, tex: str) -> str:
    label = rf"\label{{sec:{section}}}"
    wanted = section != "abstract" and label not in tex and label not in text
    lines = [f"% hakase: section {section}", *([label] if wanted else []), text, f"% hakase: end {section}"]
    return "\n".join(lines) + "\n"


def _set_references(tex: str, references: str) -> str:
    """The literal bibliography of the template replaced; without a citation the list of references goes."""
    if not references.strip():
        tex = re.sub(r"^[ \t]*\\bibliography(style)?\{[^}]*\}[ \t]*\n", "", tex, flags=re.M)
    block = f"\\begin{{filecontents}}{{references.bib}}\n{references}\\end{{filecontents}}"
    tex = re.sub(r"\\bibliography\{[^}]*\}", lambda _: r"\bibliography{references}", tex)
    if _LITERAL_BIB.search(tex):
        return _LITERAL_BIB.sub(lambda _: block, tex, count=1)
    return f"{block}\n{tex}"


def _set_preamble(tex: str) -> str:
    """Facts and Hakase's macros before the document begins, and the machine's mark on its first page."""
    preamble = "\\usepackage{hakase}\n\\input{facts}\n"
    tex = tex.replace(r"\begin{document}", preamble + r"\begin{document}", 1)
    anchor = r"\maketitle" if re.search(r"^[^%\n]*\\maketitle", tex, re.M) else r"\begin{document}"
    return re.sub(
        rf"^([^%\n]*{re.escape(anchor)})", lambda found: found[1] + "\n\\hakasemark", tex, count=1, flags=re.M
    )
