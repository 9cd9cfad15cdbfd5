"""What was asked and answered, in memory and as lines of JSON. No key and no header is kept, only whether one came."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Call:
    """One request."""

    number: int
    time: float
    """Seconds since the epoch, when it came."""
    seconds: float
    """Until the answer began."""
    path: str
    rule: str
    """Name of the rule that answered; ``rule N`` for one without a name, empty when none did."""
    task: str
    """The line that begins with "Task: "."""
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    fault: str
    status: int
    good: bool
    """Whether a whole, proper answer was sent: what a client has to pay for only once."""
    authorised: bool
    """Whether an authorisation header came."""
    body: str
    """SHA-256 of the request's body."""
    way: str
    """How the answer was wanted: ``text``, ``tool``, ``schema`` or ``object``, ``+stream`` behind it."""
    samples: int = 1
    """How many good answers to this very body are no repetition."""
    prompt: str = field(default="", repr=False)

    @property
    def stage(self) -> str:
        """The part of the rule's name before the slash."""
        return self.rule.split("/")[0]


class CallLog(list[Call]):
    """The calls so far, in the order in which they were answered."""

    def __init__(self, file: Path | None = None, with_prompts: bool = False) -> None:
        super().__init__()
        self._file = file
        self._with_prompts = with_prompts
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Append the call, to the file too."""
        with self._lock:
            self.append(call)
            if self._file is not None:
                row = asdict(call)
                if not self._with_prompts:
                    del row["prompt"]
                with self._file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(row) + "\n")


def load_calls(file: Path) -> list[Call]:
    """The calls in a log file."""
    return [Call(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def repeated(calls: Sequence[Call]) -> list[Call]:
    """Good answers to a request that had had all its good answers already: what was paid for again."""
    counts: Counter[str] = Counter()
    again = []
    for call in sorted(calls, key=lambda call: call.time):
        if call.good:
            counts[call.body] += 1
            if counts[call.body] > call.samples:
                again.append(call)
    return again
