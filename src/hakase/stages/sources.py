"""Works for the paper to cite, searched in rounds before it is written, so that every section can cite them."""

from __future__ import annotations

from hakase.progress import Progress
from hakase.records import SearchAnswer, Work
from hakase.seams import PaperBrief
from hakase.stages.lab import Lab
from hakase.study import Sources

RESULTS = 8
"""Works asked for with each query."""


def seek_sources(brief: PaperBrief, lab: Lab) -> Sources:
    """Search until the scientist has no further query or ``citation_searches`` are made; keep what it chose.

    Only a work that a search returned can be chosen.
    """
    answers: list[SearchAnswer] = []
    chosen: dict[str, Work] = {}
    while True:
        step = lab.scientist.seek_works(brief, answers)
        found = {work.key: work for answer in answers for work in answer.works}
        chosen.update({key: found[key] for key in step.chosen if key in found})
        left = lab.settings.citation_searches - len(answers)
        asked = {answer.query for answer in answers}
        queries = [query for query in dict.fromkeys(step.queries) if query not in asked][:left]
        if not queries:
            return Sources(works=tuple(chosen.values()), answers=tuple(answers))
        for query in queries:
            detail = f"search {len(answers) + 1} of at most {lab.settings.citation_searches}: {query}"
            lab.notify(Progress(stage="paper", detail=detail, upcoming="writing"))
            answers.append(lab.literature.search(query, RESULTS))
