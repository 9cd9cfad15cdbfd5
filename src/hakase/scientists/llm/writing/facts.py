"""The evidence's numbers as a table for a prompt: what a macro prints, by run and data set, primary metric first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from hakase.naming import macro_name
from hakase.records import Fact, Run
from hakase.scientists.llm.writing.outline import Level
from hakase.seams import PaperBrief

MOST_LINES = 60
"""Lines of a table; the rest is left out, and said."""
MOST_SECONDARY = 12
COUNTS = (
    ("seeds", "count"),
    ("datasets", "count"),
    ("runs", "planned"),
    ("runs", "finished"),
    ("attempts", "total"),
    ("attempts", "failed"),
    ("comparisons", "count"),
    ("alpha",),
    ("hypothesis", "verdict"),
)


def fact_lines(brief: PaperBrief, level: Level) -> tuple[str, ...]:
    """The table's lines; the same for the same evidence."""
    if level == "none":
        return ()
    table = FactTable(brief)
    lines = list(table.counts())
    if level != "counts":
        lines += [*table.best(), *table.pooled()]
    if level == "all":
        lines += [*table.by_dataset(), *table.secondary()]
    left_out = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"({left_out} further lines are in the generated tables)"] if left_out > 0 else ()))


@dataclass(frozen=True)
class FactTable:
    """The lines, by kind. A number that is no fact is left out of its line, and a line without numbers is left out."""

    brief: PaperBrief

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """Macro -> fact."""
        return {fact.macro: fact for fact in self.brief.evidence.facts}

    @property
    def metric(self) -> str:
        return self.brief.evidence.primary_metric

    @cached_property
    def finished(self) -> tuple[Run, ...]:
        """Runs with a result, the baseline first."""
        return tuple(run for run in self.brief.runs if run.result is not None and run.status == "done")

    def counts(self) -> Iterator[str]:
        """Counts and the verdict on the hypothesis, one a line with its meaning."""
        for parts in COUNTS:
            fact = self.facts.get(macro_name(*parts))
            if fact:
                yield f"- {_say(fact)} ({fact.meaning})"
        for number in (0, self.brief.evidence.best_run or 0):
            fact = self.facts.get(macro_name("run", number, "seconds"))
            if fact and (number or self.brief.runs[0].provenance == "measured"):
                yield f"- {_say(fact)} ({fact.meaning})"

    def best(self) -> Iterator[str]:
        """The pooled primary comparison of the best run."""
        names = ("run", "label", "difference", "low", "high", "padjusted", "verdict")
        yield from self._line("best run, pooled, relative to the baseline", ("best",), names)

    def pooled(self) -> Iterator[str]:
        """Each run's label and its pooled comparison on the primary metric."""
        for run in self.finished:
            yield from self._line(f"run {run.number}", ("run", run.number), ("label",))
            parts = ("compare", run.number, "pooled", self.metric)
            names = ("difference", "low", "high", "padjusted", "verdict")
            yield from self._line(f"run {run.number} against the baseline, {self.metric} pooled", parts, names)

    def by_dataset(self) -> Iterator[str]:
        """The primary metric of each run on each data set, and its difference from the baseline."""
        for run in self.finished:
            for dataset in run.result.datasets if run.result else ():
                mean = self._texts(("run", run.number, dataset, self.metric), ("mean", "stderr"))
                names = ("difference", "padjusted", "verdict")
                effect = self._texts(("compare", run.number, dataset, self.metric), names)
                if mean or effect:
                    yield f"- run {run.number}, {dataset}, {self.metric}: {', '.join([*mean, *effect])}"

    def secondary(self) -> Iterator[str]:
        """The best run on the other metrics, by data set."""
        best = self.brief.evidence.best_run
        others = [c for c in self.brief.evidence.comparisons if c.run == best and c.dataset and c.metric != self.metric]
        for c in others[:MOST_SECONDARY]:
            head = f"run {c.run}, {c.dataset}, {c.metric}"
            yield from self._line(head, ("compare", c.run, c.dataset, c.metric), ("difference", "verdict"))

    def _line(self, head: str, parts: tuple[str | int, ...], names: tuple[str, ...]) -> Iterator[str]:
        texts = self._texts(parts, names)
        if texts:
            yield f"- {head}: {', '.join(texts)}"

    def _texts(self, parts: tuple[str | int, ...], names: tuple[str, ...]) -> list[str]:
        facts = (self.facts.get(macro_name(*parts, name)) for name in names)
        return [_say(fact) for fact in facts if fact is not None]


def _say(fact: Fact) -> str:
    return f"\\{fact.macro}{{}} = {fact.text}"
