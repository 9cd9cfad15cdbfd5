"""What a review by rules is based on: countable things about a study and its paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from hakase.records import Comparison, Draft, Finding, Verdict, Work
from hakase.scientists.builtin.novelty import find_known_method
from hakase.seams import PaperBrief

CITATION = re.compile(r"\\cite[tp]?\*?(?:\[[^\]]*\])*\{([^}]*)\}")
CLAIMS = re.compile(
    r"(?i)\b(outperforms?|superior to|state[- ]of[- ]the[- ]art|breakthrough|significantly better|improves on)\b"
)
ENOUGH_SEEDS = 5
"""Pairs with which an exact one-sided sign-flip test can reach .05 at all (1/32)."""
WORTH_NOTING = 0.01
"""Relative effect below which it does not matter on how many data sets it is seen."""
NARROW = 0.05
"""Half width of a relative interval below which a null result is informative."""


@dataclass(frozen=True)
class Measures:
    """A study and its paper as numbers."""

    brief: PaperBrief
    draft: Draft | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Failed checks."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Checks that passed with a remark."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @cached_property
    def best(self) -> Comparison | None:
        """The primary comparison of the best run."""
        evidence = self.brief.evidence
        return next((c for c in evidence.comparisons if c.run == evidence.best_run and c.primary), None)

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on the best run; None without a comparison."""
        return self.best.verdict if self.best else None

    @property
    def shown(self) -> bool:
        """Whether the best run is shown to differ, in either direction."""
        return self.verdict in ("better", "worse")

    @property
    def seeds(self) -> int:
        """Seeds on each data set; the fewest, where they differ."""
        return min((c.n for c in self.by_dataset), default=self.pairs)

    @property
    def pairs(self) -> int:
        """Seed pairs of the best run's pooled comparison, over all data sets."""
        return self.best.n if self.best else 0

    @property
    def paired(self) -> bool:
        """Whether all tests are paired by seed."""
        tests = {c.test for c in self.brief.evidence.comparisons if c.test}
        return bool(tests) and all("paired" in test for test in tests)

    @property
    def corrected(self) -> bool:
        """Whether p-values are adjusted for everything that was tried."""
        return self.best is not None and None not in (self.best.p_better_adjusted, self.best.p_worse_adjusted)

    @cached_property
    def by_dataset(self) -> tuple[Comparison, ...]:
        """The best run on the primary metric, one data set each."""
        evidence = self.brief.evidence
        metric = evidence.primary_metric
        return tuple(c for c in evidence.comparisons if c.run == evidence.best_run and c.dataset and c.metric == metric)

    @property
    def datasets_shown(self) -> int:
        """Data sets on which the best run is shown to differ, taken alone."""
        return sum(c.verdict in ("better", "worse") for c in self.by_dataset)

    @property
    def broad(self) -> bool:
        """Whether the shown effect is worth noting and two data sets agree with it by their own intervals."""
        if self.best is None or not self.shown or abs(self.best.relative or 0.0) < WORTH_NOTING:
            return False
        up = (self.best.relative or 0.0) > 0
        clear = [c for c in self.by_dataset if c.low is not None and c.high is not None and c.low * c.high > 0]
        return len(clear) >= 2 and all((c.difference > 0) == up for c in clear)

    @property
    def runs_failed(self) -> int:
        """Planned runs without a result."""
        return max(0, self.brief.evidence.runs_planned - self.brief.evidence.runs_finished)

    @property
    def informative_null(self) -> bool:
        """No difference shown, and the interval leaves room for small effects only."""
        best = self.best
        if best is None or best.verdict != "no_difference" or best.low is None or best.high is None:
            return False
        return (best.high - best.low) / 2 < NARROW

    @cached_property
    def known_method(self) -> Work | None:
        """A work that has the idea's method: one that the idea builds on, or a close one that treats it."""
        brief = self.brief
        built_on = next((brief.works[key] for key in brief.idea.references if key in brief.works), None)
        return built_on or find_known_method(brief.novelty)

    @cached_property
    def citations(self) -> int:
        """Different works that the draft cites."""
        texts = self.draft.sections.values() if self.draft else ()
        return len({key.strip() for text in texts for match in CITATION.finditer(text) for key in match[1].split(",")})

    @property
    def overclaims(self) -> tuple[str, ...]:
        """Claiming words of title, abstract and conclusion when the verdict is not ``better``."""
        if self.draft is None or self.verdict == "better":
            return ()
        parts = (
            self.draft.title,
            self.draft.sections.get("abstract", ""),
            self.draft.sections.get("conclusion", ""),
        )
        return tuple(dict.fromkeys(word.lower() for part in parts for word in CLAIMS.findall(part)))

    def mentions(self, text: str) -> bool:
        """Whether any section holds ``text``."""
        return self.draft is not None and any(text in section for section in self.draft.sections.values())
