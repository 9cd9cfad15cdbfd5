"""What a paper may be written from, gathered from the records of a study."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.environment import describe_environment
from hakase.records import Novelty, Work
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
        works=citable_works((*study.idea.references, *settings.references), novelty, lab.literature),
        constants=constants(area.code),
        scientist=lab.scientist.name,
        sandbox=lab.sandbox.name,
        environment=describe_environment(settings.run.requirements, lab.threads(settings.run)),
    )


def citable_works(keys: Sequence[str], novelty: Novelty, literature: Literature) -> dict[str, Work]:
    """Key -> work, of works that a literature source returned: the closest ones, those of ``keys``, and ``METHODS``."""
    works = {work.key: work for work in novelty.closest}
    for key in (*keys, *METHODS):
        found = literature.find(key)
        if found is not None:
            works.setdefault(found.key, found)
    return works
