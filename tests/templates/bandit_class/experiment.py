"""An agent learns which arm of a bandit pays best: classes, plain Python, hyperparameters as call keywords."""

import argparse
import json
import math
import random
from pathlib import Path

ARMS = 10
STEPS = 600
SEEDS = (0, 1, 2, 3, 4, 5, 6, 7)
REWARD_NOISE = 1.0


class Bandit:
    def __init__(self, arms, noise, rng):
        self.values = [rng.gauss(0.0, 1.0) for _ in range(arms)]
        self.noise = noise
        self.rng = rng

    def pull(self, arm):
        return self.rng.gauss(self.values[arm], self.noise)

    def regret(self, arm):
        return max(self.values) - self.values[arm]


class EpsilonGreedy:
    """Pulls the arm of the highest estimate, or with probability epsilon any arm."""

    def __init__(self, arms, *, epsilon, step_size, initial_value, rng):
        self.estimates = [initial_value] * arms
        self.epsilon = epsilon
        self.step_size = step_size
        self.rng = rng

    def choose(self):
        if self.rng.random() < self.epsilon:
            return self.rng.randrange(len(self.estimates))
        return self.estimates.index(max(self.estimates))

    def learn(self, arm, reward):
        self.estimates[arm] += self.step_size * (reward - self.estimates[arm])


class Experiment:
    def __init__(self, agent_class, steps, **hyperparameters):
        self.agent_class = agent_class
        self.steps = steps
        self.hyperparameters = hyperparameters

    def run(self, seed):
        bandit = Bandit(ARMS, REWARD_NOISE, random.Random(seed))
        agent = self.agent_class(ARMS, rng=random.Random(1000 + seed), **self.hyperparameters)
        regret = total_reward = 0.0
        for _ in range(self.steps):
            arm = agent.choose()
            reward = bandit.pull(arm)
            agent.learn(arm, reward)
            regret += bandit.regret(arm)
            total_reward += reward
        return {"regret": regret, "total_reward": total_reward}


def standard_error(values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return math.sqrt(variance / len(values))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out_dir", default="run_0")
    out_dir = Path(parser.parse_args().out_dir)
    out_dir.mkdir(exist_ok=True)

    experiment = Experiment(EpsilonGreedy, steps=STEPS, epsilon=0.2, step_size=0.1, initial_value=0.0)
    results = [experiment.run(seed) for seed in SEEDS]
    per_seed = {metric: [result[metric] for result in results] for metric in results[0]}
    final_info = {
        "gaussian_bandit": {
            "means": {f"{metric}_mean": sum(values) / len(values) for metric, values in per_seed.items()},
            "stderrs": {f"{metric}_stderr": standard_error(values) for metric, values in per_seed.items()},
            "final_info_dict": per_seed,
        }
    }
    (out_dir / "final_info.json").write_text(json.dumps(final_info))


if __name__ == "__main__":
    main()
