"""Ideas by a language model: directions for several at once, a proposal, and its reflections.

An idea that repeats one of the archive is handed back to the model with the one that it repeats named. The rule: the
same name, or titles that share ``TITLES`` of their words, or titles and experiments that share ``WHOLE`` of theirs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from hakase.models import Models, Question, Turn
from hakase.naming import slug
from hakase.prompts import render, visible
from hakase.records import Direction, Expected, Idea
from hakase.scientists.builtin import BuiltinScientist
from hakase.scientists.builtin.recognising import plain
from hakase.scientists.llm.context import known_ideas, list_ideas, list_metrics, one_line, tell_means
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.forms import DirectionsSheet, IdeaSheet, ReflectionSheet
from hakase.seams import Area

TITLES = 0.8
"""Share of the words of two titles that are common to both from which they name one idea."""
WHOLE = 0.6
"""Likewise of the longer words of title and experiment."""
NAME = 50
"""Characters of a name."""
TITLE = 200
"""Characters of a title."""


def sketch_directions(models: Models, count: int, area: Area, archive: Sequence[Idea]) -> tuple[str, ...]:
    """``count`` directions, one line each; none when the model has none to give."""

    def complain(sheet: DirectionsSheet) -> str:
        lines = len({line.lower() for line in sheet.directions})
        return "" if lines >= count else f"{count} different directions are needed, there are {lines}"

    def ask() -> tuple[str, ...]:
        known = known_ideas(area, archive)
        text = render("ideas/directions", **_told(area, known), count=count)
        question = _question(f"ideas/directions/{len(known)}", area, text)
        sheet = models.form(question, DirectionsSheet, complain)
        return tuple(one_line(line) for line in sheet.directions[:count])

    rules = BuiltinScientist()
    return ask_or_rule(
        models, "ideas", "directions of ideas", ask, lambda: rules.sketch_directions(count, area, archive), spent=False
    )


def propose_idea(
    models: Models, area: Area, archive: Sequence[Idea], directions: Sequence[str], own: int
) -> Idea | None:
    """A new idea; with ``directions``, in the one numbered ``own`` and told of the others."""
    known = known_ideas(area, archive)

    def complain(sheet: IdeaSheet) -> str:
        return _say_repeated(make_idea(sheet, area, known, models.name("ideas")), known)

    def ask() -> Idea | None:
        mine = one_line(directions[own]) if directions else ""
        others = [one_line(line) for place, line in enumerate(directions) if place != own]
        text = render("ideas/propose", **_told(area, known), direction=mine, others=others)
        slot = f"ideas/propose/{len(known) + 1}" + (f"_{own + 1}" if directions else "")
        sheet = models.form(_question(slot, area, text), IdeaSheet, complain)
        return make_idea(sheet, area, known, models.name("ideas"))

    rules = BuiltinScientist()
    return ask_or_rule(models, "ideas", "an idea", ask, lambda: rules.propose_idea(area, archive), spent=False)


def reflect_on_idea(models: Models, idea: Idea, area: Area, archive: Sequence[Idea]) -> Idea | None:
    """The idea made better under the same name, or None when the model finds nothing to improve."""
    known = tuple(other for other in known_ideas(area, archive) if other.name != idea.name)

    def complain(sheet: ReflectionSheet) -> str:
        return "" if sheet.nothing_to_improve else _say_repeated(improve(idea, sheet, area), known)

    def ask() -> Idea | None:
        text = render("ideas/reflect", **_told(area, known), idea=idea)
        slot = f"ideas/reflect/{idea.name}/{_digest(idea)}"
        sheet = models.form(_question(slot, area, text), ReflectionSheet, complain)
        better = idea if sheet.nothing_to_improve else improve(idea, sheet, area)
        return None if better == idea else better

    return ask_or_rule(models, "ideas", f"a reflection on {idea.name}", ask, lambda: None)


def make_idea(sheet: IdeaSheet, area: Area, known: Sequence[Idea], origin: str) -> Idea:
    """The filled-in form as a record that is safe to save and to name a folder by."""
    name = name_idea(sheet, known)
    return Idea(
        name=name,
        title=clean_title(sheet.title) or name.replace("_", " "),
        experiment=sheet.experiment,
        hypothesis=sheet.hypothesis,
        primary_metric=_metric(sheet.primary_metric, area),
        expected_direction=read_expected(sheet.expected_direction, area.primary.direction),
        interestingness=sheet.interestingness,
        feasibility=sheet.feasibility,
        novelty=sheet.novelty,
        origin=origin,
    )


def improve(idea: Idea, sheet: ReflectionSheet, area: Area) -> Idea:
    """``idea`` with what the sheet says instead; what it leaves empty stays."""
    given: dict[str, object] = {
        "title": clean_title(sheet.title),
        "experiment": sheet.experiment,
        "hypothesis": sheet.hypothesis,
        "primary_metric": sheet.primary_metric and _metric(sheet.primary_metric, area),
        "expected_direction": sheet.expected_direction
        and read_expected(sheet.expected_direction, area.primary.direction),
    }
    scores = {key: getattr(sheet, key) for key in ("interestingness", "feasibility", "novelty")}
    given |= {key: value for key, value in scores.items() if key in sheet.model_fields_set}
    return idea.model_copy(update={key: value for key, value in given.items() if value})


def name_idea(sheet: IdeaSheet, known: Sequence[Idea]) -> str:
    """The name as a slug; one without usable letters is made of title or experiment, or of a number."""
    given = slug(sheet.name, NAME)
    if given:
        return given
    taken = {idea.name for idea in known}
    words = " ".join(sheet.experiment.split()[:6])
    made = slug(clean_title(sheet.title).split(":")[0], NAME) or slug(words, NAME)
    numbered = (f"{made or 'idea'}_{number}" for number in range(len(known) + 1, len(known) + 1000))
    return made if made and made not in taken else next(name for name in numbered if name not in taken)


def clean_title(title: str) -> str:
    """``title`` on one line, without LaTeX commands, control characters and pictograms."""
    if re.search(r"[\\$]", title):
        title = _without_latex(title)
    kept = (c for c in visible(title) if not 0x2600 <= ord(c) <= 0x27BF and not 0x1F000 <= ord(c) <= 0x1FAFF)
    return " ".join("".join(kept).replace("\ufe0f", "").split())[:TITLE].strip(" *#\"'")


def _without_latex(text: str) -> str:
    from pylatexenc.latex2text import LatexNodes2Text

    guarded = re.sub(r"(?<!\\)([%&#_])", r"\\\1", text)
    try:
        return str(LatexNodes2Text(math_mode="text").latex_to_text(guarded, tolerant_parsing=True))
    except Exception:  # noqa: BLE001 whatever its parser trips over: then the marks alone are taken out
        return re.sub(r"\\[A-Za-z]+\*?|[\\${}]", " ", text)


def read_expected(text: str, direction: Direction) -> Expected:
    """What is expected of the primary metric, from an answer that may name its movement instead."""
    words = f" {text.lower().replace('_', ' ')} "
    if re.search(r"worse|degrad|hurt|harm|deteriorat", words):
        return "worse"
    if re.search(r"same|no (change|difference|effect)|unchanged|neutral|equal", words):
        return "same"
    down, up = (re.search(pattern, words) for pattern in (r"lower|decreas|reduc|fall|down", r"higher|increas|rise|up"))
    if bool(down) == bool(up) or "better" in words or "improv" in words:
        return "better"
    return "better" if (direction == "lower") == bool(down) else "worse"


def find_repeated(idea: Idea, known: Sequence[Idea]) -> Idea | None:
    """The known idea that ``idea`` repeats, by the rule of this module."""
    return next((other for other in known if _repeats(idea, other)), None)


def _say_repeated(idea: Idea, known: Sequence[Idea]) -> str:
    other = find_repeated(idea, known)
    if other is None:
        return ""
    return f'this repeats the idea "{other.name}" ({one_line(other.title, 120)}); it must differ in its mechanism'


def _repeats(idea: Idea, other: Idea) -> bool:
    if idea.name == slug(other.name):
        return True
    if _overlap(*(frozenset(plain(one.title).split()) for one in (idea, other))) >= TITLES:
        return True
    return _overlap(*(_words(f"{one.title} {one.experiment}") for one in (idea, other))) >= WHOLE


def _words(text: str) -> frozenset[str]:
    """The words of more than three letters, without a plural's s."""
    return frozenset(word.removesuffix("s") for word in plain(text).split() if len(word) > 3)


def _overlap(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """What both have, as a share of what either has."""
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _metric(name: str, area: Area) -> str:
    names: dict[str, str] = {slug(metric.name): metric.name for metric in area.metrics}
    return names.get(slug(name), area.primary.name)


def _told(area: Area, known: Sequence[Idea]) -> dict[str, object]:
    return {
        "area": area,
        "metrics": list_metrics(area),
        "baseline": tell_means(area.baseline, area.primary.name) if area.baseline else "",
        "known": list_ideas(known),
    }


def _question(slot: str, area: Area, text: str) -> Question:
    system = render("common/system", researcher=area.system)
    return Question(slot=slot, role="ideas", system=system, turns=(Turn(text),), temperature=0.8)


def _digest(idea: Idea) -> str:
    return hashlib.sha256(idea.model_dump_json().encode()).hexdigest()[:8]
