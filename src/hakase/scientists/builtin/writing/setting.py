"""What was studied, in words: data sets, metrics, seeds, the idea as a noun phrase, its hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hakase.catalogue import Intervention, get_intervention
from hakase.latex_text import escape
from hakase.scientists.builtin.novelty import find_known_method
from hakase.scientists.builtin.writing.nounphrases import is_plural, is_question, make_subject
from hakase.scientists.builtin.writing.numbers import Numbers
from hakase.scientists.builtin.writing.phrasing import end_sentence, has_digit, join_words, read_name
from hakase.seams import PaperBrief


@dataclass(frozen=True)
class Setting:
    """The part of a story that is known before any run."""

    brief: PaperBrief

    @cached_property
    def numbers(self) -> Numbers:
        """The evidence's numbers as macros."""
        return Numbers(self.brief.evidence)

    @cached_property
    def metric(self) -> str:
        """The primary metric in words."""
        return escape(read_name(self.brief.evidence.primary_metric))

    @property
    def by_rules(self) -> bool:
        """Whether the built-in scientist made the whole study; else a language model did, and rules stand in for it."""
        return self.brief.scientist.startswith("built-in")

    @property
    def scientist(self) -> str:
        """Who made the choices, as the study names it."""
        return escape(self.brief.scientist)

    @property
    def better_word(self) -> str:
        """``lower`` or ``higher``."""
        return self.brief.evidence.direction

    @cached_property
    def dataset_keys(self) -> tuple[str, ...]:
        """Data sets as the records name them."""
        results = (*(run.result for run in self.brief.runs), self.brief.area.baseline)
        measured = next((result for result in results if result is not None), None)
        return tuple(measured.datasets) if measured else ()

    @cached_property
    def datasets(self) -> str:
        """Data sets in words: ``digits, breast cancer and wine``."""
        return escape(join_words([read_name(name) for name in self.dataset_keys]))

    @property
    def place(self) -> str:
        """Where a pooled effect is measured: over all data sets, or on the only one."""
        return "pooled over the data sets" if len(self.dataset_keys) != 1 else f"on the {self.datasets} data"

    @cached_property
    def metric_list(self) -> str:
        """All metrics of the area in words, with the good direction."""
        metrics = self.brief.area.metrics or (self.brief.area.primary,)
        return join_words([f"{escape(read_name(m.name))} ({m.direction} is better)" for m in metrics])

    @property
    def uses_scikit_data(self) -> bool:
        """Whether the data sets are among those that scikit-learn carries."""
        return bool(self.dataset_keys) and set(self.dataset_keys) <= {"digits", "breast_cancer", "wine"}

    @property
    def area_title(self) -> str:
        """The area's title, escaped; its template's name when it has none."""
        return escape(self.brief.area.title or read_name(self.brief.area.template))

    @property
    def idea_experiment(self) -> str:
        """The registered plan, escaped, without the mechanism when that opens it: the background states it."""
        plan = self.brief.idea.experiment.strip()
        if self.intervention is not None and self.plan_opens_with_mechanism:
            plan = plan.removeprefix(self.intervention.mechanism).strip()
        return escape(plan.rstrip("."))

    @property
    def plan_opens_with_mechanism(self) -> bool:
        """Whether the registered plan begins with the catalogue's words about the mechanism."""
        return self.intervention is not None and self.brief.idea.experiment.startswith(self.intervention.mechanism)

    @property
    def method_is_known(self) -> bool:
        """Whether the method is the catalogue's, or a close work treats it."""
        return bool(self.brief.idea.intervention) or find_known_method(self.brief.novelty) is not None

    @cached_property
    def seeds(self) -> int:
        """Seeds per run; 0 when the results do not say."""
        name = ("seeds", "count")
        if self.numbers.has(*name):
            macro = self.numbers(*name)[1:-2]
            return int(self.brief.evidence.fact(macro).value or 0)
        return 0

    @cached_property
    def intervention(self) -> Intervention | None:
        """The catalogue's entry that carries the idea out, if any."""
        return get_intervention(self.brief.idea.intervention) if self.brief.idea.intervention else None

    @cached_property
    def noun_phrase(self) -> str:
        """The idea as a noun phrase in plain text: the catalogue's, else one made of the idea's title."""
        title = self.brief.idea.title.strip() or read_name(self.brief.idea.name)
        if self.intervention is not None:
            return make_subject(self.intervention.title)
        return "the proposed change" if is_question(title) else make_subject(title)

    @cached_property
    def subject(self) -> str:
        """The noun phrase in LaTeX."""
        return escape(self.noun_phrase)

    @cached_property
    def question(self) -> str:
        """The idea's title when it is a question (without digits), else empty."""
        title = self.brief.idea.title.strip().rstrip(".")
        return escape(title) if is_question(title) and not has_digit(title) else ""

    @cached_property
    def plain_subject(self) -> str:
        """The subject, for places where no digit may be typed."""
        return "the change under study" if has_digit(self.subject) else self.subject

    @property
    def subject_is_plural(self) -> bool:
        """Whether a verb behind the subject takes the plural."""
        return is_plural(self.noun_phrase)

    @property
    def expectation(self) -> str:
        """What the hypothesis expects the primary metric to do: ``fall``, ``rise`` or ``stay as it is``."""
        if self.brief.idea.expected_direction == "same":
            return "stay as it is"
        wanted_lower = (self.better_word == "lower") == (self.brief.idea.expected_direction == "better")
        return "fall" if wanted_lower else "rise"

    @property
    def hypothesis_names_metric(self) -> bool:
        """Whether the hypothesis says itself what the primary metric is expected to do."""
        return f"{self.metric} is expected to {self.expectation}" in self.hypothesis

    @property
    def hypothesis(self) -> str:
        """The hypothesis as registered; spelled out from the expected direction when the idea states none."""
        stated = self.brief.idea.hypothesis or f"With {self.subject} the {self.metric} will {self.expectation}"
        return escape(end_sentence(stated)) if self.brief.idea.hypothesis else end_sentence(stated)
