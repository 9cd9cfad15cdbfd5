"""The typed records that one stage saves and the next one reads.

Records are frozen and carry a ``format`` number. They hold data and small derived properties only: reading, writing
and deciding happen elsewhere. Unknown fields are refused, so that a record of a newer format is noticed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["lower", "higher"]
"""Which way a metric is better."""

Expected = Literal["better", "worse", "same"]
"""What a hypothesis expects of the primary metric."""

NoveltyVerdict = Literal["novel", "not_novel", "undecided"]
Verdict = Literal["better", "worse", "no_difference", "too_few_seeds"]
HypothesisVerdict = Literal["supported", "contradicted", "undecided"]


class Record(BaseModel):
    """Base of all records."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = 1


class Metric(Record):
    """A number that the template's runs report."""

    name: str
    direction: Direction
    declared: bool = True
    """False when the direction was inferred from the name."""


RULES = "built-in scientist"
"""Origin of ideas that the rules proposed."""


class Idea(Record):
    """A proposal, registered before any run of it."""

    name: str
    """Lower-case slug of letters, digits and underscores; safe as a folder's name."""
    title: str
    experiment: str
    hypothesis: str = ""
    primary_metric: str = ""
    expected_direction: Expected = "better"
    interestingness: int = Field(default=5, ge=1, le=10)
    feasibility: int = Field(default=5, ge=1, le=10)
    novelty: int = Field(default=5, ge=1, le=10)
    novel: bool | None = None
    intervention: str = ""
    """Name of the catalogue's intervention that carries it out; empty for an idea in prose only."""
    references: tuple[str, ...] = ()
    """Keys of works that the idea builds on."""
    origin: str = ""
    """Who proposed it: a scientist's name, or ``seed``."""
    score: int | None = None
    """Overall score of the review of its study, 0 when the study failed; None when it was not studied."""


class Work(Record):
    """A prior work, as facts."""

    key: str
    """BibTeX key, such as ``srivastava2014dropout``."""
    title: str
    authors: tuple[str, ...] = ()
    """Each as ``Given Family``."""
    year: int | None = None
    venue: str = ""
    identifier: str = ""
    """``doi:10…``, ``arxiv:1412.6980`` or empty."""
    summary: str = ""
    source: str = ""
    """Which literature source returned it."""
    closeness: float = 0.0
    """How much of the query it covers, 0 to 1; comparable between queries of one source."""


class SearchAnswer(Record):
    """What a literature source said to one query. ``answered`` is False when it could not be asked."""

    query: str
    source: str
    works: tuple[Work, ...] = ()
    answered: bool = True
    problem: str = ""


class Novelty(Record):
    """Whether an idea is new, what that rests on, and the closest works."""

    verdict: NoveltyVerdict
    reason: str
    queries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Sources that answered."""
    problems: tuple[str, ...] = ()
    closest: tuple[Work, ...] = ()
    differences: dict[str, str] = Field(default_factory=dict)
    """Key of a closest work -> how the idea differs from it."""


class Measurement(Record):
    """One metric on one data set."""

    mean: float
    stderr: float | None = None
    """Standard error of the mean: sample standard deviation / sqrt(n)."""
    values: tuple[float, ...] = ()
    """One value a seed, in the order of the seeds; empty when the template does not give them."""
    seeds: tuple[str, ...] = ()
    """The seeds' names, one for each value, where the template gives them."""


class Result(Record):
    """The metrics of one run: data set -> metric -> measurement."""

    datasets: dict[str, dict[str, Measurement]]
    remarks: tuple[str, ...] = ()
    """What was recomputed or left out in reading, in words."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of all metrics, in the order in which they stand."""
        return tuple(dict.fromkeys(name for values in self.datasets.values() for name in values))


class Change(Record):
    """One change of the code, as data that a syntax-tree coder can carry out."""

    intervention: str
    """Name in the catalogue, or ``set`` for a new value of one hyperparameter."""
    settings: dict[str, str] = Field(default_factory=dict)
    """Parameters of the intervention as Python source, such as ``{"knob": "learning_rate", "value": "0.05"}``."""
    summary: str = ""


class RunPlan(Record):
    """What a scientist wants the next run to be."""

    label: str
    """At most about 30 characters, for legends and tables."""
    purpose: str
    instruction: str = ""
    """What a language-model coder is told."""
    changes: tuple[Change, ...] = ()
    """What a syntax-tree coder carries out, on top of ``base``."""
    base: int = 0
    """The run whose code is the starting point; 0 is the baseline."""
    control: bool = False
    """Changes more or less than the idea states, such as an ablation: it decides nothing about the hypothesis."""
    packages: tuple[str, ...] = ()
    """Names (PEP 508) of packages that the code needs and the template does not have."""


class Edit(Record):
    """What a coder did to the editable files."""

    files: tuple[str, ...] = ()
    diff: str = ""
    """Unified diff against the code the coder was given; empty when nothing changed."""
    problem: str = ""


AttemptStatus = Literal[
    "ok", "edit_failed", "package_refused", "no_change", "failed", "timed_out", "bad_results", "identical_results",
]  # fmt: skip


class Attempt(Record):
    """One try at a run; kept whether it worked or not."""

    run: int
    number: int
    status: AttemptStatus
    problem: str = ""
    """One line: why it does not count."""
    exit_code: int | None = None
    seconds: float = 0.0
    peak_memory: int = 0
    """Bytes."""
    stderr_tail: str = ""
    measured_speed: str = ""
    result: Result | None = None
    """What it measured; of an attempt that did not end, what it had written by then."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Where it ran: Python, packages, threads, sandbox."""
    folder: str = ""
    """Relative to the study."""


