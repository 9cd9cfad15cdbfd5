"""A realistic paper brief and draft, made of invented numbers, for the tests of checks, assembly and typesetters."""

from __future__ import annotations

import random
from pathlib import Path

from hakase.naming import macro_name
from hakase.records import (
    SECTIONS,
    Comparison,
    Draft,
    Evidence,
    Fact,
    Figure,
    Idea,
    Measurement,
    Metric,
    Novelty,
    Result,
    Run,
    Work,
)
from hakase.seams import Area, Constant, PaperBrief

LABELS = (
    "Baseline",
    "Dropout 0.1 & noise",
    "Dropout 0.3",
    "Dropout 0.5",
    "Dropout 0.3, weight decay",
    "Best + cosine schedule",
)
WORKS = (
    ("srivastava2014dropout", "Dropout: a simple way to prevent neural networks from overfitting",
     ("Nitish Srivastava", "Geoffrey Hinton", "Alex Krizhevsky", "Ilya Sutskever", "Ruslan Salakhutdinov"), 2014,
     "Journal of Machine Learning Research"),
    ("kingma2015adam", "Adam: a method for stochastic optimization", ("Diederik P. Kingma", "Jimmy Ba"), 2015, "ICLR"),
    ("he2016deep", "Deep residual learning for image recognition",
     ("Kaiming He", "Xiangyu Zhang", "Shaoqing Ren", "Jian Sun"), 2016, "CVPR"),
    ("glorot2010understanding", "Understanding the difficulty of training deep feedforward neural networks",
     ("Xavier Glorot", "Yoshua Bengio"), 2010, "AISTATS"),
    ("loshchilov2019decoupled", "Decoupled weight decay regularization",
     ("Ilya Loshchilov", "Frank Hutter"), 2019, "ICLR"),
    ("loshchilov2017sgdr", "SGDR: stochastic gradient descent with warm restarts",
     ("Ilya Loshchilov", "Frank Hutter"), 2017, "ICLR"),
    ("holm1979simple", "A simple sequentially rejective multiple test procedure", ("Sture Holm",), 1979,
     "Scandinavian Journal of Statistics"),
    ("gal2016dropout", "Dropout as a Bayesian approximation", ("Yarin Gal", "Zoubin Ghahramani"), 2016, "ICML"),
)  # fmt: skip
CODE = "HIDDEN = 64\nEPOCHS = 30\nBATCH_SIZE = 32\nLEARNING_RATE = 0.05\nDROPOUT = 0.0\nSEEDS = (0, 1, 2, 3, 4)\n"
DIFF = """--- a/experiment.py
+++ b/experiment.py
@@ -41,11 +41,16 @@ class Network:
     def forward(self, inputs: np.ndarray, train: bool) -> np.ndarray:
         hidden = inputs
         for weights, bias in zip(self.weights[:-1], self.biases[:-1]):
-            hidden = np.maximum(hidden @ weights + bias, 0.0)
+            hidden = np.maximum(hidden @ weights + bias, 0.0)  # größer als null, 中文
+            if train and self.dropout > 0.0:
+                keep = self.generator.random(hidden.shape) >= self.dropout
+                hidden = hidden * keep / (1.0 - self.dropout)
         return hidden @ self.weights[-1] + self.biases[-1]

-parser.add_argument("--dropout", type=float, default=0.0)
+parser.add_argument("--dropout", type=float, default=0.3, help="share of units, '0.3', 50%, {a_b}, ~x^2 & c\\n")
"""


def make_brief(
    study: Path | None = None, runs: int = 4, datasets: tuple[str, ...] = ("digits", "breast_cancer", "wine")
) -> PaperBrief:
    """A brief with ``runs`` runs besides the baseline; pictures are drawn into ``study`` when it is given."""
    done = tuple(_run(number, datasets) for number in range(runs + 1))
    metrics = (Metric(name="test_accuracy", direction="higher"), Metric(name="train_loss", direction="lower"))
    seed = Idea(name="dropout", title="Dropout", experiment="Drop hidden units.", hypothesis="It helps.")
    if study is not None:
        _draw(study)
    return PaperBrief(
        area=Area(
            "digits",
            "Small networks",
            "You research.",
            "Improve it.",
            {"experiment.py": CODE},
            metrics,
            metrics[0],
            (seed,),
        ),
        idea=seed,
        novelty=Novelty(verdict="undecided", reason="nothing answered"),
        runs=done,
        evidence=make_evidence(done, datasets),
        figures=(
            Figure(
                file="effects.png",
                caption="Effect of each run on the test accuracy, with its confidence interval.",
            ),
            Figure(
                file="training_curves.png",
                caption="Training loss per epoch, mean over the seeds of each run.",
            ),
        ),
        works={key: Work(key=key, title=t, authors=a, year=y, venue=v) for key, t, a, y, v in WORKS},
        constants=tuple(
            Constant(name, value, "experiment.py", line)
            for line, (name, _, value) in enumerate((x.partition(" = ") for x in CODE.splitlines()), 1)
        ),
        scientist="built-in",
        sandbox="bubblewrap",
        environment={"Python": "3.11.7"},
    )


