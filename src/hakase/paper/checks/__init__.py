"""What is wrong with a draft before it is typeset, in findings that go back to the scientist; and leaving parts out.

Everything here is decided from the draft and the brief, without a model and without TeX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hakase.paper.checks.names import check_citations, check_facts, check_files, check_labels, check_shown
from hakase.paper.checks.numbers import check_numbers
from hakase.paper.checks.removal import drop_part
from hakase.paper.checks.syntax import check_balance, check_characters, check_commands
from hakase.paper.checks.wording import check_claims, check_leftovers, check_repetition, check_sections
from hakase.records import Draft, Finding
from hakase.seams import PaperBrief

CHECKS: tuple[Callable[[Draft, PaperBrief], Iterator[Finding]], ...] = (
    check_balance,
    check_commands,
    check_characters,
    check_citations,
    check_files,
    check_labels,
    check_shown,
    check_facts,
    check_numbers,
    check_leftovers,
    check_repetition,
    check_claims,
    check_sections,
)


def check_draft(draft: Draft, brief: PaperBrief) -> tuple[Finding, ...]:
    """Every distinct finding; what ``drop_part`` cannot mend (an empty section) comes last. Nothing is changed."""
    return tuple(dict.fromkeys(finding for check in CHECKS for finding in check(draft, brief)))


__all__ = ["CHECKS", "check_draft", "drop_part"]
