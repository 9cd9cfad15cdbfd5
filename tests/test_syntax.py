"""Reading and editing Python by its tree: knobs, patterns, splices, labels."""

from pathlib import Path

import pytest

from hakase.syntax.knobs import constants, find_by_role, find_knobs
from hakase.syntax.labels import set_labels
from hakase.syntax.problems import EditProblem
from hakase.syntax.rewriting import Rule, rewrite
from hakase.syntax.roles import is_denied, role_of
from hakase.syntax.setting import set_knob

ROOT = Path(__file__).parent.parent

SCRIPT = '''"""A script."""
import argparse
from dataclasses import dataclass

LEARNING_RATE = 0.1  # by hand
SEED = 7
TRAIN_FRACTION = 0.8
CONFIG = {"batch_size": 32, "dropout": 0.0}


@dataclass
class GPTConfig:
    n_layer: int = 6
    n_embd: int = 384
    bias: bool = False
    vocab_size: int = 50304


def make_data(noise=0.3, n_samples=100):
    return noise, n_samples


def train(model, momentum=0.9):
    weight_decay = 1e-1
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), eps=1e-8)
    classifier = SGDClassifier(alpha=1e-4, random_state=0)
    plt.figure(figsize=(4, 3), dpi=200)


parser = argparse.ArgumentParser()
parser.add_argument("-e", "--epochs", type=int, default=20)
parser.add_argument("--out_dir", default="run_0")
'''
FILES = {"experiment.py": SCRIPT, "plot.py": "WIDTH = 6.5\nlabels = {}\n"}


def edit(text: str, **rule: object) -> str:
    return rewrite(text, Rule(**rule), {}, {})[0]  # type: ignore[arg-type]


def test_knobs_of_every_kind_are_found_with_their_roles() -> None:
    found = {knob.address: (knob.role, knob.value) for knob in find_knobs(FILES)}
    assert found == {
        "LEARNING_RATE": ("learning_rate", "0.1"),
        'CONFIG["batch_size"]': ("batch_size", "32"),
        'CONFIG["dropout"]': ("dropout", "0.0"),
        "GPTConfig.n_layer": ("depth", "6"),
        "GPTConfig.n_embd": ("width", "384"),
        "GPTConfig.bias": ("", "False"),
        "train(momentum)": ("momentum", "0.9"),
        "train.weight_decay": ("weight_decay", "1e-1"),
        "AdamW(lr)": ("learning_rate", "3e-4"),
        "SGDClassifier(alpha)": ("regularisation", "1e-4"),
        "argparse:--epochs": ("epochs", "20"),
    }


@pytest.mark.parametrize(
    "name", ["SEED", "n_seeds", "train_fraction", "eval_iters", "log_interval", "out_dir", "ARMS", "seed_offset"]
)
def test_what_would_change_the_evaluation_is_no_knob(name: str) -> None:
    assert is_denied(name)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("lr", "learning_rate"),
        ("hiddenSize", "width"),
        ("--batch-size", "batch_size"),
        ("L2_REG", "weight_decay"),
        ("lr_plot", ""),
    ],
)
def test_a_role_is_read_from_the_whole_name(name: str, role: str) -> None:
    assert role_of(name) == role


def test_constants_hold_the_evaluation_too_and_the_lines() -> None:
    found = {one.name: (one.value, one.line) for one in constants(FILES)}
    assert found["SEED"] == ("7", 6)
    assert found["TRAIN_FRACTION"] == ("0.8", 7)
    assert "WIDTH" not in found


def test_constants_of_broken_code_are_none() -> None:
    assert constants({"experiment.py": "def ("}) == ()


def test_a_knob_is_set_without_touching_anything_else() -> None:
    changed = set_knob(FILES, "LEARNING_RATE", "0.03")
    assert changed["experiment.py"] == SCRIPT.replace("LEARNING_RATE = 0.1 ", "LEARNING_RATE = 0.03 ")
    assert set_knob(FILES, "argparse:--epochs", "40")["experiment.py"].count("default=40") == 1


def test_setting_what_is_not_there_or_is_so_already_is_a_problem() -> None:
    with pytest.raises(EditProblem, match="no hyperparameter momentum"):
        set_knob(FILES, "momentum", "0.5")
    with pytest.raises(EditProblem, match="already"):
        set_knob(FILES, "LEARNING_RATE", "0.1")


