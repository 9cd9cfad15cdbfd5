"""What the tables of a paper show: runs, data sets, and the facts behind each cell. It lays nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hakase.naming import macro_name
from hakase.records import Evidence, Fact
from hakase.seams import PaperBrief


@dataclass(frozen=True)
class Grid:
    """What there is to show: finished runs, data sets, and the facts behind each cell."""

    evidence: Evidence
    runs: Sequence[int]
    datasets: Sequence[str]
    spreads: bool = True
    """Whether cells show the standard error."""

    def cell(self, run: int, dataset: str, metric: str, mark_best: bool = True) -> str:
        """Mean and standard error as two table cells."""
        mean = macro(self.evidence, "run", run, dataset, metric, "mean")
        if not mean:
            return r"\multicolumn{2}{c}{--}"
        stderr = macro(self.evidence, "run", run, dataset, metric, "stderr") if self.spreads else ""
        best = mark_best and run in self.best(dataset, metric)
        parts = (mean, rf"$\,\pm\,${stderr}") if stderr else (mean,)
        cells = [rf"\hakasebest{{{part}}}" if best else part for part in parts]
        return " & ".join(cells) if stderr else rf"\multicolumn{{2}}{{c}}{{{cells[0]}}}"

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
        return any(macro(self.evidence, "run", run, dataset, metric, "mean") for run in self.runs)

    def spread(self, metric: str) -> str:
        """What the two numbers of a cell are, in words; the number of seeds when all share it."""
        shown = self.spreads and self._facts_of(metric, "stderr")
        text = "mean and standard error" if shown else "mean"
        seeds = self._facts_of(metric, "n")
        if len({fact.text for fact in seeds}) != 1:
            return text
        return rf"{text} over $n=\{seeds[0].macro}$ seeds"

    def _facts_of(self, metric: str, kind: str) -> list[Fact]:
        names = {macro_name("run", run, d, metric, kind) for run in self.runs for d in self.datasets}
        return [fact for fact in self.evidence.facts if fact.macro in names]


def runs_with_facts(brief: PaperBrief) -> list[int]:
    """Numbers of the finished runs, the baseline first."""
    return sorted(run.number for run in brief.runs if run.status == "done" and run.result is not None)


def datasets_of(brief: PaperBrief) -> list[str]:
    """Data sets of the finished runs, in the order in which they first appear."""
    results = [run.result for run in brief.runs if run.result is not None and run.status == "done"]
    return list(dict.fromkeys(name for result in results for name in result.datasets))


def secondary_metrics(brief: PaperBrief) -> list[str]:
    """Metrics of the finished runs but the primary one."""
    results = [run.result for run in brief.runs if run.result is not None and run.status == "done"]
    names = dict.fromkeys(m for result in results for metrics in result.datasets.values() for m in metrics)
    return [name for name in names if name != brief.evidence.primary_metric]


def macro(evidence: Evidence, *parts: str | int) -> str:
    """The macro as LaTeX, or an empty string when there is no such fact."""
    name = macro_name(*parts)
    return rf"\{name}{{}}" if any(fact.macro == name for fact in evidence.facts) else ""
