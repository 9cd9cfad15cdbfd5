"""Sample briefs for tests of writing and reviewing: small studies of every outcome."""

from __future__ import annotations

from statistics import mean, stdev

from hakase.evidence.gathering import gather_evidence
from hakase.records import (
    Attempt,
    Change,
    Figure,
    Idea,
    Measurement,
    Metric,
    Novelty,
    Result,
    Run,
    Work,
)
from hakase.seams import Area, Constant, PaperBrief

METRICS = (
    Metric(name="test_loss", direction="lower"),
    Metric(name="test_accuracy", direction="higher"),
    Metric(name="val_loss", direction="lower"),
)
SUMMARIES = {
    "loshchilov2017sgdr": ("SGDR: Gradient Descent with Warm Restarts", "Introduces cosine annealing with restarts."),
    "he2019bag": ("Bag of Tricks for Image Classification", "Bag of tricks: studies refinements that add up."),
    "smith2017cyclical": ("Cyclical Learning Rates for Training Neural Networks", ""),
    "holm1979simple": ("A Simple Sequentially Rejective Multiple Test Procedure", "Gives a step-down correction."),
    "bouthillier2021accounting": ("Accounting for Variance in Benchmarks", "Measures sources of variance."),
    "kapoor2023leakage": ("Leakage and the reproducibility crisis", "Collects 17 fields with leakage."),
}  # fmt: skip
WORKS = {
    key: Work(key=key, title=title, authors=("Ada Example", "Bo Sample"), year=2017, summary=summary)
    for key, (title, summary) in SUMMARIES.items()
}
IDEA = Idea(
    name="cosine_decay",
    title="Cosine Decay of the Learning Rate",
    experiment="Let the learning rate fall to zero along half a cosine.",
    hypothesis="A learning rate that falls along a cosine lowers the test loss by at least 1%.",
    primary_metric="test_loss",
    expected_direction="better",
    references=("loshchilov2017sgdr",),
    origin="built-in",
)
NOVELTY = Novelty(
    verdict="undecided",
    reason="the closest work covers the schedule but not these data",
    queries=("cosine learning rate decay", "learning rate schedule small network"),
    sources=("local",),
    closest=(WORKS["he2019bag"], WORKS["smith2017cyclical"]),
    differences={"he2019bag": "It uses images of natural scenes, not small tables"},
)
FIGURES = (
    Figure(file="validation_loss.png", title="Validation loss"),
    Figure(file="test_loss.png", title="Test loss"),
    Figure(file="effects.png", title="Effects with intervals", description="Pooled effects with their intervals."),
    Figure(file="weights.png", title="Norm of the weights"),
)
BASE = {"digits": 0.30, "breast_cancer": 0.11, "wine": 0.06}
WIGGLE = (0.000, 0.004, -0.003, 0.002, -0.001, 0.003)
JITTER = (0.0011, -0.0007, 0.0004, -0.0012, 0.0009, -0.0005)
"""Of the difference, by seed: paired noise smaller than that of the seeds themselves."""


def make_run(
    number: int, shift: float, seeds: int = 5, datasets: tuple[str, ...] = tuple(BASE), noise: float = 1.0
) -> Run:
    """A finished run whose test loss is the baseline's times ``1 + shift``, with noise that pairs by seed."""
    result = Result(
        datasets={name: _measure(name, shift if number else 0.0, seeds, number, noise) for name in datasets}
    )
    label = "Baseline" if number == 0 else f"Cosine to {number / 10:g}"
    change = Change(
        intervention="cosine_decay",
        settings={"floor": str(number / 10)},
        summary=f"Decay to {number / 10:g} of the rate",
    )
    attempts = (Attempt(run=number, number=1, status="ok", exit_code=0, seconds=12.0),)
    purpose = (
        ""
        if number == 0
        else f"See what a floor of {number / 10:g} does"
        if number == 1
        else "After run one lowered the test loss, go further"
    )
    changes = (change,) if number else ()
    return Run(
        number=number,
        label=label,
        purpose=purpose,
        result=result,
        attempts=attempts,
        changes=changes,
        seconds=12.5,
    )


