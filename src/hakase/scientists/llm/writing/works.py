"""Looking for works to cite: searches in rounds, and a choice among what was found.

The works are foreign text, quoted as data; the answer is a form, and a key counts only when a search returned it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hakase.models import Models
from hakase.prompts import render
from hakase.records import SearchAnswer, Work
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.forms import SeekSheet
from hakase.scientists.llm.writing.asking import COOL, writing_question
from hakase.scientists.llm.writing.briefing import SUMMARY, study_values, work_lines
from hakase.seams import PaperBrief, Seek
from hakase.settings import Settings

QUERIES = 4
"""Searches of one round."""
SHOWN = 5
"""Works shown of each new search."""
LISTED = 40
"""Works of earlier searches that are listed by title."""
LONGEST_QUERY = 200


def seek_works(models: Models, settings: Settings, brief: PaperBrief, answers: Sequence[SearchAnswer]) -> Seek:
    """The next searches, and the keys among the works found so far that are worth citing."""
    left = settings.citation_searches - len(answers)
    found = {work.key: work for answer in answers for work in answer.works}
    silent = len(answers) >= QUERIES and not any(answer.answered for answer in answers)
    if silent or (left <= 0 and not found):
        return Seek()
    prompt = render("paper/seek", **seek_values(brief, answers, max(0, left)))
    question = writing_question(f"paper/works/{len(answers)}", prompt, COOL)
    what = f"the search for works to cite, after {len(answers)} searches"
    return ask_or_rule(
        models, "paper", what, lambda: _read(models.form(question, SeekSheet), answers, found, left), lambda: Seek()
    )


def seek_values(brief: PaperBrief, answers: Sequence[SearchAnswer], left: int) -> dict[str, Any]:
    """What ``paper/seek.md.j2`` needs."""
    new = answers[-QUERIES:]
    shown = {work.key: work for answer in new for work in answer.works[:SHOWN] if work.key not in brief.works}
    found = {work.key: work for answer in answers for work in answer.works}
    earlier = {key: work for key, work in found.items() if key not in shown and key not in brief.works}
    return {
        **study_values(brief),
        "known": work_lines(brief.works),
        "searches": [f"{answer.query}{_outcome(answer)}" for answer in answers],
        "new": [_describe(work) for work in shown.values()],
        "earlier": work_lines(earlier)[:LISTED],
        "left": min(left, QUERIES),
    }


def _read(form: SeekSheet, answers: Sequence[SearchAnswer], found: Mapping[str, Work], left: int) -> Seek:
    asked = {answer.query.casefold() for answer in answers}
    queries = dict.fromkeys(" ".join(query.split())[:LONGEST_QUERY] for query in form.queries)
    wanted = [query for query in queries if re.search(r"\w{2}", query) and query.casefold() not in asked]
    room = 0 if form.done else max(0, min(left, QUERIES))
    return Seek(queries=tuple(wanted[:room]), chosen=_keys(form.chosen, found))


def _keys(chosen: Sequence[str], found: Mapping[str, Work]) -> tuple[str, ...]:
    """Keys of ``found`` that are named, by key or by title."""
    titles = {_plain(work.title): key for key, work in found.items()}
    keys = {_plain(key): key for key in found}
    named = ((_plain(text), _plain(text.partition(":")[0])) for text in chosen)
    picked = (keys.get(whole) or titles.get(whole) or keys.get(head) for whole, head in named)
    return tuple(dict.fromkeys(key for key in picked if key))


def _plain(text: str) -> str:
    return re.sub(r"[^\w]+", " ", text.removeprefix("\\cite")).strip().casefold()


def _outcome(answer: SearchAnswer) -> str:
    if not answer.answered:
        return " (the source did not answer)"
    return "" if answer.works else " (nothing found)"


def _describe(work: Work) -> str:
    """Key, title, year, venue and the beginning of the summary, on one line."""
    place = ", ".join(str(part) for part in (work.year, work.venue) if part)
    summary = " ".join(work.summary.split())[:SUMMARY]
    return f"{work.key}: {work.title}{f' ({place})' if place else ''}{f' | {summary}' if summary else ''}"
