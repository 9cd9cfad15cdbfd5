"""Ideas: proposed with everything earlier in view, reflected on, and kept in ``ideas.json``.

One at a time; or, where the scientist first sketches directions unlike each other, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from hakase.disk import locked
from hakase.errors import BudgetSpent
from hakase.ideas import append_ideas, load_ideas
from hakase.progress import Progress
from hakase.records import Idea, Metric, Result
from hakase.seams import Area
from hakase.stages.lab import Lab
from hakase.template import Template

AT_ONCE = 8
"""Ideas that are made at a time."""


def area_of(template: Template, metrics: tuple[Metric, ...], primary: Metric, baseline: Result | None) -> Area:
    """The research area as a scientist sees it."""
    return Area(
        template=template.name,
        title=template.title,
        system=template.system,
        task=template.task,
        code=template.code(),
        metrics=metrics,
        primary=primary,
        seed_ideas=template.seed_ideas,
        baseline=baseline,
    )


def generate_ideas(count: int, template: Template, area: Area, lab: Lab, known: int | None = None) -> tuple[Idea, ...]:
    """Up to ``count`` new ideas, appended to the template's ideas.json as soon as each is ready.

    ``known`` is the number of ideas that were there before an interrupted command began, of which this is the rest:
    everything is asked again as it was then, so that the replies that were kept answer it.
    """
    with locked(lab.workspace / ".hakase" / "locks" / f"ideas_{template.name}"):
        return _generate(count, template, area, lab, known)


def _generate(count: int, template: Template, area: Area, lab: Lab, known: int | None) -> tuple[Idea, ...]:
    there = load_ideas(template.ideas_file)
    before = there[:known]
    kept = frozenset(idea.name for idea in there[len(before) :])
    making = Making(template, area, lab, [*template.seed_ideas, *before], kept)
    try:
        making.all(count)
    except BudgetSpent as spent:
        if not making.made:
            raise
        lab.notify(Progress(stage="ideas", detail=f"no more ideas: {spent.message}"))
    return tuple(making.made)


@dataclass
class Making:
    """Ideas in the making: each is on disk as soon as it is ready."""

    template: Template
    area: Area
    lab: Lab
    archive: list[Idea]
    kept: frozenset[str] = frozenset()
    """Names that an interrupted command wrote to the file already."""
    made: list[Idea] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def all(self, count: int) -> None:
        """``count`` ideas, in parallel where there are directions for it."""
        directions = self.lab.scientist.sketch_directions(count, self.area, self.archive) if count > 1 else ()
        if directions:
            self.at_once(directions[:count])
        self.in_turn(count)

    def at_once(self, directions: Sequence[str]) -> None:
        """One idea in each direction, in parallel; raises the first error after all have ended."""
        archive = tuple(self.archive)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ideas = [pool.submit(self._one, archive, directions, own) for own in range(len(directions))]
        for idea in ideas:
            idea.result()

    def in_turn(self, count: int) -> None:
        """Idea after idea, each with all earlier ones in view, until ``count`` are made or nothing comes."""
        while len(self.made) < count and self._one(tuple(self.archive), total=count):
            pass

    def _one(self, archive: Sequence[Idea], directions: Sequence[str] = (), own: int = 0, total: int = 0) -> bool:
        number = own + 1 if directions else len(self.made) + 1
        detail = f"idea {number} of {len(directions) or total}"
        self.lab.notify(Progress(stage="ideas", detail=detail, upcoming="novelty"))
        idea = _propose(self.area, archive, self.lab, directions, own)
        with self.lock:
            if idea is None or idea.name in {known.name for known in self.archive}:
                return False
            if idea.name not in self.kept:
                append_ideas(self.template.ideas_file, [idea])
            self.archive.append(idea)
            self.made.append(idea)
            return True


def _propose(area: Area, archive: Sequence[Idea], lab: Lab, directions: Sequence[str], own: int) -> Idea | None:
    idea = lab.scientist.propose_idea(area, archive, directions, own)
    for _ in range(lab.settings.idea_reflections if idea else 0):
        assert idea is not None
        better = lab.scientist.reflect_on_idea(idea, area, archive)
        if better is None:
            break
        idea = better
    return idea


def known_ideas(template: Template) -> tuple[Idea, ...]:
    """The ideas of ideas.json, else the seed ideas: what ``--skip-idea-generation`` runs."""
    return load_ideas(template.ideas_file) or template.seed_ideas
