"""Which catalogued interventions an idea is about: as its record says, or as its words say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hakase.catalogue import SET, Application, applicable, find_application, load_catalogue
from hakase.records import Idea
from hakase.syntax.knobs import find_knobs
from hakase.syntax.roles import snake_case

JOIN = "+"
"""Between the names of two interventions that an idea combines."""


def find_applications(idea: Idea, files: Mapping[str, str]) -> tuple[Application, ...]:
    """What carries the idea out in this code: one application, two for a combination, none when it cannot be done."""
    names = idea.intervention.split(JOIN) if idea.intervention else recognise(idea, files)
    found = [application for name in names if (application := find_application(name, files)) is not None]
    return tuple(found) if len(found) == len(names) else ()


def recognise(idea: Idea, files: Mapping[str, str]) -> tuple[str, ...]:
    """Name of the intervention that an idea in prose is about, as a tuple of one or none.

    Name and title count before the experiment; what is said first before what is said later; a longer phrase before a
    shorter one. A hyperparameter that is named literally serves when no phrase of the catalogue does.
    """
    here = {application.name for application in applicable(files)}
    for text in (f"{idea.name} {idea.title}", idea.experiment):
        for among in (here, None):
            name = _by_phrase(text, among)
            if name:
                return (name,)
    return _by_knob(f"{idea.name} {idea.title} {idea.experiment}", files, here)


def plain(text: str) -> str:
    """``text`` as lower-case words with one space around each."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "


def _by_phrase(text: str, among: set[str] | None) -> str:
    words = plain(text)
    found = [
        (words.index(phrase), -len(phrase), intervention.name)
        for intervention in load_catalogue()
        if among is None or intervention.name in among
        for keyword in (*intervention.keywords, intervention.name.replace("_", " "))
        if (phrase := plain(keyword)) in words
    ]
    return min(found)[2] if found else ""


def _by_knob(text: str, files: Mapping[str, str], here: set[str]) -> tuple[str, ...]:
    words = plain(text)
    for application in applicable(files):
        if application.knob is not None and plain(snake_case(application.knob.name)) in words:
            return (application.name,)
    sweeps = (f"{SET}:{knob.address}" for knob in find_knobs(files) if plain(snake_case(knob.name)) in words)
    return tuple(name for name in sweeps if name in here)[:1]


def lower_first(text: str) -> str:
    """``text`` as the middle of a sentence: a first word that is no name or acronym loses its capital."""
    keep = text.split(" ")[0] in ("Nesterov's", "Glorot", "LeCun", "Gaussian", "Boltzmann") or text[1:2].isupper()
    return text if keep else text[:1].lower() + text[1:]
