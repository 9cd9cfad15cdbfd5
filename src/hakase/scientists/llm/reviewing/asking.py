"""The questions of a review: the reviewers of an ensemble, the area chair, the reflections. It decides no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from hakase.errors import BudgetSpent, HakaseError, ScientistError
from hakase.models import Models, Question, Turn
from hakase.prompts import render
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.reviewing.evidence import AGGREGATE
from hakase.scientists.llm.reviewing.forms import Answer, Opinion, Reflection, lacks, says_nothing
from hakase.scientists.llm.reviewing.material import Material

REVIEWING = 0.9
"""Temperature of the ensemble: high, so that its reviewers differ."""
CONSIDERING = 0.3
"""Temperature of area chair and reflections."""


@dataclass(frozen=True)
class Reflected:
    """An opinion after its reflections, how many there were, and why they stopped early if not by the model's word."""

    opinion: Opinion
    rounds: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Panel:
    """Asks about one paper. ``prefix`` tells apart the papers of one study."""

    models: Models
    material: Material
    examples: tuple[str, ...] = ()
    prefix: str = "review"
    system: str = field(default_factory=lambda: render("review/system"))

    def ask_reviewers(self, count: int) -> list[Answer]:
        """The answers of ``count`` reviewers, asked in threads, without those that are of no use.

        Raises:
            ScientistError, BudgetSpent: none is of use; the error is that of the first.
            ModelError: the model cannot be reached.
        """
        text = render("review/reviewer", material=self.material, examples=self.examples)
        given = self.models.at_once([partial(self._review, text, number) for number in range(count)])
        answers = [answer for answer in given if isinstance(answer, Answer)]
        if not answers:
            raise next(error for error in given if isinstance(error, HakaseError))
        return answers

    def _review(self, text: str, number: int) -> Answer | HakaseError:
        """One reviewer's form, or why there is none: that must not lose the others'."""
        question = self._question(f"reviewer/{number}", text, REVIEWING, number)
        try:
            return self.models.form(question, Answer, lacks)
        except (ScientistError, BudgetSpent) as error:
            return error

    def aggregate(self, answers: Sequence[Answer]) -> Opinion:
        """One opinion from several; by the rules when the area chair gives none."""
        if len(answers) == 1:
            return answers[0].opinion
        text = render("review/aggregate", reviews=[show_answer(answer) for answer in answers])
        question = self._question("aggregate", text, CONSIDERING)
        return ask_or_rule(
            self.models, "review", AGGREGATE,
            lambda: self.models.form(question, Opinion, lacks), lambda: merge_answers(answers),
        )  # fmt: skip

    def reflect(self, opinion: Opinion, overall: int, rounds: int) -> Reflected:
        """``opinion`` after up to ``rounds`` reflections; what is reached stays when one of them fails."""
        for number in range(1, rounds + 1):
            try:
                form = self._reflect(opinion, overall, number)
            except (ScientistError, BudgetSpent) as error:
                return Reflected(opinion, number - 1, f"reflection {number} gave nothing: {error.message}")
            revised = revise_opinion(opinion, form)
            if form.nothing_to_change or revised == opinion:
                return Reflected(opinion, number)
            opinion = revised
        return Reflected(opinion, rounds)

    def _reflect(self, opinion: Opinion, overall: int, number: int) -> Reflection:
        values = {"material": self.material, "overall": overall, "review": show_opinion(opinion), "number": number}
        question = self._question(f"reflection/{number}", render("review/reflect", **values), CONSIDERING)
        return self.models.form(question, Reflection, says_nothing)

    def _question(self, what: str, text: str, temperature: float, sample: int = 0) -> Question:
        slot = f"{self.prefix}/{what}"
        return Question(slot, "review", self.system, (Turn(text),), temperature=temperature, sample=sample)


def show_opinion(opinion: Opinion) -> str:
    """The form as text, for a prompt."""
    lists = ("strengths", "weaknesses", "questions", "limitations")
    lines = [f"summary: {opinion.summary}"]
    for name in lists:
        lines += [f"{name}:", *(f"- {point}" for point in getattr(opinion, name))]
    return "\n".join([*lines, f"ethical concerns: {opinion.ethical_concerns}", f"decision: {opinion.decision}"])


def show_answer(answer: Answer) -> str:
    """A reviewer's form as text, with the scores."""
    scores = ", ".join(f"{name} {value}" for name, value in answer.scores.items() if value is not None)
    return f"{show_opinion(answer.opinion)}\nscores: {scores}"


def revise_opinion(opinion: Opinion, form: Reflection) -> Opinion:
    """``opinion`` with the parts that ``form`` fills in; what it leaves out stays."""
    changed = {name: value for name in Opinion.model_fields if (value := getattr(form, name))}
    return opinion.model_copy(update=changed)


def merge_answers(answers: Sequence[Answer]) -> Opinion:
    """Without an area chair: the first summary, two points of each list of each answer, the majority's decision."""
    accepted = sum(answer.decision == "Accept" for answer in answers)
    return Opinion(
        summary=answers[0].summary,
        strengths=_first_points([answer.strengths for answer in answers]),
        weaknesses=_first_points([answer.weaknesses for answer in answers]),
        questions=_first_points([answer.questions for answer in answers]),
        limitations=_first_points([answer.limitations for answer in answers]),
        ethical_concerns=any(answer.ethical_concerns for answer in answers),
        decision="Accept" if 2 * accepted > len(answers) else "Reject",
    )


def _first_points(lists: Sequence[tuple[str, ...]], each: int = 2) -> tuple[str, ...]:
    return tuple(dict.fromkeys(point for points in lists for point in points[:each]))
