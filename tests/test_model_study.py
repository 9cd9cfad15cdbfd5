"""Whole studies by a language model, from the command line: a good one, and those of models that misbehave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hakase.journal import FALLBACK, MODEL_CALL
from hakase.paper.pdf import page_text
from hakase.study import Study
from tests.conftest import Hakase
from tests.scripted import Server, load_scenario, repeated, serve
from tests.scripted.fixtures import Play, playing  # noqa: F401 the fixture "play"
from tests.scripted.scenario import with_rules

SHORT = {
    "max_attempts": 2,
    "novelty_rounds": 1,
    "citation_searches": 0,
    "refinements": 0,
    "reviewers": 1,
    "review_reflections": 0,
    "idea_reflections": 0,
    "repair_rounds": 1,
    "model_patience": 2,
    "model_timeout": 20,
}
"""Settings under which a study asks little."""
WRONG_FILE = """
setup.py
<<<<<<< SEARCH
import os
=======
import sys
>>>>>>> REPLACE
"""
DELETED = """
I delete the file and start afresh.

experiment.py
```python
```
"""
SAME = """
experiment.py
<<<<<<< SEARCH
parser.add_argument("--l2", type=float, default=0.0)
=======
parser.add_argument("--l2", type=float, default=0.001)
>>>>>>> REPLACE
"""


def run(hakase: Hakase, server: Server, *words: str, template: str = "regression_argparse", code: int = 0) -> str:
    """What ``hakase run`` says to one idea; it must end with ``code``, and never with a traceback."""
    settings = [word for key, value in SHORT.items() for word in ("-c", f"{key}={value}")]
    model = ("--model", "scripted", "--base-url", server.url, "--num-ideas", "1", "--max-runs", "1", "--plain")
    done = hakase("run", template, *model, *settings, *words, timeout=280)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said[-4000:]
    assert done.returncode == code, said[-4000:]
    return said


def the_study(workspace: Path) -> Study:
    """The only study of the workspace."""
    (folder,) = sorted((workspace / "results").glob("*/*/"))
    return Study(folder)


def fallbacks(study: Study) -> list[str]:
    return [str(event.data) for event in study.journal.events(FALLBACK)]


def assert_reviewed(study: Study) -> None:
    """The study is done, with a paper that says who wrote it and a review."""
    assert study.status.state == "done", study.status.message
    assert "scripted" in page_text(study.folder / study.paper().pdf)
    assert 1 <= study.review().overall <= 10


# ------------------------------------------------------------------------------------------------------ a good one


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_whole_study_on_digits(hakase: Hakase, workspace: Path, play: Play) -> None:
    server = play("digits")
    (workspace / "hakase.toml").write_text("[prices.scripted]\ninput = 1.0\noutput = 4.0\n", encoding="utf-8")
    words = ("--num-ideas", "1", "--model", "scripted", "--base-url", server.url, "--improvement")
    done = hakase("run", "digits", *words, "--max-usd", "5", timeout=580)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    study = the_study(workspace)
    assert_reviewed(study)
    assert not [call.task for call in server.calls if not call.good or not call.rule]
    assert repeated(server.calls) == []
    assert fallbacks(study) == []

    first_paper = [call for call in server.calls if call.number < _improvement(server)]
    assert len(first_paper) < 60
    assert sum(call.prompt_tokens for call in first_paper) < 200_000

    assert study.idea.hypothesis.startswith("Early smoothing")
    assert "and 0.4" in study.idea.experiment  # the reflection's
    assert study.novelty.verdict == "novel"
    assert "muller2019when" in study.novelty.differences
    runs = study.finished_runs()
    assert [run.label for run in runs[1:3]] == ["Fading from 0.2", "Fading from 0.1"]
    assert [run.status for run in runs] == ["done"] * 5
    assert all("fading = 1.0 - epoch / (config.epochs - 1)" in run.diff for run in runs[1:4])
    assert runs[3].base == 1
    assert runs[4].control
    assert "label_smoothing: float = 0.1" in runs[4].diff
    assert runs[1].description.startswith("The smoothing now falls")

    paper = study.paper()
    assert paper.title == "Label Smoothing That Fades: Soft Targets First, Hard Targets Last"
    assert paper.findings == ()
    assert paper.left_out == ()
    assert {"muller2019when", "guo2017calibration"} <= set(paper.citations)
    assert "train_loss.png" in {figure.file for figure in study.figures.figures}
    assert "All numbers in this paper" in paper.draft.sections["conclusion"]  # the first refinement's
    review = study.review()
    assert len(review.ensemble) == 5
    assert any("offered as a guess" in weakness for weakness in review.weaknesses)  # the reflection's
    assert "established alternative" in study.paper(improved=True).draft.sections["conclusion"]
    assert study.review(improved=True).overall >= 1
    assert_spent(hakase, study, server)


def _improvement(server: Server) -> int:
    """Number of the first call of the improvement."""
    return next(call.number for call in server.calls if call.stage == "improvement")


def assert_spent(hakase: Hakase, study: Study, server: Server) -> None:
    """What journal and ``hakase status`` say was spent is what the server answered."""
    asked = [event.data for event in study.journal.events(MODEL_CALL)]
    answered = [call for call in server.calls if call.stage != "ideas"]
    assert len(asked) == len(answered)
    shown = hakase("status", study.folder).stdout
    total = re.search(r"^ +all +(\d+) calls, ([\d,]+) tokens", shown, re.M)
    assert total, shown
    assert int(total[1]) == len(answered)
    assert int(total[2].replace(",", "")) == sum(call.prompt_tokens for call in answered)
    for stage in ("novelty", "experiments", "figures", "paper", "review", "improvement"):
        assert re.search(rf"^ +{stage} +\d+ calls", shown, re.M), shown
    assert "$0." in shown


# ---------------------------------------------------------------------------------------- models that answer badly


def regression(*rules: Mapping[str, Any]) -> Any:
    """The good study on regression_argparse, with ``rules`` that answer first."""
    return with_rules(load_scenario("regression"), *rules)


EVERYTHING = {
    "chats": "I would be happy to help you with that! Could you tell me a little more about what you have in mind?",
    "answers in Japanese and emoji": "もちろんです。学習率を少し下げると、良くなるかもしれません。🎉🚀 👍🏽 🤖",
    "returns HTML": "<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>",
    "writes 100,000 lines": "\n".join(
        f"This is line {number} of an answer that never ends." for number in range(100_000)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_a_model_that_never_answers_what_was_asked(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play, answer: str
) -> None:
    bring("regression_argparse")
    server = play({"rule": [{"name": "same", "reply": answer}]})
    run(hakase, server)
    study = the_study(workspace)
    assert_reviewed(study)
    assert len(fallbacks(study)) >= 4
    assert len(server.calls) < 120


EDITS = {
    "edits the wrong file": WRONG_FILE,
    "deletes the file": DELETED,
    "chats instead of editing": EVERYTHING["chats"],
}


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_a_model_whose_edits_cannot_be_made(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play, edit: str
) -> None:
    template = bring("regression_argparse")
    before = (template / "experiment.py").read_text(encoding="utf-8")
    server = play(regression({"name": "experiments/edit", "task": "edit the code for", "reply": edit}))
    run(hakase, server, code=1)  # no run has a result
    study = the_study(workspace)
    assert_reviewed(study)
    assert study.finished_runs()[1].status == "failed"
    assert {attempt.status for attempt in study.attempts(1)} == {"edit_failed"}
    assert (template / "experiment.py").read_text(encoding="utf-8") == before
    assert not list(workspace.rglob("setup.py"))


@pytest.mark.slow
def test_a_model_that_loops_on_the_same_edit(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play
) -> None:
    bring("regression_argparse")
    rules = (
        {"name": "experiments/edit", "task": r"edit the code for \"l2", "reply": SAME},
        {"name": "experiments/revise", "task": "revise the plan", "reply": {"instruction": "Do it again, please."}},
    )
    server = play(regression(*rules))
    run(hakase, server, "--max-runs", "2")
    study = the_study(workspace)
    assert_reviewed(study)
    assert [run.status for run in study.finished_runs()] == ["done", "done", "failed"]
    assert {attempt.status for attempt in study.attempts(2)} == {"no_change"}


@pytest.mark.slow
def test_latex_in_the_title_of_an_idea(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play
) -> None:
    bring("regression_argparse")
    title = r"A $\alpha$-Stable \textbf{Fit} at 100% \input{/etc/passwd} & \write18{touch hacked} {Weights_2"
    idea = {"title": title, "experiment": "Try --l2 at 0.001, then 0.01, then 0.1, then 0.003, by its default."}
    server = play(regression({"name": "ideas/propose", "task": "propose one new idea", "reply": idea}))
    run(hakase, server)
    study = the_study(workspace)
    assert_reviewed(study)
    assert "root:" not in page_text(study.folder / study.paper().pdf)
    assert not list(workspace.rglob("hacked"))


@pytest.mark.slow
def test_an_idea_with_missing_and_mistyped_fields(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play
) -> None:
    bring("regression_argparse")
    lacking = {"name": "x", "interestingness": "very", "feasibility": None, "novelty": [3]}
    whole = {
        **lacking,
        "title": "Ridge Penalties for Random Features",
        "experiment": "Try --l2 at 0.01, then 0.1, then",
    }
    rules = (
        {"name": "ideas/propose", "task": "propose one new idea", "times": 1, "reply": lacking},
        {"name": "ideas/propose", "task": "propose one new idea", "reply": whole},
    )
    server = play(regression(*rules))
    run(hakase, server)
    study = the_study(workspace)
    assert_reviewed(study)
    assert study.idea.title == "Ridge Penalties for Random Features"
    assert "title" in server.calls[1].prompt.rsplit("Task: propose", 1)[1]  # what was missing is said


# ------------------------------------------------------------------------------------------- servers that refuse


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"every": 1, "kinds": ["wrong_key"]}, ("key",)),
        ({"every": 1, "kinds": ["unknown_model"]}, ("scripted", "model")),
    ],
    ids=["wrong key", "unknown model"],
)
def test_a_server_that_will_never_answer_is_asked_once(
    hakase: Hakase, bring: Callable[[str], Path], play: Play, server: dict[str, Any], words: tuple[str, ...]
) -> None:
    bring("regression_argparse")
    running = play("regression", **server)
    said = run(hakase, running, code=2)
    assert all(word in said for word in words)
    assert "fix:" in said
    assert len(running.calls) <= 2


def test_an_address_where_nobody_listens(hakase: Hakase, bring: Callable[[str], Path], play: Play) -> None:
    bring("regression_argparse")
    server = play("regression")
    server.listener.shutdown()
    server.listener.server_close()
    said = run(hakase, server, code=2)
    assert server.url.split("/v1")[0].removeprefix("http://") in said


@pytest.mark.slow
def test_a_server_that_can_do_next_to_nothing(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path], play: Play
) -> None:
    bring("regression_argparse")
    lacks = {"tools": False, "json_schema": False, "temperature": False, "system": False}
    server = play("regression", **lacks)
    run(hakase, server)
    study = the_study(workspace)
    assert_reviewed(study)
    assert fallbacks(study) == []
    assert sum(not call.good for call in server.calls) <= 8  # each lack is learnt once
    assert repeated(server.calls) == []


@pytest.mark.slow
def test_what_was_paid_is_kept_when_the_server_goes_away(
    hakase: Hakase, workspace: Path, bring: Callable[[str], Path]
) -> None:
    bring("regression_argparse")
    failing = {"name": "figures/look", "task": "look at the figures", "fault": "500", "reply": ""}
    with serve(with_rules(load_scenario("regression"), failing)) as server:
        run(hakase, server, code=1)
        port = server.listener.server_address[1]
    study = the_study(workspace)
    assert study.status.state != "done"
    assert "500" in study.status.message
    with serve("regression", port=port) as again:
        done = hakase("resume", study.folder, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_reviewed(study)
    paid = {call.body for call in server.calls if call.good}
    assert len(paid) > 5
    assert {call.body for call in again.calls}.isdisjoint(paid)
    assert json.loads(hakase("status", "--json").stdout)
