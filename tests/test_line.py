"""The whole line by the command line: real runs in the real sandbox, real TeX, on small templates."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from hakase.journal import Journal
from hakase.naming import macro_name
from hakase.study import Study
from tests.conftest import Hakase

FILES = (
    "experiment.py",
    "notes.txt",
    "review.txt",
    "run_0/final_info.json",
    "run_1/final_info.json",
    "run_1.py",
    "latex/template.tex",
    "latex/references.bib",
    "latex/facts.tex",
    "journal.db",
    "attempts/1.1/change.diff",
    "attempts/1.1/stdout.txt",
    "attempts/1.1/code/experiment.py",
)
FORM = {
    "Summary", "Strengths", "Weaknesses", "Originality", "Quality", "Clarity", "Significance", "Questions",
    "Limitations", "Ethical Concerns", "Soundness", "Presentation", "Contribution", "Overall", "Confidence", "Decision",
}  # fmt: skip


def studies_in(workspace: Path) -> list[Study]:
    return [Study(path.parent.parent) for path in sorted(workspace.glob("results/*/*/records/idea.json"))]


@pytest.fixture
def template(bring: Callable[[str], Path]) -> str:
    return bring("bandit_class").name


def test_a_template_becomes_a_reviewed_paper(hakase: Hakase, template: str, workspace: Path) -> None:
    done = hakase("run", template, "--num-ideas", "1", "--max-runs", "2", "--improvement")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    assert done.stdout.rstrip().splitlines()[-1].endswith(".pdf")
    for name in FILES:
        assert (study.folder / name).is_file(), name
    assert set(json.loads((study.folder / "review.txt").read_text())) == FORM
    assert (study.folder / f"{study.idea.name}_improved.pdf").is_file()
    assert (study.folder / "review_improved.txt").is_file()
    text = "".join(page.extract_text() for page in PdfReader(study.pdf()).pages)
    fact = study.evidence.fact(macro_name("run", 0, "label"))
    assert fact.text in text
    assert "machine" in text
    notes = (study.folder / "notes.txt").read_text()
    assert notes.startswith("# Title: ")
    assert "## Run 0: Baseline\nResults: {" in notes
    ideas = json.loads((workspace / "templates" / template / "ideas.json").read_text())
    assert ideas[0]["Score"] == study.review(improved=True).overall
    assert "novel" in ideas[0]


def test_numbers_of_the_paper_come_from_the_runs(hakase: Hakase, template: str, workspace: Path) -> None:
    hakase("run", template, "--num-ideas", "1", "--max-runs", "2")
    (study,) = studies_in(workspace)
    info = json.loads((study.folder / "run_1" / "final_info.json").read_text())
    (dataset,) = info
    primary = study.registration.primary.name
    values = info[dataset]["final_info_dict"][primary]
    fact = study.evidence.fact(macro_name("run", 1, dataset, primary, "mean"))
    assert fact.value == pytest.approx(sum(values) / len(values))
    assert "run_1/final_info.json" in fact.source
    assert f"\\newcommand{{\\{fact.macro}}}" in (study.folder / "latex" / "facts.tex").read_text()


def start(workspace: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "hakase", *words],
        cwd=workspace,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_resume_repeats_no_finished_run(blow: signal.Signals, hakase: Hakase, template: str, workspace: Path) -> None:
    process = start(workspace, "run", template, "--num-ideas", "1", "--max-runs", "3")
    wait_for(lambda: bool(list(workspace.glob("results/*/*/records/runs/run_1.json"))))
    os.kill(process.pid, blow)
    code = process.wait(60)
    assert code == (-9 if blow == signal.SIGKILL else 130)
    (study,) = studies_in(workspace)
    before = {run.number for run in study.finished_runs()}
    if blow != signal.SIGKILL:
        assert study.status.state == "interrupted"
    done = hakase("resume")
    assert done.returncode == 0, done
    started = [
        (e.data["run"], e.data["attempt"]) for e in Journal(study.folder / "journal.db").events("attempt_started")
    ]
    for number in before - {0}:
        assert sum(run == number for run, _ in started) == len(study.attempts(number))
    assert study.status.state == "done"
    assert study.pdf().is_file()
    assert hakase("resume").stdout.startswith("nothing to resume")


def test_parallel_studies_and_one_that_fails(hakase: Hakase, template: str, workspace: Path) -> None:
    ideas = hakase("ideas", template, "--num-ideas", "3")
    assert ideas.returncode == 0, ideas
    file = workspace / "templates" / template / "ideas.json"
    entries = json.loads(file.read_text())
    for entry in entries:
        entry.pop("novel", None)
    file.write_text(json.dumps(entries))
    process = start(workspace, "run", template, "--skip-idea-generation", "--parallel", "2", "--max-runs", "1")
    wait_for(lambda: len(studies_in(workspace)) == 3)
    poisoned = studies_in(workspace)[-1]
    (poisoned.folder / "records" / "registration.json").write_text("{")
    assert process.wait(180) == 0
    states = [study.status.state for study in studies_in(workspace)]
    assert states.count("done") == 2, states
    shown = hakase("status", "--json")
    assert shown.returncode == 0, shown


def test_rewriting_makes_no_run(hakase: Hakase, template: str, workspace: Path) -> None:
    hakase("run", template, "--num-ideas", "1", "--max-runs", "1")
    (study,) = studies_in(workspace)
    made = len(list(study.journal.events("attempt_started")))
    first = study.paper()
    done = hakase("write", study.folder)
    assert done.returncode == 0, done
    assert len(list(study.journal.events("attempt_started"))) == made
    assert study.paper().title == first.title
    assert (study.folder / "records" / "previous" / "1" / "paper.json").is_file()
    review = hakase("review", study.folder, "--json")
    assert set(json.loads(review.stdout)) == FORM
    foreign = hakase("review", study.pdf(), "--json")
    assert set(json.loads(foreign.stdout)) == FORM


def test_dry_run_changes_nothing_but_says_what_would_be(hakase: Hakase, template: str, workspace: Path) -> None:
    done = hakase("run", template, "--num-ideas", "3", "--max-runs", "4", "--dry-run")
    assert done.returncode == 0, done
    assert "at most 12" in done.stdout
    assert "estimate" in done.stdout
    assert not (workspace / "results").exists()
    assert not (workspace / ".hakase").exists()


def test_the_baseline_is_run_once_and_again_when_the_code_changes(
    hakase: Hakase, template: str, workspace: Path
) -> None:
    def kept() -> int:
        return len(list((workspace / ".hakase" / "baselines" / template).glob("*/run.json")))

    hakase("ideas", template, "--num-ideas", "1")
    assert kept() == 1
    hakase("ideas", template, "--num-ideas", "1")
    assert kept() == 1
    code = workspace / "templates" / template / "experiment.py"
    code.write_text(code.read_text() + "\n# changed\n")
    hakase("ideas", template, "--num-ideas", "1")
    assert kept() == 2


def test_a_template_of_another_shape(hakase: Hakase, bring: Callable[[str], Path], workspace: Path) -> None:
    name = bring("regression_argparse").name
    done = hakase("run", name, "--num-ideas", "1", "--max-runs", "2")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    assert study.registration.primary.name == "mse"
    assert not study.registration.primary.declared
    assert {c.verdict for c in study.evidence.comparisons} == {"too_few_seeds"}


def test_secrets_do_not_reach_experiments(
    hakase: Hakase, template: str, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-key-7391")
    code = workspace / "templates" / template / "experiment.py"
    code.write_text("import os\nprint(sorted(os.environ.items()))\n" + code.read_text())
    hakase("run", template, "--num-ideas", "1", "--max-runs", "1")
    (study,) = studies_in(workspace)
    assert "PATH" in (study.folder / "attempts" / "1.1" / "stdout.txt").read_text()
    for file in study.folder.rglob("*"):
        if file.is_file():
            assert b"planted-key-7391" not in file.read_bytes(), file
