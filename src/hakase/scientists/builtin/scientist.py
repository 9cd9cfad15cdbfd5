"""The built-in scientist: one method a decision, each delegated to the rules that make it."""

from __future__ import annotations

from collections.abc import Sequence

from hakase.records import Attempt, Draft, Finding, Idea, Novelty, Review, Run, RunPlan, SearchAnswer
from hakase.scientists.builtin import ideas, novelty, planning, revising
from hakase.seams import Area, Dossier, ExperimentView, FigurePlan, PaperBrief, Picture, Seek


class BuiltinScientist:
    """Implements ``seams.Scientist`` by rules, a catalogue and sentences that a person wrote. It keeps no state."""

    name = "built-in scientist (rules, no language model)"
    coder = "syntax"
    harmless = True

    def sketch_directions(self, count: int, area: Area, archive: Sequence[Idea]) -> tuple[str, ...]:  # noqa: ARG002
        return ()  # rules are quick: each idea is made with all earlier ones in view

    def propose_idea(
        self,
        area: Area,
        archive: Sequence[Idea],
        directions: Sequence[str] = (),  # noqa: ARG002
        own: int = 0,  # noqa: ARG002
    ) -> Idea | None:
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

    def revise_figures(
        self,
        plan: FigurePlan,  # noqa: ARG002
        pictures: Sequence[Picture],  # noqa: ARG002
        view: ExperimentView,  # noqa: ARG002
    ) -> FigurePlan | None:
        return None  # the labels are all that it plans

    def describe_run(self, run: Run, view: ExperimentView) -> str:
        from hakase.scientists.builtin.writing import describe_run

        return describe_run(run, view)

    def seek_works(self, brief: PaperBrief, answers: Sequence[SearchAnswer]) -> Seek:  # noqa: ARG002
        return Seek()  # it cites what the catalogue, the template and the novelty search name

    def write_title(self, brief: PaperBrief) -> str:
        from hakase.scientists.builtin.writing import write_title

        return write_title(brief)

    def write_section(self, section: str, brief: PaperBrief, draft: Draft) -> str:
        from hakase.scientists.builtin.writing import write_section

        return write_section(section, brief, draft)

    def refine_draft(
        self,
        draft: Draft,
        findings: Sequence[Finding],  # noqa: ARG002
        brief: PaperBrief,  # noqa: ARG002
        number: int,  # noqa: ARG002
    ) -> Draft:
        return draft  # its sentences come from facts and have nothing to gain from a second pass

    def repair_section(self, section: str, text: str, findings: Sequence[Finding], brief: PaperBrief) -> str:
        from hakase.scientists.builtin.writing import repair_section

        return repair_section(section, text, findings, brief)

    def replace_section(self, section: str, brief: PaperBrief) -> str:  # noqa: ARG002
        return ""  # it was written by the rules

    def review_paper(self, dossier: Dossier) -> Review:
        from hakase.scientists.builtin.reviewing import review_paper

        return review_paper(dossier)

    def revise_paper(self, draft: Draft, review: Review, brief: PaperBrief) -> Draft:
        from hakase.scientists.builtin.writing import revise_paper

        return revise_paper(draft, review, brief)
