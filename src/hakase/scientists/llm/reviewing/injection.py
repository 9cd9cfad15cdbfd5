"""Words in a paper that speak to its reviewer: found by patterns, or reported by a model and then looked up.

It finds the plain ones. What it misses is still data to the model, and the caps by evidence do not listen to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hakase.prompts import visible

PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(ignore|disregard|forget)\b[^.]{0,30}\b(previous|prior|above|all|other|your)\b[^.]{0,30}\binstructions?\b",
        r"\b(reviewers?|language models?|llms?|ai (?:models?|assistants?))\b[^.]{0,60}"
        r"\b(must|should|please)\b[^.]{0,40}"
        r"\b(accept|positive|favou?rabl[ey]|high(est)? (score|rating)s?)\b",
        r"\b(give|write|output|assign|return)\b[^.]{0,30}"
        r"\b(positive|favou?rable|glowing|perfect) (review|score|rating)s?\b",
        r"\bdo not (mention|highlight|list|report)\b[^.]{0,30}\b(negatives?|weaknesses|flaws|limitations)\b",
    )
)
EXCERPT = 160
RUN_OF_WORDS = 5
"""Words in a row that a quotation must share with the paper."""


def find_instructions(text: str) -> tuple[str, ...]:
    """The passages of ``text`` that tell a reviewer what to write; one for each pattern."""
    line = " ".join(visible(text).split())
    matches = filter(None, (pattern.search(line) for pattern in PATTERNS))
    return tuple(dict.fromkeys(line[max(0, m.start() - 20) : m.end() + 60][:EXCERPT].strip() for m in matches))


def confirm_quotations(quotations: Iterable[str], text: str) -> tuple[str, ...]:
    """Those of ``quotations`` that really stand in ``text``, shortened."""
    paper = f" {' '.join(_words(text))} "
    return tuple(dict.fromkeys(q[:EXCERPT] for q in quotations if _stands_in(_words(q), paper)))


def _stands_in(words: Sequence[str], paper: str) -> bool:
    length = min(RUN_OF_WORDS, len(words))
    runs = (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    return length >= 3 and any(f" {run} " in paper for run in runs)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", visible(text).lower())
