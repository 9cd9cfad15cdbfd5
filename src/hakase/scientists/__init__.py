"""Who thinks: one package a scientist, and the mapping by which a model's name finds it. Imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hakase.errors import ConfigError
from hakase.models import Models
from hakase.seams import Scientist
from hakase.settings import Settings


def _builtin() -> Scientist:
    from hakase.scientists.builtin import BuiltinScientist

    return BuiltinScientist()


SCIENTISTS: Mapping[str, Callable[[], Scientist]] = {"builtin": _builtin}


def get_scientist(settings: Settings, models: Models | None = None) -> Scientist:  # noqa: ARG001
    """The scientist that thinks with ``model``.

    Raises:
        ConfigError: there is none.
    """
    model = settings.model
    if model not in SCIENTISTS:
        raise ConfigError(
            f"there is no scientist for the model {model!r}: language models come in a later release",
            key="model",
            fix=f"use one of: {', '.join(SCIENTISTS)} (rules, no language model, free)",
        )
    return SCIENTISTS[model]()