def _measure(dataset: str, shift: float, seeds: int, number: int, noise: float) -> dict[str, Measurement]:
    loss = [BASE[dataset] * (1 + w) for w in WIGGLE[:seeds]]
    if number:
        turned = JITTER[number:] + JITTER[:number]
        loss = [v * (1 + shift + noise * j) for v, j in zip(loss, turned, strict=False)]
    return {
        "test_loss": measure(loss),
        "test_accuracy": measure([1 - v / 3 for v in loss]),
        "val_loss": measure([v * 1.1 for v in loss]),
    }


def measure(values: list[float]) -> Measurement:
    """Mean, standard error and values."""
    stderr = stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Measurement(mean=mean(values), stderr=stderr, values=tuple(values))


def fail(number: int, status: str = "timed_out") -> Run:
    """A run that was given up after two attempts."""
    attempts = tuple(
        Attempt(run=number, number=n, status=status, problem="it took more than 600 s", seconds=600.0)  # type: ignore[arg-type]
        for n in (1, 2)
    )
    return Run(
        number=number,
        label=f"Cosine to {number / 10:g}",
        purpose="Go to the end",
        status="failed",
        attempts=attempts,
    )


def make_brief(runs: tuple[Run, ...], idea: Idea = IDEA, novelty: Novelty = NOVELTY) -> PaperBrief:
    """A whole brief around ``runs``, the baseline first."""
    metric = METRICS[0]
    area = Area(
        template="digits",
        title="Small neural networks on three real data sets",
        system="You are a careful researcher.",
        task="Train it.",
        code={"experiment.py": "print(1)\n"},
        metrics=METRICS,
        primary=metric,
        baseline=runs[0].result,
    )
    return PaperBrief(
        area=area,
        idea=idea,
        novelty=novelty,
        runs=runs,
        evidence=gather_evidence(idea, runs, METRICS, metric),
        figures=FIGURES if any(run.number and run.result for run in runs) else (),
        works=WORKS,
        constants=(
            Constant("learning_rate", "0.01", "experiment.py", 40),
            Constant("epochs", "80", "experiment.py", 43),
        ),
        scientist="built-in rules",
        sandbox="bubblewrap",
        environment={"Python": "3.11.7", "numpy": "2.4.1", "processor": "x86_64, 2 cores"},
    )


BRIEFS: dict[str, PaperBrief] = {
    "better": make_brief((make_run(0, 0), make_run(1, -0.05))),
    "two_variants": make_brief((make_run(0, 0, 6), make_run(1, -0.05, 6), make_run(2, 0.02, 6))),
    "worse": make_brief((make_run(0, 0), make_run(1, 0.05))),
    "no_difference": make_brief((make_run(0, 0), make_run(1, -0.0001, noise=20.0), make_run(2, 0.0001, noise=30.0))),
    "too_few_seeds": make_brief((make_run(0, 0, 3, ("digits",)), make_run(1, -0.05, 3, ("digits",)))),
    "one_failed": make_brief((make_run(0, 0, 6), make_run(1, -0.05, 6), fail(2))),
    "none_finished": make_brief((make_run(0, 0), fail(1), fail(2, "bad_results"))),
    "one_dataset": make_brief((make_run(0, 0, datasets=("digits",)), make_run(1, -0.05, datasets=("digits",)))),
    "found_baseline": make_brief((make_run(0, 0).model_copy(update={"provenance": "found"}), make_run(1, -0.05))),
    "known_idea": make_brief(
        (make_run(0, 0), make_run(1, -0.05)),
        novelty=NOVELTY.model_copy(update={"verdict": "not_novel", "sources": ()}),
    ),
    "seed_idea": make_brief(
        (make_run(0, 0), make_run(1, -0.05)),
        idea=Idea(
            name="noise",
            title="How Much Noise on the Inputs Helps a Small Network?",
            experiment="Add noise of 0.1 & more.",
        ),
    ),
}
"""A study of every outcome."""
