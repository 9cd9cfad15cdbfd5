"""Language models: names, servers and their quirks, kept replies, prices. What is asked is not decided here."""

from hakase.models.client import Form, Models
from hakase.models.question import ROLES, Question, Reply, Role, Turn, Usage

__all__ = ["ROLES", "Form", "Models", "Question", "Reply", "Role", "Turn", "Usage"]
