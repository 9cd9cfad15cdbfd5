"""What a prior work has in common with an idea, by the words of title and summary: title, method, setting.

It judges no novelty; it reads nothing but the records.
"""

from __future__ import annotations

import re

from hakase.catalogue import Intervention, get_intervention
from hakase.records import Idea, Work
from hakase.scientists.builtin.recognising import JOIN, lower_first, plain, recognise

ABLATION = ": a controlled ablation of "
"""Stands in the title of an idea of the built-in scientist between the method and the template's subject."""

RESTATED = 0.85
"""Share of one title's longer words in another from which the one restates the other."""

TELLING = 3
"""Words that a title must have for its restatement to tell anything."""

MENTIONED = 0.6
"""Share of a phrase's longer words from which a work is taken to mention it."""

TREATS = "By the words of its summary it treats the method"
"""How the difference of a work begins that has the method, but not the setting."""

NEITHER = "By its summary it is neither"
"""How the difference of a work begins that shares neither method nor setting with the idea."""


def restates(idea: Idea, work: Work) -> bool:
    """Whether the idea's title, or its part before a colon, says what the work's title says, or the other way round.

    A combination of two interventions says more than the title of a work about one of them; and a title that claims no
    more than an ablation on this template restates no method.
    """
    if JOIN in idea.intervention or ABLATION in idea.title:
        return False
    return any(_same_title(form, work.title) for form in {idea.title, idea.title.partition(":")[0]})


def state_difference(idea: Idea, work: Work) -> str:
    """What of the idea the work's title and summary do not have: the method, the setting, or both."""
    head, place = get_method(idea), get_place(idea) or "this template"
    method, text = lower_first(head), f"{work.title} {work.summary}"
    has_phrase = any(plain(phrase) in plain(text) for phrase in _phrases(idea))
    if has_phrase or _share(_longer(head), _longer(text)) >= MENTIONED:
        return f"{TREATS}, but not on {place}."
    if _share(_longer(place), _longer(text)) >= MENTIONED:
        return f"It shares the setting, but is not about {method}."
    return f"{NEITHER} about {method} nor about {place}."


def find_entries(idea: Idea) -> tuple[Intervention, ...]:
    """What the catalogue has of the idea: by its record, or for an idea in prose by its name and title."""
    headline = idea.model_copy(update={"experiment": ""})
    names = idea.intervention.split(JOIN) if idea.intervention else recognise(headline, {})
    return tuple(entry for name in names if (entry := get_intervention(name)) is not None)


def get_method(idea: Idea) -> str:
    """The idea's title up to a colon."""
    return idea.title.partition(":")[0]


def get_place(idea: Idea) -> str:
    """The template's subject, as the idea's title names it; empty when it does not."""
    return idea.title.partition(":")[2].split(" of ", 1)[-1].strip()


def _same_title(one: str, other: str) -> bool:
    if plain(one) == plain(other):
        return len(plain(one).split()) >= TELLING
    words = (_longer(one), _longer(other))
    return any(len(a) >= TELLING and _share(a, b) >= RESTATED for a, b in (words, words[::-1]))


def _phrases(idea: Idea) -> tuple[str, ...]:
    return tuple(phrase for entry in find_entries(idea) for phrase in entry.keywords)


def _longer(text: str) -> frozenset[str]:
    """The words of more than four letters, in one spelling and without a plural's s."""
    words = re.sub(r"is(e|ed|es|ing|ation)\b", r"iz\1", plain(text)).split()
    return frozenset(word.removesuffix("s") for word in words if len(word) > 4)


def _share(wanted: frozenset[str], there: frozenset[str]) -> float:
    """Part of the words ``wanted`` that ``there`` has too."""
    return len(wanted & there) / len(wanted) if wanted else 0.0
