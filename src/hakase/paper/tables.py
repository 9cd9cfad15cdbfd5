"""The tables of a paper, as LaTeX floats whose numbers are macros only.

A table is set in small type and, when it is still wider than the line, shrunk to it by ``\\hakasefit``.
An empty string means that there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hakase.latex_text import escape
from hakase.naming import macro_name
from hakase.paper.figures.effects import UNIT_NOTE
from hakase.paper.grid import Grid, datasets_of, macro, runs_with_facts, secondary_metrics
from hakase.paper.listing import escape_code
from hakase.records import Comparison, Evidence
from hakase.seams import Constant, PaperBrief

_SETTINGS_SHOWN = 36
_LONGEST_VALUE = 34
_ONE_BLOCK = 8
"""Settings up to which one block beside the text's column is enough."""
_NARROW = 2
"""Data sets that fit one column of a two-column page."""
_SPREADS = 4
"""Runs up to which the secondary table has room for standard errors."""
_LABEL_ROOM = {1: 50, 2: 42, 3: 32}
"""Data sets -> characters of a label that fit one line beside them."""
_LABEL_WRAP = 24


def table_results(brief: PaperBrief) -> str:
    """Runs x data sets, the primary metric as mean and standard error, the best mean in bold."""
    evidence = brief.evidence
    grid = Grid(evidence, runs_with_facts(brief), datasets_of(brief))
    if not grid.runs or not grid.datasets:
        return ""
    metric = evidence.primary_metric
    rows = [rf"\textbf{{Run}} & {_headings(grid.datasets)}"]
    room = _LABEL_ROOM.get(len(grid.datasets), _LABEL_WRAP)
    for run in grid.runs:
        cells = " & ".join(grid.cell(run, dataset, metric) for dataset in grid.datasets)
        rows.append(f"{_label(evidence, run, room)} & {cells}")
    better = "higher is better" if evidence.direction == "higher" else "lower is better"
    what = f"{_plain(metric).capitalize()} of every run ({better})"
    caption = f"{what}: {grid.spread(metric)}. {_best_note(grid, metric)}"
    columns = "l" + "r@{}l" * len(grid.datasets)
    return Float("tab:results", caption, columns, len(grid.datasets) > _NARROW).render(rows)


_CONTROL_NOTE = (
    r" $^{\ast}$Control: it changes more or less than the idea states, and the hypothesis is not judged by it."
)


def table_comparisons(brief: PaperBrief) -> str:
    """Per run the pooled primary effect against the baseline: change, interval, both p, verdict."""
    evidence, metric = brief.evidence, brief.evidence.primary_metric
    runs = [i for i in runs_with_facts(brief) if macro(evidence, "compare", i, "pooled", metric, "verdict")]
    if not runs:
        return ""
    interval = r"\textbf{95\% interval}"
    rows = [rf"\textbf{{Run}} & \textbf{{Change}} & {interval} & $p$ & $p_{{\mathrm{{Holm}}}}$ & \textbf{{Verdict}}"]
    controls = {c.run for c in evidence.comparisons if c.control}
    rows += [_comparison_row(evidence, run, run in controls) for run in runs]
    shown = [c for c in evidence.comparisons if c.primary and c.run in runs]
    tests = sorted({c.test for c in shown if c.test})
    how = f" Test: {escape('; '.join(tests))}." if tests else ""
    note = _CONTROL_NOTE if controls else ""
    caption = (
        rf"{_change(shown)} of the {_plain(metric)} against the baseline, pooled over the data sets, with its "
        r"95\% confidence interval. Both $p$ values are for the observed direction; $p_{\mathrm{Holm}}$ is "
        f"corrected over all pooled comparisons, each direction by itself.{_unit_note(shown)}{how}{note}"
    )
    return Float("tab:comparisons", caption, "lrcrrl", wide=True).render(rows)


def _change(shown: Sequence[Comparison]) -> str:
    return "Relative change" if any(c.relative is not None for c in shown) else "Change"


def _unit_note(shown: Sequence[Comparison]) -> str:
    return f" {UNIT_NOTE}" if any(c.relative is None for c in shown) else ""


