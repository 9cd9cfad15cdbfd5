"""The packaged template `digits` keeps its contract: run for real in a copy, read as any reader would."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

TEMPLATE = Path(__file__).parents[1] / "templates" / "digits"
DATASETS = {"digits", "breast_cancer", "wine"}
CURVES = {"train_loss", "val_loss", "val_accuracy"}
FIGURES = {"validation_loss.png", "test_loss.png", "test_accuracy.png"}


def run_python(folder: Path, *arguments: str, seeds: str = "0,1") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HAKASE_SEEDS": seeds, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def copy_template(target: Path) -> Path:
    return Path(shutil.copytree(TEMPLATE, target, ignore=shutil.ignore_patterns("run_*", "*.png", "__pycache__")))


def read_info(run: Path) -> dict:
    return json.loads((run / "final_info.json").read_text())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the template with two runs of the same code, in a folder with a space and an umlaut."""
    folder = copy_template(tmp_path_factory.mktemp("study") / "erste übung")
    for run in ("run_0", "run_1"):
        done = run_python(folder, "experiment.py", f"--out_dir={run}")
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert done.stdout.count("test loss") == 2 * len(DATASETS)
    return folder


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = copy_template(tmp_path_factory.mktemp("module") / "digits")
    spec = importlib.util.spec_from_file_location("digits_experiment", folder / "experiment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_results_have_the_normal_shape_and_the_declared_metrics(study: Path) -> None:
    declared = tomllib.loads((TEMPLATE / "template.toml").read_text())
    final_info = read_info(study / "run_0")

    assert set(final_info) == DATASETS
    for info in final_info.values():
        metrics = set(info["final_info_dict"])
        assert metrics == set(declared["metrics"]["directions"])
        assert declared["metrics"]["primary"] in metrics
        assert set(info["means"]) == {f"{metric}_mean" for metric in metrics}
        assert set(info["stderrs"]) == {f"{metric}_stderr" for metric in metrics}


def test_means_and_standard_errors_are_those_of_the_seeds(study: Path) -> None:
    for info in read_info(study / "run_0").values():
        for metric, values in info["final_info_dict"].items():
            assert len(values) == 2
            assert info["means"][f"{metric}_mean"] == pytest.approx(statistics.mean(values))
            stderr = statistics.stdev(values) / math.sqrt(len(values))
            assert info["stderrs"][f"{metric}_stderr"] == pytest.approx(stderr)


def test_the_same_seeds_give_the_same_numbers_and_other_seeds_others(study: Path) -> None:
    first, second = read_info(study / "run_0"), read_info(study / "run_1")
    for dataset in DATASETS:
        values, again = first[dataset]["final_info_dict"], second[dataset]["final_info_dict"]
        timeless = set(values) - {"train_seconds"}
        assert {metric: values[metric] for metric in timeless} == {metric: again[metric] for metric in timeless}
        assert values["test_loss"][0] != values["test_loss"][1]


def test_curves_have_one_value_an_epoch_and_end_at_the_reported_one(study: Path, experiment: ModuleType) -> None:
    curves = json.loads((study / "run_0" / "all_results.json").read_text())
    final_info = read_info(study / "run_0")

    assert set(curves) == DATASETS
    for dataset, of_seeds in curves.items():
        assert list(of_seeds) == ["0", "1"]
        for index, of_seed in enumerate(of_seeds.values()):
            assert set(of_seed) == CURVES
            for metric, values in of_seed.items():
                assert len(values) == experiment.Config().epochs
                assert values[-1] == final_info[dataset]["final_info_dict"][metric][index]


def test_five_seeds_unless_told_otherwise() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HAKASE_SEEDS"}
    command = [sys.executable, "-B", "-c", "import experiment; print(experiment.SEEDS)"]
    done = subprocess.run(command, cwd=TEMPLATE, env=environment, capture_output=True, text=True, check=True)

    declared = tomllib.loads((TEMPLATE / "template.toml").read_text())
    assert json.loads(done.stdout) == declared["run"]["seeds"] == [0, 1, 2, 3, 4]


def test_a_diverged_training_shows_as_nan_without_warnings(tmp_path: Path) -> None:
    folder = copy_template(tmp_path / "study")
    code = (folder / "experiment.py").read_text()
    edited = code.replace("learning_rate: float = 0.01", "learning_rate: float = 1e30")
    assert edited != code
    (folder / "experiment.py").write_text(edited)

    done = run_python(folder, "experiment.py", "--out_dir=run_1", seeds="3")

    assert done.returncode == 0
    assert done.stderr == ""
    digits = read_info(folder / "run_1")["digits"]
    assert math.isnan(digits["means"]["test_loss_mean"])
    assert digits["stderrs"] == {}  # one seed has no spread


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_the_split_is_fixed_stratified_and_standardised_by_its_training_part(
    experiment: ModuleType, dataset: str
) -> None:
    split, again = experiment.load_split(dataset), experiment.load_split(dataset)
    parts = (split.train, split.validation, split.test)

    assert np.array_equal(split.test.inputs, again.test.inputs)
    assert sum(len(part.labels) for part in parts) == len(experiment.DATASETS[dataset]().target)
    shares = [np.bincount(part.labels, minlength=split.classes) / len(part.labels) for part in parts]
    assert np.allclose(shares[0], shares[1], atol=0.03)
    assert np.allclose(shares[0], shares[2], atol=0.03)
    assert np.allclose(split.train.inputs.mean(axis=0), 0.0, atol=1e-9)
    assert not np.allclose(split.test.inputs.mean(axis=0), 0.0, atol=1e-9)


def test_the_test_part_is_read_once_and_decides_nothing_else(
    experiment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    split, config = experiment.load_split("wine"), experiment.Config(epochs=3)
    evaluated = []
    evaluate = experiment.evaluate
    monkeypatch.setattr(
        experiment,
        "evaluate",
        lambda parameters, part, classes: evaluated.append(part) or evaluate(parameters, part, classes),
    )

    metrics, _ = experiment.run_seed(split, config, seed=0)
    assert [part is split.test for part in evaluated] == [False] * 6 + [True]

    shuffled = dataclasses.replace(split.test, labels=np.roll(split.test.labels, 7))
    others, _ = experiment.run_seed(dataclasses.replace(split, test=shuffled), config, seed=0)
    changed = {metric for metric in metrics if metrics[metric] != others[metric]} - {"train_seconds"}
    assert changed == {"test_loss", "test_accuracy"}


def test_gradients_agree_with_finite_differences(experiment: ModuleType) -> None:
    rng = np.random.default_rng(5)
    parameters = experiment.initialise([4, 6, 5, 3], 1.0, rng)
    inputs = rng.normal(size=(7, 4))
    targets = experiment.encode_labels(rng.integers(0, 3, size=7), 3, smoothing=0.1)

    def loss() -> float:
        logits, _ = experiment.forward(parameters, inputs, 0.3, np.random.default_rng(1))
        weights = [value for name, value in parameters.items() if name.startswith("weight")]
        return experiment.cross_entropy(logits, targets) + 0.5 * 0.2 * sum((w**2).sum() for w in weights)

    _, trace = experiment.forward(parameters, inputs, 0.3, np.random.default_rng(1))
    gradients = experiment.compute_gradients(parameters, trace, targets, weight_decay=0.2)
    for name, value in parameters.items():
        place = tuple(0 for _ in value.shape)
        kept, step = value[place], 1e-6
        value[place] = kept + step
        above = loss()
        value[place] = kept - step
        slope = (above - loss()) / (2 * step)
        value[place] = kept
        assert gradients[name][place] == pytest.approx(slope, abs=1e-6)


def test_plot_draws_the_runs_that_labels_names(study: Path, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(study, folder)
    code = (folder / "plot.py").read_text()
    more = '"run_1": "The same code once more, under a long label", "run_2": "Not run",'
    (folder / "plot.py").write_text(code.replace('"Baseline",', f'"Baseline", {more}'))

    done = run_python(folder, "plot.py")

    assert done.returncode == 0, done.stderr
    assert "run_2 (Not run) is left out" in done.stdout
    assert {file.name for file in folder.glob("*.png")} == FIGURES
    for name in FIGURES:
        with Image.open(folder / name) as image:
            assert image.width == 1300
            assert len(image.convert("RGB").getcolors(maxcolors=2**24)) > 50


def test_plot_says_when_there_is_nothing_to_draw(tmp_path: Path) -> None:
    done = run_python(copy_template(tmp_path / "study"), "plot.py")

    assert done.returncode != 0
    assert "none of the runs in labels has results" in done.stderr


def test_prompt_and_seed_ideas_have_the_keys_of_the_contract() -> None:
    prompt = json.loads((TEMPLATE / "prompt.json").read_text())
    ideas = json.loads((TEMPLATE / "seed_ideas.json").read_text())

    assert set(prompt) == {"system", "task_description"}
    assert len(ideas) == 2
    for idea in ideas:
        assert set(idea) == {"Name", "Title", "Experiment", "Interestingness", "Feasibility", "Novelty"}
        assert all(1 <= idea[score] <= 10 for score in ("Interestingness", "Feasibility", "Novelty"))
