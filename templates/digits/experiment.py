"""Train a small neural network on three real data sets and write its results.

The network is a multilayer perceptron in plain NumPy: ReLU, He initialisation, softmax cross-entropy, and
mini-batch gradient descent with momentum at a constant learning rate. The data come with scikit-learn:
handwritten digits, breast cancer, and wine.

    python experiment.py --out_dir=run_0

writes run_0/final_info.json (mean, standard error and per-seed values of every metric) and
run_0/all_results.json (one value per epoch). A seed decides initialisation, order of the batches, dropout
and noise; the split into training, validation and test data is the same for all seeds. The test data are
used once per network, after its training. A training that diverges shows as NaN in the results.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.model_selection import train_test_split

DATASETS = {"digits": load_digits, "breast_cancer": load_breast_cancer, "wine": load_wine}
SEEDS = [int(seed) for seed in os.environ.get("HAKASE_SEEDS", "0,1,2,3,4").split(",")]
SPLIT_SEED = 2024
TRAIN_FRACTION = 0.3  # few examples to learn from leave room for better ideas,
VALIDATION_FRACTION = 0.2  # and the many that remain for the test let them show
PRINT_EVERY = 20  # epochs


@dataclass(frozen=True)
class Config:
    """The hyperparameters; those of regularisation are off in the baseline."""

    hidden_size: int = 64
    hidden_layers: int = 2
    init_scale: float = 1.0
    learning_rate: float = 0.01
    momentum: float = 0.9
    batch_size: int = 16
    epochs: int = 80
    weight_decay: float = 0.0
    dropout: float = 0.0
    label_smoothing: float = 0.0
    input_noise: float = 0.0


@dataclass(frozen=True)
class Part:
    """One part of a data set: inputs (examples, features) and integer labels (examples,)."""

    inputs: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Split:
    train: Part
    validation: Part
    test: Part
    classes: int


Parameters = dict[str, np.ndarray]  # weight_0, bias_0, weight_1, ...
Layer = tuple[np.ndarray, np.ndarray, np.ndarray | float]  # input, pre-activation, dropout mask


def load_split(dataset: str) -> Split:
    """Split a data set, stratified by class, and standardise it with what the training part shows."""
    inputs, labels = DATASETS[dataset](return_X_y=True)
    train_x, rest_x, train_y, rest_y = train_test_split(
        inputs, labels, train_size=TRAIN_FRACTION, stratify=labels, random_state=SPLIT_SEED
    )
    validation_x, test_x, validation_y, test_y = train_test_split(
        rest_x,
        rest_y,
        train_size=VALIDATION_FRACTION / (1.0 - TRAIN_FRACTION),
        stratify=rest_y,
        random_state=SPLIT_SEED,
    )
    mean, std = train_x.mean(axis=0), train_x.std(axis=0)
    std[std == 0.0] = 1.0  # some pixels of the digits are always blank
    return Split(
        train=Part((train_x - mean) / std, train_y),
        validation=Part((validation_x - mean) / std, validation_y),
        test=Part((test_x - mean) / std, test_y),
        classes=len(np.unique(labels)),
    )


def initialise(sizes: list[int], init_scale: float, rng: np.random.Generator) -> Parameters:
    """Normal weights of variance 2 / fan_in (He et al., 2015) and zero biases."""
    parameters = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        weights = rng.normal(size=(fan_in, fan_out)) * np.sqrt(2.0 / fan_in)
        parameters[f"weight_{layer}"] = init_scale * weights
        parameters[f"bias_{layer}"] = np.zeros(fan_out)
    return parameters


def activation(pre_activation: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, pre_activation)


def activation_derivative(pre_activation: np.ndarray) -> np.ndarray:
    return (pre_activation > 0.0).astype(float)


def dropout_mask(shape: tuple[int, ...], rate: float, rng: np.random.Generator) -> np.ndarray:
    """Zero for a dropped unit; the others are scaled up, so that the expected sum stays."""
    return (rng.random(shape) >= rate) / (1.0 - rate)


def forward(
    parameters: Parameters, inputs: np.ndarray, dropout: float = 0.0, rng: np.random.Generator | None = None
) -> tuple[np.ndarray, list[Layer]]:
    """Return the logits (examples, classes) and, for the backward pass, what every layer computed.

    Units are dropped only when `rng` is given, which is in training.
    """
    last = len(parameters) // 2 - 1
    hidden, trace = inputs, []
    for layer in range(last):
        pre_activation = hidden @ parameters[f"weight_{layer}"] + parameters[f"bias_{layer}"]
        mask = 1.0 if rng is None else dropout_mask(pre_activation.shape, dropout, rng)
        trace.append((hidden, pre_activation, mask))
        hidden = activation(pre_activation) * mask
    logits = hidden @ parameters[f"weight_{last}"] + parameters[f"bias_{last}"]
    trace.append((hidden, logits, 1.0))
    return logits, trace


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> float:
    """Mean over the examples of -sum(targets * log softmax(logits)), in nats."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-(targets * log_probabilities).sum(axis=1).mean())


