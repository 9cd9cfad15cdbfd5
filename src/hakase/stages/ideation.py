"""Ideas: proposed one at a time with everything earlier in view, reflected on, and kept in ``ideas.json``."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.disk import locked
from hakase.ideas import append_ideas, load_ideas
from hakase.progress import Progress
from hakase.records import Idea, Metric, Result
from hakase.seams import Area
from hakase.stages.lab import Lab
from hakase.template import Template

REFLECTIONS = 3


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


def generate_ideas(count: int, template: Template, area: Area, lab: Lab) -> tuple[Idea, ...]:
    """Up to ``count`` new ideas, appended to the template's ideas.json as soon as each is ready."""
    with locked(lab.workspace / ".hakase" / "locks" / f"ideas_{template.name}"):
        return _generate(count, template, area, lab)


def _generate(count: int, template: Template, area: Area, lab: Lab) -> tuple[Idea, ...]:
    made: list[Idea] = []
    archive = [*template.seed_ideas, *load_ideas(template.ideas_file)]
    for number in range(1, count + 1):
        lab.notify(Progress(stage="ideas", detail=f"idea {number} of {count}", upcoming="novelty"))
        idea = _propose(area, archive, lab)
        if idea is None:
            break
        append_ideas(template.ideas_file, [idea])
        archive.append(idea)
        made.append(idea)
    return tuple(made)


def _propose(area: Area, archive: Sequence[Idea], lab: Lab) -> Idea | None:
    idea = lab.scientist.propose_idea(area, archive)
    for _ in range(REFLECTIONS if idea else 0):
        assert idea is not None
        better = lab.scientist.reflect_on_idea(idea, area, archive)
        if better is None:
            break
        idea = better
    return idea


def known_ideas(template: Template) -> tuple[Idea, ...]:
    """The ideas of ideas.json, else the seed ideas: what ``--skip-idea-generation`` runs."""
    return load_ideas(template.ideas_file) or template.seed_ideas
