"""Puts a review together: scores, remarks and confidence."""

from __future__ import annotations

from hakase.records import Review
from hakase.scientists.builtin.reviewing.foreign import review_text
from hakase.scientists.builtin.reviewing.measures import Measures
from hakase.scientists.builtin.reviewing.remarks import (
    list_limitations,
    list_questions,
    list_strengths,
    list_weaknesses,
    summarise,
)
from hakase.scientists.builtin.reviewing.scores import score
from hakase.seams import Dossier

REVIEWER = "Hakase's built-in rules (no language model)"


def review_paper(dossier: Dossier) -> Review:
    """A review in the NeurIPS form; of low confidence when there is nothing but a PDF's text."""
    if dossier.brief is None:
        return review_text(dossier, REVIEWER)
    measures = Measures(dossier.brief, dossier.draft, dossier.findings)
    scores = score(measures)
    return Review(
        summary=summarise(measures),
        strengths=list_strengths(measures),
        weaknesses=list_weaknesses(measures),
        questions=list_questions(measures),
        limitations=list_limitations(measures),
        originality=scores.originality,
        quality=scores.quality,
        clarity=scores.clarity,
        significance=scores.significance,
        soundness=scores.soundness,
        presentation=scores.presentation,
        contribution=scores.contribution,
        overall=scores.overall,
        confidence=4 if dossier.draft and dossier.text.strip() else 3,
        decision=scores.decision,
        reviewer=REVIEWER,
        caps=scores.caps,
        basis=("evidence", "findings of the checks", *(("draft",) if dossier.draft else ())),
    )
