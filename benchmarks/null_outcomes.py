"""What studies of changes that do nothing said, counted. It runs none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from reporting import share, share_text, table

from hakase.records import Comparison, Record

AIM = 0.05
"""Largest share of null changes that may be called better."""


class Outcome(Record):
    """What one study said about its changes."""

    idea: str
    primary: tuple[str, ...]
    """The verdict on each run, pooled over the data sets: what the hypothesis is judged by."""
    others: tuple[str, ...]
    """The verdicts on single data sets and metrics, times left out."""
    hypothesis: str
    attempts: tuple[str, ...] = ()
    """The status of every attempt."""


def verdicts(comparisons: Iterable[Comparison], primary: bool) -> tuple[str, ...]:
    """The verdicts of the pooled comparisons on the primary metric, or those of all others but times."""
    return tuple(c.verdict for c in comparisons if c.primary == primary and c.metric != "train_seconds")


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares with intervals over changes (runs), studies and single comparisons."""
    primary = [verdict for outcome in outcomes for verdict in outcome.primary]
    others = [verdict for outcome in outcomes for verdict in outcome.others]
    return {
        "studies": len(outcomes),
        "ideas": len({outcome.idea for outcome in outcomes}),
        "runs": len(primary),
        "runs_better": share(primary.count("better"), len(primary)),
        "runs_worse": share(primary.count("worse"), len(primary)),
        "studies_with_a_run_better": share(sum("better" in o.primary for o in outcomes), len(outcomes)),
        "hypotheses_supported": share(sum(o.hypothesis == "supported" for o in outcomes), len(outcomes)),
        "other_comparisons_better": share(others.count("better"), len(others)),
        "verdicts": dict(Counter(primary)),
        "attempts": dict(Counter(status for outcome in outcomes for status in outcome.attempts)),
    }


def as_table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    found = report["result"]
    rows = [
        ("changes (runs) called better", share_text(found["runs_better"])),
        ("changes (runs) called worse", share_text(found["runs_worse"])),
        ("studies with any run called better", share_text(found["studies_with_a_run_better"])),
        ("studies whose hypothesis is called supported", share_text(found["hypotheses_supported"])),
        ("comparisons on single data sets and metrics called better", share_text(found["other_comparisons_better"])),
    ]
    depth = "verdicts only" if report["verdicts_only"] else f"{found['ideas']} ideas"
    heading = f"{report['kind']} noise, effect {report['effect']:g}, {depth}, {report['seconds']:.0f} s"
    text = table((heading, "share [95% Wilson interval]"), rows)
    if report["effect"]:
        return text
    return f"{text}\n\naim at most {AIM:.0%} of changes: {'met' if report['met'] else 'not met'}"
