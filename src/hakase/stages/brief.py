"""What a paper may be written from, gathered from the records of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hakase.costs import fallbacks
from hakase.records import RULES, Novelty, Work
from hakase.seams import Literature, PaperBrief
from hakase.stages.lab import Lab
from hakase.stages.views import study_area
from hakase.study import Study
from hakase.syntax.knobs import constants

METHODS = (
    "holm1979simple",
    "welch1947generalization",
    "demsar2006statistical",
    "bouthillier2021accounting",
    "henderson2018deep",
    "dodge2019show",
    "lipton2018troubling",
    "recht2019do",
    "kapoor2023leakage",
    "lu2024ai",
)
"""Works on how such studies are made, which every paper may cite where the literature has them."""


def paper_brief(study: Study, lab: Lab) -> PaperBrief:
    """Everything that a section may be written from."""
    area = study_area(study)
    novelty = study.novelty
    settings = study.template.settings
    return PaperBrief(
        area=area,
        idea=study.idea,
        novelty=novelty,
        runs=study.finished_runs(),
        evidence=study.evidence,
        figures=study.figures.figures,
        works={
            **citable_works((*study.idea.references, *settings.references), novelty, lab.literature),
            **{work.key: work for work in study.sources.works},
        },
        constants=constants(area.code),
        scientist=lab.scientist.name,
        sandbox=sandbox_of(study),
        environment=environment_of(study),
        fallbacks=fallback_lines(study, lab),
    )


def fallback_lines(study: Study, lab: Lab) -> tuple[str, ...]:
    """What the rules did in a model's stead: the idea, where it is theirs, and what the journal has."""
    origin = study.idea.origin
    idea = (f"the idea: proposed by the {origin}",) if origin == RULES and lab.models is not None else ()
    return (*idea, *fallbacks(study.journal))


def environment_of(study: Study) -> dict[str, str]:
    """What the runs depend on as registered, with a ``remark`` when an attempt that counts ran elsewhere."""
    registered = study.registration.environment
    others = [
        f"run {attempt.run} ran elsewhere than registered ({_differences(registered, attempt.environment)})"
        for run in study.finished_runs()
        for attempt in run.attempts
        if attempt.status == "ok" and attempt.environment != registered
    ]
    shown = {name: value for name, value in registered.items() if name != "sandbox"}
    return {**shown, "remark": "; ".join(others)} if others else shown


def _differences(registered: Mapping[str, str], found: Mapping[str, str]) -> str:
    names = [name for name in {**registered, **found} if registered.get(name) != found.get(name)]
    return ", ".join(
        f"{name} {found.get(name, 'absent')} instead of {registered.get(name, 'absent')}" for name in names
    )


def sandbox_of(study: Study) -> str:
    """The sandbox that the attempts ran in; the weaker one where there were several."""
    names = {attempt.environment.get("sandbox", "") for run in study.finished_runs() for attempt in run.attempts}
    return "process" if "process" in names else study.registration.environment.get("sandbox", "")


def citable_works(keys: Sequence[str], novelty: Novelty, literature: Literature) -> dict[str, Work]:
    """Key -> work, of works that a literature source returned: the closest ones, those of ``keys``, and ``METHODS``."""
    works = {work.key: work for work in novelty.closest}
    for key in (*keys, *METHODS):
        found = literature.find(key)
        if found is not None:
            works.setdefault(found.key, found)
    return works
