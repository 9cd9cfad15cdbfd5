"""What a paper's templates may ask about a brief: one place for every condition that the prose turns on.

It derives and names; it holds no sentence (those are in ``prose/``) and no number (those are macros).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hakase.latex_text import escape
from hakase.records import Comparison, Run, Verdict
from hakase.scientists.builtin.writing.effects import Effect
from hakase.scientists.builtin.writing.phrasing import has_digit, join_words
from hakase.scientists.builtin.writing.setting import Setting

Outcome = Verdict | Literal["no_run", "not_compared"]


@dataclass(frozen=True)
class Variant:
    """A finished run other than the baseline, with what it was compared on."""

    run: Run
    effect: Effect | None
    """The pooled comparison on the primary metric."""
    by_dataset: tuple[Effect, ...]
    """The primary metric, one data set each."""
    secondary: tuple[Effect, ...]
    """The other metrics, one data set each."""
    label: str
    """Its label, emphasised, ready for a sentence."""


@dataclass(frozen=True)
class Story(Setting):
    """A brief, read for writing."""

    @cached_property
    def baseline(self) -> Run | None:
        """Run 0 when it has a result."""
        return next((run for run in self.brief.runs if run.number == 0 and run.result), None)

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The finished runs after the baseline, in the order in which they ran."""
        finished = (run for run in self.brief.runs if run.number and run.status == "done" and run.result)
        return tuple(self._make_variant(run) for run in finished)

    @cached_property
    def failed(self) -> tuple[Run, ...]:
        """Planned runs of which no attempt counted."""
        return tuple(run for run in self.brief.runs if run.number and run.status == "failed")

    @cached_property
    def best(self) -> Variant | None:
        """The run with the best pooled effect, by the evidence."""
        return next((v for v in self.variants if v.run.number == self.brief.evidence.best_run), None)

    @cached_property
    def others(self) -> tuple[Variant, ...]:
        """The finished runs besides the best one."""
        return tuple(variant for variant in self.variants if variant is not self.best)

    @cached_property
    def rivals(self) -> tuple[Variant, ...]:
        """The finished runs of the idea's own change besides the best one."""
        return tuple(variant for variant in self.others if not variant.run.control)

    @property
    def controls(self) -> tuple[Variant, ...]:
        """The finished runs that change more or less than the idea states."""
        return tuple(variant for variant in self.variants if variant.run.control)

    def name_run(self, number: int) -> str:
        """A run's label, emphasised: the macro when there is one."""
        if self.numbers.has("run", number, "label"):
            return f"\\emph{{{self.numbers('run', number, 'label')}}}"
        label = next((run.label for run in self.brief.runs if run.number == number), f"run {number}")
        return f"\\emph{{{escape(label)}}}"

    @property
    def best_seconds(self) -> str:
        """The rest of a sentence about the baseline's time: that of the best run, if known."""
        if self.best is None or not self.numbers.has("run", self.best.run.number, "seconds"):
            return ""
        return f", the best run {self.numbers('run', self.best.run.number, 'seconds')}"

    @property
    def change_is_listed(self) -> bool:
        """Whether a finished run has a difference of code to show."""
        return any(variant.run.diff.strip() for variant in self.variants)

    @property
    def is_tabled(self) -> bool:
        """Whether there is a pooled comparison for the table of comparisons."""
        return any(v.effect and self.numbers.has(*v.effect.prefix, "verdict") for v in self.variants)

    @property
    def untried_meaning(self) -> str:
        """What the catalogue's parameter means when levels of it were not run; empty when all were, or it has none."""
        parameter = self.intervention.parameter if self.intervention else None
        if parameter is None or parameter.relative or has_digit(parameter.meaning):
            return ""
        tried = {text for run in self.brief.runs for change in run.changes for text in change.settings.values()}
        untried = [level for level in parameter.levels if not tried & {f"{level:g}", str(level)}]
        return escape(parameter.meaning.removeprefix("the ")) if untried else ""

    @property
    def best_name(self) -> str:
        """The best run as a subject; with its rank only where there are several."""
        label = self.best.label if self.best else "none"
        return f"the best variant{self.scope}, {label}," if self.rivals else f"the variant {label}"

    @property
    def scope(self) -> str:
        """Which variants a superlative is about, where controls are left aside."""
        return " of the change alone" if self.controls else ""

    @property
    def baseline_found(self) -> bool:
        """Whether the baseline's result came with the template."""
        return self.baseline is not None and self.baseline.provenance == "found"

    def variants_with(self, verdict: Verdict) -> tuple[Variant, ...]:
        """The finished runs of the idea's own change whose pooled comparison has this verdict."""
        return tuple(v for v in self.variants if v.effect and v.effect.verdict == verdict and not v.run.control)

    def _make_variant(self, run: Run) -> Variant:
        numbers, of_run = self.numbers, [c for c in self.brief.evidence.comparisons if c.run == run.number]
        primary = [c for c in of_run if c.metric == self.brief.evidence.primary_metric]
        return Variant(
            run=run,
            effect=next((Effect(c, numbers) for c in primary if not c.dataset or c.primary), None),
            by_dataset=self._known(c for c in primary if c.dataset),
            secondary=self._known(c for c in of_run if c not in primary and c.dataset),
            label=self.name_run(run.number),
        )

    def _known(self, comparisons: Iterable[Comparison]) -> tuple[Effect, ...]:
        effects = (Effect(comparison, self.numbers) for comparison in comparisons)
        return tuple(effect for effect in effects if effect.known)

    @cached_property
    def outcome(self) -> Outcome:
        """The verdict on the best run, or why there is none."""
        if not self.variants:
            return "no_run"
        if self.best is None or self.best.effect is None:
            return "not_compared"
        return self.best.effect.verdict

    @property
    def shown(self) -> bool:
        """Whether an effect, good or bad, was shown for the best run."""
        return self.outcome in ("better", "worse")

    @property
    def hypothesis_verdict(self) -> str:
        """``supported``, ``contradicted`` or ``undecided``."""
        return self.brief.evidence.hypothesis

    @cached_property
    def tests(self) -> frozenset[str]:
        """Names of the tests that were used."""
        return frozenset(c.test for c in self.brief.evidence.comparisons if c.test)

    @property
    def paired(self) -> bool:
        """Whether every test compared the same seeds."""
        return bool(self.tests) and all("paired" in test for test in self.tests)

    @property
    def why_contradicted(self) -> str:
        """What speaks against an expected difference: the variants with the opposite verdict."""
        opposite: dict[str, Verdict] = {"better": "worse", "worse": "better"}
        against = opposite.get(self.brief.idea.expected_direction)
        shown = [variant.label for variant in self.variants_with(against)] if against else []
        return f"{join_words(shown)} {'is' if len(shown) == 1 else 'are'} shown to be {against}" if shown else ""

    @property
    def exact(self) -> bool:
        """Whether every sign-flip test went through all signs."""
        return all("exact" in test for test in self.tests if "sign" in test)

    @cached_property
    def secondary_metrics(self) -> tuple[str, ...]:
        """Names of the metrics besides the primary one that the runs were compared on."""
        names = (effect.comparison.metric for variant in self.variants for effect in variant.secondary)
        return tuple(dict.fromkeys(names))
