"""What the checks find in a draft, what they let pass, and what is left out when nothing else helps."""

from __future__ import annotations

import pytest

from hakase.paper.checks import check_draft, drop_part
from hakase.records import Draft, Finding
from tests.paper_samples import make_brief, make_draft

BRIEF = make_brief()


def _with(section: str, addition: str, replace: bool = False) -> Draft:
    draft = make_draft()
    text = addition if replace else f"{draft.sections[section]}\n\n{addition}"
    return draft.model_copy(update={"sections": {**draft.sections, section: text}})


def _found(section: str, addition: str) -> list[Finding]:
    return list(check_draft(_with(section, addition), BRIEF))


def test_a_good_draft_passes() -> None:
    assert check_draft(make_draft(), BRIEF) == ()


@pytest.mark.parametrize(
    ("section", "addition", "check", "fix"),
    [
        ("introduction", r"See \cite{srivastava2014droput}.", "citation", "srivastava2014dropout"),
        ("introduction", r"See \citep[p.~3]{kingma2015adam,nobody2020}.", "citation", ""),
        ("method", r"See Figure~\ref{fig:effect}.", "reference", "fig:effects"),
        ("method", r"\includegraphics[width=3in]{losses.png}", "file", ""),
        ("method", r"\input{/etc/passwd}", "file", ""),
        ("method", r"\input{table_result}", "file", "table_results"),
        ("conclusion", r"\input{table_results}", "duplicate_part", ""),
        ("method", r"It takes \RunOneDigitsTestAcuracyMean{} there.", "fact", "RunOneDigitsTestAccuracyMean"),
        ("method", r"An {open brace.", "balance", ""),
        ("method", r"\begin{itemize}\item one", "balance", ""),
        ("method", r"Half a formula $x + 1.", "balance", ""),
        ("method", r"\immediate\write18{ls}", "command", ""),
        ("method", r"\def\x{\x}\x", "command", ""),
        ("method", r"\renewcommand{\Alpha}{0.5}", "command", ""),
        ("method", r"\catcode`\@=11", "command", ""),
        ("method", r"\section{Another}", "command", ""),
        ("method", "A name_with a bare underscore.", "character", r"\_"),
        ("method", "Salt & pepper.", "character", r"\&"),
        ("method", "About 5% of them\nwere lost.", "character", r"\%"),
        ("method", "TODO: say why.", "leftover", ""),
        ("conclusion", "CONCLUSIONS HERE", "leftover", ""),
        ("results", "The accuracy is 0.87 there.", "number", ""),
        ("abstract", "It gains 13 points.", "number", ""),
        ("conclusion", "It gains 1.6\\% in all.", "number", "\\BestDifference"),
        ("results", r"\begin{tabular}{l}run & 77.3\end{tabular}", "number", ""),
        ("results", r"It reaches $y = 0.777$ there.", "number", ""),
        ("results", r"Only \textbf{0.42} remains.", "number", ""),
        ("results", "Our method outperforms the baseline on every data set.", "claim", ""),
        ("conclusion", "The best run improves the accuracy.", "claim", ""),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(section: str, addition: str, check: str, fix: str) -> None:
    findings = [finding for finding in _found(section, addition) if finding.check == check]
    assert findings
    assert findings[0].where == section
    assert fix in findings[0].fix


@pytest.mark.parametrize(
    ("section", "addition"),
    [
        ("results", r"The baseline reaches \RunZeroDigitsTestAccuracyMean{} on digits."),
        ("results", "Its hidden layer has 64 units and a learning rate of 0.05."),
        ("results", r"Intervals are 95\% confidence intervals."),
        ("results", r"The $L_2$ norm, $\sigma^2$, the L2 penalty and the F1 score are names."),
        ("results", r"\begin{table}[tb]\vspace{2em}\includegraphics[width=0.5\linewidth]{effects.png}\end{table}"),
        ("results", r"See Section~\ref{sec:results} and \cite{he2016deep}."),
        ("results", "The variant does not improve the accuracy."),
        ("results", "We hypothesise that dropout improves the accuracy of the baseline."),
        ("results", "Nothing shows that our method outperforms the baseline."),
        ("results", r"Dropout improves the large networks of its authors \cite{srivastava2014dropout}."),
        ("conclusion", "Whether it improves larger networks, this study cannot say."),
        ("method", "It drops 17.5 of 99 units, and 50\\% of the others."),
    ],
)
def test_what_is_right_passes(section: str, addition: str) -> None:
    assert _found(section, addition) == []


def test_a_number_of_a_fact_is_answered_with_its_macro() -> None:
    fact = BRIEF.evidence.fact("RunTwoWineTestAccuracyMean")
    (finding,) = _found("results", f"On wine it is {fact.text}.")
    assert "\\RunTwoWineTestAccuracyMean{}" in finding.fix
    assert fact.text in finding.excerpt
    (rounded,) = _found("results", f"On wine it is {fact.value:.3f}.")
    assert "RunTwoWineTestAccuracyMean" in rounded.fix


def test_a_claim_passes_when_a_comparison_is_better() -> None:
    comparisons = (BRIEF.evidence.comparisons[0].model_copy(update={"verdict": "better"}),)
    evidence = BRIEF.evidence.model_copy(update={"comparisons": comparisons})
    from dataclasses import replace

    draft = _with("results", "Our method outperforms the baseline.")
    assert check_draft(draft, replace(BRIEF, evidence=evidence)) == ()


def _claims(addition: str, **better: object) -> list[Finding]:
    """What the check of claims finds when nothing but one comparison, changed by ``better``, is better."""
    from dataclasses import replace

    one = BRIEF.evidence.comparisons[0].model_copy(update={"verdict": "better", **better})
    evidence = BRIEF.evidence.model_copy(
        update={"comparisons": (*BRIEF.evidence.comparisons, one), "hypothesis": "supported"}
    )
    brief = replace(BRIEF, evidence=evidence)
    return [finding for finding in check_draft(_with("results", addition), brief) if finding.check == "claim"]


OTHER_METRIC = {"primary": False, "dataset": "breast_cancer", "metric": "train_loss"}
ONE_DATASET = {"primary": False, "dataset": "breast_cancer"}
CONTROL = {"control": True, "label": "Dropout 0.1 & noise"}


@pytest.mark.parametrize("better", [OTHER_METRIC, ONE_DATASET, CONTROL])
def test_a_claim_about_all_is_found_when_a_part_is_better(better: dict[str, object]) -> None:
    (finding,) = _claims("Our method outperforms the baseline.", **better)
    assert "name the metric, run or data set" in finding.fix


@pytest.mark.parametrize(
    ("better", "sentence"),
    [
        (OTHER_METRIC, "Our method improves the train loss."),
        (OTHER_METRIC, r"Our method improves it by \CompareOneBreastCancerTrainLossDifference{}."),
        (ONE_DATASET, "Our method outperforms the baseline on breast cancer."),
        (CONTROL, r"The control, dropout 0.1 \& noise, outperforms the baseline."),
        (CONTROL, r"The run \RunOneLabel{} outperforms the baseline."),
    ],
)
def test_a_claim_about_the_part_that_is_better_passes(better: dict[str, object], sentence: str) -> None:
    assert _claims(sentence, **better) == []


def test_empty_and_repeated_text_is_found() -> None:
    empty = check_draft(_with("background", " ", replace=True), BRIEF)
    assert [(f.check, f.where) for f in empty if f.check == "empty"] == [("empty", "background")]
    again = (
        make_draft().sections["limitations"] + " It is short, it is plain, and it says what nobody else would say here."
    )
    twice = check_draft(_with("conclusion", f"{again}\n\n{again}"), BRIEF)
    assert "repetition" in {f.check for f in twice}


def test_a_figure_that_is_not_shown_or_not_referred_to_is_found() -> None:
    draft = make_draft()
    results = draft.sections["results"]
    hidden = _with("results", results.replace(r"\input{figure_effects}", ""), replace=True)
    checks = {(f.check, f.fix) for f in check_draft(hidden, BRIEF)}
    assert any(check == "not_shown" and "figure_effects" in fix for check, fix in checks)
    assert any(check == "reference" and fix == r"add \input{figure_effects}" for check, fix in checks)
    silent = _with("results", results.replace(r"\ref{fig:effects}", "one"), replace=True)
    assert "not_referenced" in {f.check for f in check_draft(silent, BRIEF)}


@pytest.mark.parametrize(
    ("section", "addition", "gone"),
    [
        ("introduction", r"As others \cite{nobody2020,he2016deep} say.", "nobody2020"),
        ("method", r"A figure~\ref{fig:none} nobody drew.", r"\ref{fig:none}"),
        ("results", "The accuracy is 0.87 there.", "0.87"),
        ("method", "\\begin{figure}[tb]\n\nwords\n\n\\includegraphics{none.png}\n\\end{figure}", r"\begin{figure}"),
        ("method", r"An {open brace.", "open brace"),
    ],
)
def test_what_cannot_be_mended_is_left_out_and_named(section: str, addition: str, gone: str) -> None:
    draft = _with(section, addition)
    finding = check_draft(draft, BRIEF)[0]
    shorter, name = drop_part(draft, finding)
    assert section in name
    assert gone not in shorter.sections[section]
    assert check_draft(shorter, BRIEF) == ()
    kept = make_draft().sections[section].split("\n\n")[0]
    assert kept in shorter.sections[section]


def test_a_figure_that_nobody_wrote_about_is_shown_all_the_same() -> None:
    results = "The accuracy is in Table~\\ref{tab:results}, and little else is said here. \\input{table_results}"
    draft = _with("results", results, replace=True)
    for finding in check_draft(draft, BRIEF):
        draft, name = drop_part(draft, finding)
        assert name.startswith("a discussion of figure_")
    assert check_draft(draft, BRIEF) == ()


def test_dropping_again_ends_with_the_section_gone() -> None:
    draft = _with("background", "One paragraph only, with \\foo.", replace=True)
    finding = Finding(check="latex", where="background", message="Undefined control sequence", excerpt="with \\foo.")
    shorter, name = drop_part(draft, finding)
    assert "background" not in shorter.sections
    assert name == "the section background"
    assert drop_part(shorter, finding) == (shorter, "")
