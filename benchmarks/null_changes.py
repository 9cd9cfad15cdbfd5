"""How often a change that does nothing is called better: the built-in scientist's own studies, on the null template.

    python benchmarks/null_changes.py [--studies 100] [--kind independent|correlated] [--effect 0.0] [--out FILE.json]
    python benchmarks/null_changes.py --verdicts-only --studies 1000       # quick: no code, the statistics alone

Each study is real up to its evidence: the scientist's plans and edits, the sandbox, the reading of results, the
statistics. It has a workspace and so a baseline of its own; with one cached baseline for all, a single lucky draw would
decide about every study. Papers are left out, because no verdict depends on them. `--verdicts-only` draws the results
of five runs a study and compares them once, for narrow intervals in little time; no scientist adapts to anything there.
`--effect 0.1` is the control: it lowers the losses of every changed run by a tenth, which should be called better.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from null_draws import LOSSES, Draws
from null_outcomes import AIM, Outcome, as_table, summarise, verdicts
from null_template import KINDS, make_null_template
from reporting import describe_machine, publish

from hakase.evidence.comparing import compare
from hakase.evidence.hypotheses import judge_hypothesis
from hakase.launch import prepare, start_studies
from hakase.records import Idea, Measurement, Metric, Result, Run
from hakase.settings import Settings
from hakase.stages.experiments import run_experiments
from hakase.stages.ideation import generate_ideas
from hakase.stages.lab import open_lab
from hakase.study import Study
from hakase.template import load_template
from hakase.workspace import Workspace

NAME = "null_digits"
SETTINGS = Settings(model="builtin")
RUNS, SEEDS = 5, range(5)
PRIMARY = Metric(name="test_loss", direction="lower")


@dataclass(frozen=True)
class Null:
    """What there is to find: noise of a kind, and an effect that is 0 unless the control is wanted."""

    kind: str
    effect: float = 0.0

    def lay_workspace(self, root: Path) -> Workspace:
        """A workspace that holds the null template."""
        make_null_template(root / "templates" / NAME, self.kind, self.effect)
        return Workspace(root)


# ----------------------------------------------------------------------------------------------------- real studies


def make_studies(studies: int, null: Null, scratch: Path) -> Iterator[Outcome]:
    """Run the studies one after another, each in a workspace that is removed when it is read."""
    ideas = propose_ideas(studies, null.lay_workspace(scratch / "ideas"))
    for number in range(studies):
        root = scratch / f"study_{number + 1}"
        yield read_outcome(run_one(ideas[number % len(ideas)], null.lay_workspace(root)))
        shutil.rmtree(root)


def propose_ideas(count: int, workspace: Workspace) -> tuple[Idea, ...]:
    """The scientist's ideas for the template, up to ``count``; later studies go round them again."""
    lab = open_lab(SETTINGS, workspace.root)
    template = load_template(workspace.templates / NAME)
    area = prepare(template, workspace, lab).area
    ideas = generate_ideas(count, template, area, lab)
    return tuple(idea for idea in ideas if not lab.scientist.can_carry_out(idea, area))


def run_one(idea: Idea, workspace: Workspace) -> Study:
    """One study from its baseline to its evidence."""
    lab = open_lab(SETTINGS, workspace.root)
    prepared = prepare(load_template(workspace.templates / NAME), workspace, lab)
    (study,) = start_studies([idea], prepared, workspace, lab)
    run_experiments(study, lab)
    return study


def read_outcome(study: Study) -> Outcome:
    """The verdicts of a study whose runs are done."""
    evidence = study.evidence
    return Outcome(
        idea=study.idea.name,
        primary=verdicts(evidence.comparisons, primary=True),
        others=verdicts(evidence.comparisons, primary=False),
        hypothesis=evidence.hypothesis,
        attempts=tuple(attempt.status for run in study.runs.runs[1:] for attempt in run.attempts),
    )


# --------------------------------------------------------------------------------------------------- verdicts alone


def draw_studies(studies: int, null: Null) -> Iterator[Outcome]:
    """Studies of ``RUNS`` runs whose results are drawn here and compared once, on the primary metric."""
    for _ in range(studies):
        effects = (0.0, *(null.effect,) * RUNS)
        runs = [draw_run(number, Draws(KINDS[null.kind], effect)) for number, effect in enumerate(effects)]
        comparisons = compare(runs, (PRIMARY,), PRIMARY)
        yield Outcome(
            idea="",
            primary=verdicts(comparisons, primary=True),
            others=verdicts(comparisons, primary=False),
            hypothesis=judge_hypothesis("better", comparisons)[0],
        )


def draw_run(number: int, draws: Draws) -> Run:
    """A run with results on the primary metric, as the null template would report them."""
    values = {dataset: [draws.draw_loss(dataset, PRIMARY.name, seed) for seed in SEEDS] for dataset in LOSSES}
    datasets = {
        dataset: {PRIMARY.name: Measurement(mean=sum(of_seeds) / len(of_seeds), values=tuple(of_seeds))}
        for dataset, of_seeds in values.items()
    }
    return Run(number=number, label=f"run {number}", result=Result(datasets=datasets))


def count(outcomes: Iterator[Outcome], studies: int) -> Iterator[Outcome]:
    """The same, with a line on stderr about how far it is."""
    for number, outcome in enumerate(outcomes, start=1):
        print(f"\rstudy {number} of {studies}", end="\n" if number == studies else "", file=sys.stderr)
        yield outcome


def measure(studies: int, null: Null, verdicts_only: bool, scratch: Path) -> dict[str, Any]:
    """The whole report."""
    began = time.monotonic()
    made = draw_studies(studies, null) if verdicts_only else make_studies(studies, null, scratch)
    result = summarise(list(count(made, studies)))
    return {
        "machine": describe_machine(),
        "kind": null.kind,
        "effect": null.effect,
        "verdicts_only": verdicts_only,
        "result": result,
        "seconds": round(time.monotonic() - began, 1),
        "aim": AIM,
        "met": not null.effect and (result["runs_better"]["share"] or 0.0) <= AIM,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Count changes that do nothing and are called better.")
    parser.add_argument("--studies", type=int, default=100, help="studies (default 100)")
    parser.add_argument("--kind", choices=sorted(KINDS), default="independent", help="what runs have in common")
    parser.add_argument("--effect", type=float, default=0.0, help="control: share by which changed runs are better")
    parser.add_argument("--verdicts-only", action="store_true", help="draw results and compare them; run no code")
    parser.add_argument("--out", type=Path, help="write the report here (JSON, and .md beside it)")
    arguments = parser.parse_args()
    null = Null(arguments.kind, arguments.effect)
    with tempfile.TemporaryDirectory(prefix="hakase-null-") as scratch:
        report = measure(arguments.studies, null, arguments.verdicts_only, Path(scratch))
    publish(report, as_table(report), arguments.out)


if __name__ == "__main__":
    main()
