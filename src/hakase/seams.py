"""The five seams, each a Protocol, and the frozen views that cross them.

A stage sees only what is here. A backend is one file in ``scientists``, ``coders``, ``sandboxes``, ``literature`` or
``paper/typesetters`` and one line in the mapping of that package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hakase.records import (
    Attempt,
    Comparison,
    Draft,
    Edit,
    Evidence,
    Figure,
    Finding,
    Idea,
    Metric,
    Novelty,
    Result,
    Review,
    Run,
    RunPlan,
    SearchAnswer,
    Work,
)

# ------------------------------------------------------------------------------------------------------- sandbox


@dataclass(frozen=True)
class Mount:
    """A host path that a job sees at ``target`` (default: at the same path)."""

    source: Path
    target: Path | None = None
    writable: bool = False


@dataclass(frozen=True)
class Limits:
    """What a job may use. None is no limit of our own."""

    seconds: float
    memory: int | None = None
    """Bytes, of all its processes together."""
    output: int = 10 * 2**20
    """Bytes kept of each of stdout and stderr; what follows is thrown away and said."""
    file_size: int | None = 4 * 2**30
    """Bytes of the largest file it may write."""
    processes: int = 512


@dataclass(frozen=True)
class Job:
    """One command to run on generated code."""

    command: tuple[str, ...]
    directory: Path
    """Host folder: the working directory, and the only writable place besides a private /tmp."""
    stdout: Path
    stderr: Path
    limits: Limits
    appears_at: Path | None = None
    """The path that ``directory`` has inside; default: its own."""
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Additions to the allow-list; never a secret."""


@dataclass(frozen=True)
class Pulse:
    """What a running job looks like now."""

    elapsed: float
    last_line: str
    silent_for: float


@dataclass(frozen=True)
class Outcome:
    """How a job ended. A bad exit is data."""

    exit_code: int | None
    """None when a signal or we ended it; then ``ended_by`` says which."""
    seconds: float
    peak_memory: int
    timed_out: bool = False
    ended_by: str = ""
    """Empty, ``time limit``, ``memory limit``, ``process limit``, ``interrupt`` or ``signal N``."""
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """Whether the command ended by itself with 0."""
        return self.exit_code == 0


class Sandbox(Protocol):
    """Where generated code runs."""

    name: str
    isolating: bool
    """False when it only limits (the ``process`` backend)."""

    def run(self, job: Job, watch: Callable[[Pulse], None] | None = None) -> Outcome:
        """Run ``job`` to its end or its limits; never raises for what the command does.

        Raises:
            SandboxError: the sandbox itself could not start.
        """
        ...


# ---------------------------------------------------------------------------------------------------- literature


class Literature(Protocol):
    """Where prior work is looked up."""

    name: str

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """The works closest to ``query``, best first; an unreachable source answers with ``answered=False``."""
        ...

    def find(self, key: str) -> Work | None:
        """The work with this key, or None."""
        ...


# ----------------------------------------------------------------------------------------------------- typesetter


@dataclass(frozen=True)
class LatexError:
    """One error of a LaTeX run, located where that is possible."""

    message: str
    file: str = ""
    line: int | None = None
    context: str = ""


@dataclass(frozen=True)
class Typeset:
    """What a typesetter made of a folder."""

    pdf: Path | None
    engine: str
    errors: tuple[LatexError, ...] = ()
    warnings: tuple[str, ...] = ()
    missing_packages: tuple[str, ...] = ()
    seconds: float = 0.0


class Typesetter(Protocol):
    """What turns a folder of LaTeX into a PDF."""

    name: str

    def typeset(self, folder: Path, main: str = "template.tex", extra: Sequence[Path] = ()) -> Typeset:
        """Typeset ``folder/main`` into ``folder/<stem>.pdf``. ``extra`` are files or folders it reads (figures).

        Errors of the LaTeX are data. A PDF that was made despite errors is returned together with them.
        """
        ...


# ------------------------------------------------------------------------------------------------ scientist, coder


@dataclass(frozen=True)
class Area:
    """The research area as a scientist sees it."""

    template: str
    title: str
    system: str
    task: str
    code: Mapping[str, str]
    """Editable file -> its baseline text."""
    metrics: tuple[Metric, ...]
    primary: Metric
    seed_ideas: tuple[Idea, ...] = ()
    baseline: Result | None = None


@dataclass(frozen=True)
class ExperimentView:
    """What a scientist knows when it decides about the next run."""

    area: Area
    idea: Idea
    runs: tuple[Run, ...]
    """All so far, the baseline first."""
    code: Mapping[int, Mapping[str, str]]
    """Run number -> editable file -> text, for finished runs."""
    comparisons: tuple[Comparison, ...]
    """Primary (pooled) and per-data-set comparisons of the finished runs; p-values corrected for the runs so far."""
    runs_left: int
    run_timeout: float
    baseline_seconds: float | None = None


