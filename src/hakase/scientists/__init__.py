"""Who thinks: one package a scientist. ``builtin`` is rules; every other name is a language model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hakase.seams import Scientist
from hakase.settings import Settings

if TYPE_CHECKING:
    from hakase.models import Models


def get_scientist(settings: Settings, models: Models | None = None) -> Scientist:
    """The scientist that ``settings.model`` names; a language model's thinks with ``models``.

    Without ``models`` it can say its name and coder, as preflight asks, and think nothing.
    """
    if not settings.asks_models:
        from hakase.scientists.builtin import BuiltinScientist

        return BuiltinScientist()
    from hakase.scientists.llm import LanguageScientist

    return LanguageScientist(settings, models)
