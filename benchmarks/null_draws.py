"""Results without training: what the null template's runs report. Copied into that template; it needs nothing else.

Every metric of every seed is drawn from a distribution with about the centre and the spread between seeds that the
template `digits` has: anew for each run, or with a share of the variance that all runs of a seed have in common, as
equal seeds give it. Nothing that the code or its hyperparameters say has any influence. Metrics are drawn independently
of each other, except the best validation loss, which is a fixed share of the last one.
"""

import math
import random
import sys
from dataclasses import dataclass

SHARED = 0.0  # share of the variance that runs with the same seed have in common
EFFECT = 0.0  # share by which every run but the baseline has lower losses: the control that the verdicts can see one

LOSSES = {  # data set -> metric -> median, standard deviation of the logarithm
    "digits": {"test_loss": (0.24, 0.17), "train_loss": (0.00077, 0.05), "val_loss": (0.18, 0.03)},
    "breast_cancer": {"test_loss": (0.124, 0.10), "train_loss": (0.00137, 0.08), "val_loss": (0.114, 0.13)},
    "wine": {"test_loss": (0.095, 0.5), "train_loss": (0.0022, 0.22), "val_loss": (0.04, 1.0)},
}
ACCURACIES = {  # data set -> metric -> mean, standard deviation, examples
    "digits": {"test_accuracy": (0.949, 0.0059, 899), "val_accuracy": (0.9515, 0.0042, 359)},
    "breast_cancer": {"test_accuracy": (0.9705, 0.0068, 285), "val_accuracy": (0.9526, 0.0133, 114)},
    "wine": {"test_accuracy": (0.958, 0.0214, 90), "val_accuracy": (0.983, 0.0256, 35)},
}
FRESH = random.SystemRandom()


@dataclass(frozen=True)
class Draws:
    """One run's results."""

    shared: float
    effect: float = 0.0

    def draw_seed(self, dataset: str, seed: int) -> tuple[dict[str, float], dict[str, list[float]]]:
        """The final metrics of one seed, and curves of a single point that end in them."""
        metrics = {name: self.draw_loss(dataset, name, seed) for name in LOSSES[dataset]}
        metrics["best_val_loss"] = 0.95 * metrics["val_loss"]
        metrics |= {name: self.draw_accuracy(dataset, name, seed) for name in ACCURACIES[dataset]}
        metrics["train_seconds"] = 0.1 * math.exp(0.1 * FRESH.gauss(0.0, 1.0))
        return metrics, {name: [metrics[name]] for name in ("train_loss", "val_loss", "val_accuracy")}

    def draw_loss(self, dataset: str, metric: str, seed: int) -> float:
        """Log-normal, so that the spread grows with the loss."""
        median, spread = LOSSES[dataset][metric]
        return (1.0 - self.effect) * median * math.exp(spread * self.draw_noise(f"{dataset} {metric} {seed}"))

    def draw_accuracy(self, dataset: str, metric: str, seed: int) -> float:
        """Whole examples, so that seeds tie now and then as real ones do."""
        mean, spread, examples = ACCURACIES[dataset][metric]
        value = mean + spread * self.draw_noise(f"{dataset} {metric} {seed}")
        return min(examples, round(value * examples)) / examples

    def draw_noise(self, source: str) -> float:
        """A standard normal number; the part that runs share depends on ``source`` alone."""
        common = random.Random(source).gauss(0.0, 1.0)
        return math.sqrt(self.shared) * common + math.sqrt(1.0 - self.shared) * FRESH.gauss(0.0, 1.0)


def draw_seed(dataset: str, seed: int) -> tuple[dict[str, float], dict[str, list[float]]]:
    """What experiment.py reports for one seed of the run that the command line names."""
    baseline = any(word.endswith("run_0") for word in sys.argv)
    return Draws(SHARED, 0.0 if baseline else EFFECT).draw_seed(dataset, seed)
