"""A request as the scenario sees it, whichever of the three protocols it came in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CHARACTERS_A_TOKEN = 4
BLOCK = 64
"""Tokens: what a prompt shares with an earlier one is counted in blocks of that many."""


@dataclass(frozen=True)
class Tool:
    """A tool that the client offers."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    model: str
    system: str
    users: tuple[str, ...]
    """The users' turns (and results of tools), oldest first."""
    prompt: str
    """Everything that was sent: system message, turns, tools, schema."""
    tools: tuple[Tool, ...] = ()
    forced: bool = False
    """Whether the answer must be a call of a tool."""
    schema: Mapping[str, Any] | None = None
    json_object: bool = False
    temperature: float | None = None
    stream: bool = False
    with_usage: bool = False
    """Whether a stream shall end with the usage."""

    @property
    def structured(self) -> bool:
        """Whether the answer shall be JSON."""
        return self.forced or self.schema is not None or self.json_object

    @property
    def tokens(self) -> int:
        """The prompt's, estimated."""
        return count_tokens(self.prompt)


def count_tokens(text: str) -> int:
    """Tokens of ``text``: a quarter of its characters, rounded up."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


def text_of(content: Any) -> str:
    """The words in a message's content, which is a text or a list of parts; pictures and files are named only."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        inner = content.get("text", content.get("content", content.get("output")))
        return text_of(inner) if inner is not None else f"[{content.get('type', 'part')}]"
    return "\n".join(text_of(part) for part in content)


def from_chat(body: Mapping[str, Any]) -> Asked:
    """A request to /v1/chat/completions."""
    messages = body["messages"]
    wanted = body.get("response_format") or {}
    choice = body.get("tool_choice")
    tools = tuple(Tool(t["function"]["name"], t["function"].get("parameters", {})) for t in body.get("tools") or ())
    return Asked(
        model=body["model"],
        system=_said(messages, ("system", "developer")),
        users=tuple(text_of(m.get("content")) for m in messages if m["role"] in ("user", "tool")),
        prompt=_whole(messages, body.get("tools"), wanted.get("json_schema")),
        tools=tools if choice != "none" else (),
        forced=bool(tools) and (choice == "required" or isinstance(choice, Mapping)),
        schema=(wanted.get("json_schema") or {}).get("schema") if wanted.get("type") == "json_schema" else None,
        json_object=wanted.get("type") == "json_object",
        temperature=body.get("temperature"),
        stream=bool(body.get("stream")),
        with_usage=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def from_messages(body: Mapping[str, Any]) -> Asked:
    """A request to Anthropic's /v1/messages."""
    choice = (body.get("tool_choice") or {}).get("type", "auto")
    form = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    tools = tuple(Tool(t["name"], t.get("input_schema", {})) for t in body.get("tools") or ())
    system = text_of(body.get("system"))
    return Asked(
        model=body["model"],
        system=system,
        users=tuple(text_of(m["content"]) for m in body["messages"] if m["role"] == "user"),
        prompt=system + _whole(body["messages"], body.get("tools"), form or None),
        tools=tools if choice != "none" else (),
        forced=bool(tools) and choice in ("any", "tool"),
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        temperature=body.get("temperature"),
        stream=bool(body.get("stream")),
        with_usage=True,
    )


def from_responses(body: Mapping[str, Any]) -> Asked:
    """A request to OpenAI's /v1/responses."""
    given = body.get("input") or ""
    turns = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    choice = body.get("tool_choice", "auto")
    form = (body.get("text") or {}).get("format") or {}
    functions = [tool for tool in body.get("tools") or () if tool.get("type") == "function"]
    tools = tuple(Tool(tool["name"], tool.get("parameters") or {}) for tool in functions)
    heard = ("function_call_output", "custom_tool_call_output")
    system = "\n".join(filter(None, (text_of(body.get("instructions")), _said(turns, ("system", "developer")))))
    return Asked(
        model=body["model"],
        system=system,
        users=tuple(text_of(t) for t in turns if t.get("role") == "user" or t.get("type") in heard),
        prompt=text_of(body.get("instructions")) + _whole(turns, body.get("tools"), form.get("schema")),
        tools=tools if choice != "none" else (),
        forced=bool(tools) and (choice == "required" or isinstance(choice, Mapping)),
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        json_object=form.get("type") == "json_object",
        temperature=body.get("temperature"),
        stream=bool(body.get("stream")),
        with_usage=True,
    )


def _said(messages: Sequence[Mapping[str, Any]], roles: tuple[str, ...]) -> str:
    return "\n".join(text_of(message.get("content")) for message in messages if message.get("role") in roles)


def _whole(messages: Sequence[Mapping[str, Any]], *others: Any) -> str:
    """All that a provider bills for, as one text: it begins as the conversation does."""
    parts = [text_of(message) for message in messages]
    calls = [message[key] for message in messages for key in ("tool_calls", "arguments") if message.get(key)]
    return "\n".join([*parts, *(json.dumps(other) for other in (*calls, *others) if other)])


class PromptCache:
    """Says how much of a prompt begins as an earlier one did, as providers' caches count it."""

    def __init__(self, smallest: int = 1024) -> None:
        self._smallest = smallest
        self._seen: set[str] = set()

    def look_up(self, prompt: str) -> int:
        """Tokens at the prompt's beginning that were seen before (0 when fewer than ``smallest``); it is kept then."""
        size = BLOCK * CHARACTERS_A_TOKEN
        running, shared, fresh = hashlib.sha256(), 0, False
        for start in range(0, len(prompt) - size + 1, size):
            running.update(prompt[start : start + size].encode(errors="replace"))
            name = running.hexdigest()
            fresh = fresh or name not in self._seen
            self._seen.add(name)
            shared += 0 if fresh else BLOCK
        return shared if shared >= self._smallest else 0
