"""Defaults, then hakase.toml, then the environment, then options."""

from pathlib import Path

import pytest

from hakase.errors import ConfigError
from hakase.settings import load_settings


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(tmp_path).max_runs == 5
    (tmp_path / "hakase.toml").write_text("max_runs = 4\nmax_attempts = 3\n")
    assert load_settings(tmp_path).max_runs == 4
    monkeypatch.setenv("HAKASE_MAX_RUNS", "3")
    assert load_settings(tmp_path).max_runs == 3
    settings = load_settings(tmp_path, {"max_runs": 2, "max_attempts": None})
    assert (settings.max_runs, settings.max_attempts) == (2, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_run = 3", "max_run"),
        ("max_runs = 0", "max_runs"),
        ("max_runs = [", "TOML"),
        ("run_timeout = -1", "run_timeout"),
    ],
)
def test_bad_files_are_refused_with_the_key(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "hakase.toml").write_text(text)
    with pytest.raises(ConfigError) as refusal:
        load_settings(tmp_path)
    assert words in str(refusal.value)
    assert "hakase.toml" in str(refusal.value)


def test_unknown_environment_variables_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAKASE_WORKSPACE_NOTE", "x")
    assert load_settings(tmp_path).model == "builtin"
