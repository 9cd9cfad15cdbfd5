"""Scores by rule. Every rule is stated in ``docs/review.md``; none of them reads prose for its beauty."""

from __future__ import annotations

from dataclasses import dataclass

from hakase.scientists.builtin.reviewing.measures import ENOUGH_SEEDS, Measures
from hakase.scientists.reviewing_caps import Decision, cap_overall, decide

OVERALL = {3: 1, 4: 2, 5: 2, 6: 3, 7: 3, 8: 4, 9: 5, 10: 6, 11: 7, 12: 8}
"""Soundness + presentation + contribution -> overall, before caps."""
NOT_SHOWN_CAP = 2


@dataclass(frozen=True)
class Scores:
    """The numbers of the form, and which check capped which."""

    originality: int
    quality: int
    clarity: int
    significance: int
    soundness: int
    presentation: int
    contribution: int
    overall: int
    caps: tuple[str, ...]

    @property
    def decision(self) -> Decision:
        """Accept from a weak accept upwards."""
        return decide(self.overall)


def score(measures: Measures) -> Scores:
    """All scores of a study of ours."""
    soundness, presentation = _soundness(measures), _presentation(measures)
    originality, significance = _originality(measures), _significance(measures)
    contribution, cap = _contribution(measures, originality, significance)
    overall, caps = cap_overall(OVERALL[soundness + presentation + contribution], measures)
    return Scores(
        originality=originality,
        quality=max(1, soundness - (measures.runs_failed > measures.brief.evidence.runs_finished)),
        clarity=min(3, presentation),
        significance=significance,
        soundness=soundness,
        presentation=presentation,
        contribution=contribution,
        overall=overall,
        caps=(*cap, *caps),
    )


def _soundness(measures: Measures) -> int:
    """1, and one more each for a tested run, for enough paired seeds, for correction and nothing found amiss."""
    if measures.best is None:
        return 1
    tested = measures.best.test != ""
    paired = measures.paired and measures.seeds >= ENOUGH_SEEDS
    found = measures.brief.runs[0].provenance == "found"
    points = 1 + tested + (paired and measures.corrected and not found)
    return min(2, points) if measures.errors else points


def _presentation(measures: Measures) -> int:
    """3 for a paper without failed checks; 4 with ten citations, two figures and no warning; less with findings."""
    if measures.errors:
        return 1 if len(measures.errors) > 2 else 2
    if len(measures.warnings) > 2 or measures.overclaims:
        return 2
    rich = not measures.warnings and measures.citations >= 10 and len(measures.brief.figures) >= 2
    return 4 if rich else 3


def _originality(measures: Measures) -> int:
    """3 for a novel idea, but 2 when its method is known; 2 when novelty is undecided; 1 for a known idea."""
    novel = 2 if measures.known_method else 3
    return {"novel": novel, "undecided": 2, "not_novel": 1}[measures.brief.novelty.verdict]


def _significance(measures: Measures) -> int:
    """1; 2 for an effect that is shown or a null result with a narrow interval; 3 when it is also broad."""
    if measures.shown:
        return 3 if measures.broad else 2
    return 2 if measures.informative_null else 1


def _contribution(measures: Measures, originality: int, significance: int) -> tuple[int, tuple[str, ...]]:
    points = (originality + significance) // 2
    if measures.shown or points <= NOT_SHOWN_CAP:
        return points, ()
    return NOT_SHOWN_CAP, (f"contribution capped at {NOT_SHOWN_CAP}: no effect is shown",)
