"""What went wrong with one call of a model, in one word, from whatever the client library raised."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from hakase.models.providers import KEYS, OWN_KEYS, SERVERS

Kind = Literal["busy", "lost", "nobody", "rejected", "long", "filter", "key", "unknown", "quota", "broken"]
"""``busy``: refused for now; ``lost``: sent, but no usable reply came; ``nobody``: no connection; ``rejected``: not
like this; ``long``: more than the model reads; ``filter``: withheld; ``broken``: our side cannot ask."""

_LONG = re.compile(
    r"context[ _-]?(length|size|window)|maximum context|(prompt|input|request) (is |are )?too (long|large)"
    r"|too many (input |prompt )?tokens|exceeds? .{0,40}tokens|reduce the length|token limit|max_model_len",
    re.IGNORECASE,
)
_NEEDS = re.compile(r"unsupported|not support|does ?n.t support|unrecognized|unknown (parameter|field)|requires", re.I)
SHORTEST_KEY = 8
_FILTERED = re.compile(r"content[_ ](filter|policy|management)|safety system|moderation|responsibleai", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """Why a call has no reply."""

    kind: Kind
    words: str
    """As the server said it, shortened; without keys."""
    status: int | None = None
    retry_after: float | None = None

    @property
    def billed(self) -> bool:
        """Whether the provider may have charged for it."""
        return self.kind == "lost"

    @property
    def short(self) -> str:
        """For the line that says what is waited for."""
        return str(self.status) if self.status else self.words


def classify(error: Exception) -> Fault | None:
    """The fault behind ``error``; None for a mistake of our own."""
    from pydantic_ai import exceptions as raised

    status = getattr(error, "status_code", None)
    words = shown(error)
    after = getattr(error, "retry_after", None)
    if isinstance(error, raised.ContentFilterError) or (status == 400 and _FILTERED.search(words)):
        return Fault("filter", words, status)
    if isinstance(error, raised.ModelQuotaExceededError):
        return Fault("quota", words, status)
    if isinstance(error, raised.ModelAuthenticationError):
        return Fault("key", words, status)
    if isinstance(error, raised.ModelNotFoundError):
        return Fault("unknown", words, status)
    if isinstance(error, raised.ModelAPIError | raised.UnexpectedModelBehavior):
        return _of_server(error, words, status, after)
    if isinstance(error, raised.UserError | ImportError):
        return Fault("broken", words)
    if isinstance(error, OSError | TimeoutError):
        return Fault("lost", words)
    return _of_library(error, words)


def _of_server(error: Exception, words: str, status: int | None, after: float | None) -> Fault:
    from pydantic_ai import exceptions as raised

    if isinstance(error, raised.ModelContextWindowExceededError):
        return Fault("long", words, status)
    if isinstance(error, raised.ModelRequestRejectedError):
        return Fault("long" if _LONG.search(words) and not _of_parameter(words) else "rejected", words, status)
    if status == 413:
        return Fault("long", words, status)
    if isinstance(error, raised.ModelConnectionError):
        # Without a phase we cannot know that nothing was sent.
        before = error.phase in ("connect", "pool") and not isinstance(error, raised.ModelTimeoutError)
        return Fault("nobody", words) if before else Fault("lost", _lost(error))
    if isinstance(error, raised.ModelRequestTimeout):
        return Fault("lost", f"no reply within {error.timeout:.0f} s")
    if isinstance(error, raised.UnexpectedModelBehavior) or status is None:
        return Fault("lost", f"not a reply in JSON: {words}")
    if status >= 500 and _LONG.search(words):
        return Fault("long", words, status)
    if status >= 500 and _NEEDS.search(words):
        return Fault("rejected", words, status)
    if status < 500 and status not in (408, 409, 425, 429):
        return Fault("rejected", words, status)
    return Fault("busy", words, status, after)


def _of_parameter(words: str) -> bool:
    return bool(re.search(r"max_(completion_|output_)?tokens", words)) and "context" not in words.lower()


def _lost(error: Exception) -> str:
    from pydantic_ai import exceptions as raised

    return "no reply in time" if isinstance(error, raised.ModelTimeoutError) else "the connection broke off"


def _of_library(error: Exception, words: str) -> Fault | None:
    """Errors of HTTP and provider libraries that pydantic-ai let through."""
    home = type(error).__module__.split(".")[0]
    if home in ("httpx", "httpx2", "httpcore", "httpcore2", "anyio", "json", "pydantic_core", "pydantic"):
        return Fault("lost", f"not a reply in JSON: {words}")
    if home in ("openai", "anthropic", "google", "groq", "mistralai", "cohere", "botocore", "boto3"):
        return Fault("broken", words)
    return None


def shown(error: Exception) -> str:
    """What a server said, on one line of at most 300 characters, without our keys and what looks like one."""
    body: Any = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else body
    said = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
    text = str(said or getattr(error, "message", "") or error or type(error).__name__)
    for secret in _secrets():
        text = text.replace(secret, "[key]")
    text = re.sub(r"<[^>]{0,200}>", " ", text)
    text = re.sub(r"\b(sk|key|AIza|gsk|pk)[-_]?[A-Za-z0-9_\-*]{8,}", "[key]", text)
    return " ".join(text.split())[:300]


def _secrets() -> list[str]:
    """The keys in this environment, the longest first; a word that is no secret is none."""
    names = {*OWN_KEYS, *(f"{server.upper()}_API_KEY" for server in SERVERS), *chain.from_iterable(KEYS.values())}
    values = {os.environ.get(name, "") for name in names}
    return sorted((value for value in values if len(value) >= SHORTEST_KEY), key=lambda value: (-len(value), value))