def test_a_table_of_seeds_is_no_place_for_knobs() -> None:
    assert find_knobs({"x.py": 'num_seeds = {"a": 3, "b": 1}\nSEEDS = {"batch_size": 3}\n'}) == ()
    assert find_knobs({"x.py": 'DATASETS = {"easy": 0.1, "hard": 2.0}\n'}) == ()


def test_a_value_that_is_passed_on_counts_before_the_default_that_it_replaces() -> None:
    code = (
        "class Config:\n    dropout: float = 0.0\n\n\n"
        "def train():\n    dropout = 0.2\n    return Config(dropout=dropout)\n"
    )
    assert [knob.address for knob in find_by_role({"x.py": code}, "dropout")] == ["train.dropout", "Config.dropout"]


def test_one_address_never_means_two_places() -> None:
    code = "a = Adam(lr=0.1)\nb = Adam(lr=0.2)\n"
    assert [knob.address for knob in find_by_role({"x.py": code}, "learning_rate")] == ["Adam(lr)", "Adam(lr)#2"]
    assert set_knob({"x.py": code}, "Adam(lr)#2", "0.3")["x.py"] == "a = Adam(lr=0.1)\nb = Adam(lr=0.3)\n"


def test_a_match_ignores_layout_order_of_factors_and_form_of_numbers() -> None:
    code = "for epoch in range( 3 ):\n    w  -=  ( grad * args.lr )  # step\n    h = np.maximum(z,0)\n"
    where = {"LR": "role:learning_rate"}
    changed = edit(code, match="$W -= $LR * $G", where=where, replace="$W -= $LR * clip($G)")
    assert "    w -= args.lr * clip(grad)  # step\n" in changed
    assert "h = relu(z)" in edit(code, match="np.maximum($X, 0.0)", replace="relu($X)")


def test_what_an_operator_would_tear_apart_gets_parentheses() -> None:
    code = "w -= lr * (a + b)\nx = y / f(1)\n"
    where = {"LR": "role:learning_rate"}
    assert "w -= lr * (a + b) * 2" in edit(code, match="$W -= $LR * $G", where=where, replace="$W -= $LR * $G * 2")
    assert "x = y / (p + q)" in edit(code, match="f(1)", replace="p + q")


def test_statements_that_follow_one_another_match_in_nested_blocks() -> None:
    code = (
        "def f():\n    for k in g:\n        # keep me\n"
        "        v[k] = m * v[k] + g[k]\n        w[k] -= lr * v[k]  # and me\n"
    )
    pattern = "$V = $M * $V + $G\n$W -= $LR * $V"
    changed = edit(code, match=pattern, replace="$V = $M * $V + $G\n$W -= $LR * ($G + $M * $V)")
    assert "# keep me" in changed
    assert "        w[k] -= lr * (g[k] + m * v[k])  # and me\n" in changed


def test_the_loop_of_training_is_found_and_not_the_one_over_seeds() -> None:
    code = "for seed in range(5):\n    w = 0\n    for epoch in range(9):\n        w -= lr * g\n    report(w)\n"
    changed = edit(
        code,
        match="$W -= $X",
        inside="for $I in range($N): ...",
        where={"I": "epoch"},
        before_loop="mean = 0",
        after="mean += $W / $N",
        after_loop="$W = mean",
    )
    assert changed == (
        "for seed in range(5):\n    w = 0\n    mean = 0\n    for epoch in range(9):\n        w -= lr * g\n"
        "        mean += w / 9\n    w = mean\n    report(w)\n"
    )


def test_reads_are_replaced_and_writes_and_keywords_are_not() -> None:
    code = "for step in range(n):\n    lr = start\n    update(w, lr=lr)\n"
    changed = edit(
        code, match="$LR", where={"LR": "role:learning_rate"}, inside="for $I in range($N): ...", replace="$LR / $I"
    )
    assert changed == "for step in range(n):\n    lr = start\n    update(w, lr=lr / step)\n"


def test_definitions_and_imports_go_to_their_places_once() -> None:
    head = '"""Doc."""\nfrom __future__ import annotations\n\nimport json\nimport numpy as np\n'
    code = f"{head}\n\n# about f\ndef f(x):\n    return g(x)\n"
    rule = {
        "match": "g($X)",
        "replace": "h($X)",
        "add": "def h(x):\n    return math.pi * x",
        "imports": ("math", "json"),
    }
    changed = edit(code, **rule)
    assert "import json\nimport math\nimport numpy as np\n" in changed
    assert "def h(x):\n    return math.pi * x\n\n\n# about f\ndef f(x):\n    return h(x)\n" in changed


