"""What a draft may refer to: labels, files, facts, keys. Made once from a brief."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hakase.paper.parts import figure_label, figure_name, part_labels
from hakase.records import Draft, Fact
from hakase.seams import PaperBrief

_PARTS = ("table_results", "table_comparisons", "table_secondary", "table_settings", "listing_change")
_FAMILIES = re.compile(r"(Run|Runs|Compare|Best|Attempts|Datasets|Seeds|Comparisons|Alpha|Hypothesis)(?=[A-Z]|$)")
NUMERIC_SECTIONS = ("abstract", "results", "conclusion")
"""Sections in which a number is a fact or stands in the code."""


@dataclass(frozen=True)
class Known:
    """The vocabulary of a paper."""

    keys: frozenset[str]
    part_of_label: dict[str, str]
    """Label of a generated part -> its name."""
    parts: frozenset[str]
    """Names that ``\\input`` may read."""
    pictures: frozenset[str]
    facts: dict[str, Fact]

    @classmethod
    def of(cls, brief: PaperBrief) -> Known:
        """What ``brief`` offers."""
        return cls(
            keys=frozenset(brief.works),
            part_of_label=part_labels(brief),
            parts=frozenset(_PARTS) | {figure_name(figure) for figure in brief.figures},
            pictures=frozenset(figure.file.rsplit("/", 1)[-1] for figure in brief.figures),
            facts={fact.macro: fact for fact in brief.evidence.facts},
        )

    def claims_to_be_fact(self, macro: str) -> bool:
        """Whether ``macro`` is named like a fact."""
        return bool(_FAMILIES.match(macro))


def section_labels(draft: Draft) -> frozenset[str]:
    """Labels that the assembly gives to sections."""
    return frozenset(f"sec:{name}" for name in draft.sections)


def figure_labels(brief: PaperBrief) -> tuple[str, ...]:
    """Labels of all figures, in order."""
    return tuple(figure_label(figure) for figure in brief.figures)
