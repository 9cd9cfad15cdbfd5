"""Novelty: what has been done before, and a verdict that says what it rests on."""

from __future__ import annotations

from hakase.progress import Progress
from hakase.records import Idea, Novelty, SearchAnswer
from hakase.stages.lab import Lab
from hakase.study import Study

RESULTS = 10
"""Works asked for with each query."""
SKIPPED = "the check was skipped (--skip-novelty-check)"


def check_novelty(study: Study, lab: Lab) -> None:
    """Save the verdict on the study's idea."""
    study.save("novelty", search_novelty(study.idea, lab))


def search_novelty(idea: Idea, lab: Lab) -> Novelty:
    """Search in rounds until the scientist has no further query, and judge."""
    answers: list[SearchAnswer] = []
    for number in range(1, lab.settings.novelty_rounds + 1):
        queries = lab.scientist.write_queries(idea, answers)
        if not queries:
            break
        lab.notify(Progress(stage="novelty", detail=f"search round {number}: {queries[0]}", upcoming="experiments"))
        answers += [lab.literature.search(query, RESULTS) for query in queries]
    verdict = lab.scientist.judge_novelty(idea, answers)
    sources = tuple(dict.fromkeys(answer.source for answer in answers if answer.answered))
    queries = tuple(dict.fromkeys(answer.query for answer in answers))
    verdict = verdict.model_copy(update={"sources": sources, "queries": queries})
    if lab.settings.skip_novelty_check:
        return verdict.model_copy(update={"verdict": "undecided", "reason": SKIPPED})
    return _sound(verdict)


def _sound(novelty: Novelty) -> Novelty:
    """Only a source that answered can make an idea novel, whoever judged."""
    if novelty.verdict == "novel" and not novelty.sources:
        reason = "no literature source answered, so novelty could not be checked"
        return novelty.model_copy(update={"verdict": "undecided", "reason": reason})
    return novelty
