r"""Jinja for LaTeX: ``<< value >>``, ``<% block %>``, and lines that begin with ``%%``. Undefined names are errors."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from hakase.scientists.builtin.writing import phrasing, pictures, protocol, results

if TYPE_CHECKING:
    from jinja2 import Environment

WORDS = {
    "cap": phrasing.capitalise,
    "join": phrasing.join_words,
    "plural": phrasing.choose_number,
    "spell": phrasing.spell_count,
    "describe_attempts": results.describe_attempts,
    "describe_datasets": results.describe_datasets,
    "describe_others": results.describe_others,
    "describe_secondary": results.describe_secondary,
    "compare_with_primary": results.compare_with_primary,
    "list_dataset_sizes": results.list_dataset_sizes,
    "list_secondary_sizes": results.list_secondary_sizes,
    "outlook": results.list_next_steps,
    "list_pictures": pictures.list_pictures,
    "list_steps": protocol.list_steps,
    "list_remarks": protocol.list_remarks,
    "describe_remark": protocol.describe_remark,
    "describe_environment": protocol.describe_environment,
    "describe_failures": protocol.describe_failures,
}
"""Functions that the templates call."""


def render(template: str, **values: object) -> str:
    """The template ``prose/<template>.tex.j2`` as LaTeX with one blank line between paragraphs.

    Raises:
        jinja2.UndefinedError: the template names something that it was not given.
    """
    return tidy(_get_environment().get_template(f"{template}.tex.j2").render(**values))


def tidy(text: str) -> str:
    """``text`` without stray blanks: single spaces, none before punctuation, one blank line between paragraphs."""
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    text = re.sub(r"\s+([,;.])(?=\s|$)", r"\1", text)
    text = re.sub(r"\s*\n(\\paragraph\{|\\input\{)", r"\n\n\1", text)
    text = re.sub(r"(\n\\input\{[^}]*\})\n", r"\1\n\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@lru_cache(maxsize=1)
def _get_environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
        loader=PackageLoader("hakase.scientists.builtin.writing", "prose"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    environment.globals.update(WORDS)
    return environment
