"""What a review's scores may not exceed, whoever reviews: failed checks and missing evidence cap the overall score.

The rules are in ``docs/review.md``. They need the records of a study; a paper from elsewhere has no caps from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hakase.scientists.builtin.reviewing.measures import Measures

Decision = Literal["Accept", "Reject"]

ACCEPTED_FROM = 6
FAILED_CHECK_CAP = 3
NO_RUN_CAP = 2
FEW_SEEDS_CAP = 3
KNOWN_IDEA_CAP = 4


def cap_overall(overall: int, measures: Measures) -> tuple[int, tuple[str, ...]]:
    """``overall`` under all caps, and a line for each cap that bound it when its turn came."""
    caps = []
    for limit, reason in list_limits(measures):
        if limit <= overall:
            caps.append(f"overall capped at {limit}: {reason}")
        overall = min(overall, limit)
    return overall, tuple(caps)


def list_limits(measures: Measures) -> list[tuple[int, str]]:
    """Highest overall score and the reason, for everything that limits it."""
    limits = [(FAILED_CHECK_CAP, f"failed check {f.check} in {f.where} ({f.message})") for f in measures.errors]
    if measures.best is None:
        limits.append((NO_RUN_CAP, "no variant finished and could be compared"))
    if measures.verdict == "too_few_seeds":
        limits.append((FEW_SEEDS_CAP, f"{measures.seeds} seeds are too few for any verdict"))
    if measures.brief.novelty.verdict == "not_novel":
        limits.append((KNOWN_IDEA_CAP, "the idea is known from earlier work"))
    if measures.overclaims:
        claims = ", ".join(measures.overclaims)
        limits.append((FAILED_CHECK_CAP, f"the paper claims ({claims}) what no verdict supports"))
    return limits


def decide(overall: int) -> Decision:
    """Accept from a weak accept upwards."""
    return "Accept" if overall >= ACCEPTED_FROM else "Reject"


def cap_decision(decision: Decision, overall: int) -> tuple[Decision, tuple[str, ...]]:
    """``decision``, but no Accept below ``ACCEPTED_FROM``; then also a line that says so."""
    if decision == "Accept" and overall < ACCEPTED_FROM:
        return "Reject", (f"decision changed to Reject: an overall of {overall} is below {ACCEPTED_FROM}",)
    return decision, ()
