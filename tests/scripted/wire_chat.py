"""Answers as OpenAI's chat completions: one body, or a stream of chunks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from tests.scripted.answering import Answer
from tests.scripted.asking import Asked
from tests.scripted.calls import Call

PIECE = 24
"""Characters of one chunk."""
FINISH = {"stop": "stop", "length": "length", "tool": "tool_calls"}


def pieces(text: str) -> Iterator[str]:
    """``text`` as a stream brings it."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def usage(call: Call) -> dict[str, Any]:
    """What the call is billed for."""
    return {
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.completion_tokens,
        "total_tokens": call.prompt_tokens + call.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": call.cached_tokens},
    }


def whole(answer: Answer, asked: Asked, call: Call) -> dict[str, Any]:
    """The body of an answer that is no stream."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text if not answer.tool else None}
    if answer.tool:
        message["tool_calls"] = [_tool_call(answer, call)]
    choice = {"index": 0, "message": message, "finish_reason": FINISH[answer.finish], "logprobs": None}
    return {**_head(asked, call, "chat.completion"), "choices": [choice], "usage": usage(call)}


def stream(answer: Answer, asked: Asked, call: Call) -> Iterator[str]:
    """The events of a streamed answer."""
    head = _head(asked, call, "chat.completion.chunk")

    def event(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n"

    yield event({"role": "assistant", "content": ""})
    if answer.tool:
        first = _tool_call(answer, call)
        yield event({"tool_calls": [{**first, "index": 0, "function": {"name": answer.tool, "arguments": ""}}]})
        for piece in pieces(answer.arguments):
            yield event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    for piece in pieces(answer.text):
        yield event({"content": piece})
    yield event({}, FINISH[answer.finish])
    if asked.with_usage:
        yield f"data: {json.dumps({**head, 'choices': [], 'usage': usage(call)})}\n\n"
    yield "data: [DONE]\n\n"


def _tool_call(answer: Answer, call: Call) -> dict[str, Any]:
    function = {"name": answer.tool, "arguments": answer.arguments}
    return {"id": f"call_{call.number}", "type": "function", "function": function}


def _head(asked: Asked, call: Call, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{call.number}", "object": kind, "created": int(time.time()), "model": asked.model}
