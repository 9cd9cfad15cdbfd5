"""Answers as OpenAI's responses: one body, or a stream of events."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

from tests.scripted.answering import Answer
from tests.scripted.asking import Asked
from tests.scripted.calls import Call
from tests.scripted.wire_chat import pieces


def usage(call: Call) -> dict[str, Any]:
    """What the call is billed for."""
    return {
        "input_tokens": call.prompt_tokens,
        "input_tokens_details": {"cached_tokens": call.cached_tokens},
        "output_tokens": call.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": call.prompt_tokens + call.completion_tokens,
    }


def whole(answer: Answer, asked: Asked, call: Call) -> dict[str, Any]:
    """The body of an answer that is no stream."""
    cut = answer.finish == "length"
    return {
        **_head(asked, call, "incomplete" if cut else "completed"),
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": [_item(answer, call, "completed")],
        "usage": usage(call),
    }


def stream(answer: Answer, asked: Asked, call: Call) -> Iterator[str]:
    """The events of a streamed answer."""
    numbers = itertools.count()

    def event(kind: str, **values: Any) -> str:
        content = {"type": kind, "sequence_number": next(numbers), **values}
        return f"event: {kind}\ndata: {json.dumps(content)}\n\n"

    begun = _head(asked, call, "in_progress")
    item = _item(answer, call, "completed")
    empty = {**item, "status": "in_progress", **({"arguments": ""} if answer.tool else {"content": []})}
    where = {"item_id": item["id"], "output_index": 0}
    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)
    yield event("response.output_item.added", output_index=0, item=empty)
    if answer.tool:
        for piece in pieces(answer.arguments):
            yield event("response.function_call_arguments.delta", **where, delta=piece)
        done = {"arguments": answer.arguments, "name": answer.tool}
        yield event("response.function_call_arguments.done", **where, **done)
    else:
        part = {"type": "output_text", "text": "", "annotations": []}
        yield event("response.content_part.added", **where, content_index=0, part=part)
        for piece in pieces(answer.text):
            yield event("response.output_text.delta", **where, content_index=0, delta=piece, logprobs=[])
        yield event("response.output_text.done", **where, content_index=0, text=answer.text, logprobs=[])
        yield event("response.content_part.done", **where, content_index=0, part={**part, "text": answer.text})
    yield event("response.output_item.done", output_index=0, item=item)
    kind = "incomplete" if answer.finish == "length" else "completed"
    yield event(f"response.{kind}", response=whole(answer, asked, call))


def _item(answer: Answer, call: Call, status: str) -> dict[str, Any]:
    if answer.tool:
        return {
            "type": "function_call",
            "id": f"fc_{call.number}",
            "call_id": f"call_{call.number}",
            "name": answer.tool,
            "arguments": answer.arguments,
            "status": status,
        }
    part = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
    return {"type": "message", "id": f"msg_{call.number}", "role": "assistant", "status": status, "content": [part]}


def _head(asked: Asked, call: Call, status: str) -> dict[str, Any]:
    return {
        "id": f"resp_{call.number}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": asked.model,
        "output": [],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
    }
