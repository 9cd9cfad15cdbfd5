"""What a thinking scientist is shown in tests: the area of the digits template, views of a study, works found."""

from __future__ import annotations

from pathlib import Path

from hakase.evidence.comparing import compare
from hakase.records import Attempt, Idea, Run, RunPlan, SearchAnswer, Work
from hakase.seams import Area, ExperimentView
from hakase.template import load_template
from tests.brief_samples import METRICS, make_run

ROOT = Path(__file__).parent.parent
DIFF = """--- a/experiment.py
+++ b/experiment.py
@@ -60,1 +60,1 @@
-    dropout: float = 0.0
+    dropout: float = 0.2
"""
IDEA = Idea(
    name="dropout_by_depth",
    title="Dropout That Grows with Depth",
    experiment="In train_network, drop units of the second layer twice as often as of the first.",
    hypothesis="Later layers overfit more, so the test loss falls.",
    primary_metric="test_loss",
    origin="scripted",
)
PLAN = RunPlan(label="Dropout 0.2", purpose="The idea as stated.", instruction="Set Config.dropout to 0.2.")
FAILED = Attempt(
    run=2,
    number=1,
    status="failed",
    problem="exit code 1: NameError: name 'rate' is not defined",
    stderr_tail="x" * 3000 + "\nNameError: name 'rate' is not defined\n",
    measured_speed="The baseline takes 4 s; this had 600 s and did not end.",
)


def digits() -> Area:
    """The area of the digits template, its baseline measured."""
    template = load_template(ROOT / "templates" / "digits")
    return Area(
        template=template.name,
        title=template.title,
        system=template.system,
        task=template.task,
        code=template.code(),
        metrics=METRICS,
        primary=METRICS[0],
        seed_ideas=template.seed_ideas,
        baseline=make_run(0, 0).result,
    )


def done(number: int, shift: float = -0.05, description: str = "It helped on digits.") -> Run:
    """A finished run that dropped units."""
    run = make_run(number, shift)
    return run.model_copy(
        update={
            "label": f"Dropout {number / 10:g}",
            "purpose": "The idea as stated.",
            "changes": (),
            "diff": DIFF,
            "description": description,
        }
    )


def view_of(*runs: Run, idea: Idea = IDEA, left: int | None = None) -> ExperimentView:
    """A study of five runs after the baseline and ``runs``."""
    area, every = digits(), (make_run(0, 0), *runs)
    finished = tuple(run for run in every if run.result is not None)
    return ExperimentView(
        area=area,
        idea=idea,
        runs=every,
        code={run.number: area.code for run in finished},
        comparisons=compare(finished, METRICS, METRICS[0]),
        runs_left=5 - len(runs) if left is None else left,
        run_timeout=600.0,
        baseline_seconds=4.2,
    )


def work(key: str, title: str = "", summary: str = "It drops units at random.") -> Work:
    """A work that a source found."""
    return Work(key=key, title=title or f"On {key}", authors=("Ada Example",), year=2014, summary=summary)


def answer(query: str, *works: Work, problem: str = "") -> SearchAnswer:
    """What a source said; with a ``problem``, that it could not be asked."""
    return SearchAnswer(query=query, source="local", works=works, answered=not problem, problem=problem)
