"""Novelty by a language model: one question a round, whose answer is the next queries or the verdict.

``write_queries`` and ``judge_novelty`` ask the same question about the same answers, so the second costs nothing. What
no search supports is not believed: only a source that answered makes an idea novel, only a work found makes it known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hakase.models import Models, Question, Turn
from hakase.prompts import render
from hakase.records import Idea, Novelty, NoveltyVerdict, SearchAnswer, Work
from hakase.scientists.builtin import BuiltinScientist
from hakase.scientists.builtin.recognising import plain
from hakase.scientists.llm.context import one_line
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.forms import NoveltySheet

SHOWN = 6
"""New works that are shown of one search."""
SUMMARY = 200
"""Characters of a summary."""
QUERIES = 3
"""New queries of one round."""
CLOSEST = 5
"""Works that the verdict names."""
CONTINUE = "continue"

_SAID = {
    CONTINUE: "continue|search|more",
    "undecided": "undecided|unsure|unclear|unknown|cannot",
    "not_novel": r"(?:not|isn t|nothing)(?: (?:an?|the|it|is|about|really|very|that)){0,3} (?:novel|new)"
    r"|(?<!not )(?<!no )(?<!never )(?:known|done before)",
    "novel": "novel|new",
}
"""Decision -> how it is said; what stands first in an answer counts."""


@dataclass(frozen=True)
class Search:
    """One search as a prompt tells it."""

    query: str
    works: str
    """Those not shown before, one a line."""
    repeated: bool
    """Whether it found works that were shown before."""
    failure: str
    """Why it says nothing; empty when the source answered."""


def write_queries(models: Models, idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
    """The next searches; none when the model has made up its mind."""

    def ask() -> tuple[str, ...]:
        sheet = _ask(models, idea, answers)
        return _new_queries(sheet, answers) if read_decision(sheet.decision) == CONTINUE else ()

    rules = BuiltinScientist()
    return ask_or_rule(models, "novelty", "the next searches", ask, lambda: rules.write_queries(idea, answers))


def judge_novelty(models: Models, idea: Idea, answers: Sequence[SearchAnswer]) -> Novelty:
    """The verdict that model and answers support together."""

    def ask() -> Novelty:
        return _judge(_ask(models, idea, answers), answers)

    rules = BuiltinScientist()
    return ask_or_rule(models, "novelty", "the verdict on novelty", ask, lambda: rules.judge_novelty(idea, answers))


def read_decision(text: str) -> str:
    """``continue``, ``novel``, ``not_novel`` or ``undecided``: what an answer in any wording says first; else empty."""
    words = plain(text).strip()
    if words in ("yes", "no"):
        return "novel" if words == "yes" else "not_novel"
    found = re.search(r"\b(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _SAID.items()) + r")\b", words)
    return found.lastgroup or "" if found else ""


def tell_searches(answers: Sequence[SearchAnswer]) -> tuple[Search, ...]:
    """The answers, each work shown once, with the first search that found it."""
    shown: set[str] = set()
    told = []
    for answer in answers:
        new = [work for work in answer.works if work.key not in shown][:SHOWN]
        shown |= {work.key for work in new}
        told.append(
            Search(
                query=one_line(answer.query, 200),
                works="\n".join(map(_work_line, new)),
                repeated=bool(answer.works),
                failure="" if answer.answered else (answer.problem or "no reason given"),
            )
        )
    return tuple(told)


def _work_line(work: Work) -> str:
    summary = one_line(work.summary, 10 * SUMMARY)
    cut = summary if len(summary) <= SUMMARY else f"{summary[:SUMMARY].rsplit(' ', 1)[0]} …"
    return f"[{work.key}] {one_line(work.title)} ({work.year or 'no year'}). {cut}".rstrip()


def _ask(models: Models, idea: Idea, answers: Sequence[SearchAnswer]) -> NoveltySheet:
    def complain(sheet: NoveltySheet) -> str:
        decision = read_decision(sheet.decision)
        if not decision:
            return "decision must be continue, novel, not_novel or undecided"
        if not answers and decision != CONTINUE:
            return "nothing was searched yet: decide continue and give queries"
        if decision == CONTINUE and not _new_queries(sheet, answers):
            return "continue needs queries that were not searched yet; give some, or decide"
        return ""

    question = Question(
        slot=f"novelty/round/{len(answers)}",
        role="ideas",
        system=render("common/system", researcher=""),
        turns=(Turn(render("novelty/judge", idea=idea, searches=tell_searches(answers))),),
        temperature=0.3,
    )
    return models.form(question, NoveltySheet, complain)


def _new_queries(sheet: NoveltySheet, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
    asked = {plain(answer.query) for answer in answers}
    wanted = (one_line(query, 200).strip("\"' ") for query in sheet.queries)
    return tuple(query for query in wanted if query and plain(query) not in asked)[:QUERIES]


def _judge(sheet: NoveltySheet, answers: Sequence[SearchAnswer]) -> Novelty:
    answered = [answer for answer in answers if answer.answered]
    closest = _closest(sheet, answered)
    verdict, reason = _sound(sheet, bool(answered), bool(closest))
    return Novelty(
        verdict=verdict,
        reason=reason,
        queries=tuple(dict.fromkeys(answer.query for answer in answers)),
        sources=tuple(dict.fromkeys(answer.source for answer in answered)),
        problems=tuple(dict.fromkeys(answer.problem for answer in answers if answer.problem)),
        closest=tuple(work for work, _ in closest),
        differences={work.key: difference for work, difference in closest if difference},
    )


def _closest(sheet: NoveltySheet, answered: Sequence[SearchAnswer]) -> list[tuple[Work, str]]:
    """The works that the model names, by key or title, among those found, with the difference."""
    found: dict[str, Work] = {}
    for work in (work for answer in answered for work in answer.works):
        found.setdefault(plain(work.key), work)
        found.setdefault(plain(work.title), work)
    named = [(found.get(plain(entry.key)), entry.difference) for entry in sheet.closest]
    unique = {work.key: (work, one_line(difference)) for work, difference in named if work is not None}
    return list(unique.values())[:CLOSEST]


def _sound(sheet: NoveltySheet, answered: bool, named: bool) -> tuple[NoveltyVerdict, str]:
    """The verdict and its reason, as far as the searches bear them."""
    decision, reason = read_decision(sheet.decision), one_line(sheet.reason, 600) or "no reason given"
    if not answered:
        return "undecided", "no literature source answered, so nothing can be said about prior work"
    if decision == CONTINUE:
        return "undecided", f"the rounds of searching were used up before a decision: {reason}"
    if decision == "not_novel":
        if named:
            return "not_novel", reason
        return "undecided", f"called not novel without naming a work that was found: {reason}"
    return ("novel", reason) if decision == "novel" else ("undecided", reason)
