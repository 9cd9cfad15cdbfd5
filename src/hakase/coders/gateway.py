"""A server on loopback that speaks OpenAI's chat format and answers through ``Models``.

A program that knows OpenAI's format thereby goes through Hakase's kept replies, budget and replay, and never sees the
user's key: what it gets is a password that is worth nothing elsewhere. It asks for words only; tools and schemas are
refused. Streams are sent whole, in one piece.
"""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from hakase.errors import HakaseError, ScientistError
from hakase.models import Models, Question
from hakase.models.question import Turn

MODEL = "hakase"
"""The name under which programs ask for the model, whichever it is."""
MAX_CALLS = 20
"""Different questions that one edit may take."""
BODY_SIZE = 32 * 2**20
WORDS_ONLY = ("tools", "functions", "response_format")
READ_SECONDS = 30.0
"""How long a client may take to send its request."""


class Gateway:
    """Serves while it is entered: on a port of 127.0.0.1, or on the unix socket ``at``.

    ``slot`` is what the slots of its questions begin with; their numbers follow. ``tidy`` takes out of a message what
    differs from day to day or machine to machine, so that the same question is found again.
    """

    def __init__(
        self, models: Models, slot: str, at: Path | None = None, tidy: Callable[[str], str] = str.strip
    ) -> None:
        self.token = secrets.token_hex(16)
        self.failure: BaseException | None = None
        self._models, self._slot, self._tidy = models, slot, tidy
        self._numbers: dict[str, int] = {}
        self._asking = threading.Lock()
        self._closed = False
        self._spent = 0.0
        self._since: float | None = None
        self._server = _UnixServer(str(at), self) if at else _TcpServer(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Of 127.0.0.1; 0 on a unix socket."""
        address = self._server.server_address
        return int(address[1]) if isinstance(address, tuple) else 0

    @property
    def url(self) -> str:
        """The base address, for a client that takes one."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def calls(self) -> int:
        """Different questions so far."""
        return len(self._numbers)

    def __enter__(self) -> Gateway:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed = True
        self._server.shutdown()
        self._server.server_close()
        if kind is None:
            with self._asking:  # an answer under way is paid for: wait until it is kept
                pass

    def allowance(self) -> float:
        """Seconds that the model took of a program's time; minus infinity when the program need not go on."""
        if self.failure is not None:
            return float("-inf")
        since = self._since
        return self._spent + (time.monotonic() - since if since is not None else 0.0)

    def answer(self, body: Mapping[str, Any]) -> str:
        """The model's words for one request in OpenAI's format.

        Raises:
            HakaseError: as ``Models.text``, or the request asks for more than words; kept as ``failure``.
        """
        with self._asking:
            self._since = time.monotonic()
            try:
                return self._models.text(self._question(body))
            except HakaseError as error:
                self.failure = error
                raise
            finally:
                self._spent += time.monotonic() - self._since
                self._since = None

    def _question(self, body: Mapping[str, Any]) -> Question:
        if self._closed or self.failure is not None:
            raise self.failure if isinstance(self.failure, HakaseError) else ScientistError("the edit is over")
        unknown = [key for key in WORDS_ONLY if body.get(key) and body[key] != {"type": "text"}]
        if unknown:
            raise ScientistError(f"the coder asked for {', '.join(unknown)}, and is given words only")
        system, turns = _conversation(body.get("messages"), self._tidy)
        temperature = body.get("temperature")
        return Question(
            slot=f"{self._slot}/{self._number(json.dumps([system, *(turn.text for turn in turns)]))}",
            role="coding",
            system=system,
            turns=turns,
            temperature=float(temperature) if isinstance(temperature, int | float) else None,
        )

    def _number(self, words: str) -> int:
        """Which question of this edit it is; one that is sent again keeps its number."""
        number = self._numbers.setdefault(words, len(self._numbers) + 1)
        if number > MAX_CALLS:
            raise ScientistError(f"the coder asked more than {MAX_CALLS} questions for one edit")
        return number


def _conversation(messages: object, tidy: Callable[[str], str]) -> tuple[str, tuple[Turn, ...]]:
    """The system's words and the turns, which alternate; instructions in mid-conversation go to the next user turn."""
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ScientistError("the coder's request has no messages")
    system: list[str] = []
    turns: list[Turn] = []
    for message in messages:
        words = tidy(_words(message.get("content")))
        if message.get("role") in ("system", "developer") and not turns:
            system.append(words)
            continue
        speaker: Literal["user", "model"] = "model" if message.get("role") == "assistant" else "user"
        if turns and turns[-1].speaker == speaker:
            turns[-1] = Turn(f"{turns[-1].text}\n\n{words}", speaker)
        else:
            turns.append(Turn(words, speaker))
    if not turns or turns[-1].speaker != "user":
        raise ScientistError("the coder's request does not end with a message of the user")
    return "\n\n".join(system), tuple(turns)


def _words(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part["text"]) for part in content if isinstance(part, dict) and "text" in part)
    return content if isinstance(content, str) else ""


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: Any, gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A client that went away is nothing; a mistake of ours ends the edit."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.gateway.failure = self.gateway.failure or error


class _TcpServer(_Server):
    pass


class _UnixServer(_Server):
    address_family = socket.AF_UNIX


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = READ_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing is printed."""

    def address_string(self) -> str:
        return "client"

    def do_GET(self) -> None:
        if self._refused():
            return
        self._say(200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "hakase"}]})

    def do_POST(self) -> None:
        if self._refused():
            return
        try:
            body = self._body()
            text = self.server.gateway.answer(body)
        except (HakaseError, ValueError) as error:
            self._say(400, _error(str(error)))
            return
        reply = _reply(text, body)
        if body.get("stream"):
            self._send(200, "text/event-stream", _stream(reply))
        else:
            self._say(200, reply)

    def _refused(self) -> bool:
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.server.gateway.token}".encode()):
            self._say(401, _error("a wrong password"))
            return True
        known = "/v1/models" if self.command == "GET" else "/v1/chat/completions"
        if self.path.split("?")[0] != known:
            self._say(404, _error(f"there is only {known}"))
            return True
        return False

    def _body(self) -> dict[str, Any]:
        size = int(self.headers.get("Content-Length", 0))
        if not 0 < size <= BODY_SIZE:
            raise ValueError(f"a request has between 1 and {BODY_SIZE:,} bytes")
        body = json.loads(self.rfile.read(size))
        if not isinstance(body, dict):
            raise ValueError("a request is a JSON object")  # noqa: TRY004 the client's mistake, not a type of ours
        return body

    def _say(self, status: int, data: Mapping[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(data).encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


def _reply(text: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's form of a reply. Its token counts are guesses; the real ones are in the journal."""
    prompt, completion = len(json.dumps(body.get("messages"))) // 4, len(text) // 4
    return {
        "id": "chatcmpl-hakase",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


def _stream(reply: Mapping[str, Any]) -> bytes:
    """The reply as server-sent events: all words, the end, the usage."""
    head = {**reply, "object": "chat.completion.chunk"}
    usage = head.pop("usage")
    message = reply["choices"][0]["message"]
    chunks = (
        {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**head, "choices": [], "usage": usage},
    )
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"
