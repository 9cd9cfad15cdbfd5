"""Hakase (博士): machine-learning research from a template to a reviewed paper, every number with a source."""

__version__ = "0.1.0"
