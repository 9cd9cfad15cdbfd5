"""Answers as Anthropic's messages: one body, or a stream of events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.scripted.answering import Answer
from tests.scripted.asking import Asked
from tests.scripted.calls import Call
from tests.scripted.wire_chat import pieces

FINISH = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use"}


def usage(call: Call) -> dict[str, Any]:
    """What the call is billed for; cached tokens are no part of the input tokens here."""
    return {
        "input_tokens": call.prompt_tokens - call.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": call.cached_tokens,
        "output_tokens": call.completion_tokens,
    }


def whole(answer: Answer, asked: Asked, call: Call) -> dict[str, Any]:
    """The body of an answer that is no stream."""
    return {
        **_head(asked, call),
        "content": [_block(answer, call)] if answer.text or answer.tool else [],
        "stop_reason": FINISH[answer.finish],
        "usage": usage(call),
    }


def stream(answer: Answer, asked: Asked, call: Call) -> Iterator[str]:
    """The events of a streamed answer."""
    yield _event("message_start", message={**_head(asked, call), "usage": {**usage(call), "output_tokens": 1}})
    if answer.tool:
        start = {**_block(answer, call), "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(answer.arguments)]
    else:
        start = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces(answer.text)]
    yield _event("content_block_start", index=0, content_block=start)
    for delta in deltas:
        yield _event("content_block_delta", index=0, delta=delta)
    yield _event("content_block_stop", index=0)
    ending = {"stop_reason": FINISH[answer.finish], "stop_sequence": None}
    yield _event("message_delta", delta=ending, usage=usage(call))
    yield _event("message_stop")


def _block(answer: Answer, call: Call) -> dict[str, Any]:
    if not answer.tool:
        return {"type": "text", "text": answer.text}
    try:
        arguments = json.loads(answer.arguments)
    except ValueError:  # a fault: this protocol has no place for broken JSON
        arguments = {}
    return {"type": "tool_use", "id": f"toolu_{call.number}", "name": answer.tool, "input": arguments}


def _head(asked: Asked, call: Call) -> dict[str, Any]:
    return {
        "id": f"msg_{call.number}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _event(kind: str, **values: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **values})}\n\n"
