"""The catalogue: complete entries, and edits that apply to templates of different structure and run."""

import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hakase
from hakase.catalogue import Application, EditProblem, applicable, apply, find_application, load_catalogue
from hakase.records import Change

ROOT = Path(__file__).parent.parent
TEMPLATES = {
    "digits": ROOT / "templates" / "digits",
    "regression": ROOT / "tests" / "templates" / "regression_argparse",
    "bandit": ROOT / "tests" / "templates" / "bandit_class",
}

TORCH = """import torch
import torch.nn as nn
from dataclasses import dataclass


@dataclass
class GPTConfig:
    n_layer: int = 6
    n_embd: int = 384
    dropout: float = 0.2


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(config.n_embd, 4 * config.n_embd), nn.GELU())
        torch.nn.init.normal_(self.net[0].weight, mean=0.0, std=0.02)


def train(model, learning_rate=1e-3, max_iters=100):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.99))
    for it in range(max_iters):
        loss = model.loss()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
SKLEARN = """from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier

models = [SGDClassifier(alpha=1e-4, max_iter=50, random_state=0), RandomForestClassifier(n_estimators=20)]
"""
KERAS = """model.add(Dense(64, activation="relu"))
model.fit(x, y, epochs=10, batch_size=32)
"""
NOTHING_KNOWN = "STIFFNESS = 3.0\nprint(STIFFNESS)\n"


def code_of(template: str) -> dict[str, str]:
    return {name: (TEMPLATES[template] / name).read_text() for name in ("experiment.py", "plot.py")}


def diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def names(code: str) -> set[str]:
    return {one.name for one in applicable({"experiment.py": code})}


def run(folder: Path, code: str) -> dict[str, object]:
    (folder / "experiment.py").write_text(code)
    environment = {**os.environ, "HAKASE_SEEDS": "0", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "experiment.py", "--out_dir=run_1"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=200)
    found: dict[str, object] = json.loads((folder / "run_1" / "final_info.json").read_text())
    return found


def test_every_entry_is_complete_and_every_reference_is_in_the_index() -> None:
    index = Path(hakase.__file__).parent / "literature" / "index.json"
    keys = {work["key"] for work in json.loads(index.read_text())}
    catalogue = load_catalogue()
    assert len(catalogue) >= 28
    assert len({one.name for one in catalogue}) == len(catalogue)
    for one in catalogue:
        assert set(one.references) <= keys, one.name
        assert one.references, one.name
        assert 2 <= len(one.queries) <= 4, one.name
        assert one.keywords, one.name
        assert one.recipes, one.name
        assert len(one.short) <= 16, one.name
        assert one.parameter is None or one.parameter.default in one.parameter.levels, one.name
        assert "<" not in json.dumps([recipe.model_dump() for recipe in one.recipes]).replace(" < ", ""), one.name


@pytest.mark.parametrize(("template", "least"), [("digits", 28), ("regression", 12), ("bandit", 6)])
def test_many_interventions_apply_with_small_diffs_that_leave_plot_and_comments_alone(
    template: str, least: int
) -> None:
    code = code_of(template)
    found = applicable(code)
    assert len(found) >= least
    for application in found:
        for value in {None, *application.levels[-1:]}:
            changed = apply(application.change(value), code)
            compile(changed["experiment.py"], application.name, "exec")
            assert changed["plot.py"] == code["plot.py"]
            assert 0 < len(diff(code["experiment.py"], changed["experiment.py"])) < 60
            removed = [line for line in diff(code["experiment.py"], changed["experiment.py"]) if line[0] == "-"]
            assert not any("#" in line for line in removed), application.name


def test_idioms_of_pytorch_scikit_learn_and_keras_are_recognised() -> None:
    wanted = {"cosine_decay", "clip_by_norm", "tanh", "orthogonal_init", "width", "depth", "dropout", "learning_rate"}
    assert wanted | {"l1_penalty", "gradient_centralisation", "training_length"} <= names(TORCH)
    assert {"weight_decay", "trees", "training_length"} <= names(SKLEARN)
    assert {"tanh", "batch_size", "training_length"} <= names(KERAS)


def test_an_unknown_knob_can_still_be_swept() -> None:
    application = find_application("set:STIFFNESS", {"experiment.py": NOTHING_KNOWN})
    assert isinstance(application, Application)
    assert apply(application.change(), {"experiment.py": NOTHING_KNOWN})["experiment.py"].startswith(
        "STIFFNESS = 6.0\n"
    )


def test_a_method_in_use_is_varied_around_its_present_value() -> None:
    code = {"experiment.py": "optimizer = torch.optim.AdamW(params, lr=1e-3, weight_decay=0.5, beta2=0.99)\n"}
    decay = find_application("weight_decay", code)
    assert decay is not None
    assert (decay.levels, decay.default, decay.neutral) == ((0.05, 0.15, 1.5, 5.0), 0.15, 0.5)


def test_a_schedule_is_readable() -> None:
    code = code_of("digits")
    application = find_application("cosine_decay", code)
    assert application is not None
    changed = diff(code["experiment.py"], apply(application.change(), code)["experiment.py"])
    assert "+        learning_rate = config.learning_rate * cosine_factor(epoch / config.epochs)" in changed
    assert "+import math" in changed


def test_changes_add_up() -> None:
    code = code_of("digits")
    for name in ("cosine_decay", "nesterov_momentum", "silu", "weight_averaging", "mixup", "l1_penalty", "dropout"):
        application = find_application(name, code)
        assert application is not None
        code = apply(application.change(), code)
    compile(code["experiment.py"], "experiment.py", "exec")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(intervention="alchemy"), "no intervention alchemy"),
        (Change(intervention="mixup", settings={"value": "0.2"}), "does not fit"),
        (Change(intervention="set", settings={"knob": "STIFFNESS", "value": "3.0"}), "already"),
        (Change(intervention="set", settings={"knob": "STIFFNESS", "value": "3 +"}), "would not compile"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change: Change, words: str) -> None:
    with pytest.raises(EditProblem, match=words):
        apply(change, {"experiment.py": NOTHING_KNOWN})


def test_code_that_is_no_python_has_no_interventions() -> None:
    assert applicable({"experiment.py": "def ("}) == ()


@pytest.mark.parametrize("template", ["regression", "bandit"])
def test_every_intervention_runs_and_has_an_effect(template: str, tmp_path: Path) -> None:
    code = code_of(template)
    (tmp_path / "base").mkdir()
    base = run(tmp_path / "base", code["experiment.py"])
    for application in applicable(code)[:6]:
        folder = tmp_path / application.name.replace(":", "_")
        folder.mkdir()
        assert run(folder, apply(application.change(), code)["experiment.py"]) != base, application.name


@pytest.mark.slow
def test_a_combination_runs_on_digits(tmp_path: Path) -> None:
    code = code_of("digits")
    quick = code | apply(Change(intervention="set", settings={"knob": "Config.epochs", "value": "5"}), code)
    for name in ("gelu", "weight_averaging", "rms_normalisation", "one_cycle", "best_checkpoint", "orthogonal_init"):
        application = find_application(name, quick)
        assert application is not None
        quick = apply(application.change(), quick)
    assert set(run(tmp_path, quick["experiment.py"])) == {"digits", "breast_cancer", "wine"}


ANNEALING = """import math
import random

