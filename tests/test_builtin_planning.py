"""The built-in scientist's decisions, on three templates of different structure: ideas, novelty, plans, edits."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from hakase.coders import get_coder
from hakase.errors import ConfigError
from hakase.naming import slug
from hakase.records import Attempt, Comparison, Idea, Measurement, Metric, Result, Run, RunPlan
from hakase.scientists import get_scientist
from hakase.seams import Area, ExperimentView
from hakase.settings import Settings
from hakase.template import load_template

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "digits": ROOT / "templates" / "digits",
    "regression": ROOT / "tests" / "templates" / "regression_argparse",
    "bandit": ROOT / "tests" / "templates" / "bandit_class",
}
SCIENTIST = get_scientist(Settings())


def area_of(name: str) -> Area:
    template = load_template(FOLDERS[name])
    primary = Metric(name={"digits": "test_loss", "regression": "mse", "bandit": "regret"}[name], direction="lower")
    return Area(
        template=template.name,
        title=template.title,
        system=template.system,
        task=template.task,
        code=template.code(),
        metrics=(primary,),
        primary=primary,
        seed_ideas=template.seed_ideas,
    )


def propose(area: Area, count: int) -> list[Idea]:
    archive: list[Idea] = []
    for _ in range(count):
        idea = SCIENTIST.propose_idea(area, archive)
        if idea is None:
            break
        archive.append(idea)
    return archive


def idea_about(intervention: str, area: Area) -> Idea:
    ideas = (idea for idea in propose(area, 45) if idea.intervention == intervention)
    return next(ideas, None) or Idea(name="x", title="X", experiment="x", intervention=intervention)


class Series:
    """A study without a machine: plans are made, and each run gets the change that a test says."""

    def __init__(self, area: Area, idea: Idea) -> None:
        self.area, self.idea = area, idea
        self.runs = [Run(number=0, label="Baseline", result=result(1.0))]
        self.comparisons: list[Comparison] = []

    def view(self, runs_left: int = 5) -> ExperimentView:
        return ExperimentView(
            area=self.area,
            idea=self.idea,
            runs=tuple(self.runs),
            code={0: self.area.code},
            comparisons=tuple(self.comparisons),
            runs_left=runs_left,
            run_timeout=60.0,
        )

    def plan(self) -> RunPlan | None:
        return SCIENTIST.plan_run(self.view())

    def record(self, plan: RunPlan, relative: float | None) -> None:
        number = len(self.runs)
        found = None if relative is None else result(1.0 + relative)
        status = "failed" if found is None else "done"
        self.runs.append(Run(number=number, label=plan.label, changes=plan.changes, result=found, status=status))
        if relative is not None:
            self.comparisons.append(pooled(number, plan.label, self.area.primary.name, relative))

    def play(self, effects: Iterator[float | None]) -> list[RunPlan]:
        plans = []
        while (plan := self.plan()) is not None:
            plans.append(plan)
            self.record(plan, next(effects))
        return plans


def result(value: float) -> Result:
    return Result(datasets={"d": {"m": Measurement(mean=value)}})


def pooled(run: int, label: str, metric: str, relative: float) -> Comparison:
    return Comparison(
        run=run,
        label=label,
        dataset="",
        metric=metric,
        direction="lower",
        primary=True,
        baseline=1.0,
        variant=1.0 + relative,
        difference=relative,
        relative=relative,
        verdict="no_difference",
    )


def values(plans: list[RunPlan]) -> list[list[str]]:
    return [[change.settings.get("value", "") for change in plan.changes] for plan in plans]


@pytest.mark.parametrize(("name", "least"), [("digits", 40), ("regression", 25), ("bandit", 8)])
def test_ideas_are_distinct_complete_and_the_same_each_time(name: str, least: int) -> None:
    area = area_of(name)
    ideas = propose(area, least)
    assert len(ideas) == least
    assert len({idea.name for idea in ideas}) == len({idea.intervention for idea in ideas}) == least
    assert ideas == propose(area, least)
    for idea in ideas:
        assert idea.name == slug(idea.name)
        assert idea.primary_metric == area.primary.name
        assert area.primary.name.replace("_", " ") in idea.hypothesis
        assert idea.references
        assert area.title.lower() in idea.title.lower()
        assert SCIENTIST.can_carry_out(idea, area) == ""


def test_what_seeds_and_archive_have_is_never_proposed() -> None:
    area = area_of("digits")
    written = Idea(name="how_wide", title="Wider Hidden Layers, Deeper Thoughts", experiment="double hidden_size")
    archive = [written]
    for _ in range(30):
        idea = SCIENTIST.propose_idea(area, archive)
        assert idea is not None
        archive.append(idea)
    proposed = {idea.intervention for idea in archive[1:]}
    assert not proposed & {"cosine_decay", "input_noise", "width"}


@pytest.mark.parametrize("name", list(FOLDERS))
def test_seed_ideas_in_prose_are_recognised(name: str) -> None:
    area = area_of(name)
    for idea in area.seed_ideas:
        assert SCIENTIST.can_carry_out(idea, area) == ""
        plan = Series(area, idea).plan()
        assert plan is not None
        assert plan.changes


def test_what_cannot_be_carried_out_is_refused_in_one_line() -> None:
    area = area_of("bandit")
    for title, words in [("A proof of convergence", "language model"), ("Mixup for all", "no place that fits mixup")]:
        reason = SCIENTIST.can_carry_out(Idea(name="i", title=title, experiment="."), area)
        assert words in reason
        assert "\n" not in reason


def test_a_parameter_that_helps_is_followed_and_then_combined() -> None:
    area = area_of("digits")
    plans = Series(area, idea_about("dropout", area)).play(iter([-0.02, -0.05, -0.03, 0.0]))
    assert values(plans) == [["0.2"], ["0.3"], ["0.5"], ["0.3", "0.005"]]
    assert "lowered the mean test loss" in plans[1].purpose
    assert all(len(plan.label) <= 30 for plan in plans)


def test_a_parameter_that_hurts_is_made_milder() -> None:
    area = area_of("digits")
    plans = Series(area, idea_about("dropout", area)).play(iter([0.2, 0.1, 0.05, 0.0]))
    tried = [float(plan[0]) for plan in values(plans)[:3]]
    assert tried == sorted(tried, reverse=True)
    assert "raised the mean test loss" in plans[1].purpose


def test_a_sweep_turns_round_when_the_first_side_hurts() -> None:
    area = area_of("digits")
    plans = Series(area, idea_about("learning_rate", area)).play(iter([0.2, -0.1, -0.2, 0.0]))
    assert values(plans)[:3] == [["0.003"], ["0.03"], ["0.1"]]


def test_a_switch_is_tried_with_a_companion_and_the_companion_alone() -> None:
    area = area_of("digits")
    plans = Series(area, idea_about("silu", area)).play(iter([-0.01, -0.05, -0.02, 0.0]))
    assert [len(plan.changes) for plan in plans] == [1, 2, 1]
    assert plans[2].changes[0].intervention == "set"
    assert [plan.control for plan in plans] == [False, True, True]


def test_a_combination_is_taken_apart() -> None:
    area = area_of("digits")
    idea = Idea(name="both", title="Both", experiment="x", intervention="dropout+linear_warmup")
    plans = Series(area, idea).play(itertools.repeat(-0.01))
    assert [[change.intervention for change in plan.changes] for plan in plans] == [
        ["dropout", "linear_warmup"],
        ["dropout"],
        ["linear_warmup"],
        ["dropout", "linear_warmup", "set"],
    ]
    assert plans[3].label == "Both, rate 0.005"


@pytest.mark.parametrize("name", list(FOLDERS))
@pytest.mark.parametrize("effect", [-0.1, 0.1, None])
def test_every_series_has_new_runs_and_ends(name: str, effect: float | None) -> None:
    area = area_of(name)
    for idea in propose(area, 12):
        plans = Series(area, idea).play(itertools.repeat(effect))
        assert 2 <= len(plans) <= 4, idea.name
        assert len({plan.model_dump_json(include={"changes"}) for plan in plans}) == len(plans)


def test_no_run_is_planned_when_none_is_left() -> None:
    area = area_of("digits")
    assert SCIENTIST.plan_run(Series(area, idea_about("dropout", area)).view(runs_left=0)) is None


@pytest.mark.parametrize(
    ("status", "value"),
    [("bad_results", "0.1"), ("timed_out", "0.1"), ("identical_results", "0.3"), ("no_change", "0.3")],
)
def test_a_failed_attempt_moves_the_value(status: str, value: str) -> None:
    area = area_of("digits")
    series = Series(area, Idea(name="x", title="X", experiment="x", intervention="dropout"))
    plan = series.plan()
    assert plan is not None
    # Two knobs have the role: where the first has no effect, the second is tried before another value.
    attempt = Attempt(run=1, number=1, status=status)  # type: ignore[arg-type]
    revised = SCIENTIST.revise_plan(plan, attempt, series.view())
    assert revised is not None
    if status in ("no_change", "identical_results"):
        assert revised.changes[0].settings["knob"] == "forward(dropout)"
    else:
        assert revised.changes[0].settings["value"] == value


def test_an_edit_that_cannot_be_made_is_given_up() -> None:
    area = area_of("digits")
    series = Series(area, idea_about("silu", area))
    plan = series.plan()
    assert plan is not None
    assert SCIENTIST.revise_plan(plan, Attempt(run=1, number=1, status="edit_failed"), series.view()) is None


def test_figures_are_labelled_for_runs_with_results() -> None:
    area = area_of("digits")
    series = Series(area, idea_about("dropout", area))
    series.play(iter([-0.1, None, -0.2, -0.1]))
    labels = SCIENTIST.plan_figures(series.view()).labels
    assert list(labels) == ["run_0", "run_1", "run_3", "run_4"]
    assert labels["run_0"] == "Baseline"
    assert labels["run_1"] == "Dropout 0.2"


def test_a_step_back_towards_the_baseline_is_not_told_as_a_step_beyond() -> None:
    series = Series(area_of("digits"), Idea(name="x", title="X", experiment="x", intervention="weight_averaging"))
    plans = series.play(iter([-0.01, 0.02, 0.01, 0.0]))
    assert "beyond the best" in plans[1].purpose
    assert "between values that are known" in plans[2].purpose
    series = Series(area_of("digits"), Idea(name="x", title="X", experiment="x", intervention="orthogonal_init"))
    plans = series.play(iter([-0.01, 0.02, 0.01, 0.0]))
    assert "the other side of the best value" in plans[2].purpose


def test_the_coder_makes_all_changes_of_a_plan_or_none(tmp_path: Path) -> None:
    area = area_of("digits")
    for name, text in area.code.items():
        (tmp_path / name).write_text(text)
    plan = Series(area, Idea(name="x", title="X", experiment="x", intervention="dropout+silu")).plan()
    assert plan is not None
    coder = get_coder("syntax")
    edit = coder.edit(tmp_path, plan, tuple(area.code))
    assert edit.problem == ""
    assert edit.files == ("experiment.py",)
    assert "+    dropout: float = 0.2" in edit.diff
    before = (tmp_path / "experiment.py").read_text()
    again = coder.edit(tmp_path, plan, tuple(area.code))
    assert "already" in again.problem
    assert (tmp_path / "experiment.py").read_text() == before
    assert coder.edit(tmp_path, RunPlan(label="x", purpose="x"), ("missing.py",)).problem


def test_unknown_coders_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="syntax"):
        get_coder("nobody")
    assert SCIENTIST.harmless
    assert SCIENTIST.coder == "syntax"
