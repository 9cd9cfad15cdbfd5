"""Draws every folder run_* that has results; there is no dictionary of labels here."""

import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

runs = {}
for folder in sorted(Path().glob("run_*")):
    if (folder / "final_info.json").is_file():
        runs[folder.name] = json.loads((folder / "final_info.json").read_text())["gaussian_bandit"]

fig, ax = plt.subplots(figsize=(6.5, 3.0), layout="constrained")
means = [info["means"]["regret_mean"] for info in runs.values()]
errors = [info["stderrs"]["regret_stderr"] for info in runs.values()]
ax.bar(list(runs), means, yerr=errors, color="#0072B2", capsize=4)
ax.set_ylabel("Regret")
fig.savefig("regret.png", dpi=150)
