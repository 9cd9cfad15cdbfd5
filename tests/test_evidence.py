"""Evidence of whole studies: facts under their agreed names, rounding, the hypothesis' verdict, remarks, directions."""

from __future__ import annotations

import re

import pytest

from hakase.directions import infer_direction
from hakase.evidence.gathering import gather_evidence
from hakase.evidence.rounding import number_text, p_text
from hakase.latex_text import escape
from hakase.metrics import same_measurements
from hakase.naming import macro_name
from hakase.paper.parts import facts_file
from hakase.records import Attempt, Evidence, Expected, Idea, Measurement, Metric, Result, Run

LOSS = Metric(name="test_loss", direction="lower")
ACCURACY = Metric(name="test_accuracy", direction="higher")
SEEDS = (0.300, 0.310, 0.290, 0.305, 0.295)
DATASETS = ("digits", "breast_cancer", "wine")


def values(factor: float) -> tuple[float, ...]:
    wobble = (0.001, -0.001, 0.002, 0.0, -0.002)
    return tuple(seed * factor + (shift if factor != 1 else 0) for seed, shift in zip(SEEDS, wobble, strict=True))


def measured(seeds: tuple[float, ...]) -> Measurement:
    mean = sum(seeds) / len(seeds)
    spread = (sum((seed - mean) ** 2 for seed in seeds) / (len(seeds) - 1) / len(seeds)) ** 0.5
    return Measurement(mean=mean, stderr=spread, values=seeds)


def make_run(number: int, factor: float = 1.0, label: str = "Cosine decay", **fields: object) -> Run:
    losses = values(factor)
    metrics = {"test_loss": measured(losses), "test_accuracy": measured(tuple(1 - loss for loss in losses))}
    result = Result(datasets=dict.fromkeys(DATASETS, metrics))
    attempts = (Attempt(run=number, number=1, status="ok"),)
    settings: dict[str, object] = {"result": result, "attempts": attempts, "seconds": 12.34, **fields}
    return Run.model_validate({"number": number, "label": label, **settings})


def gather(*runs: Run, expected: Expected = "better") -> Evidence:
    idea = Idea(name="cosine", title="Cosine", experiment="Try it.", expected_direction=expected)
    return gather_evidence(idea, runs, (LOSS, ACCURACY), LOSS)


def text(evidence: Evidence, *parts: str | int) -> str:
    return evidence.fact(macro_name(*parts)).text


def test_facts_have_the_agreed_names_and_rounding() -> None:
    evidence = gather(make_run(0), make_run(1, 0.9, "Cosine & 5% warm-up"))
    assert text(evidence, "run", 0, "digits", "test_loss", "mean") == "0.3000"
    assert text(evidence, "run", 0, "digits", "test_loss", "stderr") == "0.0035"
    assert text(evidence, "run", 0, "digits", "test_loss", "n") == "5"
    assert text(evidence, "run", 0, "label") == "Baseline"
    assert text(evidence, "run", 1, "label") == r"Cosine \& 5\% warm-up"
    assert text(evidence, "run", 1, "seconds") == "12.3"
    pooled = ("compare", 1, "pooled", "test_loss")
    assert text(evidence, *pooled, "difference") == r"$-$10.00\%"
    assert text(evidence, *pooled, "low").startswith("$-$10.")
    assert text(evidence, *pooled, "padjusted") == "$<$0.001"
    assert text(evidence, *pooled, "n") == "15"
    assert text(evidence, *pooled, "verdict") == "better"
    single = ("compare", 1, "breast_cancer", "test_accuracy")
    assert text(evidence, *single, "difference").startswith("+0.0")
    assert text(evidence, *single, "p") == "0.031"
    assert text(evidence, *single, "verdict") == "too few seeds"
    assert text(evidence, "best", "run") == "1"
    assert text(evidence, "best", "difference") == r"$-$10.00\%"
    assert text(evidence, "datasets", "count") == "3"
    assert text(evidence, "seeds", "count") == "5"
    assert text(evidence, "comparisons", "count") == "7"
    assert text(evidence, "alpha") == "0.05"
    assert text(evidence, "hypothesis", "verdict") == "supported"


