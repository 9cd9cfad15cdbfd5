"""The scores of an ensemble: rounded means of what is valid, then the caps. Computed here, never by a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

from hakase.records import Review
from hakase.scientists.llm.reviewing.forms import SCORES, Answer


def mean_scores(answers: Sequence[Answer]) -> dict[str, int]:
    """Score -> mean over the answers that have it, rounded half to even; without the scores that none has."""
    given = {name: [v for a in answers if (v := a.scores[name]) is not None] for name in SCORES}
    return {name: round(mean(values)) for name, values in given.items() if values}


def fill_scores(scores: Mapping[str, int], rules: Review) -> tuple[dict[str, int], tuple[str, ...]]:
    """All scores, with those of the ``rules`` where no reviewer gave a valid one, and a line that names each."""
    missing = [name for name in SCORES if name not in scores]
    lines = tuple(f"{name} is that of the built-in rules: no reviewer gave one in range" for name in missing)
    return {name: scores.get(name) or getattr(rules, name) for name in SCORES}, lines


def single_review(answer: Answer, scores: Mapping[str, int], reviewer: str) -> Review:
    """One reviewer's answer as a record; the ensemble's score stands where it has none, and is named."""
    missing = [name for name, value in answer.scores.items() if value is None]
    own = {name: value if value is not None else scores[name] for name, value in answer.scores.items()}
    return Review(
        **answer.opinion.model_dump(),
        **own,
        reviewer=reviewer,
        caps=tuple(f"{name} was not given in range: the ensemble's stands in" for name in missing),
    )
