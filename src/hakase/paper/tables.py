"""The tables of a paper, as LaTeX floats whose numbers are macros only.

A table is set in small type and, when it is still wider than the line, shrunk to it by ``\\hakasefit``. An empty
string means that there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hakase.latex_text import escape
from hakase.naming import macro_name
from hakase.records import Evidence, Fact
from hakase.seams import Constant, PaperBrief

_SETTINGS_SHOWN = 36
_LONGEST_VALUE = 34
_TWO_COLUMN_WIDTH = 2
"""Data sets that fit one column of a two-column page."""


def table_results(brief: PaperBrief) -> str:
    """Runs x data sets, the primary metric as mean and standard error, the best mean of each data set in bold."""
    evidence = brief.evidence
    grid = Grid(evidence, runs_with_facts(brief), datasets_of(brief))
    if not grid.runs or not grid.datasets:
        return ""
    metric = evidence.primary_metric
    rows = [rf"\textbf{{Run}} & {_headings(grid.datasets)}"]
    for run in grid.runs:
        cells = " & ".join(grid.cell(run, dataset, metric) for dataset in grid.datasets)
        rows.append(f"{_label(evidence, run)} & {cells}")
    better = "higher is better" if evidence.direction == "higher" else "lower is better"
    caption = f"{_plain(metric).capitalize()} of every run ({better}): {grid.spread(metric)}. {_best_note(grid, metric)}"
    columns = _label_column(len(grid.datasets)) + "r@{}l" * len(grid.datasets)
    return Float("tab:results", caption, columns, len(grid.datasets) > _TWO_COLUMN_WIDTH).render(rows)


def table_comparisons(brief: PaperBrief) -> str:
    """Per run the pooled primary effect against the baseline: change, interval, p, Holm-adjusted p, verdict."""
    evidence, metric = brief.evidence, brief.evidence.primary_metric
    runs = [i for i in runs_with_facts(brief) if _macro(evidence, "compare", i, "pooled", metric, "verdict")]
    if not runs:
        return ""
    rows = [
        r"\textbf{Run} & \textbf{Change} & \textbf{95\% interval} & $p$ & $p_{\mathrm{Holm}}$ & \textbf{Verdict}"
    ]
    rows += [_comparison_row(evidence, run) for run in runs]
    tests = sorted({c.test for c in evidence.comparisons if c.primary and c.test})
    how = f" Test: {escape('; '.join(tests))}." if tests else ""
    caption = (
        rf"Relative change of the {_plain(metric)} against the baseline, pooled over the data sets, with its 95\% "
        rf"confidence interval. Both $p$ values are for the observed direction; $p_{{\mathrm{{Holm}}}}$ is corrected "
        rf"for everything that this study tried.{how}"
    )
    return Float("tab:comparisons", caption, _label_column(3) + "rcrrl", wide=True).render(rows)


def _comparison_row(evidence: Evidence, run: int) -> str:
    parts = ("compare", run, "pooled", evidence.primary_metric)
    low, high = _macro(evidence, *parts, "low"), _macro(evidence, *parts, "high")
    interval = f"[{low}, {high}]" if low and high else "--"
    cells = [_macro(evidence, *parts, name) or "--" for name in ("difference", "p", "padjusted", "verdict")]
    return " & ".join((_label(evidence, run), cells[0], interval, *cells[1:]))


def table_secondary(brief: PaperBrief) -> str:
    """The other metrics, a row for each data set and metric and two columns for each run."""
    evidence = brief.evidence
    grid = Grid(evidence, runs_with_facts(brief), datasets_of(brief))
    pairs = [(d, m) for d in grid.datasets for m in _secondary_metrics(brief) if grid.has(d, m)]
    if not pairs:
        return ""
    heads = [
        rf"\multicolumn{{2}}{{c}}{{\parbox[b]{{6.4em}}{{\centering {_label(evidence, run)}}}}}"
        for run in grid.runs
    ]
    rows = [" & ".join((r"\textbf{Data set}", r"\textbf{Metric}", *heads))]
    previous = ""
    for dataset, metric in pairs:
        cells = (grid.cell(run, dataset, metric, mark_best=False) for run in grid.runs)
        first = escape(_words(dataset)) if dataset != previous else ""
        rows.append(" & ".join((first, _plain(metric), *cells)))
        previous = dataset
    caption = "The metrics that the hypothesis is not judged by, as in Table~\\ref{tab:results}."
    return Float("tab:secondary", caption, "ll" + "r@{}l" * len(grid.runs), wide=True).render(rows)


def table_settings(constants: Sequence[Constant]) -> str:
    """Names and values that were read from the code, in two blocks beside each other."""
    if not constants:
        return ""
    shown = constants[:_SETTINGS_SHOWN]
    half = (len(shown) + 1) // 2
    pairs = [(c, shown[half + i] if half + i < len(shown) else None) for i, c in enumerate(shown[:half])]
    rows = [r"\textbf{Setting} & \textbf{Value} & \textbf{Setting} & \textbf{Value}"]
    rows += [f"{_setting(left)} & {_setting(right) if right else '&'}" for left, right in pairs]
    files = ", ".join(rf"{{\hakasecode {escape(name)}}}" for name in sorted({c.file for c in constants}))
    left_out = len(constants) - len(shown)
    rest = f" {left_out} more are in the code." if left_out else ""
    caption = f"Settings of the baseline, read from {files}.{rest}"
    return Float("tab:settings", caption, "ll@{\\hspace{2.2em}}ll", wide=True).render(rows)


def _setting(constant: Constant) -> str:
    value = " ".join(constant.value.split())
    value = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 3] + "..."
    return rf"{escape(_words(constant.name))} & {{\hakasecode {escape(value)}}}"


@dataclass(frozen=True)
class Grid:
    """What there is to show: finished runs, data sets, and the facts behind each cell."""

    evidence: Evidence
    runs: Sequence[int]
    datasets: Sequence[str]

    def cell(self, run: int, dataset: str, metric: str, mark_best: bool = True) -> str:
        """Mean and standard error as two table cells."""
        mean = _macro(self.evidence, "run", run, dataset, metric, "mean")
        if not mean:
            return r"\multicolumn{2}{c}{--}"
        stderr = _macro(self.evidence, "run", run, dataset, metric, "stderr")
        spread = rf"$\,\pm\,${stderr}" if stderr else ""
        if mark_best and run in self.best(dataset, metric):
            return rf"\hakasebest{{{mean}}} & \hakasebest{{{spread}}}"
        return f"{mean} & {spread}"

    def best(self, dataset: str, metric: str) -> frozenset[int]:
        """The runs whose mean is the best on ``dataset``."""
        means = {run: v for run in self.runs if (v := self.value(run, dataset, metric)) is not None}
        if len(means) < 2:
            return frozenset()
        choose = max if self.evidence.direction == "higher" else min
        top = choose(means.values())
        return frozenset(run for run, value in means.items() if value == top)

    def value(self, run: int, dataset: str, metric: str) -> float | None:
        """The mean as a number."""
        name = macro_name("run", run, dataset, metric, "mean")
        return next((f.value for f in self.evidence.facts if f.macro == name), None)

    def has(self, dataset: str, metric: str) -> bool:
        """Whether any run measured ``metric`` on ``dataset``."""
        return any(_macro(self.evidence, "run", run, dataset, metric, "mean") for run in self.runs)

    def spread(self, metric: str) -> str:
        """What the two numbers of a cell are, in words; the number of seeds when it is the same everywhere."""
        text = "mean and standard error" if self._facts_of(metric, "stderr") else "mean"
        seeds = self._facts_of(metric, "n")
        if len({fact.text for fact in seeds}) != 1:
            return text
        return rf"{text} over $n=\{seeds[0].macro}$ seeds"

    def _facts_of(self, metric: str, kind: str) -> list[Fact]:
        names = {macro_name("run", run, d, metric, kind) for run in self.runs for d in self.datasets}
        return [fact for fact in self.evidence.facts if fact.macro in names]


@dataclass(frozen=True)
class Float:
    """A table float around rows of cells; the first row is the heading."""

    label: str
    caption: str
    columns: str
    wide: bool = False
    """Spans both columns of a two-column paper."""

    def render(self, rows: Sequence[str]) -> str:
        """The LaTeX of the float."""
        environment = "table*" if self.wide else "table"
        heading, *body = rows
        lines = [
            rf"\begin{{{environment}}}[tb]",
            r"\centering\small",
            rf"\caption{{{self.caption}}}",
            rf"\label{{{self.label}}}",
            r"\setlength{\tabcolsep}{5pt}",
            rf"\hakasefit{{\begin{{tabular}}{{@{{}}{self.columns}@{{}}}}",
            r"\hakasetop",
            heading + r" \\",
            r"\hakasemid",
            *(row + r" \\" for row in body),
            r"\hakasebottom",
            r"\end{tabular}}",
            rf"\end{{{environment}}}",
        ]
        return "\n".join(lines) + "\n"


def runs_with_facts(brief: PaperBrief) -> list[int]:
    """Numbers of the finished runs, the baseline first."""
    return sorted(run.number for run in brief.runs if run.status == "done" and run.result is not None)


def datasets_of(brief: PaperBrief) -> list[str]:
    """Data sets of the finished runs, in the order in which they first appear."""
    results = [run.result for run in brief.runs if run.result is not None and run.status == "done"]
    return list(dict.fromkeys(name for result in results for name in result.datasets))


def _secondary_metrics(brief: PaperBrief) -> list[str]:
    results = [run.result for run in brief.runs if run.result is not None and run.status == "done"]
    names = dict.fromkeys(m for result in results for metrics in result.datasets.values() for m in metrics)
    return [name for name in names if name != brief.evidence.primary_metric]


def _macro(evidence: Evidence, *parts: str | int) -> str:
    """The macro as LaTeX, or an empty string when there is no such fact."""
    name = macro_name(*parts)
    return rf"\{name}{{}}" if any(fact.macro == name for fact in evidence.facts) else ""


def _label(evidence: Evidence, run: int) -> str:
    return _macro(evidence, "run", run, "label") or f"Run {run}"


def _headings(datasets: Sequence[str]) -> str:
    return " & ".join(rf"\multicolumn{{2}}{{c}}{{\textbf{{{escape(_words(d))}}}}}" for d in datasets)


def _label_column(others: int) -> str:
    """A column for labels: as wide as they are while few columns follow, else wrapped."""
    return "l" if others <= 2 else r"p{10.5em}"


def _best_note(grid: Grid, metric: str) -> str:
    return "Best mean of a data set in bold." if any(grid.best(d, metric) for d in grid.datasets) else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _plain(metric: str) -> str:
    return escape(_words(metric))
