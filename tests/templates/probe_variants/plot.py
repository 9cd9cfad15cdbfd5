import json

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

labels = {"run_0": "Baseline"}

fig, ax = plt.subplots(figsize=(6.5, 3.0), layout="constrained")
for run, label in labels.items():
    with open(f"{run}/final_info.json") as f:
        info = json.load(f)
    names = [name for name in info if name.endswith("_accuracy")]
    ax.errorbar(
        names,
        [info[n]["means"] for n in names],
        yerr=[info[n]["stds"] for n in names],
        fmt="o",
        capsize=4,
        label=label,
    )
ax.set_ylabel("Accuracy")
ax.margins(x=0.3)
ax.legend()
fig.savefig("accuracy.png", dpi=150)
