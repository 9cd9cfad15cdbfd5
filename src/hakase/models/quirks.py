"""What one server refuses, learnt by asking, remembered while the process lives.

A refusal that names a parameter has it left out from then on. One that names nothing has the optional parts left out
one after the other, and they stay out only when that helped. Each is left out once, so a call is repeated at most as
often as it has optional parts.
"""

from __future__ import annotations

import re
import threading

from hakase.errors import ModelError
from hakase.models.sending import Sending

_NAMED = {
    "schema": r"response_format|json_?schema|json schema|structured output|grammar|guided|strict|output_config"
    r"|output_format|response_?mime|response_schema",
    "tools": r"\btools?\b|tool_choice|function",
    "pictures": r"image|picture|vision|multi-?modal|content type|must be a string",
    "temperature": r"temperature|sampling",
    "max_tokens": r"max_(completion_|output_)?tokens",
    "system": r"system|developer|\broles?\b",
}


class Quirks:
    """What a server is known to refuse, and the refusal that ends all asking (a wrong key, an unknown model)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._without: frozenset[str] = frozenset()
        self.refusal: ModelError | None = None
        """Said once; nobody asks again."""
        self.reached = False
        """Whether the server has ever answered."""

    @property
    def without(self) -> frozenset[str]:
        return self._without

    def remember(self, names: frozenset[str]) -> None:
        """The server refuses ``names``."""
        with self._lock:
            self._without |= names


def named_in(words: str, sending: Sending) -> str:
    """The part of ``sending`` that a refusal names; empty when it names none."""
    found = [name for name in sending.used if re.search(_NAMED[name], words, re.IGNORECASE)]
    return found[0] if found else ""


def next_suspect(sending: Sending) -> str:
    """What to leave out when a refusal names nothing; empty when nothing is left."""
    return next(iter(sending.used), "")
