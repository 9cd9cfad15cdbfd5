"""Queries for prior work, and the verdict on novelty by a stated rule.

* No source answered: ``undecided``.
* One work reaches the closeness ``SAME`` in every answered query, the forms with the template's setting included:
  ``not_novel``, and the work is named.
* Otherwise ``novel``, in the sense that is said in the reason: the method may be well known, and what is new is its
  measurement on this template.
"""

from __future__ import annotations

from collections.abc import Sequence

from hakase.catalogue import get_intervention
from hakase.records import Idea, Novelty, SearchAnswer, Work
from hakase.scientists.builtin.recognising import JOIN, lower_first, plain

SAME = 0.85
"""Closeness from which a work is taken to cover a query."""

MENTIONED = 0.6
"""Share of a phrase's longer words from which a work is taken to mention it."""

NEITHER = "By its summary it is neither"
"""How the difference of a work begins that shares neither method nor setting with the idea."""

CLOSEST = 6
"""Works that the verdict names."""


def write_queries(idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
    """Several forms of the idea, asked in one round: its title, the catalogue's phrases, and one with the setting."""
    if answers:
        return ()
    head, _, setting = idea.title.partition(":")
    entries = [entry for name in idea.intervention.split(JOIN) if (entry := get_intervention(name)) is not None]
    phrases = [query for entry in entries for query in entry.queries]
    place = setting.split(" of ", 1)[-1].strip()
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
    closest = _closest(answered)
    same = [work for work in closest if _covers_all(work, answered)]
    return Novelty(
        verdict="not_novel" if same else "novel",
        reason=_same_reason(same[0]) if same else _novel_reason(closest, answered),
        queries=queries,
        sources=tuple(dict.fromkeys(answer.source for answer in answered)),
        problems=problems,
        closest=closest,
        differences={work.key: _difference(work, idea) for work in closest if work not in same},
    )


def _closest(answered: Sequence[SearchAnswer]) -> tuple[Work, ...]:
    """The works with the highest closeness in any query, the best first; at most ``CLOSEST``."""
    best: dict[str, Work] = {}
    for work in (work for answer in answered for work in answer.works):
        if work.key not in best or work.closeness > best[work.key].closeness:
            best[work.key] = work
    return tuple(sorted(best.values(), key=lambda work: (-work.closeness, work.key))[:CLOSEST])


def _covers_all(work: Work, answered: Sequence[SearchAnswer]) -> bool:
    """Whether every query, over all sources that answered it, found ``work`` and found it close."""
    for query in {answer.query for answer in answered}:
        found = [one for answer in answered if answer.query == query for one in answer.works if one.key == work.key]
        if not any(one.closeness >= SAME for one in found):
            return False
    return True


def _same_reason(work: Work) -> str:
    return f'"{work.title}" ({_when(work)}) covers method and setting in every form of the query'


def _novel_reason(closest: Sequence[Work], answered: Sequence[SearchAnswer]) -> str:
    count = len({answer.query for answer in answered})
    asked = f"in {count} forms of the query" if count > 1 else "in the query"
    if not closest:
        return f"no work was found {asked}; the sources searched may be small"
    return (
        f'no work found covers method and setting together {asked}; the closest is "{closest[0].title}" '
        f"({_when(closest[0])}). The method itself may be known: new is its measurement as an ablation of this template"
    )


def _difference(work: Work, idea: Idea) -> str:
    """What of the idea the work's title and summary do not have: the method, the setting, or both."""
    head, _, setting = idea.title.partition(":")
    method = lower_first(head)
    place = setting.split(" of ", 1)[-1].strip() or "this template"
    text = f"{work.title} {work.summary}"
    has_method = any(plain(phrase) in plain(text) for phrase in _phrases(idea)) or _share(head, text) >= MENTIONED
    if has_method:
        return f"It treats the method, but not on {place}, where it is measured here seed by seed."
    if _share(place, text) >= MENTIONED:
        return f"It shares the setting, but is not about {method}."
    return f"{NEITHER} about {method} nor about {place}."


def _phrases(idea: Idea) -> tuple[str, ...]:
    entries = [entry for name in idea.intervention.split(JOIN) if (entry := get_intervention(name)) is not None]
    return tuple(phrase for entry in entries for phrase in entry.keywords)


def _share(words: str, text: str) -> float:
    """Part of the longer words of ``words`` that ``text`` has too."""
    wanted = {word for word in plain(words).split() if len(word) > 4}
    return len(wanted & set(plain(text).split())) / len(wanted) if wanted else 0.0


def _when(work: Work) -> str:
    return str(work.year) if work.year else "no year"
