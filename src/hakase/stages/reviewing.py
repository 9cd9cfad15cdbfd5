"""The review, and with ``--improvement`` one revision that answers it and a second review."""

from __future__ import annotations

import json
from pathlib import Path

from hakase.paper.pdf import page_count, page_text
from hakase.progress import Progress
from hakase.records import Review
from hakase.seams import Dossier
from hakase.stages.brief import paper_brief
from hakase.stages.lab import Lab
from hakase.stages.writing import finish_paper
from hakase.study import Study


def review_paper(study: Study, lab: Lab, improved: bool = False) -> None:
    """Review the paper (or the improved one), save the record and review.txt."""
    upcoming = "improvement" if lab.settings.improvement and not improved else "done"
    lab.notify(Progress(stage="review", detail="reading the paper", upcoming=upcoming))
    paper = study.paper(improved)
    pdf = study.folder / paper.pdf
    dossier = Dossier(
        text=page_text(pdf) if paper.pdf else "\n\n".join(paper.draft.sections.values()),
        pages=paper.pages,
        paper=paper.pdf or paper.tex,
        brief=paper_brief(study, lab),
        draft=paper.draft,
        findings=(*paper.findings, *study.figures.findings),
    )
    review = lab.scientist.review_paper(dossier)
    study.write(f"review{'_improved' if improved else ''}.txt", json.dumps(review_form(review), indent=1) + "\n")
    study.save("improved_review" if improved else "review", review)


def improve_paper(study: Study, lab: Lab) -> None:
    """Revise the paper by its review, typeset it as ``<idea>_improved.pdf``, and review that."""
    if not study.has("improved_paper"):
        lab.notify(Progress(stage="improvement", detail="revising by the review", upcoming="second review"))
        brief = paper_brief(study, lab)
        draft = lab.scientist.revise_paper(study.paper().draft, study.review(), brief)
        study.save("improved_paper", finish_paper(study, lab, brief, draft, improved=True))
    review_paper(study, lab, improved=True)


def review_pdf(pdf: Path, lab: Lab) -> Review:
    """A review of a PDF from anywhere, by its text alone."""
    dossier = Dossier(text=page_text(pdf), pages=page_count(pdf), paper=pdf.name)
    return lab.scientist.review_paper(dossier)


def review_form(review: Review) -> dict[str, object]:
    """The review under the AI Scientist's keys."""
    names = (
        "summary", "strengths", "weaknesses", "originality", "quality", "clarity", "significance", "questions",
        "limitations", "ethical_concerns", "soundness", "presentation", "contribution", "overall", "confidence",
        "decision",
    )  # fmt: skip
    values = review.model_dump(mode="json")
    return {name.replace("_", " ").title(): values[name] for name in names}