class Run(Record):
    """One execution of experiment.py that was planned; ``run_0`` is the baseline."""

    number: int
    label: str
    purpose: str = ""
    description: str = ""
    status: Literal["done", "failed"] = "done"
    result: Result | None = None
    attempts: tuple[Attempt, ...] = ()
    changes: tuple[Change, ...] = ()
    base: int = 0
    control: bool = False
    """As planned: it decides nothing about the hypothesis."""
    diff: str = ""
    """Unified diff of the editable files against the baseline's."""
    seconds: float = 0.0
    provenance: Literal["measured", "found"] = "measured"
    """``found`` for a baseline that the template brought along."""


class Runs(Record):
    """All runs of a study, the baseline first."""

    runs: tuple[Run, ...]
    finished_because: str = ""


class Comparison(Record):
    """One run against the baseline on one metric. Positive ``difference`` means a larger number, not a better one."""

    run: int
    label: str
    dataset: str
    """Empty for the pooled comparison over all data sets."""
    metric: str
    direction: Direction
    primary: bool = False
    """True for the pooled comparison of a run on the primary metric."""
    control: bool = False
    """The run changes more or less than the idea states, so the hypothesis is not judged by it."""
    baseline: float
    variant: float
    difference: float
    relative: float | None = None
    """Difference / |baseline|."""
    low: float | None = None
    high: float | None = None
    """95% confidence interval of the difference (of ``relative`` for the pooled comparison)."""
    n: int = 0
    """Seed pairs, or seeds of the smaller group."""
    test: str = ""
    p_better: float | None = None
    p_worse: float | None = None
    p_better_adjusted: float | None = None
    p_worse_adjusted: float | None = None
    verdict: Verdict
    remark: str = ""


class Fact(Record):
    """One number (or short text) with its source, and the LaTeX macro by which a paper refers to it."""

    number: int
    macro: str
    """Letters only, without the backslash."""
    text: str
    """As typeset, LaTeX-safe."""
    value: float | None = None
    meaning: str
    source: str
    """Such as ``run_1/final_info.json: digits/test_accuracy``."""


class Evidence(Record):
    """Everything that the paper may refer to."""

    primary_metric: str
    direction: Direction
    comparisons: tuple[Comparison, ...] = ()
    facts: tuple[Fact, ...] = ()
    best_run: int | None = None
    """Run with the best pooled primary effect, controls left aside; None when no run finished."""
    hypothesis: HypothesisVerdict = "undecided"
    hypothesis_reason: str = ""
    runs_planned: int = 0
    runs_finished: int = 0
    attempts: int = 0
    attempts_failed: int = 0
    remarks: tuple[str, ...] = ()

    def fact(self, macro: str) -> Fact:
        """The fact behind ``macro``; KeyError when there is none."""
        for fact in self.facts:
            if fact.macro == macro:
                return fact
        raise KeyError(macro)


class Figure(Record):
    """One picture of the paper."""

    file: str
    """Relative to the study, such as ``final_metrics.png``."""
    title: str = ""
    caption: str = ""
    """LaTeX, made from what was plotted."""
    description: str = ""
    sha256: str = ""


class Finding(Record):
    """Something that a check found wrong in a draft, a figure or a compilation."""

    check: str
    where: str
    """A section's name, a figure's file, or ``references``."""
    message: str
    fix: str = ""
    excerpt: str = ""
    severity: Literal["error", "warning"] = "error"


class Figures(Record):
    """The figures that passed their checks, and what was found wrong with others."""

    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...] = ()


SECTIONS = (
    "abstract",
    "introduction",
    "related_work",
    "background",
    "method",
    "experimental_setup",
    "results",
    "limitations",
    "conclusion",
)
"""The paper's parts, in reading order."""


class Draft(Record):
    """A paper's text: LaTeX by section (``SECTIONS``), without section commands."""

    title: str
    sections: dict[str, str]


class Paper(Record):
    """A typeset paper."""

    title: str
    pdf: str
    """Relative to the study."""
    tex: str
    draft: Draft
    engine: str = ""
    pages: int = 0
    rounds: int = 0
    citations: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the checks still find."""
    left_out: tuple[str, ...] = ()
    """Parts that could not be typeset or were removed, named."""


class Review(Record):
    """A review in the NeurIPS form."""

    summary: str
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    originality: int = Field(ge=1, le=4)
    quality: int = Field(ge=1, le=4)
    clarity: int = Field(ge=1, le=4)
    significance: int = Field(ge=1, le=4)
    questions: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    ethical_concerns: bool = False
    soundness: int = Field(ge=1, le=4)
    presentation: int = Field(ge=1, le=4)
    contribution: int = Field(ge=1, le=4)
    overall: int = Field(ge=1, le=10)
    confidence: int = Field(ge=1, le=5)
    decision: Literal["Accept", "Reject"]
    reviewer: str = ""
    caps: tuple[str, ...] = ()
    """Which failed check capped which score."""
    basis: tuple[str, ...] = ()
    """What the reviewer read: ``text of the PDF``, ``evidence``, ``code``, …"""
    ensemble: tuple[Review, ...] = ()
    """The single reviews that this one is the aggregate of."""
