"""Makes changes in code: a catalogue's intervention, or a new value of one hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping

from hakase.catalogue.loading import get_intervention
from hakase.catalogue.records import Intervention, Recipe, RuleEntry
from hakase.records import Change
from hakase.syntax.knobs import find_by_role
from hakase.syntax.literals import method_files
from hakase.syntax.problems import EditProblem
from hakase.syntax.rewriting import Rule, rewrite
from hakase.syntax.setting import set_knob

SET = "set"
"""``Change.intervention`` of a new value for one hyperparameter."""


def apply(change: Change, files: Mapping[str, str]) -> dict[str, str]:
    """``files`` with the change made; all of them still compile.

    Raises:
        EditProblem: the change cannot be made here, or would leave the code as it is or broken.
    """
    if change.intervention == SET:
        changed = set_knob(files, change.settings.get("knob", ""), change.settings.get("value", ""))
    else:
        changed = _intervene(change, files)
    if changed == dict(files):
        raise EditProblem(f"{change.intervention} leaves the code as it is")
    check_syntax(changed)
    return changed


def apply_recipe(
    recipe: Recipe, settings: Mapping[str, str], files: Mapping[str, str], address: str = ""
) -> dict[str, str]:
    """``files`` changed by one recipe: ``address`` names the hyperparameter where its role has several.

    Raises:
        EditProblem: it does not fit these files.
    """
    if recipe.knob:
        known = address or next((knob.address for knob in find_by_role(files, recipe.knob)), "")
        if not known:
            raise EditProblem(f"no hyperparameter for the {recipe.knob.replace('_', ' ')} was found")
        return set_knob(files, known, settings.get("value", ""))
    reasons = []
    for name, text in method_files(files).items():
        try:
            return {**files, name: _rewrite_all(text, recipe.rules, settings)}
        except EditProblem as problem:
            reasons.append(f"{name}: {problem}")
    raise EditProblem("; ".join(reasons) or "there is no Python file to edit")


def check_syntax(files: Mapping[str, str]) -> None:
    """Raises:
    EditProblem: a Python file does not compile.
    """
    for name, text in files.items():
        if name.endswith(".py"):
            try:
                compile(text, name, "exec", dont_inherit=True)
            except SyntaxError as error:
                raise EditProblem(f"{name} would not compile: {error.msg} (line {error.lineno})") from error


def _intervene(change: Change, files: Mapping[str, str]) -> dict[str, str]:
    intervention = get_intervention(change.intervention)
    if intervention is None:
        raise EditProblem(f"the catalogue has no intervention {change.intervention}")
    return _first_fitting(intervention, change.settings, files)


def _first_fitting(intervention: Intervention, settings: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str]:
    reasons = []
    for recipe in intervention.recipes:
        try:
            return apply_recipe(recipe, settings, files, settings.get("knob", ""))
        except EditProblem as problem:
            reasons.append(f"{recipe.idiom}: {problem}")
    raise EditProblem(f"{intervention.name} does not fit this code ({'; '.join(reasons)})")


def _rewrite_all(text: str, rules: tuple[RuleEntry, ...], settings: Mapping[str, str]) -> str:
    captured: dict[str, str] = {}
    for rule in rules:
        text, captured = rewrite(text, Rule(**rule.model_dump()), settings, captured)
    return text
