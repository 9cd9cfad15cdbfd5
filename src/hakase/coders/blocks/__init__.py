"""The coder for language models of any size: SEARCH/REPLACE blocks in plain text, checked before anything runs."""

from hakase.coders.blocks.coder import BlocksCoder

__all__ = ["BlocksCoder"]