def test_an_empty_list_of_arguments_takes_its_comma_along() -> None:
    rule = {"match": "$F($...A, lr=$L, $...B)", "replace": "$F($...A, lr=0.5 * $L, $...B)"}
    assert edit("o = SGD(lr=x)\n", **rule) == "o = SGD(lr=0.5 * x)\n"
    assert edit("o = SGD(p, lr=x, b=1)\n", **rule) == "o = SGD(p, lr=0.5 * x, b=1)\n"


def test_code_that_evaluates_is_never_edited() -> None:
    code = "def train(x):\n    return loss(x)\n\n\ndef evaluate(x):\n    return loss(x)\n"
    assert edit(code, match="loss($X)", replace="smooth($X)").count("smooth(x)") == 1
    with pytest.raises(EditProblem, match="no code like"):
        edit(code.replace("train", "load_data"), match="loss($X)", replace="smooth($X)")


def test_nothing_found_and_too_much_found_are_problems_in_words() -> None:
    with pytest.raises(EditProblem, match="no code like"):
        edit("x = 1\n", match="$A @ $B", replace="$A")
    with pytest.raises(EditProblem, match="2 times"):
        edit("f(1)\nf(2)\n", match="f($A)", replace="g($A)", times="once")


def test_the_labels_of_the_packaged_plot_are_replaced_and_nothing_else() -> None:
    text = (ROOT / "templates" / "digits" / "plot.py").read_text()
    changed = set_labels(text, {"run_0": "Baseline", "run_1": 'A "new" way \\ ü'})
    assert changed is not None
    assert '"run_1": "A \\"new\\" way \\\\ ü",' in changed
    compile(changed, "plot.py", "exec")
    assert len(changed.splitlines()) == len(text.splitlines()) + 1


def test_a_plot_without_labels_is_left_alone() -> None:
    assert set_labels("x = 1\n", {"run_0": "Baseline"}) is None
    assert set_labels("labels = (\n", {}) is None


STEP_CASES = {
    "a random walk": ("STEP_SIZE = 0.5\n\n\ndef anneal(x, rng):\n    return x + rng.gauss(0, STEP_SIZE)\n", ""),
    "a scaled random walk": ("step_size = 0.5\nfor t in range(9):\n    x += step_size * rng.gauss(0, 1)\n", ""),
    "a random move with a name": ("alpha = 0.5\nmove = rng.normal()\nx += alpha * move\n", ""),
    "a mean that moves": ("alpha = 0.5\nmean = (1 - alpha) * mean + alpha * x\n", ""),
    "a schedule of PyTorch": ("schedule = StepLR(optimizer, step_size=30)\n", ""),
    "a step down": ("STEP_SIZE = 0.5\nfor t in range(9):\n    w -= STEP_SIZE * gradient / n\n", "learning_rate"),
    "a step in full": ("eta = 0.5\nfor t in range(9):\n    w = w - eta * (a @ w)\n", "learning_rate"),
    "a step with its sign": ("alpha = 0.5\nfor t in range(9):\n    w += -(alpha * g)\n", "learning_rate"),
    "an agent that learns": ("alpha = 0.5\nq[a] += alpha * (reward + rng.normal() - q[a])\n", "learning_rate"),
    "a velocity": ("eta = 0.5\nv = 0.9 * v - eta * g\nw += v\n", "learning_rate"),
    "a function of steps": ("step_size = 0.5\nnew = [w - step_size * dw for w, dw in pairs]\n", "learning_rate"),
    "an optimizer's keyword": ("ETA = 0.5\noptimizer = SGD(model.parameters(), lr=ETA)\n", "learning_rate"),
    "an optimizer's argument": ("STEP_SIZE = 0.5\noptimizer = optax.sgd(STEP_SIZE)\n", "learning_rate"),
    "another name on the way": ("ALPHA = 0.5\nlr = ALPHA / 10\nw -= lr * g\n", "learning_rate"),
    "a name that says it": ("LEARNING_RATE = 0.5\nx += rng.gauss(0, LEARNING_RATE)\n", "learning_rate"),
}


