"""Every mistake that a user can make in a template ends in one message with file, key and fix; never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Hakase

STATIC = {
    "no_experiment": ("experiment.py is missing",),
    "bad_prompt_json": ("prompt.json", "line 3", "not valid JSON"),
    "bad_seed_ideas": ("seed_ideas.json", "idea", "Experiment"),
    "evil_idea_name": ("../../x", "cannot be a folder's name"),
    "syntax_error": ("experiment.py", "Python syntax", "line"),
    "rejects_out_dir": ("experiment.py", "--out_dir"),
}
RUNNING = {
    "no_means": ("means",),
    "string_metric": ("final_info.json",),
    "nan_metric": ("final_info.json",),
    "writes_nothing": ("final_info.json",),
    "writes_half": ("final_info.json",),
    "fails": ("exit code 1",),
    "missing_figure": ("plot.py wrote no PNG file",),
    "bad_latex": ("LaTeX",),
}


@pytest.mark.parametrize("name", STATIC)
def test_check_names_what_can_be_seen_without_running(name: str, hakase: Hakase, bring: Callable[[str], Path]) -> None:
    bring(f"broken/{name}")
    done = hakase("template", "check", name)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stdout + done.stderr
    assert "fix:" in done.stdout
    for words in STATIC[name]:
        assert words in done.stdout


@pytest.mark.parametrize("name", RUNNING)
def test_check_with_a_baseline_names_what_a_run_shows(name: str, hakase: Hakase, bring: Callable[[str], Path]) -> None:
    bring(f"broken/{name}")
    done = hakase("template", "check", name, "--baseline")
    assert done.returncode == 2, done
    assert "Traceback (most recent call last)" not in done.stderr
    for words in RUNNING[name]:
        assert words in done.stdout


def test_missing_labels_and_run_0_are_no_fault_but_are_said(hakase: Hakase, bring: Callable[[str], Path]) -> None:
    bring("broken/no_labels")
    done = hakase("template", "check", "no_labels", "--baseline")
    assert done.returncode == 0, done
    assert "`labels`" in done.stdout


@pytest.mark.parametrize("name", ["no_experiment", "bad_prompt_json", "evil_idea_name", "fails", "no_means"])
def test_run_refuses_before_anything_is_begun(
    name: str, hakase: Hakase, bring: Callable[[str], Path], workspace: Path
) -> None:
    bring(f"broken/{name}")
    done = hakase("run", name, "--num-ideas", "1")
    assert done.returncode in (1, 2), done
    assert done.stderr.startswith("hakase: ")
    assert not list(workspace.glob("results/*/*"))


def test_hanging_baseline_ends_at_its_limit(hakase: Hakase, bring: Callable[[str], Path]) -> None:
    bring("broken/hangs")
    done = hakase("template", "baseline", "hangs", "--run-timeout", "2", "--plain")
    assert done.returncode == 1, done
    assert "time limit" in done.stderr
    assert "--run-timeout" in done.stderr


def test_unknown_template_lists_the_known_ones(hakase: Hakase) -> None:
    done = hakase("run", "nothing_here")
    assert done.returncode == 2
    assert "digits" in done.stderr


def test_unknown_model_is_refused(hakase: Hakase) -> None:
    done = hakase("run", "digits", "--model", "gpt-4o", "--dry-run")
    assert done.returncode == 2
    assert "builtin" in done.stderr


def test_bad_setting_names_file_and_key(hakase: Hakase, workspace: Path) -> None:
    (workspace / "hakase.toml").write_text('max_runs = "many"\n')
    done = hakase("run", "digits", "--dry-run")
    assert done.returncode == 2
    assert "hakase.toml" in done.stderr
    assert "max_runs" in done.stderr


def test_bad_option_is_a_usage_error(hakase: Hakase) -> None:
    done = hakase("run", "digits", "--max-runs", "0", "--dry-run")
    assert done.returncode == 2
    assert "max-runs" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_results_are_refused_at_once(hakase: Hakase, workspace: Path) -> None:
    results = workspace / "results"
    results.mkdir(mode=0o555)
    done = hakase("run", "digits", "--num-ideas", "1")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_doctor_says_what_is_there(hakase: Hakase) -> None:
    done = hakase("doctor", "--json")
    assert done.returncode == 0, done
    checks = {check["name"]: check["level"] for check in json.loads(done.stdout)}
    assert {"Python", "disk", "sandbox", "typesetter", "workspace", "scientist"} <= set(checks)
    assert "failure" not in checks.values()


def test_a_folder_that_is_no_study_is_refused(hakase: Hakase, workspace: Path) -> None:
    for verb in ("resume", "status", "write", "review"):
        done = hakase(verb, workspace)
        assert done.returncode == 2, (verb, done)
        assert "no study" in done.stderr
