"""Probe a random projection; writes results in the unusual shapes that templates are known to use."""

import argparse
import json
import random
import statistics
from pathlib import Path

SEEDS = range(3)
LEARNING_RATE = 0.2
EPOCHS = 20
SIZE = 200
DATASETS = {"separable": 0.3, "noisy": 1.2}


def make_points(rng, noise):
    points = []
    for _ in range(SIZE):
        label = rng.choice([-1, 1])
        points.append(([label + rng.gauss(0, noise), -label + rng.gauss(0, noise), 1.0], label))
    return points


def score(weights, x):
    return sum(w * value for w, value in zip(weights, x))


def train_probe(points, rng):
    weights = [rng.gauss(0, 0.1) for _ in range(3)]
    for _ in range(EPOCHS):
        rng.shuffle(points)
        for x, label in points:
            if score(weights, x) * label <= 0:
                weights = [w + LEARNING_RATE * label * value for w, value in zip(weights, x)]
    return weights


def run(noise, seed):
    rng = random.Random(seed)
    weights = train_probe(make_points(rng, noise), rng)
    test = make_points(random.Random(99), noise)
    right = {-1: 0, 1: 0}
    for x, label in test:
        right[label] += score(weights, x) * label > 0
    totals = {-1: sum(label < 0 for _, label in test), 1: sum(label > 0 for _, label in test)}
    return {
        "accuracy": sum(right.values()) / len(test),
        "per_class": {"negative": right[-1] / totals[-1], "positive": right[1] / totals[1]},
        "weights": weights,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out_dir", default="run_0")
    out_dir = Path(parser.parse_args().out_dir)
    out_dir.mkdir(exist_ok=True)

    final_info = {}
    for dataset, noise in DATASETS.items():
        results = [run(noise, seed) for seed in SEEDS]
        for seed, result in zip(SEEDS, results):
            (out_dir / f"final_info_{dataset}_{seed}.json").write_text(json.dumps(result))
        accuracies = [result["accuracy"] for result in results]
        # `means` and `stds` are bare numbers, beside a large array that is no metric.
        final_info[f"{dataset}_accuracy"] = {
            "means": statistics.mean(accuracies),
            "stds": statistics.stdev(accuracies),
            "solution": [[point for point in x] for x, _ in make_points(random.Random(99), noise)],
        }
        # Metrics whose value is a dictionary or an array stand among the numbers.
        final_info[dataset] = {
            "means": {
                "accuracy": statistics.mean(accuracies),
                "per_class": results[0]["per_class"],
                "weights": results[0]["weights"],
            },
            "notes": "values of the first seed where they are no mean",
        }
    (out_dir / "final_info.json").write_text(json.dumps(final_info))


if __name__ == "__main__":
    main()
