"""The paper: drafted section by section, checked, repaired, typeset; what cannot be repaired is left out and named.

Two kinds of findings send a section back: those of the checks on the text, and the errors of LaTeX. After
``repair_rounds`` the offending part is dropped, never the paper.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from hakase.literature.bibtex import to_bibtex
from hakase.paper.assembly import assemble
from hakase.paper.checks import check_draft, drop_part
from hakase.paper.pdf import page_count
from hakase.paper.problems import findings_of
from hakase.progress import Progress
from hakase.records import SECTIONS, Draft, Finding, Paper
from hakase.seams import PaperBrief, Typeset
from hakase.stages.brief import fallback_lines, paper_brief
from hakase.stages.lab import Lab
from hakase.stages.sources import seek_sources
from hakase.study import Study

ORDER = (
    "introduction",
    "background",
    "method",
    "experimental_setup",
    "results",
    "limitations",
    "conclusion",
    "related_work",
    "abstract",
)
"""The order of writing; reading order is ``SECTIONS``."""
assert set(ORDER) == set(SECTIONS)


MOST_LEFT_OUT = 40
"""Parts after whose loss a paper is taken as it is."""


@dataclass(frozen=True)
class Manuscript:
    """A draft on its way to a PDF."""

    draft: Draft
    findings: tuple[Finding, ...] = ()
    left_out: tuple[str, ...] = ()
    rounds: int = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        return errors_among(self.findings)


def errors_among(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that must be mended."""
    return tuple(finding for finding in findings if finding.severity == "error")


def write_paper(study: Study, lab: Lab) -> None:
    """Draft, check, typeset and save the paper."""
    if not study.has("sources"):
        study.save("sources", seek_sources(paper_brief(study, lab), lab))
    brief = paper_brief(study, lab)
    draft = Draft(title=lab.scientist.write_title(brief), sections={})
    for number, section in enumerate(ORDER, 1):
        lab.notify(Progress(stage="paper", detail=f"{section} ({number} of {len(ORDER)})", upcoming="typesetting"))
        text = lab.scientist.write_section(section, brief, draft)
        draft = draft.model_copy(update={"sections": {**draft.sections, section: text}})
    draft = _refine(draft, lab, brief)
    study.save("paper", finish_paper(study, lab, paper_brief(study, lab), draft))


def _refine(draft: Draft, lab: Lab, brief: PaperBrief) -> Draft:
    """Passes over the whole draft, each told what the checks find; a section that gets worse stays as it was."""
    passes = lab.settings.refinements if lab.models is not None else 0  # rules write a section as well at once
    for number in range(1, passes + 1):
        lab.notify(Progress(stage="paper", detail=f"refining, pass {number}", upcoming="typesetting"))
        draft = _keep_better(draft, lab.scientist.refine_draft(draft, check_draft(draft, brief), brief, number), brief)
    return draft


def _errors_by_section(draft: Draft, brief: PaperBrief) -> Counter[str]:
    return Counter(finding.where for finding in errors_among(check_draft(draft, brief)))


def finish_paper(study: Study, lab: Lab, brief: PaperBrief, draft: Draft, improved: bool = False) -> Paper:
    """Check, repair and typeset ``draft``; the PDF lies at the top of the study."""
    manuscript = _repair(Manuscript(draft), lab, brief)
    latex = study.folder / ("latex_improved" if improved else "latex")
    manuscript, typeset, main = _typeset(manuscript, study, lab, brief, latex)
    pdf = study.pdf(improved)
    if typeset.pdf is not None:
        shutil.copyfile(typeset.pdf, pdf)
    return Paper(
        title=manuscript.draft.title,
        pdf=pdf.name if typeset.pdf is not None else "",
        tex=str(main.relative_to(study.folder)),
        draft=manuscript.draft,
        engine=typeset.engine,
        pages=page_count(pdf) if typeset.pdf is not None else 0,
        rounds=manuscript.rounds,
        citations=tuple(sorted(key for key in brief.works if _cites(manuscript.draft, key))),
        findings=(*manuscript.findings, *findings_of(typeset, latex, main.name)),
        left_out=manuscript.left_out,
    )


def _cites(draft: Draft, key: str) -> bool:
    return any(re.search(rf"\\cite\{{[^}}]*\b{re.escape(key)}\b", text) for text in draft.sections.values())


def _repair(manuscript: Manuscript, lab: Lab, brief: PaperBrief) -> Manuscript:
    """Send sections back until the checks pass; then drop what still fails."""
    manuscript = replace(manuscript, findings=check_draft(manuscript.draft, brief))
    while manuscript.errors and manuscript.rounds < lab.settings.repair_rounds:
        lab.notify(
            Progress(stage="paper", detail=f"repairing {len(manuscript.errors)} findings", upcoming="typesetting")
        )
        draft = _mend(manuscript.draft, manuscript.errors, lab, brief)
        if draft == manuscript.draft:
            break
        manuscript = replace(manuscript, draft=draft, findings=check_draft(draft, brief), rounds=manuscript.rounds + 1)
    return _refill(_drop_errors(manuscript, brief), lab, brief)


