"""A model for the command-line agents, on loopback: Anthropic's Messages and OpenAI's Responses, streamed, with tools.

It says what a test hands it, one step a request: words, or a call of a tool.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Step:
    """Words, or a call of ``tool`` with ``arguments`` (JSON, or free text where the tool takes that)."""

    words: str = ""
    tool: str = ""
    arguments: Any = field(default_factory=dict)


class AgentServer:
    """Answers requests that offer tools with ``steps`` in turn, others with a word; refuses all with ``status``."""

    def __init__(self, *steps: Step, status: int = 200) -> None:
        self.steps, self.status = list(steps), status
        self.heard: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def next_step(self, body: dict[str, Any]) -> Step:
        with self.lock:
            return self.steps.pop(0) if body.get("tools") and self.steps else Step("Done.")

    def __enter__(self) -> AgentServer:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.shutdown()
        self.http.server_close()


def _handler(server: AgentServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

        def do_GET(self) -> None:
            self.say(200, "application/json", b'{"data": [], "models": []}')

        do_HEAD = do_GET  # noqa: N815

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            server.heard.append(body)
            server.headers.append({key.lower(): value for key, value in self.headers.items()})
            if server.status != 200:
                error = {"type": "authentication_error", "message": "invalid x-api-key"}
                self.say(server.status, "application/json", json.dumps({"type": "error", "error": error}).encode())
            elif "count_tokens" in self.path:
                self.say(200, "application/json", b'{"input_tokens": 10}')
            else:
                make = anthropic_events if "/messages" in self.path else responses_events
                events = make(server.next_step(body), str(body.get("model")), len(server.heard))
                lines = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
                self.say(200, "text/event-stream", lines.encode())

        def say(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def anthropic_events(step: Step, model: str, number: int) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 10, "output_tokens": 1}
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": model, "content": []}
    yield {"type": "message_start", "message": {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}}
    if step.tool:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": step.tool, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(step.arguments)}
    else:
        block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": step.words}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    ending = {"stop_reason": "tool_use" if step.tool else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 5}}
    yield {"type": "message_stop"}


def responses_events(step: Step, model: str, number: int) -> Iterator[dict[str, Any]]:
    response = {"id": f"resp_{number}", "object": "response", "model": model, "status": "in_progress", "output": []}
    item: dict[str, Any]
    if not step.tool:
        content = [{"type": "output_text", "text": step.words, "annotations": []}]
        item = {
            "type": "message",
            "id": f"item_{number}",
            "role": "assistant",
            "status": "completed",
            "content": content,
        }
    elif isinstance(step.arguments, str):
        item = {"type": "custom_tool_call", "name": step.tool, "input": step.arguments}
    else:
        item = {"type": "function_call", "name": step.tool, "arguments": json.dumps(step.arguments)}
    if step.tool:
        item |= {"id": f"item_{number}", "call_id": f"call_{number}", "status": "completed"}
    yield {"type": "response.created", "response": response}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details}
    yield {
        "type": "response.completed",
        "response": {**response, "status": "completed", "output": [item], "usage": usage},
    }
