"""What is left out of a question that is too long for a model.

The rule: the longest quoted block (between the data marks of ``hakase.prompts``) is cut to half, keeping its beginning
and its end with a note between them; without a block of 600 characters or more, the longest turn of the user's is.
This is done at most six times. The system text and the model's own answers stay.
"""

from __future__ import annotations

import re
from dataclasses import replace

from hakase.models.question import Turn
from hakase.prompts import DATA_BEGIN, DATA_END, shorten

TRIMS = 6
_SMALL = 600
_BLOCK = re.compile(re.escape(DATA_BEGIN) + r"\n(.*?)\n" + re.escape(DATA_END), re.DOTALL)


def trim(turns: tuple[Turn, ...]) -> tuple[Turn, ...] | None:
    """The turns, shorter by the rule; None when there is nothing worth cutting."""
    blocks = [
        (len(match[1]), number, match)
        for number, turn in enumerate(turns)
        if turn.speaker == "user"
        for match in _BLOCK.finditer(turn.text)
        if len(match[1]) >= _SMALL
    ]
    if blocks:
        _, number, match = max(blocks, key=lambda block: block[0])
        return _with(turns, number, match.start(1), match.end(1))
    users = [(len(turn.text), number) for number, turn in enumerate(turns) if turn.speaker == "user"]
    length, number = max(users, default=(0, 0))
    return _with(turns, number, 0, length) if length >= _SMALL else None


def _with(turns: tuple[Turn, ...], number: int, start: int, end: int) -> tuple[Turn, ...]:
    text = turns[number].text
    cut = shorten(text[start:end], (end - start) // 2)
    return (*turns[:number], replace(turns[number], text=text[:start] + cut + text[end:]), *turns[number + 1 :])