def _refill(manuscript: Manuscript, lab: Lab, brief: PaperBrief) -> Manuscript:
    """What was lost whole is written by the rules that stand in, if any do, and checked like the rest."""
    lost = [finding.where for finding in manuscript.errors if finding.check == "empty"]
    texts = {section: text for section in lost if (text := lab.scientist.replace_section(section, brief))}
    if not texts:
        return manuscript
    left_out = tuple(part for part in manuscript.left_out if part.removeprefix("the section ") not in texts)
    title = texts.pop("title", manuscript.draft.title)
    draft = Draft(title=title, sections={**manuscript.draft.sections, **texts})
    findings = check_draft(draft, brief)
    return _drop_errors(replace(manuscript, draft=draft, findings=findings, left_out=left_out), brief)


def _mend(draft: Draft, errors: Iterable[Finding], lab: Lab, brief: PaperBrief) -> Draft:
    sections = dict(draft.sections)
    for section in sections:
        mine = [finding for finding in errors if finding.where == section]
        if mine:
            sections[section] = lab.scientist.repair_section(section, sections[section], mine, brief)
    return _keep_better(draft, draft.model_copy(update={"sections": sections}), brief)


def _keep_better(old: Draft, new: Draft, brief: PaperBrief) -> Draft:
    """``new``, with each section that has more errors than before as it was before."""
    before, after = _errors_by_section(old, brief), _errors_by_section(new, brief)
    sections = {
        name: new.sections[name] if after[name] <= before[name] else text for name, text in old.sections.items()
    }
    return new.model_copy(update={"sections": sections})


def _drop_errors(manuscript: Manuscript, brief: PaperBrief) -> Manuscript:
    """Leave out what the remaining errors name, each once, as long as something can be left out."""
    tried: set[Finding] = set()
    while True:
        for finding in manuscript.errors:
            draft, name = drop_part(manuscript.draft, finding)
            if draft != manuscript.draft and finding not in tried:
                break
        else:
            return manuscript
        tried.add(finding)
        left_out = (*manuscript.left_out, name)
        manuscript = replace(manuscript, draft=draft, findings=check_draft(draft, brief), left_out=left_out)


def _typeset(
    manuscript: Manuscript, study: Study, lab: Lab, brief: PaperBrief, latex: Path
) -> tuple[Manuscript, Typeset, Path]:
    """Mend the draft until it compiles in Hakase's own template, then set it in the study's, if it brought one.

    A draft that compiles in the first and not in the second shows a fault of the second, which then is named and left.
    """
    manuscript, typeset, main = _mend_until_set(manuscript, study, lab, brief, latex)
    if study.latex_source is None or typeset.pdf is None:
        return manuscript, typeset, main
    theirs = latex.with_name(f"{latex.name}_theirs")
    shutil.rmtree(theirs, ignore_errors=True)
    main_of_theirs, typeset_of_theirs = _set(manuscript, study.latex_source, study, lab, brief, theirs)
    wrong = errors_among(findings_of(typeset_of_theirs, theirs, main_of_theirs.name))
    if wrong or typeset_of_theirs.pdf is None:
        shutil.rmtree(theirs)
        why = f"the template's own LaTeX ({wrong[0].message if wrong else 'no PDF'}); Hakase's stands in"
        return replace(manuscript, left_out=(*manuscript.left_out, why)), typeset, main
    shutil.rmtree(latex)
    theirs.rename(latex)
    pdf = latex / typeset_of_theirs.pdf.name
    return manuscript, replace(typeset_of_theirs, pdf=pdf), latex / main_of_theirs.name


def _set(
    manuscript: Manuscript, source: Path | None, study: Study, lab: Lab, brief: PaperBrief, latex: Path
) -> tuple[Path, Typeset]:
    """Typeset the draft once, in the template ``source`` (None: Hakase's own); it says what is not the scientist's."""
    brief = replace(brief, fallbacks=fallback_lines(study, lab), left_out=manuscript.left_out)
    lab.notify(Progress(stage="paper", detail=f"typesetting with {lab.typesetter.name}", upcoming="review"))
    main = assemble(source, manuscript.draft, brief, latex, {key: to_bibtex(work) for key, work in brief.works.items()})
    figures = [study.folder / figure.file for figure in brief.figures]
    return main, lab.typesetter.typeset(latex, main.name, figures)


def _mend_until_set(
    manuscript: Manuscript, study: Study, lab: Lab, brief: PaperBrief, latex: Path
) -> tuple[Manuscript, Typeset, Path]:
    """Typeset in Hakase's template; the errors go back to their sections, and what cannot be mended is left out."""
    while True:
        main, typeset = _set(manuscript, None, study, lab, brief, latex)
        errors = errors_among(findings_of(typeset, latex, main.name))
        if not errors:
            return manuscript, typeset, main
        mended = _repair(_mend_latex(manuscript, errors, lab, brief), lab, brief)
        if mended.draft == manuscript.draft or len(mended.left_out) > MOST_LEFT_OUT:
            return manuscript, typeset, main
        manuscript = mended


def _mend_latex(manuscript: Manuscript, errors: tuple[Finding, ...], lab: Lab, brief: PaperBrief) -> Manuscript:
    if manuscript.rounds < lab.settings.repair_rounds:
        draft = _mend(manuscript.draft, errors, lab, brief)
        if draft != manuscript.draft:
            return replace(manuscript, draft=draft, findings=check_draft(draft, brief), rounds=manuscript.rounds + 1)
    draft, name = drop_part(manuscript.draft, errors[0])
    return replace(manuscript, draft=draft, findings=check_draft(draft, brief), left_out=(*manuscript.left_out, name))
