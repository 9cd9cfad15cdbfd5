"""The scientist that thinks with language models. It asks, checks what comes back, and falls back on the rules."""

from hakase.scientists.llm.scientist import LanguageScientist

__all__ = ["LanguageScientist"]
