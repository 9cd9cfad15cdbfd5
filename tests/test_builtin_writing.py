"""The built-in scientist's writing: correct, bound to the evidence, and LaTeX that can be typeset."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hakase.catalogue import Intervention, Parameter
from hakase.paper.checks import check_draft
from hakase.records import SECTIONS, Draft, Figure, Finding, Novelty, Review
from hakase.scientists.builtin.reviewing import review_paper
from hakase.scientists.builtin.writing import (
    describe_run,
    repair_section,
    revise_paper,
    setting,
    write_section,
    write_title,
)
from hakase.seams import Dossier, ExperimentView, PaperBrief
from tests.brief_samples import BRIEFS, IDEA, fail, make_brief, make_run

DIGIT_FREE = ("abstract", "results", "conclusion")
CLAIMS = re.compile(r"(?i)\b(improves?|improved|outperforms?|superior|significant(ly)?|state[- ]of[- ]the[- ]art)\b")
PLACEHOLDER = re.compile(r"TODO|TBD|XXX|HERE\b|\?\?|<<|>>|<%|%>|\bNone\b|\bnan\b|\{\{|Undefined")
EMPTY = Draft(title="", sections={})


def write_draft(brief: PaperBrief) -> Draft:
    return Draft(title=write_title(brief), sections={name: write_section(name, brief, EMPTY) for name in SECTIONS})


def review(brief: PaperBrief, draft: Draft) -> Review:
    return review_paper(Dossier(text="text", pages=5, paper="p.pdf", brief=brief, draft=draft))


def expand(text: str, brief: PaperBrief) -> str:
    """``text`` as it reads, with macros replaced by their facts."""
    facts = {fact.macro: fact.text for fact in brief.evidence.facts}
    return re.sub(r"\\([A-Z][A-Za-z]+)\{\}", lambda match: facts[match[1]], text)


def without_commands(text: str) -> str:
    """``text`` without macros, references, citations and inputs."""
    text = re.sub(r"\\(cite|ref|input|label)\{[^}]*\}", "", text)
    return re.sub(r"\\[A-Z][A-Za-z]+\{\}", "", text)


def assert_sound(draft: Draft, brief: PaperBrief) -> None:
    """What holds of every draft: balanced, complete, no unknown key, no typed number, no broken sentence."""
    assert check_draft(draft, brief) == ()
    whole = "\n".join(draft.sections[name] for name in SECTIONS)
    known = {fact.macro for fact in brief.evidence.facts}
    assert set(re.findall(r"\\([A-Z][A-Za-z]+)\{\}", whole)) <= known
    for name in SECTIONS:
        text = draft.sections[name]
        assert text.strip(), name
        assert text.count("{") == text.count("}"), name
        assert sorted(re.findall(r"\\begin\{(\w+)\}", text)) == sorted(re.findall(r"\\end\{(\w+)\}", text))
        assert text.count("$") % 2 == 0
        assert not PLACEHOLDER.search(text), PLACEHOLDER.search(text)
        assert "..." not in text
        assert not re.search(r" [,;.](\s|$)|\.\.|,,|\( | \)|[a-z] {2,}[a-z]", text), name
        for sentence in re.split(r"(?<=[.!?])\s+", text):
            assert not re.search(r"\bthe the\b|\ba a\b|\bis is\b", sentence)
    for keys in re.findall(r"\\cite\{([^}]*)\}", whole):
        assert set(keys.split(",")) <= set(brief.works)
    for name in DIGIT_FREE:
        assert not re.search(r"\d", without_commands(draft.sections[name])), name
    inputs = re.findall(r"\\input\{([^}]*)\}", whole)
    assert len(inputs) == len(set(inputs))


@pytest.mark.parametrize("name", BRIEFS)
def test_every_outcome_gives_a_sound_draft(name: str) -> None:
    assert_sound(write_draft(BRIEFS[name]), BRIEFS[name])


@pytest.mark.parametrize("name", BRIEFS)
def test_every_figure_and_table_is_referenced_and_placed(name: str) -> None:
    brief = BRIEFS[name]
    whole = "\n".join(write_draft(brief).sections.values())
    inputs = set(re.findall(r"\\input\{([^}]*)\.tex\}", whole))
    references = set(re.findall(r"\\ref\{([^}]*)\}", whole))
    expected = {"table_results", "table_settings"} | {f"figure_{f.file.removesuffix('.png')}" for f in brief.figures}
    expected |= {"table_comparisons"} if brief.evidence.comparisons else set()
    assert inputs == expected  # the samples' runs have no diff, so that there is no listing
    assert {part.replace("table_", "tab:").replace("figure_", "fig:") for part in inputs} == references


def test_the_listing_is_shown_when_code_was_changed() -> None:
    changed = make_run(1, -0.05).model_copy(update={"diff": "--- a\n+++ b\n-x = 1\n+x = 2\n"})
    method = write_section("method", make_brief((make_run(0, 0), changed)), EMPTY)
    assert "\\input{listing_change.tex}" in method
    assert "Listing~\\ref{lst:change}" in method


@pytest.mark.parametrize("name", BRIEFS)
def test_the_verdict_is_the_evidence_s(name: str) -> None:
    brief = BRIEFS[name]
    sections = write_draft(brief).sections
    for part in ("abstract", "results", "conclusion"):
        assert f"{brief.evidence.hypothesis}" in sections[part] or name == "none_finished", part
        others = {"supported", "contradicted", "undecided"} - {brief.evidence.hypothesis}
        assert not any(re.search(rf"hypothesis (is|remains|stays) {word}", sections[part]) for word in others)


@pytest.mark.parametrize("name", ["no_difference", "too_few_seeds", "worse", "none_finished"])
def test_nothing_is_claimed_that_is_not_shown(name: str) -> None:
    draft = write_draft(BRIEFS[name])
    for part in ("abstract", "results", "conclusion", "introduction"):
        assert not CLAIMS.search(draft.sections[part]), part
        assert "change for the better" not in draft.sections[part]
    assert draft.title.endswith("?") or "?" in draft.title or "Without a Finished Run" in draft.title


@pytest.mark.parametrize("name", BRIEFS)
def test_the_abstract_is_of_an_abstract_s_length_and_says_who_wrote_it(name: str) -> None:
    text = expand(write_section("abstract", BRIEFS[name], EMPTY), BRIEFS[name])
    assert 100 <= len(text.split()) <= 190
    assert "no language model" in text
    assert "\\paragraph" not in text


@pytest.mark.parametrize("name", BRIEFS)
def test_no_sentence_is_repeated(name: str) -> None:
    whole = "\n".join(write_draft(BRIEFS[name]).sections.values())
    sentences = [" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+|\n\s*\n|\\item", whole)]
    long = [s for s in sentences if len(s.split()) > 9 and "given up" not in s]
    assert len(long) == len(set(long)), [s for s in long if long.count(s) > 1]


def test_singular_and_plural_follow_the_counts() -> None:
    one = expand(write_section("abstract", BRIEFS["better"], EMPTY), BRIEFS["better"])
    assert "One variant is compared" in one
    assert "1 attempt, which succeeded" in one
    assert "The variant \\emph{Cosine to 0.1} changes" in one
    two = expand(write_section("abstract", BRIEFS["two_variants"], EMPTY), BRIEFS["two_variants"])
    assert "Two variants are compared" in two
    assert "The best variant, \\emph{Cosine to 0.1}, changes" in two
    assert "single data set (digits)" in write_section("limitations", BRIEFS["one_dataset"], EMPTY)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cosine Decay of the Learning Rate", "Does Cosine Decay of the Learning Rate Lower the Test Loss?"),
        ("Larger Batches", "Do Larger Batches Lower the Test Loss?"),
        ("Use a smaller batch", "Does Using a Smaller Batch Lower the Test Loss?"),
        ("Cooling Down: A Cosine Schedule for Few Examples", "Does a Cosine Schedule for Few Examples Lower"),
        ("How Much Noise on the Inputs Helps a Small Network?", "How Much Noise on the Inputs Helps a Small Network?"),
        ("GELU instead of ReLU", "Does GELU Instead of ReLU Lower the Test Loss?"),
        ("Weight decay & dropout", "Do Weight Decay \\& Dropout Lower the Test Loss?"),
    ],
)
def test_titles_ask_and_do_not_boast(title: str, expected: str) -> None:
    idea = IDEA.model_copy(update={"title": title})
    written = write_title(make_brief((make_run(0, 0), make_run(1, -0.05)), idea=idea))
    assert expected in written
    assert len(written) < 150


def test_the_catalogue_gives_subject_mechanism_and_what_is_left_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Intervention(
        name="cosine_decay",
        title="Cosine decay of the learning rate",
        hypothesis="Small steps at the end settle better.",
        mechanism="The rate falls from its start to a floor. It follows half a cosine over the epochs.",
        short="cosine",
        parameter=Parameter(meaning="the floor of the rate", default=0.1, levels=(0.1, 0.5)),
    )
    monkeypatch.setattr(setting, "get_intervention", {"cosine_decay": known}.get)
    idea = IDEA.model_copy(update={"title": "Cool it: colder, slower", "intervention": "cosine_decay"})
    brief = make_brief((make_run(0, 0), make_run(1, -0.05)), idea=idea)
    draft = write_draft(brief)
    assert_sound(draft, brief)
    assert "Cosine Decay of the Learning Rate" in draft.title
    assert "half a cosine over the epochs" in draft.sections["background"]
    assert "catalogue of known interventions" in draft.sections["introduction"]
    assert "the values of the floor of the rate that this study did not come to" in draft.sections["conclusion"]


def test_a_failed_run_is_told_and_its_place_in_the_plan_kept() -> None:
    sections = write_draft(BRIEFS["one_failed"]).sections
    assert "given up after two tries: the time limit was reached" in sections["results"]
    assert "to carry out the run that did not finish" in sections["conclusion"]
    assert "one planned run has no result" in sections["limitations"]


def test_the_plan_is_told_in_the_order_of_the_runs() -> None:
    method = write_section("method", BRIEFS["two_variants"], EMPTY)
    assert method.index("See what a floor") < method.index("After run one lowered")


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(ValueError, match="acknowledgements"):
        write_section("acknowledgements", BRIEFS["better"], EMPTY)


# --------------------------------------------------------------------------------------------------------- repair


def find(section: str, excerpt: str, check: str = "number") -> Finding:
    return Finding(check=check, where=section, message="wrong", excerpt=excerpt)


def test_an_unknown_citation_goes_and_its_sentence_stays() -> None:
    text = "Seeds matter~\\cite{bouthillier2021accounting,made2020up}. Rates matter~\\cite{made2020up}. Done."
    mended = repair_section("related_work", text, [find("related_work", "made2020up", "citations")], BRIEFS["better"])
    assert mended.strip() == "Seeds matter~\\cite{bouthillier2021accounting}. Rates matter. Done."


def test_a_typed_number_becomes_the_fact_with_that_text() -> None:
    brief = BRIEFS["better"]
    loss = brief.evidence.fact("RunOneDigitsTestLossMean").text
    mended = repair_section("results", f"The loss is {loss} here. Good.", [find("results", loss)], brief)
    assert mended.strip() == "The loss is \\RunOneDigitsTestLossMean{} here. Good."


def test_a_number_of_no_fact_takes_its_sentence_along() -> None:
    text = "\\begin{itemize}\n\\item It wins by 17.3 points. It is plain.\n\\item Only 99.9 here.\n\\end{itemize}\n"
    findings = [find("results", "17.3"), find("results", "99.9")]
    mended = repair_section("results", text, findings, BRIEFS["better"])
    assert "17.3" not in mended
    assert "99.9" not in mended
    assert "It is plain." in mended
    assert mended.count("\\item") == 1


def test_findings_about_other_sections_change_nothing() -> None:
    text = "It wins by 17.3 points.\n"
    assert repair_section("results", text, [find("abstract", "17.3")], BRIEFS["better"]) == text


@pytest.mark.parametrize(
    "breakage",
    [
        ("abstract", "It gains 17.3 points over all others. "),
        ("results", "It cites~\\cite{made2020up} and refers to \\ref{tab:nothing} here. "),
        ("results", "A macro \\RunNineDigitsTestLossMean{} of no fact. "),
        ("conclusion", "An under_score and 100% of it # here. "),
        ("method", "\\input{table_of_dreams}"),
        ("limitations", "TODO write this. "),
        ("background", "An open brace { here. "),
    ],
)
def test_what_the_checks_find_is_gone_after_repair(breakage: tuple[str, str]) -> None:
    brief = BRIEFS["two_variants"]
    section, addition = breakage
    draft = write_draft(brief)
    assert check_draft(draft, brief) == ()
    broken = draft.model_copy(update={"sections": {**draft.sections, section: addition + draft.sections[section]}})
    findings = check_draft(broken, brief)
    assert findings
    mended = dict(broken.sections)
    for _ in range(3):
        found = [f for f in check_draft(Draft(title="T", sections=mended), brief) if f.where == section]
        mended[section] = repair_section(section, mended[section], found, brief)
    assert check_draft(draft.model_copy(update={"sections": mended}), brief) == ()
    assert len(mended[section]) > 0.8 * len(draft.sections[section])


# ------------------------------------------------------------------------------------------------------- revision


@pytest.mark.parametrize("name", ["better", "two_variants", "worse", "no_difference", "one_failed"])
def test_a_revision_adds_what_the_review_misses(name: str) -> None:
    brief = BRIEFS[name]
    draft = write_draft(brief)
    first = review(brief, draft)
    revised = revise_paper(draft, first, brief)
    assert_sound(revised, brief)
    assert "\\input{table_secondary.tex}" in revised.sections["results"]
    assert len(revised.sections["limitations"]) > len(draft.sections["limitations"])
    assert len(review(brief, revised).weaknesses) < len(first.weaknesses)
    assert "review" not in " ".join(revised.sections.values()).lower().replace("revis", "")


def test_a_revision_takes_back_what_is_claimed_too_much() -> None:
    brief = BRIEFS["no_difference"]
    draft = write_draft(brief)
    loud = draft.model_copy(
        update={
            "title": "Cosine Decay Significantly Improves Small Networks",
            "sections": {**draft.sections, "abstract": "Cosine decay outperforms the baseline."},
        }
    )
    revised = revise_paper(loud, review(brief, loud), brief)
    assert not CLAIMS.search(revised.title)
    assert not CLAIMS.search(revised.sections["abstract"])


def test_a_revision_without_results_invents_none() -> None:
    brief = BRIEFS["none_finished"]
    draft = write_draft(brief)
    revised = revise_paper(draft, review(brief, draft), brief)
    assert_sound(revised, brief)
    assert "table_secondary" not in revised.sections["results"]


# ---------------------------------------------------------------------------------------------------------- notes


def test_notes_tell_purpose_change_effect_and_verdict() -> None:
    brief = BRIEFS["two_variants"]
    view = ExperimentView(brief.area, brief.idea, brief.runs, {}, brief.evidence.comparisons, 1, 600.0)
    text = describe_run(brief.runs[2], view)
    assert "After run one lowered the test loss" in text
    assert "Test loss pooled over the data sets: +2%" in text
    assert "worse" in text
    assert "\\" not in text


def test_only_the_harness_picture_of_effects_is_told_as_one() -> None:
    other = Figure(file="effective_rank.png", title="Effective rank of the weights")
    brief = replace(BRIEFS["better"], figures=(other, Figure(file="effects.png")))
    text = write_section("results", brief, EMPTY)
    assert "Figure~\\ref{fig:effective_rank} adds a further view (effective rank of the weights)." in text
    assert text.count("with their intervals") == 1


def test_a_change_that_an_interval_alone_shows_is_not_told_as_shown() -> None:
    runs = (make_run(0, 0), make_run(1, -0.05), make_run(2, -0.04), make_run(3, -0.0001, noise=20.0))
    brief = make_brief(runs)
    comparisons = tuple(
        c.model_copy(update={"verdict": "no_difference"}) if c.run == 2 and c.primary else c
        for c in brief.evidence.comparisons
    )
    evidence = brief.evidence.model_copy(update={"comparisons": comparisons})
    text = write_section("results", replace(brief, evidence=evidence), EMPTY)
    assert "The corrected test does not confirm this for \\emph{\\RunTwoLabel{}}." in text


def test_a_difference_that_the_test_alone_shows_is_not_called_chance() -> None:
    brief = BRIEFS["better"]
    update = {"verdict": "no_difference", "low": -0.4, "high": 0.003, "p_better_adjusted": 0.037}
    comparisons = tuple(c.model_copy(update=update) if c.primary else c for c in brief.evidence.comparisons)
    brief = replace(brief, evidence=brief.evidence.model_copy(update={"comparisons": comparisons}))
    texts = {section: write_section(section, brief, EMPTY) for section in DIGIT_FREE}
    assert all("the interval contains zero" in text.lower() for text in texts.values())
    assert not any("from chance" in text or "small gain" in text for text in texts.values())
    assert "from chance" in write_section("conclusion", BRIEFS["no_difference"], EMPTY)


@pytest.mark.parametrize("seeds", [5, 6])
def test_the_same_seeds_are_claimed_for_paired_comparisons_only(seeds: int) -> None:
    brief = make_brief((make_run(0, 0, 5), make_run(1, -0.05, seeds)))
    text = "\n".join(write_section(section, brief, EMPTY) for section in SECTIONS)
    said = ("on the same \\SeedsCount{}", "the same ones for the baseline", "seeds are the same for all runs")
    assert [words in text for words in said] == [seeds == 5] * 3


def test_runs_of_another_environment_are_told() -> None:
    remark = "run 2 ran elsewhere than registered (numpy 2.5_1 instead of 2.4.1)"
    environment = {"Python": "3.11.7", "cores": "2", "remark": remark}
    brief = replace(BRIEFS["two_variants"], environment=environment)
    texts = {section: write_section(section, brief, EMPTY) for section in SECTIONS}
    for section in ("experimental_setup", "limitations"):
        assert "Run 2 ran elsewhere than registered (numpy 2.5\\_1 instead of 2.4.1)." in texts[section]
    assert "The runs used Python 3.11.7. Cores: 2." in texts["experimental_setup"]
    assert "same environment" not in texts["background"]
    assert "same environment" in write_section("background", BRIEFS["two_variants"], EMPTY)
    assert "one environment" not in write_section("limitations", BRIEFS["two_variants"], EMPTY)


def test_what_was_noted_in_reading_the_results_is_told_once_for_all_runs() -> None:
    noted = "standard error recomputed from the values of each seed: digits/test_loss"
    runs = [make_run(0, 0), make_run(1, -0.05)]
    runs = [
        run.model_copy(update={"result": run.result.model_copy(update={"remarks": (noted,)})})
        for run in runs
        if run.result
    ]
    brief = make_brief(tuple(runs))
    text = write_section("experimental_setup", brief, EMPTY)
    assert text.count("digits/test\\_loss") == 1
    assert "Baseline and run 1: standard error recomputed" in text
    assert "Remarks on the records" not in write_section("experimental_setup", BRIEFS["better"], EMPTY)
    assert check_draft(write_draft(brief), brief) == ()
    view = ExperimentView(brief.area, IDEA, brief.runs, {}, (), 0, 60.0)
    assert "Standard error recomputed" in describe_run(brief.runs[0], view)


def test_a_known_method_is_called_known_in_the_paper() -> None:
    reason = 'a known method ("Averaging Weights" (2018)): new is only its measurement on this template'
    novelty = Novelty(verdict="novel", reason=reason, queries=("q",), sources=("local",))
    idea = IDEA.model_copy(update={"intervention": "cosine_decay"})
    brief = make_brief((make_run(0, 0), make_run(1, -0.05)), idea, novelty)
    related = write_section("related_work", brief, EMPTY)
    assert "a known method ({\\textquotedblleft}Averaging Weights{\\textquotedblright} (2018))" in related
    assert "New is only its measurement" in write_section("limitations", brief, EMPTY)


@pytest.mark.parametrize("name", BRIEFS)
def test_in_a_language_model_s_study_the_rules_do_not_say_that_there_was_none(name: str) -> None:
    brief = replace(BRIEFS[name], scientist="language model openai:gpt-4o_mini")
    draft = write_draft(brief)
    assert_sound(draft, brief)
    whole = "\n".join(draft.sections.values())
    assert "no language model" not in whole
    assert "follows written rules" not in whole
    assert "language model openai:gpt-4o\\_mini" in draft.sections["introduction"]
    assert "a language model makes the choices" in draft.sections["abstract"]


def test_a_refused_package_is_a_reason_with_words() -> None:
    brief = make_brief((make_run(0, 0), fail(1, "package_refused")))
    assert "a package that the change needs was not installed" in write_section("results", brief, EMPTY)
