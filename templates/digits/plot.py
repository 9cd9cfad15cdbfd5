"""Draw the runs that `labels` names: validation loss over the epochs, and the final results on the test data.

    python plot.py

reads run_*/final_info.json and run_*/all_results.json beside it, and writes validation_loss.png,
test_loss.png and test_accuracy.png there. Bands and bars are standard errors over the seeds.
"""

from __future__ import annotations

import json
import math
import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

# Folder of a run -> its name in the figures. A run that is not named here is not drawn.
labels = {
    "run_0": "Baseline",
}

HERE = Path(__file__).resolve().parent
COLOURS = ["#000000", "#E69F00", "#0072B2", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]  # Okabe and Ito, 2008
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
WIDTH = 6.5  # inches, the full width of a page
LOG_RATIO = 8.0  # a panel whose values span more than this has a logarithmic scale


@dataclass(frozen=True)
class Run:
    label: str
    index: int  # place in `labels`, which decides colour, line and marker
    final_info: dict
    curves: dict

    @property
    def colour(self) -> str:
        return COLOURS[self.index % len(COLOURS)]

    def get_values(self, dataset: str, metric: str) -> np.ndarray:
        """Final value of every seed (seeds,)."""
        return np.array(self.final_info[dataset]["final_info_dict"][metric], dtype=float)

    def get_curves(self, dataset: str, metric: str) -> np.ndarray:
        """One row a seed, one column an epoch (seeds, epochs)."""
        return np.array([curves[metric] for curves in self.curves[dataset].values()], dtype=float)


def load_runs() -> list[Run]:
    runs = []
    for index, (name, label) in enumerate(labels.items()):
        files = [HERE / name / "final_info.json", HERE / name / "all_results.json"]
        missing = [file for file in files if not file.is_file()]
        if missing:
            print(f"{name} ({label}) is left out: there is no {missing[0].relative_to(HERE)}")
            continue
        runs.append(Run(label, index, *(json.loads(file.read_text()) for file in files)))
    return runs


def standard_error(values: np.ndarray) -> np.ndarray:
    """Sample standard deviation / sqrt(n) over the first axis; zero for a single value, which has none."""
    if len(values) < 2:
        return np.zeros(values.shape[1:])
    return values.std(axis=0, ddof=1) / math.sqrt(len(values))


def set_scale(axes: Axes, which: str, values: np.ndarray) -> None:
    """Few ticks; for losses of very different size a logarithmic scale with plain numbers."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = np.nanmin(values), np.nanmax(values)
    if low > 0.0 and LOG_RATIO * low < high < np.inf:
        limits = (low / 1.4, 1.4 * high)  # a band that reaches down to zero would need all the room
        axes.set(**{f"{which}scale": "log", f"{which}lim": limits})
        wide = which == "x" and high > 10.0 * low  # numbers beside each other need more room than one above the other
        axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 3.0), numticks=4 if wide else 5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
    else:
        axis.set_major_locator(MaxNLocator(nbins=4))


def title(dataset: str) -> str:
    return dataset.replace("_", " ").capitalize()


def draw_curves(axes: Axes, run: Run, values: np.ndarray) -> None:
    mean, error = values.mean(axis=0), standard_error(values)
    epochs = np.arange(1, len(mean) + 1)
    line = LINES[run.index % len(LINES)]
    axes.plot(epochs, mean, color=run.colour, linestyle=line, label=textwrap.fill(run.label, 28))
    axes.fill_between(epochs, mean - error, mean + error, color=run.colour, alpha=0.15, linewidth=0)


def plot_curves(runs: list[Run], metric: str, name: str, file: str) -> None:
    """One panel a data set: mean over the seeds in every epoch, with a band of one standard error."""
    datasets = list(runs[0].final_info)
    figure, panels = plt.subplots(1, len(datasets), figsize=(WIDTH, 2.3 + 0.25 * len(runs)), squeeze=False)
    for axes, dataset in zip(panels[0], datasets, strict=True):
        curves = [run.get_curves(dataset, metric) for run in runs]
        for run, values in zip(runs, curves, strict=True):
            draw_curves(axes, run, values)
        set_scale(axes, "y", np.concatenate([values.mean(axis=0) for values in curves]))
        axes.set(title=title(dataset), xlabel="Epoch")
    panels[0, 0].set_ylabel(name)
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=min(3, len(runs)), frameon=False)
    save(figure, file)


def draw_points(axes: Axes, run: Run, height: float, values: np.ndarray) -> None:
    style = {"color": run.colour, "markersize": 5}
    axes.plot(values, np.full(len(values), height), "|", alpha=0.5, **style)
    marker, error = MARKERS[run.index % len(MARKERS)], standard_error(values)
    axes.errorbar(values.mean(), height, xerr=error, fmt=marker, capsize=3, **style)


def plot_points(runs: list[Run], metric: str, name: str, file: str) -> None:
    """One panel a data set, one row a run: mean with one standard error, and a thin line for every seed."""
    datasets = list(runs[0].final_info)
    figure, panels = plt.subplots(1, len(datasets), figsize=(WIDTH, 1.1 + 0.32 * len(runs)), sharey=True, squeeze=False)
    heights = range(len(runs), 0, -1)
    for axes, dataset in zip(panels[0], datasets, strict=True):
        values = [run.get_values(dataset, metric) for run in runs]
        for run, height, of_run in zip(runs, heights, values, strict=True):
            draw_points(axes, run, height, of_run)
        axes.axvline(values[0].mean(), color=runs[0].colour, linewidth=0.8, linestyle=":", zorder=0)
        if metric.endswith("loss"):
            set_scale(axes, "x", np.concatenate(values))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.set(title=title(dataset), xlabel=name, ylim=(0.4, len(runs) + 0.6))
    panels[0, 0].set_yticks(list(heights), [textwrap.fill(run.label, 22) for run in runs])
    save(figure, file)


def save(figure: plt.Figure, file: str) -> None:
    figure.savefig(HERE / file, dpi=200)
    plt.close(figure)
    print(f"wrote {file}")


def main() -> None:
    plt.rcParams.update(
        {
            "font.size": 9,
            "axes.titlesize": 9,
            "legend.fontsize": 8.5,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "lines.linewidth": 1.4,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.constrained_layout.use": True,
            "figure.constrained_layout.wspace": 0.06,
        }
    )
    runs = load_runs()
    if not runs:
        raise SystemExit("none of the runs in labels has results")
    plot_curves(runs, "val_loss", "Validation loss", "validation_loss.png")
    plot_points(runs, "test_loss", "Test loss", "test_loss.png")
    plot_points(runs, "test_accuracy", "Test accuracy", "test_accuracy.png")


if __name__ == "__main__":
    main()
