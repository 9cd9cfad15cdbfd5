"""ideas.json stays readable to the AI Scientist's users, and loses nothing."""

import json
import multiprocessing
from pathlib import Path

import pytest

from hakase.errors import TemplateError
from hakase.ideas import append_ideas, load_ideas, update_idea
from hakase.records import Idea

THEIRS = {
    "Name": "Adaptive-LR", "Title": "T", "Experiment": "E",
    "Interestingness": 7, "Feasibility": 8.0, "Novelty": 5, "novel": True, "Score": 4.5,
}  # fmt: skip


def test_reads_the_ai_scientists_form(tmp_path: Path) -> None:
    file = tmp_path / "ideas.json"
    file.write_text(json.dumps([THEIRS]))
    (idea,) = load_ideas(file)
    assert (idea.name, idea.feasibility, idea.novel) == ("adaptive_lr", 8, True)


def test_appending_and_updating_keeps_unknown_keys(tmp_path: Path) -> None:
    file = tmp_path / "ideas.json"
    file.write_text(json.dumps([THEIRS]))
    append_ideas(file, [Idea(name="new_one", title="N", experiment="X", intervention="tanh", references=("a2020b",))])
    update_idea(file, "adaptive_lr", novel=False, Reason="known")
    entries = json.loads(file.read_text())
    assert entries[0] == {**THEIRS, "novel": False, "Reason": "known"}
    assert load_ideas(file)[1].references == ("a2020b",)


def add(file: Path, name: str) -> None:
    append_ideas(file, [Idea(name=name, title="t", experiment="e")])


def test_processes_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "ideas.json"
    workers = [multiprocessing.Process(target=add, args=(file, f"idea_{n}")) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {idea.name for idea in load_ideas(file)} == {f"idea_{n}" for n in range(8)}


@pytest.mark.parametrize("name", ["../../x", "/etc", "a/b", "..", "", "  ", "a\\b", ".hidden", "日本"])
def test_names_that_are_no_folder_names_are_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "ideas.json"
    file.write_text(json.dumps([{**THEIRS, "Name": name}]))
    with pytest.raises(TemplateError) as refusal:
        load_ideas(file)
    assert "idea 0: Name" in str(refusal.value)


def test_invalid_json_is_located(tmp_path: Path) -> None:
    file = tmp_path / "ideas.json"
    file.write_text('[\n {"Name": "x",\n  "Title" "y"}\n]')
    with pytest.raises(TemplateError, match="line 3, column"):
        load_ideas(file)
