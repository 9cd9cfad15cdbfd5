"""Proposes ideas: what of the catalogue fits the template's code, ranked by a stated rule, never twice.

The scores, each from 1 to 10:

* interestingness: the catalogue's, plus 1 when the baseline does not use the method at all (its neutral value);
* feasibility: 10, minus 1, 2 or 4 for a low, medium or high cost, minus 1 for an edit of more than one number;
* novelty: the catalogue's, which says how little known the method is.

A combination of two interventions has the mean interestingness, the lower feasibility minus 1, and the higher
novelty plus 1. The proposal is the candidate of the highest interestingness + novelty + feasibility / 2, minus 2 when
it is not expected to help, and minus 2 for every idea of its group among seeds and archive, so that ideas spread over
the groups. Ties keep the catalogue's order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from hakase.catalogue import Application, applicable, load_catalogue
from hakase.naming import slug
from hakase.records import RULES, Expected, Idea
from hakase.scientists.builtin.likeness import ABLATION
from hakase.scientists.builtin.recognising import JOIN, find_applications, lower_first, plain, recognise
from hakase.seams import Area

SIMILAR = 0.8
"""Two titles that share this part of their words are of the same idea."""

_COST = {"none": 0, "low": 1, "medium": 2, "high": 4}
_REPETITION = 2.0
_NO_GAIN = 2.0


@dataclass(frozen=True)
class Candidate:
    """One or two interventions that could become an idea."""

    parts: tuple[Application, ...]

    @property
    def intervention(self) -> str:
        return JOIN.join(part.name for part in self.parts)

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(part.intervention.group for part in self.parts)

    @property
    def interestingness(self) -> int:
        values = [part.intervention.interestingness + _unused(part) for part in self.parts]
        return _score(sum(values) / len(values))

    @property
    def feasibility(self) -> int:
        lowest = min(10 - _COST[part.intervention.cost] - (part.knob is None) for part in self.parts)
        return _score(lowest - (len(self.parts) - 1))

    @property
    def novelty(self) -> int:
        return _score(max(part.intervention.novelty for part in self.parts) + len(self.parts) - 1)

    @property
    def score(self) -> float:
        loss = 0.0 if _expected(self) == "better" else _NO_GAIN
        return self.interestingness + self.novelty + self.feasibility / 2 - loss


def propose_idea(area: Area, archive: Sequence[Idea]) -> Idea | None:
    """The best candidate that neither seeds nor archive have; None when all are used up."""
    known = [*area.seed_ideas, *archive]
    taken = _taken(known, area)
    for candidates in (_single(area), _pairs(area)):
        free = [one for one in candidates if frozenset(one.intervention.split(JOIN)) not in taken]
        for candidate in sorted(free, key=lambda one: -_rank(one, taken)):
            idea = make_idea(candidate, area)
            if not any(_same(idea, other) for other in known):
                return idea
    return None


def can_carry_out(idea: Idea, area: Area) -> str:
    """Empty when the rules can run the idea, else why not, in one line."""
    if find_applications(idea, area.code):
        return ""
    names = idea.intervention.split(JOIN) if idea.intervention else recognise(idea, area.code)
    if names:
        return f"the code has no place that fits {' and '.join(name.replace('_', ' ') for name in names)}"
    return "the rules recognise no intervention of the catalogue in it; a language model is needed"


def make_idea(candidate: Candidate, area: Area) -> Idea:
    """The candidate as a registered proposal."""
    entries = [part.intervention for part in candidate.parts]
    title = " and ".join([entries[0].title, *(lower_first(entry.title) for entry in entries[1:])])
    return Idea(
        name=slug("_and_".join(_plain_name(part) for part in candidate.parts)),
        title=f"{title}{ABLATION}{lower_first(area.title)}" if area.title else title,
        experiment=_experiment(candidate, area),
        hypothesis=_hypothesis(candidate, area),
        primary_metric=area.primary.name,
        expected_direction=_expected(candidate),
        interestingness=candidate.interestingness,
        feasibility=candidate.feasibility,
        novelty=candidate.novelty,
        intervention=candidate.intervention,
        references=tuple(dict.fromkeys(key for entry in entries for key in entry.references)),
        origin=RULES,
    )


def _single(area: Area) -> list[Candidate]:
    return [Candidate((application,)) for application in applicable(area.code)]


def _pairs(area: Area) -> list[Candidate]:
    known = {entry.name for entry in load_catalogue()}
    parts = [one for one in applicable(area.code) if one.name in known and _expected(Candidate((one,))) == "better"]
    return [Candidate(pair) for pair in combinations(parts, 2) if len(Candidate(pair).groups) == 2]


def _taken(known: Sequence[Idea], area: Area) -> list[frozenset[str]]:
    """Interventions of the ideas so far, each idea as a set of names."""
    return [
        frozenset(idea.intervention.split(JOIN) if idea.intervention else recognise(idea, area.code)) for idea in known
    ]


def _rank(candidate: Candidate, taken: Sequence[frozenset[str]]) -> float:
    groups = {entry.name: entry.group for entry in load_catalogue()}
    used = [groups.get(name, "sweeps") for names in taken for name in names]
    if len(candidate.parts) > 1:
        members = [name for names in taken if len(names) > 1 for name in names]
        return candidate.score - _REPETITION * sum(members.count(part.name) for part in candidate.parts)
    return candidate.score - _REPETITION * sum(used.count(group) for group in candidate.groups)


def _same(idea: Idea, other: Idea) -> bool:
    if idea.name == slug(other.name):
        return True
    mine, theirs = (set(plain(one.title.split(":")[0]).split()) for one in (idea, other))
    return bool(mine) and len(mine & theirs) / len(mine | theirs) >= SIMILAR


def _experiment(candidate: Candidate, area: Area) -> str:
    steps, metric = list(_steps(candidate)), area.primary.name.replace("_", " ")
    return (
        f"{' '.join(part.intervention.mechanism for part in candidate.parts)} {' '.join(steps)} "
        f"Every run uses the seeds of the baseline, and the {metric} is compared seed by seed where they pair."
    )


def _steps(candidate: Candidate) -> Iterator[str]:
    if len(candidate.parts) > 1:
        yield "Run both changes together, then each of them alone, and last both with the more useful one retuned."
        return
    part = candidate.parts[0]
    parameter = part.intervention.parameter
    if parameter is None or part.default is None:
        yield "Run the change as it is, then with a smaller and a larger value of a companion hyperparameter,"
        yield "and last that companion alone."
        return
    what = f"{parameter.meaning} of {part.change().settings['value']}"
    yield (
        f"Start at a {what} (the baseline has {part.neutral:g})." if part.neutral is not None else f"Start at a {what}."
    )
    yield "Then move in the direction that helped, and last combine the best value with a retuned companion."


def _hypothesis(candidate: Candidate, area: Area) -> str:
    reasons = " ".join(part.intervention.hypothesis for part in candidate.parts)
    better = "fall" if area.primary.direction == "lower" else "rise"
    worse = "rise" if area.primary.direction == "lower" else "fall"
    motion = {"better": better, "worse": worse, "same": "stay as it is"}[_expected(candidate)]
    return f"{reasons} So the {area.primary.name.replace('_', ' ')} is expected to {motion}."


def _expected(candidate: Candidate) -> Expected:
    wanted = {part.intervention.expected_direction for part in candidate.parts}
    return wanted.pop() if len(wanted) == 1 else "same"


def _plain_name(part: Application) -> str:
    return part.name if part.knob is None or ":" not in part.name else f"{part.knob.name}_sweep"


def _unused(part: Application) -> int:
    parameter = part.intervention.parameter
    return int(part.knob is not None and parameter is not None and part.neutral == parameter.neutral)


def _score(value: float) -> int:
    return max(1, min(10, round(value)))
