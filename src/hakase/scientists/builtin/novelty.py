"""Queries for prior work, and the verdict on novelty by a stated rule.

* No source answered: ``undecided``.
* The title restates that of a work that was found, or one work reaches the closeness ``SAME`` in every answered
  query, the forms with the template's setting included: ``not_novel``, and the work is named.
* Otherwise ``novel``. Of a method that is known (the catalogue's, or one that a close work treats) the reason says
  so: new is only its measurement on this template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hakase.records import Idea, Novelty, SearchAnswer, Work
from hakase.scientists.builtin.likeness import TREATS, find_entries, get_method, get_place, restates, state_difference

SAME = 0.85
"""Closeness from which a work is taken to cover a query."""

CLOSEST = 6
"""Works that the verdict names."""


def write_queries(idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
    """Several forms of the idea, asked in one round: its title, the catalogue's phrases, and one with the setting."""
    if answers:
        return ()
    head, place = get_method(idea), get_place(idea)
    phrases = [query for entry in find_entries(idea) for query in entry.queries]
    reason = idea.hypothesis.split(".")[0].strip()
    forms = [idea.title, *phrases, f"{head} {place}" if place else "", reason if not phrases else ""]
    return tuple(dict.fromkeys(form for form in forms if form.strip()))


def judge_novelty(idea: Idea, answers: Sequence[SearchAnswer]) -> Novelty:
    """The verdict by the rule of this module."""
    answered = [answer for answer in answers if answer.answered]
    queries = tuple(dict.fromkeys(answer.query for answer in answers))
    problems = tuple(dict.fromkeys(answer.problem for answer in answers if answer.problem))
    if not answered:
        reason = "no literature source answered, so nothing can be said about prior work"
        return Novelty(verdict="undecided", reason=reason, queries=queries, problems=problems)
    works = _rank(answered)
    same = next((work for work in works if restates(idea, work) or _covers_all(work, answered)), None)
    closest = tuple(dict.fromkeys([*([same] if same else []), *works]))[:CLOSEST]
    differences = {work.key: state_difference(idea, work) for work in closest if work is not same}
    return Novelty(
        verdict="not_novel" if same else "novel",
        reason=_same_reason(same, idea) if same else _novel_reason(idea, closest, differences, answered),
        queries=queries,
        sources=tuple(dict.fromkeys(answer.source for answer in answered)),
        problems=problems,
        closest=closest,
        differences=differences,
    )


def find_known_method(novelty: Novelty) -> Work | None:
    """The closest work that treats the idea's method by its stated difference, or that the idea restates."""
    if novelty.verdict == "not_novel" and novelty.closest:
        return novelty.closest[0]
    return next((w for w in novelty.closest if novelty.differences.get(w.key, "").startswith(TREATS)), None)


def _rank(answered: Sequence[SearchAnswer]) -> tuple[Work, ...]:
    """All works that were found, each at its highest closeness in any query, the closest first."""
    best: dict[str, Work] = {}
    for work in (work for answer in answered for work in answer.works):
        if work.key not in best or work.closeness > best[work.key].closeness:
            best[work.key] = work
    return tuple(sorted(best.values(), key=lambda work: (-work.closeness, work.key)))


def _covers_all(work: Work, answered: Sequence[SearchAnswer]) -> bool:
    """Whether every query, over all sources that answered it, found ``work`` and found it close."""
    for query in {answer.query for answer in answered}:
        found = [one for answer in answered if answer.query == query for one in answer.works if one.key == work.key]
        if not any(one.closeness >= SAME for one in found):
            return False
    return True


def _same_reason(work: Work, idea: Idea) -> str:
    if restates(idea, work):
        return f"the idea's title restates that of {_name(work)}"
    return f"{_name(work)} covers method and setting in every form of the query"


def _novel_reason(
    idea: Idea, closest: Sequence[Work], differences: Mapping[str, str], answered: Sequence[SearchAnswer]
) -> str:
    treating = next((work for work in closest if differences[work.key].startswith(TREATS)), None)
    if treating is not None:
        return f"a known method ({_name(treating)}): new is only its measurement on this template"
    count = len({answer.query for answer in answered})
    asked = f"in {count} forms of the query" if count > 1 else "in the query"
    found = f"the closest work found is {_name(closest[0])}" if closest else f"no work was found {asked}"
    if idea.intervention or find_entries(idea):
        return f"a known method of the catalogue ({found}): new is only its measurement on this template"
    if not closest:
        return f"{found}; the sources searched may be small"
    return f"no work found covers method and setting together {asked}; {found}"


def _name(work: Work) -> str:
    return f'"{work.title}" ({work.year or "no year"})'
