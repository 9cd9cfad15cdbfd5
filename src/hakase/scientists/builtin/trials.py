"""What the runs so far say: for each, its changes and how much better than the baseline it was in the mean."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.records import Change, Comparison, Run
from hakase.seams import ExperimentView

Signature = frozenset[tuple[str, str, str]]
"""Changes without their words: intervention, hyperparameter, value."""


@dataclass(frozen=True)
class Trial:
    """One run besides the baseline."""

    run: Run
    gain: float | None
    """Share by which the pooled primary metric got better; negative when worse; None without a result."""
    verdict: str

    @property
    def signature(self) -> Signature:
        return signature(self.run.changes)

    @property
    def helped(self) -> bool:
        return self.gain is not None and self.gain > 0.0


def read_trials(view: ExperimentView) -> tuple[Trial, ...]:
    """The runs besides the baseline, in their order."""
    pooled = {one.run: one for one in view.comparisons if one.primary and not one.dataset}
    return tuple(_trial(run, pooled.get(run.number)) for run in view.runs if run.number)


def signature(changes: tuple[Change, ...]) -> Signature:
    """What makes two plans the same."""
    return frozenset(
        (change.intervention, change.settings.get("knob", ""), change.settings.get("value", "")) for change in changes
    )


def _trial(run: Run, comparison: Comparison | None) -> Trial:
    if comparison is None:
        return Trial(run, None, "")
    size = comparison.difference if comparison.relative is None else comparison.relative
    gain = -size if comparison.direction == "lower" else size
    return Trial(run, gain, comparison.verdict)
