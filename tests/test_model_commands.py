"""Commands around language models: limits, estimates, what is kept, asked afresh, replayed, and gone on with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hakase.ideas import load_ideas
from hakase.paper.pdf import page_text
from hakase.stages.figures import EDITED
from hakase.study import Study
from tests.conftest import Hakase
from tests.scripted import Server, load_scenario, repeated
from tests.scripted.fixtures import Play, playing  # noqa: F401 the fixture "play"
from tests.scripted.scenario import with_rules
from tests.test_model_study import SHORT, assert_reviewed, fallbacks, the_study

PRICES = 'prices={"scripted"={input=100,output=100}}'
Bring = Callable[[str], Path]


def words_for(server: Server, *more: str) -> list[str]:
    settings = [word for key, value in SHORT.items() for word in ("-c", f"{key}={value}")]
    return ["--model", "scripted", "--base-url", server.url, *settings, *more]


def run_one(hakase: Hakase, server: Server, *more: str) -> subprocess.CompletedProcess[str]:
    short = ("--num-ideas", "1", "--max-runs", "1", "--plain")
    return hakase("run", "regression_argparse", *words_for(server, *short, *more), timeout=280)


# ---------------------------------------------------------------------------------------------------------- limits


def test_a_limit_in_dollars_needs_a_price(hakase: Hakase, bring: Bring, play: Play) -> None:
    bring("regression_argparse")
    server = play("regression")
    refused = run_one(hakase, server, "--max-usd", "5")
    assert refused.returncode == 2
    assert "[prices" in refused.stderr
    assert server.calls == []


def test_a_limit_of_nothing_is_refused(hakase: Hakase, bring: Bring, play: Play) -> None:
    bring("regression_argparse")
    refused = run_one(hakase, play("regression"), "--max-usd", "0")
    assert refused.returncode == 2
    assert "--max-usd" in refused.stderr


@pytest.mark.slow
def test_a_study_lands_at_its_limit_with_a_paper_that_says_so(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    server = play("regression")
    limit = 2.2
    done = run_one(hakase, server, "--max-usd", str(limit), "-c", PRICES)
    assert done.returncode == 0, done.stdout + done.stderr
    study = the_study(workspace)
    assert study.status.state == "done"
    assert any("--max-usd" in line for line in fallbacks(study))
    assert "How this paper was made" in page_text(study.folder / study.paper().pdf)
    billed = sum(call.prompt_tokens + call.completion_tokens for call in server.calls) * 100 / 1e6
    assert 0 < billed <= limit
    shown = hakase("status", study.folder).stdout
    assert "spending by stage" in shown
    assert "by the rules instead of the model" in shown
    assert re.search(r"models: \d+ calls, \$\d", done.stdout)


def test_an_estimate_comes_before_anything_is_asked(hakase: Hakase, bring: Bring, play: Play) -> None:
    bring("regression_argparse")
    server = play("regression")
    said = run_one(hakase, server, "--dry-run", "-c", PRICES).stdout
    assert "estimate: about" in said
    assert "tokens of prompts" in said
    assert "about $" in said
    assert server.url in said
    assert server.calls == []


@pytest.mark.slow
def test_what_is_lost_whole_is_written_by_the_rules_and_said(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    bad = "We measured 73.21 and 91.44 and 12.03 in this study of ours, as everybody knows by now.\n"
    lies = {"name": "lies", "task": 'the section "abstract"', "reply": bad}
    worse = {"name": "repairs", "task": "repair", "reply": bad}
    server = play(with_rules(load_scenario("regression"), lies, worse))
    done = run_one(hakase, server)
    assert done.returncode == 0, done.stdout + done.stderr
    study = the_study(workspace)
    assert "73.21" not in page_text(study.folder / study.paper().pdf)
    assert len(study.paper().draft.sections["abstract"]) > 200
    assert any(line.startswith("{'what': 'the section abstract'") for line in fallbacks(study))
    assert "How this paper was made" in page_text(study.folder / study.paper().pdf)


def test_a_first_idea_that_was_paid_for_is_gone_on_with(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    gone = {"name": "gone", "task": "improve the idea", "fault": "unknown_model", "reply": ""}
    server = play(with_rules(load_scenario("regression"), gone))
    refused = run_one(hakase, server, "-c", "idea_reflections=1")
    assert refused.returncode == 2
    assert "hakase resume" in refused.stderr
    assert list((workspace / ".hakase" / "launches").glob("*.json"))
    other = play("regression")
    done = hakase("resume", "--base-url", other.url, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_reviewed(the_study(workspace))


def test_a_command_that_paid_nothing_leaves_nothing_behind(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    refused = run_one(hakase, play("regression", every=1, kinds=["unknown_model"]))
    assert refused.returncode == 2
    assert "resume" not in refused.stderr
    assert not list((workspace / ".hakase" / "launches").glob("*"))


# --------------------------------------------------------------------------------------------------- the doctor


def test_the_doctor_asks_each_model(hakase: Hakase, play: Play) -> None:
    server = play("regression", tools=False)
    said = hakase("doctor", "--live", "--model", "one", "--base-url", server.url, "-c", "models.review=two")
    assert said.returncode == 0, said.stdout
    (one,) = [line for line in said.stdout.splitlines() if "model one (ideas, coding, writing)" in line]
    assert "JSON schemas, no tools" in one
    assert "price unknown" in one
    assert "model two (review)" in said.stdout


def test_the_doctor_says_what_is_wrong_with_a_key(hakase: Hakase, play: Play) -> None:
    said = hakase(
        "doctor", "--live", "--model", "x", "--base-url", play("regression", every=1, kinds=["wrong_key"]).url
    )
    assert said.returncode == 2
    assert "FAIL" in said.stdout
    assert "key" in said.stdout


# ------------------------------------------------------------------------------------------------- settings, roles


def test_rules_may_take_a_role(hakase: Hakase, workspace: Path, bring: Bring, play: Play) -> None:
    bring("regression_argparse")
    server = play("regression")
    roles = ("-c", "models.review=builtin", "-c", "models.writing=builtin")
    done = run_one(hakase, server, *roles)
    assert done.returncode == 0, done.stdout + done.stderr
    study = the_study(workspace)
    assert_reviewed(study)
    assert any("the rules are set for this role" in line for line in fallbacks(study))
    assert not [call for call in server.calls if "section" in call.task or "review" in call.task]


def test_a_coder_and_a_scientist_must_fit(hakase: Hakase) -> None:
    assert "name a --model" in hakase("run", "digits", "--coder", "blocks").stderr
    assert "--coder blocks" in hakase("run", "digits", "--model", "x", "--coder", "syntax").stderr


def test_a_setting_that_is_none_is_refused(hakase: Hakase) -> None:
    refused = hakase("run", "digits", "-c", "modles.review=x")
    assert refused.returncode == 2
    assert "modles" in refused.stderr
    assert "KEY=VALUE" in hakase("run", "digits", "-c", "nonsense").stderr


# ---------------------------------------------------------------------------------------- kept, afresh, replayed


@pytest.mark.slow
def test_kept_replies_answer_again_until_afresh_is_wanted(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    server = play("regression")
    assert run_one(hakase, server).returncode == 0
    study = the_study(workspace)
    asked = len(server.calls)
    assert hakase("review", study.folder, timeout=280).returncode == 0
    assert hakase("write", study.folder, timeout=280).returncode == 0
    assert len(server.calls) == asked
    done = hakase("review", study.folder, "--fresh", timeout=280)
    assert done.returncode == 0, done.stderr
    assert len(server.calls) > asked
    assert "Reviewer: language model scripted" in done.stdout


@pytest.mark.slow
def test_a_caption_says_edited_only_of_a_plot_that_was(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    assert run_one(hakase, play("regression")).returncode == 0
    study = the_study(workspace)
    assert any(EDITED in figure.caption for figure in study.figures.figures)
    assert hakase("write", study.folder, "-c", "models.coding=builtin", timeout=280).returncode == 0
    assert not any(EDITED in figure.caption for figure in study.figures.figures)
    assert (study.folder / "plot.py").read_text().count("labels") >= 1


@pytest.mark.slow
def test_a_recorded_study_is_played_again_without_a_server(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play, tmp_path: Path
) -> None:
    bring("regression_argparse")
    server = play("regression")
    assert run_one(hakase, server).returncode == 0
    first = the_study(workspace)
    server.listener.shutdown()
    server.listener.server_close()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "templates").mkdir(parents=True)
    (workspace / "templates" / "regression_argparse").rename(elsewhere / "templates" / "regression_argparse")
    (elsewhere / "templates" / "regression_argparse" / "ideas.json").unlink()
    words = ("--num-ideas", "1", "--plain", "--replay", str(workspace), "--workspace", str(elsewhere))
    again = hakase("run", "regression_argparse", *words, timeout=280)
    assert again.returncode == 0, again.stdout + again.stderr
    second = the_study(elsewhere)
    assert second.idea.name == first.idea.name
    assert second.paper().draft.sections.keys() == first.paper().draft.sections.keys()
    assert second.review().overall == first.review().overall
    assert second.status.cost_usd == 0


# ------------------------------------------------------------------------------------------------- going on


@pytest.mark.slow
def test_a_command_killed_among_its_ideas_goes_on(hakase: Hakase, workspace: Path, bring: Bring, play: Play) -> None:
    template = bring("regression_argparse")
    server = play("regression", latency=0.4)
    command = [sys.executable, "-m", "hakase", "run", "regression_argparse", *words_for(server, "--num-ideas", "2")]
    process = subprocess.Popen(
        [*command, "--max-runs", "1", "-c", "idea_reflections=1"], cwd=workspace, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _wait_for(lambda: len(server.calls) >= 3)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not list((workspace / "results").glob("*/*/records"))
    done = hakase("resume", "--plain", timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    studies = [Study(path.parent.parent) for path in (workspace / "results").glob("*/*/records/idea.json")]
    assert len(studies) == 2
    assert all(study.status.state in ("done", "not_novel") for study in studies)
    assert len(load_ideas(template / "ideas.json")) == 2
    assert len(repeated(server.calls)) <= 2  # those that were in flight
    assert json.loads(hakase("status", "--json").stdout)[0]["state"]
    assert "nothing to resume" in hakase("resume").stdout


def _wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)