def encode_labels(labels: np.ndarray, classes: int, smoothing: float = 0.0) -> np.ndarray:
    """One-hot targets, mixed with the uniform distribution by `smoothing`."""
    one_hot = np.eye(classes)[labels]
    return (1.0 - smoothing) * one_hot + smoothing / classes


def compute_gradients(
    parameters: Parameters, trace: list[Layer], targets: np.ndarray, weight_decay: float
) -> Parameters:
    """Back-propagate the mean cross-entropy, plus weight_decay / 2 times the squared norm of the weights."""
    gradients = {}
    last = len(trace) - 1
    delta = (softmax(trace[last][1]) - targets) / len(targets)
    for layer in reversed(range(len(trace))):
        hidden, pre_activation, mask = trace[layer]
        if layer < last:
            delta = delta * mask * activation_derivative(pre_activation)
        weights = parameters[f"weight_{layer}"]
        gradients[f"weight_{layer}"] = hidden.T @ delta + weight_decay * weights
        gradients[f"bias_{layer}"] = delta.sum(axis=0)
        delta = delta @ weights.T
    return gradients


def update_parameters(
    parameters: Parameters, velocity: Parameters, gradients: Parameters, learning_rate: float, momentum: float
) -> None:
    """Take one step of gradient descent with momentum, in place."""
    for name, gradient in gradients.items():
        velocity[name] = momentum * velocity[name] + gradient
        parameters[name] -= learning_rate * velocity[name]


def evaluate(parameters: Parameters, part: Part, classes: int) -> tuple[float, float]:
    """Return mean cross-entropy (nats, without label smoothing) and accuracy."""
    logits, _ = forward(parameters, part.inputs)
    loss = cross_entropy(logits, encode_labels(part.labels, classes))
    return loss, float((logits.argmax(axis=1) == part.labels).mean())


