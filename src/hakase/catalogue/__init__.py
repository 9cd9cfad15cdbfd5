"""Interventions as data: what may be changed in a template's code, why it might help, and how the edit is made.

It knows code and beliefs, nothing of runs, results or papers.
"""

from hakase.catalogue.applications import Application, applicable, find_application, format_value
from hakase.catalogue.applying import SET, apply
from hakase.catalogue.loading import get_intervention, load_catalogue
from hakase.catalogue.records import Intervention, Parameter, Recipe
from hakase.syntax.problems import EditProblem

__all__ = [
    "SET",
    "Application",
    "EditProblem",
    "Intervention",
    "Parameter",
    "Recipe",
    "applicable",
    "apply",
    "find_application",
    "format_value",
    "get_intervention",
    "load_catalogue",
]
