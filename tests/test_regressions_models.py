"""Faults around language models that were found in use or by attack, each with the way in which it showed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hakase.disk import load_record, save_record
from hakase.launches import Launch, interrupted_launches, launching
from hakase.paper.checks.removal import drop_part
from hakase.paper.checks.syntax import check_balance, check_commands
from hakase.paper.figures import recording
from hakase.records import Draft
from hakase.study import Study
from tests.conftest import Hakase
from tests.scripted import load_scenario
from tests.scripted.fixtures import Play, playing  # noqa: F401 the fixture "play"
from tests.scripted.scenario import with_rules
from tests.test_model_study import SHORT, run, the_study

Bring = Callable[[str], Path]
SECRET = "pa55word77"


def short_words() -> list[str]:
    return [word for key, value in SHORT.items() for word in ("-c", f"{key}={value}")]


# ---------------------------------------------------------------------------------------- settings of a command


def test_limits_given_to_resume_hold_in_parallel_studies_too(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    refusing = {"name": "novelty/judge", "task": "judge the novelty", "fault": "wrong_key", "reply": ""}
    server = play(with_rules(load_scenario("regression"), refusing))
    words = ("--model", "scripted", "--base-url", server.url, "--num-ideas", "2", "--plain", *short_words())
    hakase("run", "regression_argparse", *words)
    studies = [Study(folder) for folder in (workspace / "results").glob("*/*/")]
    assert [study.status.state for study in studies] == ["interrupted"] * 2
    before = len(server.calls)
    hakase("resume", "--parallel", "2", "--max-tokens", "1", "--plain")
    assert len(server.calls) == before
    assert ["the limit of 1 tokens" in study.status.message for study in studies] == [True] * 2


@pytest.mark.parametrize(
    "address",
    [f"http://bob:{SECRET}@127.0.0.1:9/v1", f"http://127.0.0.1:9/v1?key={SECRET}", "http://[x/v1", "http://x:99999"],
)
def test_an_address_that_holds_a_password_or_is_none_is_refused_unseen(
    hakase: Hakase, workspace: Path, bring: Bring, address: str
) -> None:
    bring("regression_argparse")
    done = hakase("run", "regression_argparse", "--model", "any", "--base-url", address)
    assert done.returncode == 2
    assert "fix:" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert not [file for file in workspace.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]


# --------------------------------------------------------------------------------------------- interrupted launches


def test_a_launch_whose_template_is_gone_stops_nothing_else(hakase: Hakase, workspace: Path, bring: Bring) -> None:
    bring("regression_argparse")
    folder = workspace / ".hakase" / "launches"
    save_record(folder / "1.json", Launch(account="1", template="gone", num_ideas=1))
    known = {"account": "2", "template": "regression_argparse", "num_ideas": 1, "options": {"max_runs": 1}}
    save_record(folder / "2.json", Launch(**known))
    done = hakase("resume", "--plain")
    assert done.returncode == 2
    assert "there is no template 'gone'" in done.stderr
    assert str(folder / "1.json") in done.stderr  # how to give it up
    assert the_study(workspace).status.state == "done"
    assert [file.name for file in folder.glob("*.json")] == ["1.json"]


def test_a_launch_is_never_seen_without_its_lock(tmp_path: Path) -> None:
    with launching(tmp_path, Launch(account="1", template="x", num_ideas=1), lambda: True):
        assert interrupted_launches(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_launch_keeps_the_settings_of_its_environment(
    workspace: Path, bring: Bring, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("regression_argparse")
    unusable = {"name": "ideas/propose", "task": "propose one new idea", "fault": "wrong_key", "reply": ""}
    server = play(with_rules(load_scenario("regression"), unusable))
    monkeypatch.setenv("HAKASE_MODEL", "scripted")
    monkeypatch.setenv("HAKASE_BASE_URL", server.url)
    (workspace / "templates" / "regression_argparse" / "ideas.json").write_text("[]")
    seen: list[dict[str, Any]] = []

    def launch_is_there() -> None:
        for file in (workspace / ".hakase" / "launches").glob("*.json"):
            seen.append(load_record(file, Launch).options)

    process = subprocess.Popen(
        [sys.executable, "-m", "hakase", "run", "templates/regression_argparse", "--num-ideas", "1", "--plain"],
        cwd=workspace,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not seen:
        launch_is_there()
    process.wait(60)
    assert seen
    assert seen[0]["model"] == "scripted"
    assert seen[0]["base_url"] == server.url


# -------------------------------------------------------------------------------------------------------------- paper


@pytest.mark.parametrize(
    "deep",
    ["{" * 3000 + "x" + "}" * 3000, "$" + r"\frac{" * 900 + "1" + "}{2}" * 900 + "$", r"\sqrt[" * 900 + "{x}"],
    ids=["braces", "fractions", "brackets"],
)
def test_a_passage_that_nests_without_end_is_left_out(deep: str) -> None:
    text = f"The error is lower.\n\n{deep} \\write18{{x}}\n\nIt ends here."
    draft = Draft(title="T", sections={"results": text})
    while found := [*check_balance(draft, None), *check_commands(draft, None)]:  # type: ignore[arg-type] not looked at
        draft, name = drop_part(draft, found[0])
        assert name
    assert "write18" not in draft.sections["results"]
    assert draft.sections["results"].endswith("It ends here.")


# ------------------------------------------------------------------------------------------------------------ figures


def record(folder: Path, code: str) -> Any:
    """What the recorder writes down of ``code``, which saves x.png; and the runs that it read."""
    (folder / "plot.py").write_text(f"import matplotlib.pyplot as plt\n{code}\n", encoding="utf-8")
    (folder / "run_1").mkdir()
    (folder / "run_1" / "final_info.json").write_text("{}")
    subprocess.run([sys.executable, recording.__file__, "plot.py"], cwd=folder, check=True)
    read = (folder / recording.RUNS_READ).read_text().split()
    return json.loads((folder / "x.png.json").read_text()), read


def test_a_dot_plot_over_categories_has_data(tmp_path: Path) -> None:
    described, read = record(tmp_path, "plt.plot([0.1, 0.2], ['Baseline', 'l2'], 'o'); plt.savefig('x.png')")
    assert described["axes"][0]["has_data"]
    assert described["axes"][0]["y_ticks"] == ["Baseline", "l2"]
    assert read == []


def test_the_recorder_knows_which_runs_were_read(tmp_path: Path) -> None:
    _, read = record(tmp_path, "open('run_1/final_info.json'); plt.plot([1, 2]); plt.savefig('x.png')")
    assert read == ["run_1"]


INVENTED = """
plot.py
```python
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

labels = {"run_0": "Baseline"}  # final_info.json
values = {"Baseline": 1.0, "Ours": 0.1}
plt.bar(list(values), list(values.values()))
plt.ylabel("Mean squared error")
plt.savefig("invented.png", dpi=150)
```
"""


@pytest.mark.slow
def test_a_plot_of_numbers_that_no_run_has_is_not_taken(
    hakase: Hakase, workspace: Path, bring: Bring, play: Play
) -> None:
    bring("regression_argparse")
    rule = {"name": "figures/edit", "task": "edit the code for", "prompt": "Draw the figures of this study"}
    run(hakase, play(with_rules(load_scenario("regression"), {**rule, "reply": INVENTED})))
    study = the_study(workspace)
    assert {figure.file for figure in study.figures.figures} == {"mse.png", "effects.png"}
    problems = [event.data["problems"] for event in study.journal.events("figures_drawn")]
    assert problems[0] == ["plot.py reads no file of any run"]
    assert "values[label] = json.load" in (study.folder / "plot.py").read_text(encoding="utf-8")


@pytest.mark.slow
def test_only_what_an_edited_plot_draws_is_a_figure(hakase: Hakase, workspace: Path, bring: Bring, play: Play) -> None:
    template = bring("regression_argparse")
    run(hakase, play("regression"))
    study = the_study(workspace)
    (study.folder / "old.png").write_bytes((study.folder / "mse.png").read_bytes())
    assert hakase("write", study.folder, timeout=280).returncode == 0
    figures = {figure.file: figure.caption for figure in study.figures.figures}
    assert set(figures) == {"mse.png", "effects.png"}
    assert "as it was edited" in figures["mse.png"]  # nothing compares it with the runs: that is said
    assert "as it was edited" not in figures["effects.png"]
    assert not list(template.glob("*.png"))
