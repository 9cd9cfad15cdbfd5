"""Faults that were found in use, each with the way in which it showed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from hakase.cli.screen import LiveScreen
from hakase.progress import Progress
from hakase.stages.jobs import lay_bench, make_plain
from hakase.study import Study
from hakase.syntax.setting import set_knob
from hakase.template import experiment_files
from tests.conftest import Hakase
from tests.test_line import start, studies_in, wait_for

SIMPLE = """
import argparse, json, os, random, sys
parser = argparse.ArgumentParser()
parser.add_argument("--out_dir", default="run_0")
parser.add_argument("--learning_rate", type=float, default=0.1)
args = parser.parse_args()
os.makedirs(args.out_dir, exist_ok=True)
losses = [random.Random(seed).gauss(1.0, 0.1) + (args.learning_rate - 0.3) ** 2 for seed in range(8)]
info = {"task": {"means": {"loss_mean": sum(losses) / 8}, "stderrs": {}, "final_info_dict": {"loss": losses}}}
"""
SAVE = 'json.dump(info, open(os.path.join(args.out_dir, "final_info.json"), "w"))\n'


def make_template(workspace: Path, code: str, plot: str = "") -> None:
    folder = workspace / "templates" / "mine"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(code)
    if plot:
        (folder / "plot.py").write_text(plot)


def test_a_figure_with_a_name_that_latex_dislikes_does_not_hang_the_paper(hakase: Hakase, workspace: Path) -> None:
    plot = (
        "import matplotlib; matplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
        "plt.plot([1, 2, 3], [3, 1, 2]); plt.xlabel('x'); plt.ylabel('50%_&'); plt.savefig('acc_50%#ü.png', dpi=120)\n"
    )
    make_template(workspace, SIMPLE + SAVE, plot)
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    assert {figure.file for figure in study.figures.figures} == {"acc_50_u.png", "effects.png"}
    assert study.paper().pdf
    assert not [f for f in study.paper().findings if f.severity == "error"]


def test_links_left_by_a_run_are_not_followed(hakase: Hakase, workspace: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"task": {"means": {"loss_mean": 0.123456}}}')
    make_template(workspace, SIMPLE + f"os.symlink({str(secret)!r}, os.path.join(args.out_dir, 'final_info.json'))\n")
    done = hakase("run", "mine", "--num-ideas", "1", "--sandbox", "process")
    assert done.returncode == 1, done
    assert "final_info.json" in done.stderr
    assert not [file for file in workspace.rglob("*") if file.is_file() and b"0.123456" in file.read_bytes()]


def test_what_a_run_wrote_becomes_plain_and_removable(tmp_path: Path) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "deep" / "file").write_text("x")
    os.mkfifo(tmp_path / "deep" / "pipe")
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "deep" / "file").chmod(0)
    (tmp_path / "deep").chmod(0)
    make_plain(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "deeper", "file"]
    assert (tmp_path / "deep" / "file").read_text() == "x"


def test_modules_and_folders_of_a_template_reach_its_runs(tmp_path: Path) -> None:
    template = tmp_path / "t"
    for name in ("run_utils.py", "lib/data/loader.py", "lib/results/x.py", "data/small.csv", "logo.png"):
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_text("x")
    for name in ("run_0/final_info.json", "run_1.py", "latex/template.tex", "ideas.json", "lib/__pycache__/x.pyc"):
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_text("x")
    bench = lay_bench(tmp_path / "bench", template)
    copied = {str(path.relative_to(bench.work)) for path in bench.work.rglob("*") if path.is_file()}
    assert copied == {"run_utils.py", "lib/data/loader.py", "lib/results/x.py", "data/small.csv", "logo.png"}
    assert experiment_files(template)(str(template / "lib"), ["run_1.py"]) == set()


def test_a_resumed_run_is_recorded_with_the_plan_that_was_run(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + 'if args.learning_rate == 0.3: sys.exit("not this one")\n' + SAVE)
    hakase("run", "mine", "--num-ideas", "1")
    (study,) = studies_in(workspace)
    run = next(run for run in study.finished_runs() if len(run.attempts) > 1)
    for number in range(run.number, len(study.finished_runs())):
        study.run_file(number).unlink()
    study.retire("runs", "evidence", "figures", "paper", "review")
    assert hakase("resume", study.folder).returncode == 0
    again = next(one for one in Study(study.folder).finished_runs() if one.number == run.number)
    assert (again.label, again.changes, again.result) == (run.label, run.changes, run.result)


def test_a_run_in_the_background_of_a_script_can_be_ended(workspace: Path, bring: Callable[[str], Path]) -> None:
    bring("bandit_class")
    code = (workspace / "templates" / "bandit_class" / "experiment.py").read_text()
    (workspace / "templates" / "bandit_class" / "experiment.py").write_text("import time; time.sleep(3)\n" + code)
    words = ["run", "bandit_class", "--num-ideas", "2", "--parallel", "2", "--max-runs", "2"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start(workspace, *words)
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(lambda: len(list(workspace.glob("results/*/*/attempts/1.1/work"))) == 2)
    process.terminate()
    assert process.wait(60) == 130
    assert {study.status.state for study in studies_in(workspace)} == {"interrupted"}


def test_parallel_workers_run_as_the_baseline_did(workspace: Path) -> None:
    make_template(workspace, 'import os; print("threads", os.environ["OMP_NUM_THREADS"])\n' + SIMPLE + SAVE)
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    ideas = [
        {
            "Name": f"rate_{n}",
            "Title": f"Tuning the learning rate {n}",
            "Experiment": "E",
            "Intervention": "learning_rate",
        }
        for n in range(2)
    ]
    (workspace / "templates" / "mine" / "ideas.json").write_text(json.dumps(ideas))
    command = [
        sys.executable,
        "-m",
        "hakase",
        "run",
        "mine",
        "--skip-idea-generation",
        "--parallel",
        "2",
        "--max-runs",
        "1",
    ]
    subprocess.run(command, cwd=workspace, env=environment, capture_output=True, timeout=200, check=True)
    logs = [
        *workspace.glob(".hakase/baselines/mine/*/stdout.txt"),
        *workspace.glob("results/mine/*/attempts/1.1/stdout.txt"),
    ]
    assert len(logs) == 3
    assert len({log.read_text().splitlines()[0] for log in logs}) == 1


def test_a_limit_reached_before_any_run_leaves_the_study_to_be_resumed(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + SAVE)
    hakase("template", "baseline", "mine")
    done = hakase("run", "mine", "--num-ideas", "1", "--max-hours", "0.0000001")
    assert done.returncode == 1, done
    (study,) = studies_in(workspace)
    assert study.status.state == "interrupted"
    assert hakase("resume").returncode == 0
    assert Study(study.folder).status.state == "done"


def test_a_limit_during_the_runs_spares_figures_and_paper(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, "import time; time.sleep(1.5)\n" + SIMPLE + SAVE)
    hakase("template", "baseline", "mine")
    done = hakase("run", "mine", "--num-ideas", "1", "--max-hours", str(3.2 / 3600))
    (study,) = studies_in(workspace)
    assert done.returncode == 0, done
    assert 1 <= len(study.finished_runs()) - 1 < 4
    assert not study.figures.findings
    assert all(run.status == "done" for run in study.finished_runs())


def test_an_idea_is_judged_by_its_own_metric_or_refused(
    hakase: Hakase, bring: Callable[[str], Path], workspace: Path
) -> None:
    folder = bring("bandit_class")
    idea = {"Name": "mine", "Title": "Less exploration", "Experiment": "E", "Intervention": "exploration_rate"}
    (folder / "ideas.json").write_text(json.dumps([{**idea, "PrimaryMetric": "total_reward"}]))
    done = hakase("run", "bandit_class", "--skip-idea-generation", "--max-runs", "1")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    assert study.registration.primary.name == study.evidence.primary_metric == "total_reward"
    (folder / "ideas.json").write_text(json.dumps([{**idea, "PrimaryMetric": "beauty"}]))
    done = hakase("run", "bandit_class", "--skip-idea-generation", "--max-runs", "1")
    assert done.returncode == 2, done
    assert "beauty" in done.stderr
    assert len(studies_in(workspace)) == 1


def test_a_paper_says_where_a_run_was_made_elsewhere_than_the_others(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + SAVE)
    assert hakase("template", "baseline", "mine", "--sandbox", "bubblewrap").returncode == 0
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1", "--sandbox", "process")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    tex = (study.folder / "latex" / "template.tex").read_text()
    assert "run 0 ran elsewhere than registered (sandbox bubblewrap instead of process)" in tex.lower().replace(
        "\n", " "
    )


def test_a_typing_mistake_unmakes_no_finished_study(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + SAVE)
    hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1")
    (study,) = studies_in(workspace)
    assert hakase("write", study.folder, "--typesetter", "typo").returncode == 2
    assert study.has("paper")
    assert hakase("resume", study.folder, "--max-runs", "0").returncode == 2


def test_brackets_in_the_output_do_not_break_the_live_view() -> None:
    screen = LiveScreen()
    screen.update("idea", Progress(stage="experiments", last_line="loading [/tmp/data] [red]"))
    console = Console(width=200, record=True)
    console.print(screen._draw())
    assert "[/tmp/data] [red]" in console.export_text()


def test_a_knob_can_be_set_after_many_other_texts_were_read() -> None:
    text = "learning_rate = 0.1\n"
    assert set_knob({"a.py": text}, "learning_rate", "0.2")["a.py"] == "learning_rate = 0.2\n"
    from hakase.syntax.source import parse

    for number in range(100):
        parse(f"x = {number}\n")
    assert set_knob({"a.py": text}, "learning_rate", "0.3")["a.py"] == "learning_rate = 0.3\n"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="a template of one's own wants the fonts of TeX Live")
def test_a_template_of_the_ai_scientist_is_signed_by_the_machine(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + SAVE)
    latex = workspace / "templates" / "mine" / "latex"
    latex.mkdir()
    (latex / "template.tex").write_text(
        "\\documentclass{article}\n\\usepackage{graphicx}\n\\usepackage{hyperref}\n\\graphicspath{{../}}\n"
        "\\begin{filecontents}{references.bib}\n@article{x2020, title={X}, author={Y}, journal={Z}, year={2020}}\n"
        "\\end{filecontents}\n\\title{TITLE HERE}\n\\author{GPT-4o \\& Claude\\\\University of LLMs}\n"
        "\\begin{document}\n"
        "\\maketitle\n\\begin{abstract}\nABSTRACT HERE\n\\end{abstract}\n\\section{Introduction}\nINTRO HERE\n"
        "\\section{Results}\nRESULTS HERE\n"
        "\\begin{figure}\n\\includegraphics{val_loss.png}\n\\caption{PLEASE FILL IN CAPTION HERE}\n\\end{figure}\n"
        "\\section{Conclusions}\nCONCLUSIONS HERE\n\n"
        "This work was generated by \\textsc{The AI Scientist} \\cite{x2020}.\n\n"
        "\\bibliographystyle{plain}\n\\bibliography{references}\n\\end{document}\n"
    )
    checked = hakase("template", "check", "mine")
    assert checked.returncode == 0, checked
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1")
    assert done.returncode == 0, done
    (study,) = studies_in(workspace)
    tex = (study.folder / "latex" / "template.tex").read_text()
    assert "\\documentclass{article}" in tex
    assert "GPT-4o" not in tex
    assert "was generated by" not in tex
    assert "written by a machine" in tex


def test_a_fault_of_the_users_latex_costs_no_section(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + SAVE)
    latex = workspace / "templates" / "mine" / "latex"
    latex.mkdir()
    (latex / "template.tex").write_text(
        "\\documentclass{article}\n\\title{TITLE HERE}\n\\begin{document}\n\\maketitle\nABSTRACT HERE\n"
        "\\section{Method}\n\\nosuchcommand METHOD HERE\n\\end{document}\n"
    )
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1")
    (study,) = studies_in(workspace)
    paper = study.paper()
    assert [part for part in paper.left_out if "own LaTeX" in part] == list(paper.left_out)
    assert all(text.strip() for text in paper.draft.sections.values())
    assert "template's own LaTeX" in done.stdout


@pytest.mark.parametrize("habit", ["../../data", "../../../data"])
def test_both_habits_of_reaching_data_work(habit: str, hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, f"open({habit!r} + '/x.txt').read()\n" + SIMPLE + SAVE)
    (workspace / "data").mkdir()
    (workspace / "data" / "x.txt").write_text("x")
    if habit == "../../data":
        assert hakase("template", "baseline", "mine").returncode == 0
    else:
        shutil.copytree(workspace / "data", workspace.parent / "data")
        code = workspace / "templates" / "mine" / "experiment.py"
        guard = f"import os\nif os.path.exists({habit!r}) or 'results' in os.getcwd(): "
        code.write_text(guard + code.read_text())
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1")
    assert done.returncode == 0, done


def test_a_study_without_a_finished_run_is_no_success(hakase: Hakase, workspace: Path) -> None:
    make_template(workspace, SIMPLE + 'if args.out_dir != "run_0": sys.exit("never again")\n' + SAVE)
    done = hakase("run", "mine", "--num-ideas", "1", "--max-runs", "1", "--max-attempts", "1")
    assert done.returncode == 1, done
    (study,) = studies_in(workspace)
    assert study.paper().pdf


@pytest.mark.parametrize("linked", [False, True])
def test_a_change_in_the_data_measures_the_baseline_anew(
    linked: bool, hakase: Hakase, workspace: Path, tmp_path: Path
) -> None:
    make_template(workspace, SIMPLE + SAVE)
    real = tmp_path / "big" if linked else workspace / "data" / "set"
    real.mkdir(parents=True)
    (real / "x.csv").write_text("1")
    if linked:
        (workspace / "data").mkdir()
        (workspace / "data" / "set").symlink_to(real)
    kept = workspace / ".hakase" / "baselines" / "mine"
    for content, count in (("1", 1), ("1", 1), ("2", 2)):
        (real / "x.csv").write_text(content)
        hakase("ideas", "mine", "--num-ideas", "1")
        assert len(list(kept.glob("*/run.json"))) == count