STEP_SIZE = 0.5
N = 200


def make_data(count, rng):
    return [rng.random() for _ in range(count)]


def anneal(steps, rng):
    x = 1.0
    for step in range(steps):
        candidate = x + rng.gauss(0, STEP_SIZE)
        x = candidate if cost(candidate) < cost(x) else x
    return x


data = make_data(N, random.Random(0))
"""


def test_a_random_step_gets_no_schedule_and_the_size_of_the_data_no_sweep() -> None:
    found = names(ANNEALING)
    assert "set:STEP_SIZE" in found
    assert not {"set:N", "one_cycle", "cosine_decay", "linear_warmup", "learning_rate"} & found


LOGISTIC = """def train(x, y, lr, epochs):
    w, b = np.zeros(2), 0.0
    for epoch in range(epochs):
        error = predict(x, w, b) - y
        w -= lr * x.T @ error
        {bias}
    return w, b
"""


def averaged(bias: str) -> str:
    files = {"experiment.py": LOGISTIC.format(bias=bias)}
    return apply(Change(intervention="weight_averaging", settings={"value": "0.9"}), files)["experiment.py"]


def test_weight_averaging_averages_all_that_is_learned() -> None:
    code = averaged("b -= lr * error.mean()")
    assert "    w = average_w\n" in code
    assert "    b = average_b\n" in code
    values: dict[str, object] = {}
    given = {"np": np, "predict": lambda x, w, b: x @ w + b}
    exec(compile(code, "experiment.py", "exec"), given, values)
    exec(compile(LOGISTIC.format(bias="b -= lr * error.mean()"), "experiment.py", "exec"), given, plain := {})
    x, y = np.eye(2), np.array([1.0, 2.0])
    w, b = values["train"](x, y, 0.1, 2)  # type: ignore[operator]
    first, second = (plain["train"](x, y, 0.1, epochs) for epochs in (1, 2))
    assert b == pytest.approx(0.9 * 0.1 * first[1] + 0.1 * second[1])
    assert w == pytest.approx(0.9 * 0.1 * first[0] + 0.1 * second[0])


@pytest.mark.parametrize(
    "bias",
    [
        "b = b - lr * error.mean()",
        "b += -lr * error.mean()",
        "b[:] -= lr * error.mean()",
        "self.b -= lr * error.mean()",
        "b = move(b, error)",
        "w, b = w, b - lr * error.mean()",
        "step = lr * error.mean(); b += step",
    ],
)
def test_weight_averaging_that_would_miss_a_parameter_does_not_apply(bias: str) -> None:
    with pytest.raises(EditProblem, match="does not fit"):
        averaged(bias)
