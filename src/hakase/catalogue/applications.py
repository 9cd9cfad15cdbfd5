"""Which interventions fit a template's code, and with which values: the catalogue's, and a sweep of any other knob."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hakase.catalogue.applying import SET, apply_recipe, check_syntax
from hakase.catalogue.loading import get_intervention, load_catalogue
from hakase.catalogue.records import Intervention, Parameter, Recipe
from hakase.catalogue.sweeps import sweep_of
from hakase.records import Change
from hakase.syntax.knobs import Knob, find_by_role, find_knobs
from hakase.syntax.problems import EditProblem

_WHOLE_ROLES = {
    *("batch_size", "epochs", "width", "depth", "heads", "warmup", "patience", "trees", "neighbours", "min_leaf"),
    "",
}

_AROUND = {"relative": True, "default": 0.3, "levels": (0.1, 0.3, 3.0, 10.0)}
"""What a parameter becomes when the baseline uses the method already, at a value of its own."""


@dataclass(frozen=True)
class Application:
    """An intervention that can be made in this code."""

    intervention: Intervention
    idiom: str
    knob: Knob | None
    """The hyperparameter that it sets, when it is made by one."""
    levels: tuple[float, ...]
    """Values worth trying, ascending; empty for an intervention without a parameter."""
    default: float | None
    neutral: float | None
    """Value at which the code does what the baseline does; ``inf`` is possible."""
    whole: bool = False

    @property
    def name(self) -> str:
        return self.intervention.name

    def change(self, value: float | None = None) -> Change:
        """The change that makes it, at ``value`` or else at its default."""
        chosen = self.default if value is None else value
        settings = {} if chosen is None else {"value": format_value(chosen, self.whole)}
        if self.knob is not None:
            settings["knob"] = self.knob.address
        if self.name.startswith(f"{SET}:"):
            return Change(intervention=SET, settings=settings, summary=self._summary(settings))
        return Change(intervention=self.name, settings=settings, summary=self._summary(settings))

    def _summary(self, settings: Mapping[str, str]) -> str:
        if "value" not in settings:
            return self.intervention.title
        meaning = self.knob.name if self.knob else self.intervention.parameter and self.intervention.parameter.meaning
        return f"{self.intervention.title}, {meaning} {settings['value']}"


def format_value(value: float, whole: bool = False) -> str:
    """``value`` as Python source of at most three significant digits.

    >>> format_value(0.30000000000000004), format_value(16.0, whole=True), format_value(2)
    ('0.3', '16', '2.0')
    """
    return str(round(value)) if whole else repr(float(f"{value:.3g}"))


def applicable(files: Mapping[str, str]) -> tuple[Application, ...]:
    """All interventions that fit, the catalogue's first and in its order; then a sweep for every other knob.

    Files that are no Python have none.
    """
    return _applicable(tuple(sorted(files.items())))


def find_application(name: str, files: Mapping[str, str]) -> Application | None:
    """The application of the intervention ``name`` (``set:ADDRESS`` for a sweep), or None when it does not fit."""
    items = tuple(sorted(files.items()))
    if get_intervention(name) is not None:
        return _application(name, items)
    return next((one for one in _applicable(items) if one.name == name), None)


@lru_cache(maxsize=512)
def _application(name: str, items: tuple[tuple[str, str], ...]) -> Application | None:
    entry = get_intervention(name)
    try:
        return _fit(entry, dict(items)) if entry is not None else None
    except EditProblem:
        return None


@lru_cache(maxsize=16)
def _applicable(items: tuple[tuple[str, str], ...]) -> tuple[Application, ...]:
    files = dict(items)
    try:
        check_syntax(files)
        known = tuple(one for entry in load_catalogue() if (one := _application(entry.name, items)) is not None)
        return known + tuple(_sweeps(files, known))
    except EditProblem:
        return ()


def _fit(intervention: Intervention, files: Mapping[str, str]) -> Application | None:
    for recipe in intervention.recipes:
        application = _resolve(intervention, recipe, files)
        if application is not None and _can_be_made(application, recipe, files):
            return application
    return None


def _resolve(intervention: Intervention, recipe: Recipe, files: Mapping[str, str]) -> Application | None:
    knob = _knob_for(recipe, files)
    if recipe.knob and (knob is None or knob.number is None):
        return None
    parameter = intervention.parameter
    if parameter is None:
        return Application(intervention, recipe.idiom, None, (), None, None)
    if knob is None:
        return Application(
            *(intervention, recipe.idiom, None, tuple(sorted(parameter.levels)), parameter.default, parameter.neutral),
            parameter.whole,
        )
    return _with_knob(intervention, recipe, knob, parameter)


def _knob_for(recipe: Recipe, files: Mapping[str, str]) -> Knob | None:
    if not recipe.knob:
        return None
    if recipe.knob == "epochs" and find_by_role(files, "exploration"):
        return None  # the steps of an agent that explores are the length of its test
    return next(iter(find_by_role(files, recipe.knob)), None)


def _with_knob(intervention: Intervention, recipe: Recipe, knob: Knob, parameter: Parameter) -> Application | None:
    present = knob.number
    assert present is not None
    if parameter.relative and present == 0.0:
        return None
    if parameter.grid == "log" and not parameter.relative and present not in (0.0, parameter.neutral):
        parameter = parameter.model_copy(update=_AROUND)
    whole = knob.whole and knob.role in _WHOLE_ROLES
    factor = present if parameter.relative else 1.0
    levels = sorted({_bounded(level * factor, parameter, whole) for level in parameter.levels} - {present})
    if not levels:
        return None
    wanted = parameter.default * factor
    default = min(levels, key=lambda level: abs(level - wanted))
    return Application(intervention, recipe.idiom, knob, tuple(levels), default, present, whole)


def _bounded(value: float, parameter: Parameter, whole: bool) -> float:
    value = value if parameter.low is None else max(parameter.low, value)
    value = value if parameter.high is None else min(parameter.high, value)
    return float(format_value(max(value, 1) if whole else value, whole))


def _can_be_made(application: Application, recipe: Recipe, files: Mapping[str, str]) -> bool:
    address = application.knob.address if application.knob else ""
    try:
        changed = apply_recipe(recipe, application.change().settings, files, address)
        check_syntax(changed)
    except EditProblem:
        return False
    return changed != dict(files)


def _sweeps(files: Mapping[str, str], known: tuple[Application, ...]) -> Iterator[Application]:
    taken = {one.knob.address for one in known if one.knob is not None}
    roles = {one.knob.role for one in known if one.knob is not None}
    agent = bool(find_by_role(files, "exploration"))
    for knob in find_knobs(files):
        if knob.address in taken or (knob.role and knob.role in roles) or not knob.number:
            continue
        if not (agent and knob.role == "epochs"):
            intervention = sweep_of(knob)
            application = _resolve_sweep(intervention, knob)
            if application is not None:
                yield application


def _resolve_sweep(intervention: Intervention, knob: Knob) -> Application | None:
    assert intervention.parameter is not None
    return _with_knob(intervention, intervention.recipes[0], knob, intervention.parameter)
