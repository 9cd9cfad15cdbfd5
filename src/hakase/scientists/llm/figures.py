"""Figures by a language model: a coder is told what plot.py shall draw; the model looks at the pictures once."""

from __future__ import annotations

import hashlib
import json

from hakase.models import Models, Question, Turn
from hakase.prompts import render
from hakase.records import Result
from hakase.scientists.builtin import BuiltinScientist
from hakase.scientists.llm.context import one_line
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.forms import LookSheet
from hakase.seams import ExperimentView, FigurePlan, Picture


def plan_figures(view: ExperimentView) -> FigurePlan:
    """The runs' labels, and what plot.py shall draw, in words. No model is asked."""
    result = next((run.result for run in view.runs if run.result is not None), None)
    labels = dict(BuiltinScientist().plan_figures(view).labels)
    instruction = render(
        "figures/draw",
        labels=json.dumps(labels, ensure_ascii=False),
        idea=view.idea,
        metric=view.area.primary.name,
        datasets=tuple(result.datasets) if result else (),
        metrics=result.metrics if result else (),
        seeds=_seeds(result, view.area.primary.name),
    )
    return FigurePlan(labels=labels, instruction=instruction)


def revise_figures(
    models: Models, plan: FigurePlan, pictures: tuple[Picture, ...], view: ExperimentView
) -> FigurePlan | None:
    """The plan with what the model wants drawn otherwise; None when the pictures will do."""
    drawn = any(_is_drawn(picture) for picture in pictures)

    def complain(sheet: LookSheet) -> str:
        if sheet.good_enough:
            return "" if drawn else "there is no picture yet: say what plot.py must do differently"
        return "" if sheet.instruction else "say what plot.py must do differently, or set good_enough to true"

    def ask() -> FigurePlan | None:
        sheet = models.form(_look(plan, pictures, view, models.reads_pictures("coding")), LookSheet, complain)
        if sheet.good_enough:
            return None
        wanted = render("figures/redraw", instruction=plan.instruction, wish=sheet.instruction)
        return FigurePlan(labels=plan.labels, instruction=wanted)

    return ask_or_rule(models, "figures", "a look at the figures", ask, lambda: None)


def _look(plan: FigurePlan, pictures: tuple[Picture, ...], view: ExperimentView, shown: bool) -> Question:
    """The pictures by what is plotted in them, and as they are where they can be ``shown``."""
    attached = tuple(picture.path for picture in pictures if shown and _is_drawn(picture))
    title = one_line(view.idea.title, 120)
    text = render("figures/look", instruction=plan.instruction, pictures=pictures, attached=attached, title=title)
    return Question(
        slot=f"figures/look/{hashlib.sha256(plan.instruction.encode()).hexdigest()[:8]}",
        role="coding",
        system=render("common/system", researcher=view.area.system),
        turns=(Turn(text, pictures=attached),),
        temperature=0.3,
    )


def _is_drawn(picture: Picture) -> bool:
    """Whether there is a picture, and not only word of a plot.py that failed."""
    return picture.path.suffix == ".png"


def _seeds(result: Result | None, metric: str) -> str:
    """How many values by seed the primary metric has, data set by data set; empty when it has none."""
    if result is None:
        return ""
    counts = {name: len(values[metric].values) for name, values in result.datasets.items() if metric in values}
    return ", ".join(f"{count} on {name}" for name, count in counts.items() if count)
