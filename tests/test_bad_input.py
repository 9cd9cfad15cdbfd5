"""Every mistake that a user can make in a template ends in one message with file, key and fix; never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

import hakase
from tests.conftest import Hakase
from tests.test_sandbox_isolation import _python_for_all as find_python_for_all

SOURCE = Path(hakase.__file__).parents[1]
USER = 1000
"""An ordinary user and group; they need not have an account."""

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
    "string_metric": ("final_info.json [toy.means.loss_mean]", "the text 'low', not a number", "write a number"),
    "nan_metric": ("final_info.json [toy.means.loss_mean]", "the metric is nan", "why the run diverged"),
    "writes_nothing": ("the run wrote no final_info.json", "into --out_dir"),
    "writes_half": ("final_info.json", "not valid JSON", "at line 1, column 54", "write the whole file once"),
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


def test_read_only_results_are_refused_at_once() -> None:
    workspace = Path(tempfile.mkdtemp())  # not below a folder of root's, which an ordinary user could not enter
    try:
        (workspace / "results").mkdir()
        for folder in (workspace / "results", workspace):
            _give_to_user(folder)
        (workspace / "results").chmod(0o555)
        done = _call_as_user(workspace, "run", "digits", "--num-ideas", "1")
    finally:
        shutil.rmtree(workspace)
    assert done.returncode == 2, done
    assert "results" in done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def _give_to_user(folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, USER, USER)


def _call_as_user(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``hakase WORDS…`` by a user whom read-only folders stop: the present one, or for root an ordinary one."""
    become, python = [], sys.executable
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write anywhere, and there is no setpriv to become an ordinary user")
        become = ["setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups"]
        python = find_python_for_all()
    packages = [path for path in sys.path if path.endswith("-packages")]
    paths = {"PATH": "/usr/bin:/bin", "HOME": str(workspace), "PYTHONPATH": os.pathsep.join([str(SOURCE), *packages])}
    command = [*become, python, "-m", "hakase", *words]
    done = subprocess.run(command, cwd=workspace, env=paths, capture_output=True, text=True, timeout=240, check=False)
    if "No module named" in done.stderr:
        pytest.skip(f"an ordinary user cannot run this installation: {done.stderr.strip().splitlines()[-1]}")
    return done


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
