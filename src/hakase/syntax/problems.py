"""Why an edit cannot be made. It is data for whoever asked for the edit, and never reaches a user as a traceback."""

from __future__ import annotations


class EditProblem(Exception):
    """An edit that cannot be made, in words."""
