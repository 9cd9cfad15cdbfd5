"""A sweep of a hyperparameter that no entry of the catalogue is about: the fallback that fits any template."""

from __future__ import annotations

from hakase.catalogue.applying import SET
from hakase.catalogue.records import Intervention, Parameter, Recipe
from hakase.syntax.knobs import Knob
from hakase.syntax.roles import snake_case

_FRACTIONS = {"momentum", "dropout", "label_smoothing", "discount", "second_moment", "decay", "exploration"}
"""Roles whose values lie between 0 and 1."""

_NEARLY_ONE = 0.8


def sweep_of(knob: Knob) -> Intervention:
    """The intervention that asks whether the present value of ``knob`` is well chosen."""
    words = snake_case(knob.name).replace("_", " ").strip()
    return Intervention(
        name=f"{SET}:{knob.address}",
        group="sweeps",
        title=f"A different value of the {words}",
        hypothesis=f"The present value of the {words}, {knob.value}, was set by hand and not tuned on this task, "
        "so that a value of another size should do better.",
        mechanism=f"The {words} is a hyperparameter of the baseline. It is multiplied and divided by constant factors "
        "while everything else stays as it is, and the search goes on in the direction that helped.",
        short=words[:16].strip(),
        interestingness=3,
        novelty=2,
        references=("bergstra2012random", "bengio2012practical"),
        queries=(
            f"tuning the {words}",
            f"sensitivity to the {words} hyperparameter",
            f"effect of {words} on performance",
        ),
        keywords=(words,) if len(words.split()) > 1 else (),
        parameter=_parameter(knob, words),
        recipes=(Recipe(idiom="hyperparameter", knob=knob.role or "any"),),
    )


def _parameter(knob: Knob, words: str) -> Parameter:
    """Factors around the present value; near 1, factors of what is missing to 1."""
    present = knob.number or 0.0
    if knob.role in _FRACTIONS and _NEARLY_ONE < present < 1.0:
        levels = tuple(round(1.0 - (1.0 - present) * factor, 6) for factor in (5.0, 2.0, 0.5, 0.2))
        return Parameter(meaning=words, default=levels[2], levels=levels, grid="linear", low=0.0, high=0.9999)
    inside = knob.role in _FRACTIONS or (0.0 < present < 1.0 and not knob.role)
    return Parameter(
        meaning=words, default=2.0, levels=(0.25, 0.5, 2.0, 4.0), relative=True, high=0.99 if inside else None
    )