@dataclass(frozen=True)
class FigurePlan:
    """What to plot: a label for each run folder, and in prose what else to draw."""

    labels: Mapping[str, str]
    instruction: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure as plot.py drew it, for a scientist to look at."""

    path: Path
    """The PNG file."""
    summary: str
    """What was plotted, in words: axes, series, ranges."""
    findings: tuple[str, ...] = ()
    """What the checks found wrong with it."""


@dataclass(frozen=True)
class Seek:
    """The next step in looking for works to cite; without queries it is the last one."""

    queries: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """Keys, among the works found so far, that are worth citing."""


@dataclass(frozen=True)
class Constant:
    """A hyperparameter read from the code."""

    name: str
    value: str
    file: str
    line: int


@dataclass(frozen=True)
class PaperBrief:
    """Everything a section may be written from."""

    area: Area
    idea: Idea
    novelty: Novelty
    runs: tuple[Run, ...]
    evidence: Evidence
    figures: tuple[Figure, ...]
    works: Mapping[str, Work]
    """The only keys that may be cited."""
    constants: tuple[Constant, ...]
    scientist: str
    sandbox: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Such as ``{"Python": "3.11.7", "numpy": "2.4.1", "processor": "x86_64, 2 cores"}``."""
    fallbacks: tuple[str, ...] = ()
    """What the rules did in a language model's stead, and why, one line each."""
    left_out: tuple[str, ...] = ()
    """Parts of the draft that could not stand and were taken out."""


@dataclass(frozen=True)
class Dossier:
    """What a reviewer reads. A foreign PDF has only ``text``."""

    text: str
    """Plain text of the PDF."""
    pages: int
    paper: str
    """File name."""
    brief: PaperBrief | None = None
    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    """What the deterministic checks say about the paper."""


class Scientist(Protocol):
    """Who thinks. One method a decision; None or an empty answer means that nothing is left to say."""

    name: str
    """As it appears in papers and reviews."""
    coder: str
    """The coder that carries out its plans unless the user names another."""
    harmless: bool
    """True when the code it makes needs no isolation (the built-in rules)."""

    def sketch_directions(self, count: int, area: Area, archive: Sequence[Idea]) -> tuple[str, ...]:
        """``count`` directions unlike each other, so that ideas can be made in parallel; empty to make them in turn."""
        ...

    def propose_idea(
        self, area: Area, archive: Sequence[Idea], directions: Sequence[str] = (), own: int = 0
    ) -> Idea | None:
        """A new idea that the archive does not have; with ``directions``, one that takes the one numbered ``own``."""
        ...

    def reflect_on_idea(self, idea: Idea, area: Area, archive: Sequence[Idea]) -> Idea | None:
        """A better version of ``idea``, or None when nothing is left to improve."""
        ...

    def can_carry_out(self, idea: Idea, area: Area) -> str:
        """Empty when it can, else the reason in one line."""
        ...

    def write_queries(self, idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
        """The next searches; empty when the answers suffice."""
        ...

    def judge_novelty(self, idea: Idea, answers: Sequence[SearchAnswer]) -> Novelty:
        """The verdict that the answers support."""
        ...

    def plan_run(self, view: ExperimentView) -> RunPlan | None:
        """The next run, or None when the idea is finished."""
        ...

    def revise_plan(self, plan: RunPlan, attempt: Attempt, view: ExperimentView) -> RunPlan | None:
        """The plan again after a failed attempt, or None to give the run up."""
        ...

    def describe_run(self, run: Run, view: ExperimentView) -> str:
        """What the finished run shows, for notes.txt."""
        ...

    def plan_figures(self, view: ExperimentView) -> FigurePlan:
        """What to plot."""
        ...

    def revise_figures(self, plan: FigurePlan, pictures: Sequence[Picture], view: ExperimentView) -> FigurePlan | None:
        """What to plot instead, having seen the pictures (none when plot.py failed); None when they will do."""
        ...

    def seek_works(self, brief: PaperBrief, answers: Sequence[SearchAnswer]) -> Seek:
        """The next searches for works to cite, and which of the works found are worth it."""
        ...

    def write_title(self, brief: PaperBrief) -> str:
        """The paper's title."""
        ...

    def write_section(self, section: str, brief: PaperBrief, draft: Draft) -> str:
        """LaTeX of one section (see ``records.SECTIONS``); ``draft`` holds what is written so far."""
        ...

    def refine_draft(self, draft: Draft, findings: Sequence[Finding], brief: PaperBrief, number: int) -> Draft:
        """The whole draft made better, and rid of ``findings``; ``number`` is 1 for the first pass."""
        ...

    def repair_section(self, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
        """``text`` again, mended."""
        ...

    def replace_section(self, section: str, brief: PaperBrief) -> str:
        """The section (or ``title``) as the rules write it, where nothing of its own can stand; else empty."""
        ...

    def review_paper(self, dossier: Dossier) -> Review:
        """A review in the NeurIPS form."""
        ...

    def revise_paper(self, draft: Draft, review: Review, brief: PaperBrief) -> Draft:
        """The draft revised by the review; it may bring in no result that the evidence does not have."""
        ...


class Coder(Protocol):
    """Who edits code."""

    name: str

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """Change the editable files in ``folder`` as the plan says. ``feedback`` is why the last attempt failed.

        An edit that cannot be made leaves the files as they were and says why in ``Edit.problem``.
        """
        ...
