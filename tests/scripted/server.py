"""The HTTP server that plays a scenario: OpenAI's chat completions and responses, and Anthropic's messages."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.scripted import wire_chat, wire_messages, wire_responses
from tests.scripted.answering import Answer, Player, body_hash, spoil
from tests.scripted.asking import Asked, PromptCache, from_chat, from_messages, from_responses
from tests.scripted.calls import Call, CallLog
from tests.scripted.faults import HTML, Misfortune, Refusal, lacking, refusal_of
from tests.scripted.scenario import Fit, Scenario, load_scenario, task_of, with_server

IN_WORDS = {"bad_json": "bad_body", "wrong_schema": "wrong_body"}
"""Faults of JSON in an answer, and what they become where the answer is words and not JSON: faults of the body."""


@dataclass(frozen=True)
class Protocol:
    """How one address reads requests and writes answers."""

    read: Callable[[Mapping[str, Any]], Asked]
    whole: Callable[[Answer, Asked, Call], dict[str, Any]]
    stream: Callable[[Answer, Asked, Call], Iterator[str]]
    refuse: Callable[[Refusal], dict[str, Any]] = Refusal.as_openai


PROTOCOLS = {
    "/chat/completions": Protocol(from_chat, wire_chat.whole, wire_chat.stream),
    "/responses": Protocol(from_responses, wire_responses.whole, wire_responses.stream),
    "/messages": Protocol(from_messages, wire_messages.whole, wire_messages.stream, Refusal.as_anthropic),
}


class Stage:
    """What all requests share: the player, the faults, the log."""

    def __init__(self, scenario: Scenario, log: CallLog) -> None:
        self.scenario = scenario
        self.log = log
        self.player = Player(scenario)
        self.misfortune = Misfortune(scenario.faults)
        self.cache = PromptCache()
        self.numbers = itertools.count(1)
        self.closing = threading.Event()


class Listener(ThreadingHTTPServer):
    """A thread a connection; none of them outlives the server."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, stage: Stage) -> None:
        self.stage = stage
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are killed on purpose in tests: no traceback."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Listener

    def log_message(self, *_: Any) -> None:
        """The log of calls says more."""

    def do_HEAD(self) -> None:
        self._send(200, b"", "text/plain")

    def do_GET(self) -> None:
        """The list of models."""
        stage = self.server.stage
        if not self.path.split("?")[0].endswith("/models"):
            self._send_json(404, Refusal(404, f"no such address: {self.path}", "invalid_request_error").as_openai())
            return
        model = {"id": stage.scenario.model, "object": "model", "created": 0, "owned_by": "tests"}
        self._send_json(200, {"object": "list", "data": [model], "has_more": False})

    def do_POST(self) -> None:
        """Any of the three protocols."""
        path = self.path.split("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path.endswith("/messages/count_tokens"):
            self._send_json(200, {"input_tokens": from_messages(json.loads(body)).tokens})
            return
        protocol = next((p for ending, p in PROTOCOLS.items() if path.endswith(ending)), None)
        if protocol is None:
            self._send_json(404, Refusal(404, f"no such address: {path}", "invalid_request_error").as_openai())
            return
        try:
            asked = protocol.read(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            refusal = Refusal(400, f"bad request: {error!r}", "invalid_request_error")
            self._send_json(400, protocol.refuse(refusal))
            return
        Exchange(self, protocol, asked, path, body).play()

    @property
    def key(self) -> str:
        """The key that came along."""
        return self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _send_json(self, status: int, content: Any) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_whole(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        """Send a body."""
        try:
            self._send(status, body, kind, **headers)
            self.wfile.flush()
        except OSError:  # the client has gone
            self.close_connection = True

    def send_stream(self, events: Iterator[str], cut_after: int | None = None) -> None:
        """Send events as they come, and with ``cut_after`` only so many."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-cache")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            for event in itertools.islice(events, cut_after):
                content = event.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
                self.wfile.flush()
            if cut_after is None:
                self.wfile.write(b"0\r\n\r\n")

    def hang_up(self, body: bytes) -> None:
        """Promise ``body``, send half of it, and close."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)


class Exchange:
    """One request and what becomes of it."""

    def __init__(self, handler: Handler, protocol: Protocol, asked: Asked, path: str, body: bytes) -> None:
        self.handler = handler
        self.protocol = protocol
        self.asked = asked
        self.stage = handler.server.stage
        self.body = body_hash(body)
        self.began = time.time()
        self.fit = self.stage.player.fit(asked)
        self.fault = self._fault()
        self.call = self._call(path)

    def _fault(self) -> str:
        fault = self.stage.misfortune.next()
        if self.fit is not None and self.fit.rule.fault:
            fault = self.fit.rule.fault
        return fault if self.asked.structured else IN_WORDS.get(fault, fault)

    def _call(self, path: str) -> Call:
        asked, fit = self.asked, self.fit
        way = "tool" if asked.forced else "schema" if asked.schema is not None else "text"
        return Call(
            number=next(self.stage.numbers),
            time=self.began,
            seconds=0.0,
            path=path,
            rule=_name(fit),
            task=task_of(list(asked.users))[0],
            prompt_tokens=asked.tokens,
            cached_tokens=0,
            completion_tokens=0,
            fault="",
            status=200,
            good=False,
            authorised=bool(self.handler.key),
            body=self.body,
            way=("object" if asked.json_object else way) + ("+stream" if asked.stream else ""),
            samples=fit.rule.samples if fit else 1,
            prompt=asked.prompt,
        )

    def play(self) -> None:
        """Log what becomes of the request, then do it: a client that has its answer finds it in the log."""
        scenario, rule = self.stage.scenario, self.fit.rule if self.fit else None
        slow = rule.latency if rule is not None and rule.latency is not None else scenario.server.latency
        self.stage.closing.wait(slow)
        refusal = lacking(scenario.server, self.asked, self.call.prompt_tokens, self.handler.key)
        if refusal is None and self.fault:
            refusal = refusal_of(self.fault, self.asked)
        if refusal is not None:
            self._refuse(refusal)
        elif self.fault == "hang":
            self._hang()
        elif self.fault == "html":
            self._log(fault="html")
            self.handler.send_whole(200, HTML.encode(), "text/html")
        else:
            self._answer()

    def _refuse(self, refusal: Refusal) -> None:
        fault = self.fault or refusal.code or f"refuses {refusal.parameter}"
        self._log(fault=fault, status=refusal.status)
        body = json.dumps(self.protocol.refuse(refusal)).encode()
        headers = {"Retry_After": refusal.retry_after} if refusal.retry_after else {}
        self.handler.send_whole(refusal.status, body, **headers)

    def _hang(self) -> None:
        self._log(fault="hang", status=0)
        self.stage.closing.wait(self.stage.scenario.faults.hang)
        self.handler.close_connection = True

    def _answer(self) -> None:
        spoilt = self.fault if not self.fault.startswith("no_") else ""  # that refusal did not apply
        answer = spoil(self.stage.player.answer(self.fit, self.asked, self.body, counts=not spoilt), self.fault)
        cached = self.stage.cache.look_up(self.asked.prompt)
        self.call = replace(self.call, cached_tokens=cached, completion_tokens=answer.tokens)
        self._log(fault=spoilt, good=not spoilt)
        if spoilt in ("cut", "bad_body", "wrong_body"):
            self._break_off(answer, spoilt)
        elif self.asked.stream:
            self.handler.send_stream(self.protocol.stream(answer, self.asked, self.call))
        else:
            self.handler.send_whole(200, json.dumps(self.protocol.whole(answer, self.asked, self.call)).encode())

    def _break_off(self, answer: Answer, fault: str) -> None:
        body = json.dumps(self.protocol.whole(answer, self.asked, self.call)).encode()
        if fault == "wrong_body":
            self.handler.send_whole(200, b'{"result": "ok", "items": [1, 2, 3]}')
        elif self.asked.stream:
            events = list(self.protocol.stream(answer, self.asked, self.call))
            self.handler.send_stream(iter(events), len(events) // 2)
        elif fault == "cut":
            self.handler.hang_up(body)
        else:
            self.handler.send_whole(200, body[: len(body) * 2 // 3])

    def _log(self, **how: Any) -> None:
        self.stage.log.add(replace(self.call, seconds=time.time() - self.began, **how))


def _name(fit: Fit | None) -> str:
    return "" if fit is None else fit.rule.name or f"rule {fit.index + 1}"


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    """With ``/v1``, for OpenAI's clients."""
    calls: CallLog
    listener: Listener

    @property
    def root(self) -> str:
        """Without ``/v1``, for Anthropic's clients."""
        return self.url.removesuffix("/v1")


@contextmanager
def serve(
    scenario: Scenario | Mapping[str, Any] | Path | str,
    *,
    port: int = 0,
    log: Path | None = None,
    log_prompts: bool = False,
    **server: Any,
) -> Iterator[Server]:
    """Play ``scenario`` (a file, a name, or its content) as long as the context lasts.

    ``server`` are fields of the scenario's ``[server]`` and ``[faults]``, which they override.
    """
    played = with_server(load_scenario(scenario), **server)
    stage = Stage(played, CallLog(log, log_prompts))
    listener = Listener(port, stage)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{listener.server_address[1]}/v1", stage.log, listener)
    finally:
        stage.closing.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