def test_facts_are_numbered_sourced_and_unique() -> None:
    evidence = gather(make_run(0), make_run(1, 0.9), make_run(2, 1.1))
    assert [fact.number for fact in evidence.facts] == list(range(1, len(evidence.facts) + 1))
    assert len({fact.macro for fact in evidence.facts}) == len(evidence.facts)
    mean = evidence.fact("RunTwoWineTestLossMean")
    assert mean.source == "run_2/final_info.json: wine/test_loss"
    assert mean.value == pytest.approx(0.33)
    with pytest.raises(KeyError):
        evidence.fact("RunNineWineTestLossMean")


def test_what_n_counts_is_said_by_the_comparison() -> None:
    run = make_run(1, 0.9)
    fewer = {name: measured(values(0.9)[:4]) for name in ("test_loss", "test_accuracy")}
    unpaired = run.model_copy(update={"result": Result(datasets=dict.fromkeys(DATASETS, fewer))})
    parts = ("compare", 1, "pooled", "test_loss", "n")
    assert gather(make_run(0), run).fact(macro_name(*parts)).meaning.startswith("seed pairs of")
    assert "do not pair" in gather(make_run(0), unpaired).fact(macro_name(*parts)).meaning


def test_macros_are_lines_of_latex() -> None:
    evidence = gather(make_run(0), make_run(1, 0.9))
    _, *lines = facts_file(evidence.facts).splitlines()
    assert len(lines) == len(evidence.facts)
    assert all(re.match(r"\\newcommand\{\\[A-Za-z]+\}\{.+\}% \d+: .+ <- ", line) for line in lines)


@pytest.mark.parametrize(
    ("expected", "factors", "verdict"),
    [
        ("better", (0.9,), "supported"),
        ("better", (1.1,), "contradicted"),
        ("better", (1.1, 0.9), "supported"),
        ("better", (1.0,), "undecided"),
        ("worse", (1.1,), "supported"),
        ("worse", (0.9,), "contradicted"),
        ("same", (1.0,), "supported"),
        ("same", (1.0, 1.1), "contradicted"),
    ],
)
def test_hypothesis(expected: Expected, factors: tuple[float, ...], verdict: str) -> None:
    runs = [make_run(number, factor) for number, factor in enumerate(factors, start=1)]
    evidence = gather(make_run(0), *runs, expected=expected)
    assert evidence.hypothesis == verdict
    assert evidence.hypothesis_reason.count("Run ") == len(factors)
    assert "%" in evidence.hypothesis_reason


def test_counts_keep_failed_runs_and_attempts() -> None:
    failed = (Attempt(run=2, number=1, status="failed"), Attempt(run=2, number=2, status="timed_out"))
    broken = Run(number=2, label="Dropout", status="failed", attempts=failed)
    evidence = gather(make_run(0), make_run(1, 0.9), broken)
    assert (evidence.runs_planned, evidence.runs_finished) == (2, 1)
    assert (evidence.attempts, evidence.attempts_failed) == (3, 2)
    assert evidence.best_run == 1


def test_no_finished_run_is_evidence_too() -> None:
    evidence = gather(make_run(0), Run(number=1, label="Dropout", status="failed"))
    assert evidence.best_run is None
    assert evidence.hypothesis == "undecided"
    assert text(evidence, "runs", "finished") == "0"
    assert text(evidence, "run", 0, "digits", "test_loss", "mean") == "0.3000"


def test_the_best_run_need_not_be_better() -> None:
    evidence = gather(make_run(0), make_run(1, 1.2), make_run(2, 1.1))
    assert evidence.best_run == 2
    assert text(evidence, "best", "verdict") == "worse"


def test_remarks_flag_identical_runs_and_a_found_baseline() -> None:
    evidence = gather(make_run(0, provenance="found"), make_run(1, 0.9), make_run(2, 0.9))
    assert "run 1 and run 2 have identical metrics" in evidence.remarks
    assert any("came with the template" in remark for remark in evidence.remarks)


def only(metric: str, mean: float, **others: float) -> Result:
    means = {metric: mean, **others}
    return Result(datasets={"d": {name: Measurement(mean=value) for name, value in means.items()}})


def test_results_are_the_same_when_all_but_costs_agree() -> None:
    one, other = only("accuracy", 0.5, train_time=1.0), only("accuracy", 0.5, train_time=2.0)
    assert same_measurements(one, other)
    assert not same_measurements(one, other, "train_time")


