"""Fit a noisy sine with random features by gradient descent; hyperparameters are options, results only `means`."""

import argparse
import json
import os
import time

import numpy as np

parser = argparse.ArgumentParser(description="Random-feature regression")
parser.add_argument("--out_dir", type=str, default="run_0")
parser.add_argument("--learning_rate", type=float, default=0.05)
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--batch_size", type=int, default=8)
parser.add_argument("--num_features", type=int, default=64)
parser.add_argument("--bandwidth", type=float, default=4.0)
parser.add_argument("--l2", type=float, default=0.0)
parser.add_argument("--noise", type=float, default=0.4, help="standard deviation of the targets' noise")


def make_data(rng, size, noise):
    x = rng.uniform(-1.0, 1.0, size=(size, 1))
    y = np.sin(4.0 * x[:, 0]) + noise * rng.normal(size=size)
    return x, y


def features(x, frequencies, phases):
    return np.sqrt(2.0 / len(phases)) * np.cos(x @ frequencies + phases)


def train(args, seed):
    data_rng = np.random.default_rng(1000)
    train_x, train_y = make_data(data_rng, 60, args.noise)
    test_x, test_y = make_data(data_rng, 400, 0.0)

    rng = np.random.default_rng(seed)
    frequencies = rng.normal(size=(1, args.num_features)) * args.bandwidth
    phases = rng.uniform(0.0, 2.0 * np.pi, size=args.num_features)
    inputs, test_inputs = features(train_x, frequencies, phases), features(test_x, frequencies, phases)

    w = np.zeros(args.num_features)
    for epoch in range(args.epochs):
        order = rng.permutation(len(train_y))
        for i in range(0, len(order), args.batch_size):
            batch = order[i : i + args.batch_size]
            residual = inputs[batch] @ w - train_y[batch]
            grad = 2.0 * inputs[batch].T @ residual / len(batch) + 2.0 * args.l2 * w
            w -= args.learning_rate * grad
    return {
        "mse": np.mean((test_inputs @ w - test_y) ** 2),
        "train_mse": np.mean((inputs @ w - train_y) ** 2),
    }


if __name__ == "__main__":
    args = parser.parse_args()
    os.makedirs(args.out_dir, exist_ok=True)
    start = time.time()
    results = [train(args, seed) for seed in range(5)]
    means = {metric: float(np.mean([result[metric] for result in results])) for metric in results[0]}
    means["train_time"] = time.time() - start
    print(means)
    with open(os.path.join(args.out_dir, "final_info.json"), "w") as f:
        json.dump({"sine": {"means": means}}, f)
