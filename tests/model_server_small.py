"""A language model that says what a test tells it, over real HTTP on loopback, in three wire formats; can misbehave.

For the tests of ``hakase.models``; it plays no scenario of a whole study.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Say:
    """One answer, or one misbehaviour."""

    text: str = "All is well."
    finish: str = "stop"
    status: int = 200
    error: str = ""
    """What the JSON of a refusal says, with ``status``."""
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent as it is instead of JSON."""
    kind: str = "application/json"
    delay: float = 0.0
    cut: bool = False
    """The connection is reset in the middle of the answer."""
    prompt: int = 100
    cached: int = 0
    completion: int = 20
    tool: dict[str, Any] | None = None
    """Arguments of a call of the first tool that was offered."""


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def last(self) -> str:
        """Text of the last message."""
        content = self.messages[-1]["content"]
        return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


Answer = Callable[[Heard, int], Say]


class SmallServer:
    """Answers in turn (the last one again and again), or by a function of the request and its number from 0."""

    def __init__(self, *answers: Say | str, by: Answer | None = None) -> None:
        self.heard: list[Heard] = []
        self.lock = threading.Lock()
        said = [Say(answer) if isinstance(answer, str) else answer for answer in answers] or [Say()]
        self.answer: Answer = by or (lambda _heard, number: said[min(number, len(said) - 1)])
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    @property
    def calls(self) -> int:
        return len(self.heard)

    def __enter__(self) -> SmallServer:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.shutdown()
        self.http.server_close()


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _handler(server: SmallServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            heard = Heard(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
            with server.lock:
                number = len(server.heard)
                server.heard.append(heard)
            self.say(server.answer(heard, number), heard)

        def say(self, say: Say, heard: Heard) -> None:
            time.sleep(say.delay)
            content = say.raw if say.raw is not None else json.dumps(_body(say, heard)).encode()
            self.send_response(say.status)
            self.send_header("content-type", say.kind)
            self.send_header("content-length", str(len(content) + (100 if say.cut else 0)))
            for key, value in say.headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if say.cut else content)
            if say.cut:
                self.wfile.flush()
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                self.close_connection = True

    return Handler


def _body(say: Say, heard: Heard) -> dict[str, Any]:
    if say.status != 200:
        return {"error": {"message": say.error or f"status {say.status}", "code": say.code or None, "type": "error"}}
    if heard.path.startswith("/v1/messages"):
        return _anthropic(say, heard)
    if "generateContent" in heard.path:
        return _google(say)
    return _openai(say, heard)


def _openai(say: Say, heard: Heard) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": say.text}
    if say.tool is not None and heard.body.get("tools"):
        call = {"name": heard.body["tools"][0]["function"]["name"], "arguments": json.dumps(say.tool)}
        message = {**message, "content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": call}]}
    return {
        "id": "reply-1",
        "object": "chat.completion",
        "created": 1,
        "model": heard.body.get("model", ""),
        "choices": [{"index": 0, "finish_reason": say.finish, "message": message}],
        "usage": {
            "prompt_tokens": say.prompt,
            "completion_tokens": say.completion,
            "total_tokens": say.prompt + say.completion,
            "prompt_tokens_details": {"cached_tokens": say.cached},
        },
    }


def _anthropic(say: Say, heard: Heard) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": say.text}]
    if say.tool is not None and heard.body.get("tools"):
        name = heard.body["tools"][0]["name"]
        content = [{"type": "tool_use", "id": "call_1", "name": name, "input": say.tool}]
    return {
        "id": "reply-1",
        "type": "message",
        "role": "assistant",
        "model": heard.body.get("model", ""),
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": say.prompt - say.cached,
            "cache_read_input_tokens": say.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": say.completion,
        },
    }


def _google(say: Say) -> dict[str, Any]:
    return {
        "candidates": [
            {"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": [{"text": say.text}]}}
        ],
        "modelVersion": "gemini-2.5-flash",
        "responseId": "reply-1",
        "usageMetadata": {
            "promptTokenCount": say.prompt,
            "cachedContentTokenCount": say.cached,
            "candidatesTokenCount": say.completion,
            "totalTokenCount": say.prompt + say.completion,
        },
    }
