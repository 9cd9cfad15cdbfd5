"""The scientist that thinks with language models: one method a decision, each delegated to the stage's module.

It keeps no state. Where a model has no usable answer, the rules of the built-in scientist stand in, and the journal
says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from hakase.models import Models, Role
from hakase.records import Attempt, Draft, Finding, Idea, Novelty, Review, Run, RunPlan, SearchAnswer
from hakase.scientists.llm import experiments, figures, ideas, novelty
from hakase.seams import Area, Dossier, ExperimentView, FigurePlan, PaperBrief, Picture, Seek
from hakase.settings import Settings

NAMED: tuple[Role, ...] = ("ideas", "writing", "review")
"""Roles whose models are named where they differ; what the coding model did is in the code."""


class LanguageScientist:
    """Implements ``seams.Scientist`` with the models of ``settings``; without ``models`` it can only say its name."""

    coder = "blocks"
    harmless = False

    def __init__(self, settings: Settings, models: Models | None) -> None:
        self.settings = settings
        self._open = models
        self.name = name_scientist(settings, models)

    @property
    def models(self) -> Models:
        if self._open is None:
            raise ValueError("this scientist was made without open models")
        return self._open

    def sketch_directions(self, count: int, area: Area, archive: Sequence[Idea]) -> tuple[str, ...]:
        return ideas.sketch_directions(self.models, count, area, archive)

    def propose_idea(
        self, area: Area, archive: Sequence[Idea], directions: Sequence[str] = (), own: int = 0
    ) -> Idea | None:
        return ideas.propose_idea(self.models, area, archive, directions, own)

    def reflect_on_idea(self, idea: Idea, area: Area, archive: Sequence[Idea]) -> Idea | None:
        return ideas.reflect_on_idea(self.models, idea, area, archive)

    def can_carry_out(self, idea: Idea, area: Area) -> str:  # noqa: ARG002
        return ""  # what cannot be done shows in the attempts

    def write_queries(self, idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
        return novelty.write_queries(self.models, idea, answers)

    def judge_novelty(self, idea: Idea, answers: Sequence[SearchAnswer]) -> Novelty:
        return novelty.judge_novelty(self.models, idea, answers)

    def plan_run(self, view: ExperimentView) -> RunPlan | None:
        return experiments.plan_run(self.models, view)

    def revise_plan(self, plan: RunPlan, attempt: Attempt, view: ExperimentView) -> RunPlan | None:
        return experiments.revise_plan(self.models, plan, attempt, view)

    def describe_run(self, run: Run, view: ExperimentView) -> str:
        return experiments.describe_run(self.models, run, view)

    def plan_figures(self, view: ExperimentView) -> FigurePlan:
        return figures.plan_figures(view)

    def revise_figures(self, plan: FigurePlan, pictures: Sequence[Picture], view: ExperimentView) -> FigurePlan | None:
        return figures.revise_figures(self.models, plan, tuple(pictures), view)

    def seek_works(self, brief: PaperBrief, answers: Sequence[SearchAnswer]) -> Seek:
        from hakase.scientists.llm.writing import seek_works

        return seek_works(self.models, self.settings, brief, answers)

    def write_title(self, brief: PaperBrief) -> str:
        from hakase.scientists.llm.writing import write_title

        return write_title(self.models, brief)

    def write_section(self, section: str, brief: PaperBrief, draft: Draft) -> str:
        from hakase.scientists.llm.writing import write_section

        return write_section(self.models, section, brief, draft)

    def refine_draft(self, draft: Draft, findings: Sequence[Finding], brief: PaperBrief, number: int) -> Draft:
        from hakase.scientists.llm.writing import refine_draft

        return refine_draft(self.models, draft, findings, brief, number)

    def repair_section(self, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
        from hakase.scientists.llm.writing import repair_section

        return repair_section(self.models, section, text, findings, brief)

    def replace_section(self, section: str, brief: PaperBrief) -> str:
        from hakase.scientists.llm.writing import replace_section

        return replace_section(self.models, section, brief)

    def review_paper(self, dossier: Dossier) -> Review:
        from hakase.scientists.llm.reviewing import review_paper

        return review_paper(self.settings, self.models, dossier)

    def revise_paper(self, draft: Draft, review: Review, brief: PaperBrief) -> Draft:
        from hakase.scientists.llm.writing import revise_paper

        return revise_paper(self.models, draft, review, brief)


def name_scientist(settings: Settings, models: Models | None) -> str:
    """The scientist as papers and reviews name it: its model, or its models by role where they differ."""
    own = settings.models
    set_names = {"ideas": own.ideas, "writing": own.writing, "review": own.review}
    names = {role: models.name(role) if models else set_names[role] or settings.model for role in NAMED}
    if len(set(names.values())) == 1:
        return f"language model {names['ideas']}"
    return f"language models {', '.join(f'{name} ({role})' for role, name in names.items())}"
