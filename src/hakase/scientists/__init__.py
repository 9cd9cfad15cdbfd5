"""Who thinks: one package a scientist, and the mapping by which a model's name finds it. Imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hakase.errors import ConfigError
from hakase.seams import Scientist


def _builtin() -> Scientist:
    from hakase.scientists.builtin import BuiltinScientist

    return BuiltinScientist()


SCIENTISTS: Mapping[str, Callable[[], Scientist]] = {"builtin": _builtin}


def get_scientist(model: str) -> Scientist:
    """The scientist that thinks with ``model``.

    Raises:
        ConfigError: there is none.
    """
    if model not in SCIENTISTS:
        raise ConfigError(
            f"there is no scientist for the model {model!r}: language models come in a later release",
            key="model",
            fix=f"use one of: {', '.join(SCIENTISTS)} (rules, no language model, free)",
        )
    return SCIENTISTS[model]()
