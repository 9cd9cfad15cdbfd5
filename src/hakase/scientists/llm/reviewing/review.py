"""A language model's review from its first question to the record; the built-in rules review when it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from hakase.models import Models
from hakase.records import Review
from hakase.scientists.builtin.reviewing import review_paper as review_by_rules
from hakase.scientists.builtin.reviewing.measures import Measures
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.reviewing.asking import Panel, Reflected
from hakase.scientists.llm.reviewing.evidence import REVIEW
from hakase.scientists.llm.reviewing.examples import read_examples
from hakase.scientists.llm.reviewing.forms import Answer
from hakase.scientists.llm.reviewing.injection import confirm_quotations
from hakase.scientists.llm.reviewing.material import Material, gather_material
from hakase.scientists.llm.reviewing.scoring import fill_scores, mean_scores, single_review
from hakase.scientists.reviewing_caps import Decision, cap_decision, cap_overall
from hakase.seams import Dossier
from hakase.settings import Settings


def review_paper(settings: Settings, models: Models, dossier: Dossier) -> Review:
    """A review in the NeurIPS form by an ensemble of ``settings.reviewers``, an area chair and reflections.

    Raises:
        ConfigError: one of ``settings.review_examples`` cannot be read.
        ModelError: the model cannot be reached.
    """
    panel = Panel(models, gather_material(dossier), read_examples(settings), _prefix(dossier))
    return ask_or_rule(
        models, "review", f"{REVIEW} {dossier.paper}",
        lambda: _ask(settings, panel, dossier), lambda: _by_rules(panel, dossier),
    )  # fmt: skip


def _prefix(dossier: Dossier) -> str:
    """Where it is asked: a study may have two papers, and each question its own slot."""
    return "review/improved" if PurePath(dossier.paper).stem.endswith("_improved") else "review"


def _by_rules(panel: Panel, dossier: Dossier) -> Review:
    review = review_by_rules(dossier)
    name = panel.models.name("review")
    changes = {
        "reviewer": f"{review.reviewer}, in place of the language model {name}, which gave none",
        "weaknesses": (*review.weaknesses, *_report_instructions((), panel.material)),
    }
    return review.model_copy(update=changes)


def _ask(settings: Settings, panel: Panel, dossier: Dossier) -> Review:
    answers = panel.ask_reviewers(settings.reviewers)
    scores, stand_ins = fill_scores(mean_scores(answers), review_by_rules(dossier))
    overall, caps = _cap(scores["overall"], dossier)
    reflected = panel.reflect(panel.aggregate(answers), overall, settings.review_reflections)
    decision, changed = cap_decision(_decision(reflected), overall)
    name = f"language model {panel.models.name('review')}"
    words = reflected.opinion.model_dump(exclude={"decision", "weaknesses", "ethical_concerns"})
    return Review(
        **words,
        **{**scores, "overall": overall},
        weaknesses=(*reflected.opinion.weaknesses, *_report_instructions(answers, panel.material)),
        ethical_concerns=reflected.opinion.ethical_concerns or bool(panel.material.instructions),
        decision=decision,
        reviewer=_describe_reviewer(name, settings, len(answers), reflected),
        caps=(*stand_ins, *caps, *changed),
        basis=panel.material.basis,
        ensemble=_singles(answers, scores, name) if settings.reviewers > 1 else (),
    )


def _cap(overall: int, dossier: Dossier) -> tuple[int, tuple[str, ...]]:
    """The caps that the evidence sets; a paper from elsewhere has no evidence and no caps."""
    if dossier.brief is None:
        return overall, ()
    return cap_overall(overall, Measures(dossier.brief, dossier.draft, dossier.findings))


def _decision(reflected: Reflected) -> Decision:
    return "Accept" if reflected.opinion.decision == "Accept" else "Reject"


def _report_instructions(answers: Sequence[Answer], material: Material) -> tuple[str, ...]:
    """A weakness for each passage that speaks to the reviewer; what a model reports must stand in the paper."""
    reported = confirm_quotations((answer.instructions_found for answer in answers), material.text)
    passages = material.instructions or reported
    return tuple(f"The text speaks to its reviewer, which was reported and not followed: “{p}”" for p in passages)


def _describe_reviewer(name: str, settings: Settings, answered: int, reflected: Reflected) -> str:
    count, rounds = settings.reviewers, reflected.rounds
    parts = [name]
    if count > 1:
        parts.append(f"ensemble of {count}" + (f" ({answered} answered)" if answered < count else ""))
    if rounds:
        parts.append(f"{rounds} reflection{'' if rounds == 1 else 's'}")
    return ", ".join([*parts, reflected.problem] if reflected.problem else parts)


def _singles(answers: Sequence[Answer], scores: dict[str, int], name: str) -> tuple[Review, ...]:
    return tuple(single_review(answer, scores, name) for answer in answers)
