"""The measures under benchmarks/: each answers --help, runs when made small, and writes figures that make sense."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
TEMPLATES = Path(__file__).resolve().parent / "templates"
MODELS = ("model_calls", "model_parallel", "model_faults", "model_kills", "small_model")
SCRIPTS = ("help_time", "demo_split", "builtin_ideas", "null_changes", "null_template", *MODELS)


def call(script: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / f"{script}.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def measure(script: str, out: Path, *words: str | Path) -> Any:
    """The JSON that the script writes, once it ended with 0 and wrote a table beside it."""
    done = call(script, *words, "--out", out)
    assert done.returncode == 0, done.stderr[-3000:]
    assert out.with_suffix(".md").read_text(encoding="utf-8").startswith("| ")
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_help(script: str) -> None:
    done = call(script, "--help")
    assert done.returncode == 0
    assert "usage" in done.stdout


def test_help_time_compares_with_an_empty_python(tmp_path: Path) -> None:
    report = measure("help_time", tmp_path / "help.json", "--processes", 2)
    assert report["help_ms"]["median"] > report["python_ms"]["median"] > 0
    assert report["ratio"] > 1
    assert report["machine"]["cores"] >= 1


def test_ideas_are_counted_and_their_time_is_split(workspace: Path, tmp_path: Path) -> None:
    template = TEMPLATES / "bandit_class"
    words = ("--ideas", 1, "--template", template, "--workspace", workspace)
    found = measure("builtin_ideas", tmp_path / "ideas.json", *words)["result"]
    assert found["studies"] == 1
    assert found["runs"] >= 1
    assert found["reviewed_pdfs"]["count"] == 1
    assert found["first_attempts_that_ran"]["of"] == found["runs"]
    assert sum(found["scores"].values()) == 1

    split = measure("demo_split", tmp_path / "split.json", workspace, "--total", 1000)
    (study,) = split["studies"]
    assert study["runs"] > 0
    assert {"novelty", "experiments", "figures", "paper", "review"} <= set(study["stages"])
    assert all(seconds >= 0 for seconds in study["stages"].values())
    parts = split["baseline"] + split["runs"] + split["everything_else"]
    assert parts == pytest.approx(split["total"]) == 1000

    began = next(workspace.glob(".hakase/baselines/*/*/run.json")).stat().st_mtime
    split = measure("demo_split", tmp_path / "clone.json", workspace, "--clone", lay_clone(tmp_path, began - 50))
    assert split["setup"] == pytest.approx(30)
    assert split["total"] > 20
    assert split["outside_of_studies"] > 0


def lay_clone(folder: Path, began: float) -> Path:
    """A clone whose environment was made at ``began`` and ready 30 seconds later."""
    (folder / ".venv").mkdir()
    for name, moment in (("pyvenv.cfg", began), (".installed", began + 30)):
        file = folder / ".venv" / name
        file.touch()
        os.utime(file, (moment, moment))
    return folder


def test_demo_split_refuses_a_folder_without_studies(tmp_path: Path) -> None:
    done = call("demo_split", tmp_path)
    assert done.returncode == 2
    assert "no studies" in done.stderr


def test_studies_of_null_changes_are_counted(tmp_path: Path) -> None:
    report = measure("null_changes", tmp_path / "null.json", "--studies", 2)
    found = report["result"]
    assert found["studies"] == 2
    assert found["ideas"] == 2
    assert found["runs"] >= 2
    assert set(found["attempts"]) == {"ok"}, "a null template's runs differ by their noise"
    assert 0 <= found["runs_better"]["low"] <= found["runs_better"]["share"] <= found["runs_better"]["high"] <= 1


def test_verdicts_see_a_large_effect_and_rarely_none(tmp_path: Path) -> None:
    words = ("--verdicts-only", "--kind", "correlated", "--studies")
    real = measure("null_changes", tmp_path / "real.json", *words, 2, "--effect", 0.6)["result"]
    assert real["runs_better"]["share"] > 0.5
    null = measure("null_changes", tmp_path / "null.json", *words, 2)["result"]
    assert null["runs"] == 10
    assert null["runs_better"]["share"] < 0.5


def test_the_null_template_keeps_the_code_of_digits(tmp_path: Path) -> None:
    made = tmp_path / "null_digits"
    assert call("null_template", made, "--kind", "correlated").returncode == 0
    code = (made / "experiment.py").read_text(encoding="utf-8")
    original = (BENCHMARKS.parent / "templates" / "digits" / "experiment.py").read_text(encoding="utf-8")
    assert len(set(original.splitlines()) - set(code.splitlines())) == 5
    assert "SHARED = 0.9" in (made / "null_draws.py").read_text(encoding="utf-8")
