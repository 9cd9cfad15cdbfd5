"""The built-in scientist: rules and a catalogue in place of a language model. It is free and says what it is."""

from hakase.scientists.builtin.scientist import BuiltinScientist

__all__ = ["BuiltinScientist"]
