"""A realistic paper brief and draft, made of invented numbers, for the tests of checks, assembly and typesetters."""

from __future__ import annotations

import random
from pathlib import Path

from hakase.naming import macro_name
from hakase.records import (
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
    ("loshchilov2019decoupled", "Decoupled weight decay regularization", ("Ilya Loshchilov", "Frank Hutter"), 2019, "ICLR"),
    ("loshchilov2017sgdr", "SGDR: stochastic gradient descent with warm restarts", ("Ilya Loshchilov", "Frank Hutter"), 2017, "ICLR"),
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
+parser.add_argument("--dropout", type=float, default=0.3, help="share of hidden units set to zero in training, such as '0.3', 50%, {a_b} and ~x^2 & c\\n")
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
            baseline=0.9, variant=0.91, difference=0.01, test="exact paired sign-flip test", verdict="no_difference",
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


_FILLER = (
    "A small network trained on few examples fits noise as readily as signal, and what holds it back decides how it does on data "
    "that it has not seen. The remedies are old, cheap and widely used, yet their effect on small tabular problems is rarely "
    "measured with the repetitions that a verdict needs. We measure it with every seed paired and every attempt counted. "
)


def make_draft() -> Draft:
    """A draft that every check accepts."""
    return Draft(
        title="Does Dropout Help Small Networks on Small Data? A Paired Study With Every Attempt Counted",
        sections={
            "abstract": "Dropout is a standard remedy against overfitting \\cite{srivastava2014dropout}, but small networks on small data "
            "have little to spare. We trained \\RunsFinished{} variants on \\DatasetsCount{} data sets with \\SeedsCount{} seeds each. "
            "The best of them changed the test accuracy by \\BestDifference{} (interval \\BestLow{} to \\BestHigh, adjusted "
            "$p=\\BestPadjusted$): \\BestVerdict{}. The hypothesis, registered before the first run, stays \\HypothesisVerdict.",
            "introduction": _FILLER
            * 2
            + "\n\nDropout \\cite{srivastava2014dropout,gal2016dropout} removes units at random; weight decay "
            "\\cite{loshchilov2019decoupled} shrinks weights. Both act together with the optimizer "
            "\\cite{kingma2015adam,loshchilov2017sgdr,he2016deep,glorot2010understanding}. We ask one question: does dropout raise "
            "the accuracy of a small network? Our contributions are:\n\\begin{itemize}\n\\item a paired comparison on several data sets;\n"
            "\\item corrected tests for everything that was tried \\cite{holm1979simple};\n\\item the code of every run.\n\\end{itemize}",
            "related_work": "Dropout was proposed by its authors as an average over many thinned networks \\cite{srivastava2014dropout} and "
            "later read as approximate Bayesian inference \\cite{gal2016dropout}. Residual connections \\cite{he2016deep} and careful "
            "initialisation \\cite{glorot2010understanding} made deeper networks trainable at all, which is another matter. "
            "Schedules with restarts \\cite{loshchilov2017sgdr} change the end of training more than its start.",
            "background": "Let $f_\\theta(x)$ be a network with parameters $\\theta$, trained to minimise the mean cross-entropy\n"
            "\\begin{equation}\n\\mathcal{L}(\\theta) = -\\frac{1}{N} \\sum_{i=1}^{N} \\log \\mathrm{softmax}\\bigl(f_\\theta(x_i)\\bigr)_{y_i}\n"
            "+ \\frac{\\lambda}{2} \\lVert\\theta\\rVert_2^2 .\n\\label{eq:loss}\n\\end{equation}\n"
            "With dropout each hidden unit is multiplied by $m_j/(1-q)$, where $m_j \\in \\{0, 1\\}$ is drawn anew for every example.",
            "method": "Listing~\\ref{lst:change} shows the change: hidden units are dropped while training and left alone in testing, so that the "
            "loss of Equation~\\eqref{eq:loss} is otherwise untouched. " + _FILLER + "\n\\input{listing_change}\n"
            "\\subsection{Why it might work}\nUnits that cannot rely on each other must each be of use. \\paragraph{Cost.} One draw "
            "and one product for each layer and batch.",
            "experimental_setup": "Table~\\ref{tab:settings} lists the settings, which were read from the code. Every run uses the same "
            "\\SeedsCount{} seeds as the baseline. "
            + _FILLER.replace("small", "modest")
            + "\n\\input{table_settings}\n",
            "results": "Table~\\ref{tab:results} gives the test accuracy of every run and Table~\\ref{tab:comparisons} the pooled effects. "
            "The baseline reaches \\RunZeroDigitsTestAccuracyMean{} on digits; \\BestLabel{} reaches "
            "$\\RunFourDigitsTestAccuracyMean \\pm \\RunFourDigitsTestAccuracyStderr$. Figure~\\ref{fig:effects} shows the effects and "
            "Figure~\\ref{fig:training_curves} the training curves. Other metrics are in Table~\\ref{tab:secondary}.\n"
            "\\input{table_results}\n\\input{figure_effects}\n\\input{figure_training_curves}\n\\input{table_comparisons}\n\n"
            "Of \\RunsPlanned{} planned runs \\RunsFinished{} finished, in \\AttemptsTotal{} attempts, of which \\AttemptsFailed{} failed. "
            "No difference could be shown at $\\alpha = \\Alpha$. "
            + "The intervals are wide compared with the differences between runs, "
            "and the order of the runs differs between data sets. That is what chance alone would look like.\n\\input{table_secondary}\n",
            "limitations": "The data sets are small and tabular, and one architecture was tried. The number of seeds bounds what a paired "
            "test can show. A machine wrote this paper, and nobody has checked it yet.",
            "conclusion": "We did not find that dropout improves small networks on these data. The hypothesis stays \\HypothesisVerdict, and "
            "the intervals say how large an effect could still hide. More seeds would tell.",
        },
    )


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
