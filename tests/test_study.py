"""A study's folder: whole or not there, locked while in use, and clear about damage."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hakase.errors import StudyError
from hakase.journal import Journal
from hakase.records import Idea, Measurement, Metric, Result, Run
from hakase.settings import Settings
from hakase.study import Registration, Study, create_study, open_study
from hakase.template import load_template
from tests.conftest import TEMPLATES

IDEA = Idea(name="try_it", title="T", experiment="E")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    output = tmp_path / "run_0"
    output.mkdir()
    (output / "final_info.json").write_text("{}")
    metric = Metric(name="mse", direction="lower")
    registration = Registration(
        template="regression_argparse", workspace=str(tmp_path), metrics=(metric,), primary=metric, settings=Settings()
    )
    baseline = Run(number=0, label="Baseline", result=Result(datasets={"d": {"mse": Measurement(mean=1.0)}}))
    template = load_template(TEMPLATES / "regression_argparse")
    return create_study(tmp_path / "results", template, IDEA, registration, baseline, output)


def test_a_study_looks_as_the_ai_scientists(study: Study) -> None:
    assert study.folder.parent.name == "regression_argparse"
    assert study.folder.name.endswith("_try_it")
    assert len(study.folder.name.split("_")[0]) == 8
    for name in ("experiment.py", "plot.py", "run_0/final_info.json", "records/idea.json"):
        assert (study.folder / name).is_file()


def test_two_studies_of_one_second_do_not_collide(study: Study, tmp_path: Path) -> None:
    template = load_template(TEMPLATES / "regression_argparse")
    baseline = study.finished_runs()[0]
    made = [
        create_study(tmp_path / "results", template, IDEA, study.registration, baseline, study.run_folder(0))
        for _ in range(3)
    ]
    assert len({one.folder for one in made}) == 3


def test_another_process_is_refused_while_a_study_is_in_use(study: Study) -> None:
    code = "from hakase.study import Study; from pathlib import Path\n"
    code += f"with Study(Path({str(study.folder)!r})).lock(): pass"
    with study.lock():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "another process works on this study (pid " in done.stderr
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_or_newer_record_is_named(study: Study) -> None:
    file = study.record_file("idea")
    entry = json.loads(file.read_text())
    file.write_text(json.dumps({**entry, "from_the_future": 1}))
    with pytest.raises(StudyError, match=r"idea\.json.*from_the_future"):
        _ = study.idea
    file.write_text(file.read_text()[:20])
    with pytest.raises(StudyError, match=r"idea\.json"):
        _ = study.idea


def test_a_study_from_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no study"):
        open_study(tmp_path)


def test_retired_records_are_kept(study: Study) -> None:
    study.save("status", study.status)
    study.retire("status", "paper")
    assert not study.has("status")
    assert (study.folder / "records" / "previous" / "1" / "status.json").is_file()


def test_the_journal_keeps_events_in_order_and_refuses_newer_ones(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.add("stage_started", "novelty")
    journal.add("attempt_ended", "experiments", run=1, status="ok")
    assert [event.kind for event in Journal(journal.path).events()] == ["stage_started", "attempt_ended"]
    assert next(iter(journal.events("attempt_ended"))).data == {"run": 1, "status": "ok"}
    import sqlite3

    with sqlite3.connect(journal.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StudyError, match="upgrade"):
        Journal(journal.path)


def test_a_broken_journal_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StudyError, match=r"journal\.db"):
        Journal(tmp_path / "journal.db")
