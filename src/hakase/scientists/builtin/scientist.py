"""The built-in scientist: one method a decision, each delegated to the rules that make it."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.records import Attempt, Draft, Finding, Idea, Novelty, Review, Run, RunPlan, SearchAnswer
from hakase.scientists.builtin import ideas, novelty, planning, revising
from hakase.seams import Area, Dossier, ExperimentView, FigurePlan, PaperBrief


class BuiltinScientist:
    """Implements ``seams.Scientist`` by rules, a catalogue and sentences that a person wrote. It keeps no state."""

    name = "built-in scientist (rules, no language model)"
    coder = "syntax"
    harmless = True

    def propose_idea(self, area: Area, archive: Sequence[Idea]) -> Idea | None:
        return ideas.propose_idea(area, archive)

    def reflect_on_idea(self, idea: Idea, area: Area, archive: Sequence[Idea]) -> Idea | None:  # noqa: ARG002
        return None  # a rule that could improve the idea would have been used in proposing it

    def can_carry_out(self, idea: Idea, area: Area) -> str:
        return ideas.can_carry_out(idea, area)

    def write_queries(self, idea: Idea, answers: Sequence[SearchAnswer]) -> tuple[str, ...]:
        return novelty.write_queries(idea, answers)

    def judge_novelty(self, idea: Idea, answers: Sequence[SearchAnswer]) -> Novelty:
        return novelty.judge_novelty(idea, answers)

    def plan_run(self, view: ExperimentView) -> RunPlan | None:
        return planning.plan_run(view)

    def revise_plan(self, plan: RunPlan, attempt: Attempt, view: ExperimentView) -> RunPlan | None:
        return revising.revise_plan(plan, attempt, view)

    def plan_figures(self, view: ExperimentView) -> FigurePlan:
        return planning.plan_figures(view)

    def describe_run(self, run: Run, view: ExperimentView) -> str:
        from hakase.scientists.builtin.writing import describe_run

        return describe_run(run, view)

    def write_title(self, brief: PaperBrief) -> str:
        from hakase.scientists.builtin.writing import write_title

        return write_title(brief)

    def write_section(self, section: str, brief: PaperBrief, draft: Draft) -> str:
        from hakase.scientists.builtin.writing import write_section

        return write_section(section, brief, draft)

    def repair_section(self, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
        from hakase.scientists.builtin.writing import repair_section

        return repair_section(section, text, findings, brief)

    def review_paper(self, dossier: Dossier) -> Review:
        from hakase.scientists.builtin.reviewing import review_paper

        return review_paper(dossier)

    def revise_paper(self, draft: Draft, review: Review, brief: PaperBrief) -> Draft:
        from hakase.scientists.builtin.writing import revise_paper

        return revise_paper(draft, review, brief)
