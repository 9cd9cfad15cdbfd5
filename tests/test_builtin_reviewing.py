"""The built-in review: scores in range, bound to the evidence, capped by failed checks, modest about foreign papers."""

from __future__ import annotations

import pytest

from hakase.records import SECTIONS, Draft, Finding, Review
from hakase.scientists.builtin.likeness import TREATS
from hakase.scientists.builtin.reviewing import review_paper
from hakase.scientists.builtin.writing import write_section, write_title
from hakase.seams import Dossier
from tests.brief_samples import BRIEFS, IDEA, NOVELTY, make_brief, make_run

EMPTY = Draft(title="", sections={})
FOREIGN = """A Grand Method
Abstract
We present a state-of-the-art breakthrough in [1] and (Smith et al., 2019).
1 Introduction
It works.
References
[1] Someone. Something. 2020.
"""


def review(name: str, *findings: Finding, **sections: str) -> Review:
    brief = BRIEFS[name]
    texts = {section: write_section(section, brief, EMPTY) for section in SECTIONS} | sections
    draft = Draft(title=write_title(brief), sections=texts)
    return review_paper(Dossier(text="text", pages=5, paper="p.pdf", brief=brief, draft=draft, findings=findings))


@pytest.mark.parametrize("name", BRIEFS)
def test_a_small_ablation_is_rejected_with_reasons(name: str) -> None:
    found = review(name)
    assert 1 <= found.overall <= 5
    assert found.decision == "Reject"
    assert len(found.weaknesses) >= 2
    assert found.strengths
    assert found.questions
    assert found.reviewer


def test_a_shown_effect_of_a_new_idea_reaches_the_border() -> None:
    runs = (make_run(0, 0, 6), make_run(1, -0.05, 6))
    novel = NOVELTY.model_copy(update={"verdict": "novel"})
    brief = make_brief(runs, idea=IDEA.model_copy(update={"references": ()}), novelty=novel)
    assert review_paper(Dossier(text="t", pages=5, paper="p.pdf", brief=brief)).overall == 5


@pytest.mark.parametrize("how", ["reference", "closest"])
def test_a_known_method_is_original_in_its_measurement_only(how: str) -> None:
    treated = {"he2019bag": f"{TREATS}, but not on these data."}
    changes = {"verdict": "novel"} if how == "reference" else {"verdict": "novel", "differences": treated}
    idea = IDEA if how == "reference" else IDEA.model_copy(update={"references": ()})
    brief = make_brief((make_run(0, 0, 6), make_run(1, -0.05, 6)), idea, NOVELTY.model_copy(update=changes))
    found = review_paper(Dossier(text="t", pages=5, paper="p.pdf", brief=brief))
    assert found.originality == 2
    known = "SGDR" if how == "reference" else "Bag of Tricks"
    assert any("The method is known" in weakness and known in weakness for weakness in found.weaknesses)


def test_a_contradicted_hypothesis_costs_nothing() -> None:
    assert review("worse").overall == review("better").overall


def test_a_failed_check_caps_and_is_named() -> None:
    error = Finding(check="citations", where="related_work", message="unknown key made2020up")
    capped = review("better", error)
    assert capped.overall <= 3 < review("better").overall
    assert any("citations" in cap and "related_work" in cap for cap in capped.caps)
    assert any("made2020up" in weakness for weakness in capped.weaknesses)


def test_warnings_lower_the_presentation_only() -> None:
    warnings = [Finding(check="boxes", where="results", message="overfull", severity="warning")] * 3
    assert review("better", *warnings).presentation < review("better").presentation
    assert review("better", *warnings).soundness == review("better").soundness


def test_claims_without_a_verdict_are_capped() -> None:
    loud = review("no_difference", abstract="Cosine decay outperforms the baseline.")
    assert loud.overall <= 3
    assert any("outperforms" in cap for cap in loud.caps)


def test_too_few_seeds_and_no_runs_are_capped() -> None:
    assert review("too_few_seeds").overall <= 3
    assert any("3 seeds" in cap for cap in review("too_few_seeds").caps)
    assert review("none_finished").overall <= 2


def test_strengths_and_weaknesses_carry_numbers() -> None:
    found = review("two_variants")
    assert any("6 seeds" in strength for strength in found.strengths)
    assert any("-5.00%" in strength for strength in found.strengths)
    assert any("2 close works" in weakness for weakness in found.weaknesses)


def test_a_foreign_paper_is_judged_by_its_text_with_little_confidence() -> None:
    found = review_paper(Dossier(text=FOREIGN, pages=1, paper="grand.pdf"))
    assert found.confidence <= 2
    assert found.overall <= 5
    assert any("error bars" in weakness for weakness in found.weaknesses)
    assert any("breakthrough" in weakness for weakness in found.weaknesses)
    assert any("an abstract" in strength for strength in found.strengths)
    assert any("Could not check" in limitation for limitation in found.limitations)


def test_an_empty_pdf_is_reviewed_too() -> None:
    assert review_paper(Dossier(text="", pages=0, paper="empty.pdf")).overall <= 2