def train_network(
    train: Part, validation: Part, classes: int, config: Config, seed: int
) -> tuple[Parameters, dict[str, list[float]]]:
    """Train one network; return its parameters after the last epoch, and its curves (one value per epoch)."""
    # One generator for each purpose: a change of one leaves what the others draw as it was.
    init_rng, order_rng, dropout_rng, noise_rng = np.random.default_rng(seed).spawn(4)
    sizes = [train.inputs.shape[1], *[config.hidden_size] * config.hidden_layers, classes]
    parameters = initialise(sizes, config.init_scale, init_rng)
    velocity = {name: np.zeros_like(value) for name, value in parameters.items()}
    curves: dict[str, list[float]] = {"train_loss": [], "val_loss": [], "val_accuracy": []}

    for epoch in range(config.epochs):
        learning_rate = config.learning_rate
        order = order_rng.permutation(len(train.labels))
        for start in range(0, len(order), config.batch_size):
            batch = order[start : start + config.batch_size]
            inputs = train.inputs[batch]
            inputs = inputs + config.input_noise * noise_rng.normal(size=inputs.shape)
            targets = encode_labels(train.labels[batch], classes, config.label_smoothing)
            _, trace = forward(parameters, inputs, config.dropout, dropout_rng)
            gradients = compute_gradients(parameters, trace, targets, config.weight_decay)
            update_parameters(parameters, velocity, gradients, learning_rate, config.momentum)

        train_loss, _ = evaluate(parameters, train, classes)
        val_loss, val_accuracy = evaluate(parameters, validation, classes)
        curves["train_loss"].append(train_loss)
        curves["val_loss"].append(val_loss)
        curves["val_accuracy"].append(val_accuracy)
        if (epoch + 1) % PRINT_EVERY == 0:
            print(f"  epoch {epoch + 1}: train loss {train_loss:.4f}, validation loss {val_loss:.4f}")
    return parameters, curves


def run_seed(split: Split, config: Config, seed: int) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Train and test one network; return its final metrics and its curves."""
    started = time.perf_counter()
    parameters, curves = train_network(split.train, split.validation, split.classes, config, seed)
    train_seconds = time.perf_counter() - started
    test_loss, test_accuracy = evaluate(parameters, split.test, split.classes)
    metrics = {
        "test_accuracy": test_accuracy,
        "test_loss": test_loss,
        "train_loss": curves["train_loss"][-1],
        "val_loss": curves["val_loss"][-1],
        "best_val_loss": float(np.min(curves["val_loss"])),
        "val_accuracy": curves["val_accuracy"][-1],
        "train_seconds": train_seconds,
    }
    return metrics, curves


def summarise(per_seed: list[dict[str, float]]) -> dict[str, dict]:
    """Mean, standard error (sample standard deviation / sqrt(seeds)) and values of every metric."""
    values = {metric: [metrics[metric] for metrics in per_seed] for metric in per_seed[0]}
    means, stderrs = {}, {}
    for metric, of_seeds in values.items():
        means[f"{metric}_mean"] = float(np.mean(of_seeds))
        if len(of_seeds) > 1:  # one seed says nothing about the spread
            stderrs[f"{metric}_stderr"] = float(np.std(of_seeds, ddof=1) / np.sqrt(len(of_seeds)))
    return {"means": means, "stderrs": stderrs, "final_info_dict": values}


def run_dataset(dataset: str, config: Config) -> tuple[dict[str, dict], dict[str, dict]]:
    """Train one network per seed; return the summary of their metrics, and the curves by seed."""
    split = load_split(dataset)
    per_seed, curves = [], {}
    for seed in SEEDS:
        print(f"{dataset}, seed {seed}")
        metrics, curves[str(seed)] = run_seed(split, config, seed)
        per_seed.append(metrics)
        print(f"  test loss {metrics['test_loss']:.4f}, test accuracy {metrics['test_accuracy']:.4f}")
    return summarise(per_seed), curves


def main(out_dir: Path) -> None:
    sys.stdout.reconfigure(line_buffering=True)  # so that whoever watches a file or pipe sees each line
    np.seterr(over="ignore", invalid="ignore")  # a divergence shows as NaN in the results, not as warnings
    out_dir.mkdir(parents=True, exist_ok=True)
    final_info, all_results = {}, {}
    for dataset in DATASETS:
        final_info[dataset], all_results[dataset] = run_dataset(dataset, Config())
    (out_dir / "final_info.json").write_text(json.dumps(final_info, indent=2))
    (out_dir / "all_results.json").write_text(json.dumps(all_results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the networks and write their results")
    parser.add_argument("--out_dir", type=Path, default=Path("run_0"), help="folder for the results")
    main(parser.parse_args().out_dir)
