import json

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

labels = {
    "run_0": "Baseline",
}

values = {}
for folder, label in labels.items():
    with open(f"{folder}/final_info.json") as f:
        values[label] = json.load(f)["sine"]["means"]

fig, ax = plt.subplots(figsize=(6.5, 1.2 + 0.4 * len(values)), layout="constrained")
for metric, colour in [("mse", "#0072B2"), ("train_mse", "#E69F00")]:
    ax.plot([v[metric] for v in values.values()], list(values), "o", color=colour, label=metric)
ax.set_xlabel("Mean squared error")
ax.margins(y=0.3)
ax.invert_yaxis()
ax.legend()
fig.savefig("mse.png", dpi=150)