@pytest.mark.parametrize(
    "metric", ["sentiment_accuracy", "estimated_error", "timestep_loss", "secondary_score", "ms_ssim"]
)
def test_a_name_that_only_contains_a_cost_is_compared(metric: str) -> None:
    assert not same_measurements(only(metric, 0.5, loss=1), only(metric, 0.6, loss=1))


@pytest.mark.parametrize(
    "metric", ["trainTime", "inference_ms", "samples_per_sec", "peak_memory_mb", "gflops", "epochs"]
)
def test_a_cost_is_not_compared_and_alone_it_shows_nothing(metric: str) -> None:
    assert same_measurements(only(metric, 0.5, loss=1), only(metric, 0.6, loss=1))
    assert not same_measurements(only(metric, 0.5), only(metric, 0.5))


def test_a_run_that_lacks_a_data_set_shows_nothing() -> None:
    full = make_run(1, 0.5)
    assert full.result is not None
    partial = Result(datasets={name: full.result.datasets[name] for name in DATASETS[:2]})
    evidence = gather(make_run(0), full.model_copy(update={"result": partial}))
    (pooled,) = [comparison for comparison in evidence.comparisons if comparison.primary]
    assert pooled.verdict == "too_few_seeds"
    assert "no result on wine" in pooled.remark


def test_a_run_that_lacks_a_data_set_is_not_the_best_while_a_whole_one_is_there() -> None:
    full = make_run(1, 0.5)
    assert full.result is not None
    partial = full.model_copy(update={"result": Result(datasets={"digits": full.result.datasets["digits"]})})
    assert gather(make_run(0), partial, make_run(2, 1.1)).best_run == 2
    assert gather(make_run(0), partial).best_run == 1


def test_a_run_without_the_primary_metric_is_said_not_compared() -> None:
    run = make_run(1).model_copy(update={"result": Result(datasets={"digits": {"other": Measurement(mean=1)}})})
    evidence = gather(make_run(0), run)
    assert evidence.comparisons == ()
    assert "run 1: not compared, as it or the baseline lacks test_loss" in evidence.remarks


def test_one_data_set_has_one_verdict() -> None:
    runs = [make_run(0), make_run(1, 0.9)]
    only = [
        run.model_copy(update={"result": Result(datasets={"digits": run.result.datasets["digits"]})})
        for run in runs
        if run.result
    ]
    evidence = gather(*only)
    pooled, single = [c for c in evidence.comparisons if c.metric == "test_loss"]
    assert (pooled.primary, single.primary, single.dataset) == (True, False, "digits")
    assert pooled.verdict == single.verdict == "better"
    assert single.low == pytest.approx((pooled.low or 0) * pooled.baseline)


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("val_loss", "lower"), ("testAccuracy", "higher"), ("tokens_per_second", "higher"), ("train_seconds", "lower"),
        ("kl_divergence", "lower"), ("final_val_acc", "higher"), ("R2", "higher"), ("bits_per_byte", "lower"),
        ("step_val_acc_99", None), ("fid_score", None), ("infected_peak", None), ("negative_log_likelihood", "lower"),
    ],
)  # fmt: skip
def test_direction_from_a_name(name: str, direction: str | None) -> None:
    assert infer_direction(name) == direction


@pytest.mark.parametrize(
    ("number", "decimals", "shown"),
    [
        (123456.0, -1, "123460"), (-0.0004, 3, "0.000"), (0.25, 2, "0.25"), (3.2e9, -8, r"$3.2\times10^{9}$"),
        (-2.5e-6, 7, r"$-2.5\times10^{-6}$"), (12, 0, "12"),
    ],
)  # fmt: skip
def test_numbers_as_printed(number: float, decimals: int, shown: str) -> None:
    assert number_text(number, decimals) == shown


def test_p_never_rounds_onto_the_level() -> None:
    assert [p_text(p) for p in (0.0499, 0.125, 0.0005, 1.0)] == ["0.0499", "0.125", "$<$0.001", "1.000"]


def test_latex_text() -> None:
    assert escape("a_b & 5% {x} $y$ #1 ^~\\") == (
        r"a\_b \& 5\% \{x\} \$y\$ \#1 {\textasciicircum}{\textasciitilde}{\textbackslash}"
    )
    assert escape("Größe α ≤ 1\n--x") == r"Gr{\"o}{\ss}e \ensuremath{\alpha} \ensuremath{\leq} 1 -{}-x"
    assert escape("精度 \x07").isascii()
