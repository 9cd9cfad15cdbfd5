"""The command line: parse, call, print.

Nothing heavy is imported before a verb is used, so that ``--help`` answers at once.
"""

from hakase.cli.app import main

__all__ = ["main"]