@pytest.mark.parametrize("case", STEP_CASES)
def test_a_step_size_is_a_learning_rate_only_where_the_code_takes_gradient_steps_with_it(case: str) -> None:
    code, role = STEP_CASES[case]
    assert {knob.role for knob in find_knobs({"x.py": code})} in ({role}, set())
    assert bool(find_by_role({"x.py": code}, "learning_rate")) is bool(role)
    where = {"LR": "role:learning_rate"}
    if not role:
        with pytest.raises(EditProblem, match="no code like"):
            edit(code, match="$LR", where=where, replace="2 * $LR")


@pytest.mark.parametrize(
    "use",
    [
        "x, y = make_data(rng, POINTS_USED)",
        "data = two_moons(count=POINTS_USED)",
        "train, test = pairs[:POINTS_USED], pairs[POINTS_USED:]",
        "test = pairs[POINTS_USED : 2 * POINTS_USED]",
        "x = rng.normal(size=(POINTS_USED, 2))",
        "x = np.zeros((POINTS_USED, 2))",
        "x = np.linspace(0.0, 1.0, POINTS_USED)",
        "cities = [(rng.random(), rng.random()) for _ in range(POINTS_USED)]",
        "for i in range(POINTS_USED):\n    inputs.append(rng.random())",
        "def make_data(rng):\n    return rng.random(2 * POINTS_USED)",
    ],
)
def test_what_sizes_the_data_is_no_knob(use: str) -> None:
    assert find_knobs({"x.py": f"POINTS_USED = 200\nSTIFFNESS = 3.0\n{use}\n"})[0].name == "STIFFNESS"


@pytest.mark.parametrize(
    "use",
    [
        "for i in range(TRIES):\n    x = move(x)",
        "hidden_w = rng.normal(size=(2, TRIES))",
        "weights = np.zeros(TRIES)",
        "population = [random_tour() for _ in range(TRIES)]",
        "best = ranked[:TRIES]",
        "part = order[i : i + TRIES]",
    ],
)
def test_what_sizes_the_method_is_a_knob(use: str) -> None:
    assert [knob.name for knob in find_knobs({"x.py": f"TRIES = 200\n{use}\n"})] == ["TRIES"]


def test_one_letter_is_no_knob_unless_it_has_a_role() -> None:
    code = "N = 200\nk = 3\nmodel = LogisticRegression(C=1.0)\n"
    assert [knob.address for knob in find_knobs({"x.py": code})] == ["LogisticRegression(C)"]


def test_settings_are_what_a_reader_of_the_paper_asks_for() -> None:
    code = (
        'COOLING = 0.99\nN = 200\nSEED = 7\nSEED_OFFSET = 1000\nDATASET = "wine"\nDATASETS = {"wine": 0.3}\n'
        'OUT_DIR = "run_0"\nCONFIG = {"batch_size": 32, "activation": "relu"}\nlearning_rate = 0.1\nfound = 0\n\n\n'
        "@dataclass\nclass Config:\n    smooth: float = 0.5\n    bias: bool = False\n    data_path: str = 'x'\n\n\n"
        "def anneal(x, start=3, momentum=0.9):\n"
        "    best = 1e9\n    b = 0.0\n    c = 0.0\n    total, weight_decay = 0.0, 0.1\n    temperature = 2.0\n"
        "    return Adam(lr=0.3, out=1), best\n\n\n"
        'parser.add_argument("--out_dir", default="run_0")\nparser.add_argument("--seed_offset", default=5)\n'
        'parser.add_argument("--restarts", type=int, default=4)\n'
    )
    assert [one.name for one in constants({"x.py": code})] == [
        *("COOLING", "N", "SEED", "batch_size", "activation", "learning_rate", "smooth", "bias"),
        *("momentum", "temperature", "lr", "restarts"),
    ]


def test_a_default_is_a_setting_unless_another_setting_replaces_it() -> None:
    code = "BOLTS = 3\n\n\ndef train(w, step_size=0.1, dropout=0.0):\n    w -= step_size * g\n"
    assert [one.name for one in constants({"x.py": code})] == ["BOLTS", "step_size", "dropout"]
    assert [one.name for one in constants({"x.py": "DROPOUT = 0.5\n" + code})] == ["DROPOUT", "BOLTS", "step_size"]