def _comparison_row(evidence: Evidence, run: int, control: bool) -> str:
    parts = ("compare", run, "pooled", evidence.primary_metric)
    low, high = macro(evidence, *parts, "low"), macro(evidence, *parts, "high")
    interval = f"[{low}, {high}]" if low and high else "--"
    cells = [macro(evidence, *parts, name) or "--" for name in ("difference", "p", "padjusted", "verdict")]
    cells[-1] += r"$^{\ast}$" if control else ""
    return " & ".join((_label(evidence, run, _LABEL_WRAP), cells[0], interval, *cells[1:]))


def table_secondary(brief: PaperBrief) -> str:
    """The other metrics, a row for each data set and metric and two columns for each run."""
    evidence, runs = brief.evidence, runs_with_facts(brief)
    grid = Grid(evidence, runs, datasets_of(brief), spreads=len(runs) <= _SPREADS)
    pairs = [(d, m) for d in grid.datasets for m in secondary_metrics(brief) if grid.has(d, m)]
    if not pairs:
        return ""
    heads = [
        rf"\multicolumn{{2}}{{c}}{{\parbox[b]{{6.4em}}{{\centering {macro(evidence, 'run', run, 'label')}}}}}"
        for run in grid.runs
    ]
    rows = [" & ".join((r"\textbf{Data set}", r"\textbf{Metric}", *heads))]
    previous = ""
    for dataset, metric in pairs:
        cells = (grid.cell(run, dataset, metric, mark_best=False) for run in grid.runs)
        first = escape(_words(dataset)) if dataset != previous else ""
        rows.append(" & ".join((first, _plain(metric), *cells)))
        previous = dataset
    what = "mean and standard error" if grid.spreads else "means"
    caption = f"The metrics that the hypothesis is not judged by: {what}, seeds as in Table~\\ref{{tab:results}}."
    return Float("tab:secondary", caption, "ll" + "r@{}l" * len(grid.runs), wide=True).render(rows)


def table_settings(constants: Sequence[Constant]) -> str:
    """Names and values that were read from the code, in two blocks beside each other."""
    if not constants:
        return ""
    shown = constants[:_SETTINGS_SHOWN]
    blocks = 2 if len(shown) > _ONE_BLOCK else 1
    height = -(-len(shown) // blocks)
    rows = [" & ".join([r"\textbf{Setting} & \textbf{Value}"] * blocks)]
    rows += [" & ".join(_setting(c) for c in shown[i::height]) for i in range(height)]
    files = ", ".join(rf"{{\hakasecode {escape_code(name)}}}" for name in sorted({c.file for c in constants}))
    left_out = len(constants) - len(shown)
    rest = f" {left_out} more are in the code." if left_out else ""
    caption = f"Settings of the baseline, read from {files}.{rest}"
    return Float("tab:settings", caption, r"@{\hspace{2.2em}}".join(["ll"] * blocks), blocks > 1).render(rows)


def _setting(constant: Constant) -> str:
    value = " ".join(constant.value.split())
    value = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 3] + "..."
    name = constant.name.lower() if constant.name.isupper() else constant.name
    return rf"{escape(_words(name))} & {{\hakasecode {escape_code(value)}}}"


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
            rf"\begin{{{environment}}}[tbp]",
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


def _label(evidence: Evidence, run: int, room: int) -> str:
    """The macro of a run's label; wrapped when it has more than ``room`` characters."""
    label = macro(evidence, "run", run, "label")
    if not label:
        return f"Run {run}"
    text = evidence.fact(macro_name("run", run, "label")).text
    return rf"\hakasewrap{{{label}}}" if len(text) > room else label


def _headings(datasets: Sequence[str]) -> str:
    return " & ".join(rf"\multicolumn{{2}}{{c}}{{\textbf{{{escape(_words(d))}}}}}" for d in datasets)


def _best_note(grid: Grid, metric: str) -> str:
    return "Best mean of a data set in bold." if any(grid.best(d, metric) for d in grid.datasets) else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _plain(metric: str) -> str:
    return escape(_words(metric))
