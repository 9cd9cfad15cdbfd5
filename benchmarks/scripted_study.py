"""What the measures with the scripted model share: its server, workspaces, the command line, and what came of it.

It measures nothing itself. The scripted model lives under tests/ and counts tokens as a quarter of the characters.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the scripted model is a package of the tests

from tests.scripted import IN_TURN, Call, Server, load_scenario, repeated, serve  # noqa: E402
from tests.scripted.scenario import Scenario, with_rules  # noqa: E402

from hakase.journal import FALLBACK  # noqa: E402
from hakase.study import Study  # noqa: E402
from hakase.workspace import Workspace  # noqa: E402

HAKASE = (sys.executable, "-m", "hakase")
SHORT_TEMPLATE = "regression_argparse"
"""A template whose runs take less than a second; the scenario ``regression`` plays studies on it."""

_SEARCHES = (
    "label smoothing", "annealing regularisation", "confidence penalty", "calibration of networks", "soft targets",
    "curriculum learning", "distillation of knowledge", "noisy labels", "small data sets",
)  # fmt: skip
_CITED = (
    "inception architecture", "initialisation of rectifiers", "momentum", "weight decay", "dropout",
    "early stopping", "batch size", "learning rate schedule", "statistical tests over data sets", "random seeds",
    "reproducibility", "handwritten digits", "wine data", "breast cancer data", "overfitting",
    "cross-entropy", "temperature scaling", "generalisation", "stochastic gradient descent", "data augmentation",
)  # fmt: skip


def all_rounds(scenario: Scenario) -> Scenario:
    """The scenario, with a model that uses every round that it may: reflections, searches, citations."""
    idea = {
        "title": "Label Smoothing That Fades: Soft Targets First, Hard Targets Last",
        "hypothesis": "Early smoothing keeps the logits small, and its end lets the network be sure.",
        "expected_direction": "better",
    }
    tries = [{**idea, "experiment": f"Let the smoothing fade linearly from {start}."} for start in (0.2, 0.1, 0.4)]
    weakness = "Few seeds limit what the tests can show (seen again in round @{n})."
    cited = [list(_CITED[start : start + 4]) for start in range(0, len(_CITED), 4)]
    return with_rules(
        scenario,
        {"name": "ideas/reflect", "task": "improve the idea", "reply": tries},
        {
            "name": "novelty/judge",
            "task": "judge the novelty of the idea after [0-8] searches",
            "reply": [{"decision": "continue", "queries": [search]} for search in _SEARCHES],
        },
        {
            "name": "paper/works",
            "task": "search for works to cite",
            "collect": {"keys": (r"^(\w+\d{4}\w*): [^|\n]*\|", "\n")},
            "reply": [{"queries": queries, "chosen": "@{keys}"} for queries in cited],
        },
        {
            "name": "review/reflect",
            "task": r"reflect on the review \(round (?P<n>\d+)\)",
            "reply": {"weaknesses": [weakness]},
        },
    )


def lay_workspace(folder: Path | None = None) -> Path:
    """A new workspace (below ``folder``) that has the short template."""
    workspace = Path(tempfile.mkdtemp(prefix="hakase_", dir=folder))
    shutil.copytree(ROOT / "tests" / "templates" / SHORT_TEMPLATE, workspace / "templates" / SHORT_TEMPLATE)
    return workspace


def run_command(template: str, server: Server, workspace: Path, *words: str) -> list[str]:
    """The words of ``hakase run`` with the scripted model."""
    model = ("--model", "scripted", "--base-url", server.url)
    return [*HAKASE, "run", template, *model, "--workspace", str(workspace), "--plain", *words]


def call_hakase(command: Sequence[str], log: Path) -> int:
    """Run the command, its output behind ``log``; its exit code."""
    with log.open("ab") as out:
        return subprocess.run(command, stdout=out, stderr=out, env=environment()).returncode


def environment() -> dict[str, str]:
    """One thread for numeric libraries, and none of the caller's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HAKASE_")}
    return {**kept, "OMP_NUM_THREADS": "1"}


def studies(workspace: Path) -> list[Study]:
    """All studies of the workspace."""
    return [Study(folder) for folder in Workspace(workspace).studies()]


def is_reviewed(study: Study) -> bool:
    """Whether it ended with a PDF and a review."""
    if study.status.state != "done" or not study.has("paper") or not study.has("review"):
        return False
    return bool(study.paper().pdf) and (study.folder / study.paper().pdf).is_file()


def fallbacks(study: Study) -> list[dict[str, Any]]:
    """Where the rules stood in for the model."""
    return [event.data for event in study.journal.events(FALLBACK)]


def tokens(calls: Sequence[Call]) -> dict[str, int]:
    """Calls and tokens of ``calls``."""
    return {
        "calls": len(calls),
        "prompt": sum(call.prompt_tokens for call in calls),
        "cached": sum(call.cached_tokens for call in calls),
        "completion": sum(call.completion_tokens for call in calls),
    }


__all__ = [
    "IN_TURN", "SHORT_TEMPLATE", "Call", "Server", "all_rounds", "call_hakase", "environment", "fallbacks",
    "is_reviewed", "lay_workspace", "load_scenario", "repeated", "run_command", "serve", "studies", "tokens",
]  # fmt: skip
