"""The ways in which a server of language models goes wrong, and which call gets which."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any

from tests.scripted.asking import Asked
from tests.scripted.scenario import FaultPlan, Lacks

IN_TURN = (
    "429",
    "500",
    "hang",
    "cut",
    "empty",
    "truncated",
    "bad_body",
    "bad_json",
    "wrong_schema",
    "no_temperature",
    "no_system",
    "no_tools",
)
"""What may happen to single calls of a study: each of them can be overcome by asking again in the right way."""

KINDS = (*IN_TURN, "429_retry_after", "503", "html", "no_json_schema", "wrong_key", "too_long", "unknown_model")
"""All kinds. ``no_…`` refuse only a request that has what they refuse; it is answered otherwise."""

HTML = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>\n"


@dataclass(frozen=True)
class Refusal:
    """An error instead of an answer."""

    status: int
    message: str
    kind: str
    code: str | None = None
    parameter: str | None = None
    retry_after: str = ""

    def as_openai(self) -> dict[str, Any]:
        """The body as OpenAI-compatible servers write it."""
        error = {"message": self.message, "type": self.kind, "param": self.parameter, "code": self.code}
        return {"error": error}

    def as_anthropic(self) -> dict[str, Any]:
        """The body as Anthropic's servers write it."""
        kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 500: "api_error"}
        kind = kinds.get(self.status, "overloaded_error" if self.status > 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": self.message}}


_BUSY = Refusal(429, "Rate limit reached for requests", "rate_limit_error", "rate_limit_exceeded")
_REFUSALS = {
    "429": _BUSY,
    "429_retry_after": Refusal(**{**vars(_BUSY), "retry_after": "0.2"}),
    "500": Refusal(500, "The server had an error while processing your request", "server_error"),
    "503": Refusal(503, "The engine is currently overloaded, please try again later", "server_error"),
    "wrong_key": Refusal(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key"),
    "unknown_model": Refusal(404, "The model does not exist", "invalid_request_error", "model_not_found", "model"),
    "too_long": Refusal(
        400,
        "This model's maximum context length is exceeded; please reduce the length of the messages",
        "invalid_request_error",
        "context_length_exceeded",
        "messages",
    ),
}


def refusal_of(kind: str, asked: Asked) -> Refusal | None:
    """The error that ``kind`` makes of this request; None when it makes none."""
    if kind in _REFUSALS:
        return _REFUSALS[kind]
    refused = {
        "no_temperature": ("temperature", asked.temperature is not None),
        "no_system": ("messages", bool(asked.system)),
        "no_tools": ("tools", bool(asked.tools)),
        "no_json_schema": ("response_format", asked.schema is not None),
    }
    parameter, present = refused.get(kind, ("", False))
    if not present:
        return None
    said = {
        "temperature": "Unsupported parameter: 'temperature' is not supported with this model",
        "messages": "System role not supported: conversation roles must alternate user/assistant",
        "tools": "This model does not support tools",
        "response_format": "Invalid parameter: 'response_format' of type 'json_schema' is not supported",
    }
    code = "unsupported_parameter" if parameter == "temperature" else None
    return Refusal(400, said[parameter], "invalid_request_error", code, parameter)


def lacking(lacks: Lacks, asked: Asked, tokens: int, key: str) -> Refusal | None:
    """Why the server as it is refuses this request, or None."""
    if lacks.key and key != lacks.key:
        return _REFUSALS["wrong_key"]
    missing = (
        (lacks.temperature, "no_temperature"),
        (lacks.system, "no_system"),
        (lacks.tools, "no_tools"),
        (lacks.json_schema, "no_json_schema"),
    )
    for able, kind in missing:
        refusal = None if able else refusal_of(kind, asked)
        if refusal is not None:
            return refusal
    return _REFUSALS["too_long"] if lacks.context and tokens > lacks.context else None


class Misfortune:
    """Deals out the faults of a plan, call after call."""

    def __init__(self, plan: FaultPlan) -> None:
        if unknown := set(plan.kinds) - set(KINDS):
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._calls = 0
        self._faults = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        """The fault of the next call, or an empty string."""
        plan = self._plan
        with self._lock:
            self._calls += 1
            hit = self._calls % plan.every == 0 if plan.every else self._random.random() < plan.share
            if not hit or not plan.kinds:
                return ""
            self._faults += 1
            return plan.kinds[(self._faults - 1) % len(plan.kinds)]