def _run(number: int, datasets: tuple[str, ...]) -> Run:
    draw = random.Random(number)

    def measure(base: float, spread: float) -> Measurement:
        values = tuple(round(base + draw.gauss(0, spread), 5) for _ in range(5))
        mean = sum(values) / 5
        return Measurement(mean=mean, stderr=(sum((v - mean) ** 2 for v in values) / 4 / 5) ** 0.5, values=values)

    result = {
        name: {
            "test_accuracy": measure(0.9 + 0.01 * i + 0.004 * number, 0.006),
            "train_loss": measure(0.2, 0.03),
        }
        for i, name in enumerate(datasets)
    }
    return Run(
        number=number,
        label=LABELS[number],
        result=Result(datasets=result),
        diff=DIFF if number else "",
        seconds=12.5,
    )


def make_evidence(runs: tuple[Run, ...], datasets: tuple[str, ...]) -> Evidence:
    """Facts of every run and pooled comparisons, in the agreed names."""
    made: list[tuple[tuple[str | int, ...], str, float | None]] = []
    for run in runs:
        made.append((("run", run.number, "label"), run.label.replace("&", r"\&"), None))
        assert run.result is not None
        for dataset in datasets:
            for metric, measured in run.result.datasets[dataset].items():
                parts = ("run", run.number, dataset, metric)
                made.append(((*parts, "mean"), f"{measured.mean:.4f}", measured.mean))
                made.append(((*parts, "stderr"), f"{measured.stderr or 0:.4f}", measured.stderr))
                made.append(((*parts, "n"), "5", 5))
        if run.number:
            parts = ("compare", run.number, "pooled", "test_accuracy")
            made += [
                ((*parts, "difference"), rf"+{0.4 * run.number:.1f}\%", 0.4 * run.number),
                ((*parts, "low"), r"-0.3\%", -0.3),
                ((*parts, "high"), r"+1.9\%", 1.9),
                ((*parts, "p"), "$<$0.001" if run.number == 3 else f"0.0{30 + run.number}", 0.03),
                ((*parts, "padjusted"), "0.125", 0.125),
                ((*parts, "n"), "15", 15),
                ((*parts, "verdict"), "no difference shown", None),
            ]
    best = max(run.number for run in runs)
    made += [
        (("best", "run"), str(best), best),
        (("best", "label"), LABELS[best], None),
        (("best", "difference"), r"+1.6\%", 1.6),
        (("best", "low"), r"-0.3\%", -0.3),
        (("best", "high"), r"+1.9\%", 1.9),
        (("best", "padjusted"), "0.125", 0.125),
        (("best", "verdict"), "no difference shown", None),
        (("runs", "planned"), "5", 5),
        (("runs", "finished"), str(best), best),
        (("attempts", "total"), "7", 7),
        (("attempts", "failed"), "2", 2),
        (("datasets", "count"), str(len(datasets)), len(datasets)),
        (("seeds", "count"), "5", 5),
        (("alpha",), "0.05", 0.05),
        (("hypothesis", "verdict"), "undecided", None),
    ]
    facts = tuple(
        Fact(
            number=i,
            macro=macro_name(*parts),
            text=text,
            value=value,
            meaning=" ".join(map(str, parts)),
            source="test",
        )
        for i, (parts, text, value) in enumerate(made, 1)
    )
    comparisons = tuple(
        Comparison(
            run=run.number, label=run.label, dataset="", metric="test_accuracy", direction="higher", primary=True,
            baseline=0.9, variant=0.91, difference=0.01, relative=0.011,
            test="exact paired sign-flip test", verdict="no_difference",
        )
        for run in runs[1:]
    )  # fmt: skip
    return Evidence(
        primary_metric="test_accuracy", direction="higher", comparisons=comparisons, facts=facts, best_run=best,
        hypothesis="undecided", runs_planned=5, runs_finished=best, attempts=7, attempts_failed=2,
    )  # fmt: skip


def make_bibtex() -> dict[str, str]:
    """Key -> entry of every work of the sample."""
    return {
        key: f"@inproceedings{{{key},\n  title = {{{title}}},\n  author = {{{' and '.join(authors)}}},\n"
        f"  booktitle = {{{venue}}},\n  year = {{{year}}},\n  url = {{https://example.org/{key}_1}}\n}}"
        for key, title, authors, year, venue in WORKS
    }


def make_draft() -> Draft:
    """A draft that every check accepts, from ``paper_sections/``."""
    folder = Path(__file__).parent / "paper_sections"
    title = "Does Dropout Help Small Networks on Small Data? A Paired Study With Every Attempt Counted"
    return Draft(title=title, sections={name: (folder / f"{name}.tex").read_text().strip() for name in SECTIONS})


def _draw(study: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure as Canvas

    study.mkdir(parents=True, exist_ok=True)
    for name, size in (("effects.png", (7.0, 2.4)), ("training_curves.png", (5.0, 3.2))):
        picture = Canvas(figsize=size, layout="constrained")
        axes = picture.add_subplot()
        for i in range(4):
            axes.plot([x / 10 for x in range(30)], [2.0 ** (-x / (8 + i)) for x in range(30)], label=LABELS[i])
        axes.set(xlabel="epoch", ylabel="loss")
        axes.legend()
        picture.savefig(study / name, dpi=150)
