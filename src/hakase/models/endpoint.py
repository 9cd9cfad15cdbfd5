"""One model at one server: its client, built at the first call, and a request in and a reply out.

All calls of the process run on one event loop in a thread of its own, so that threads share connections. The caller's
thread waits in slices of a second: it can be interrupted, and gives signs of life.
"""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

from hakase.models.names import Resolved, base_key
from hakase.models.question import Turn, Usage
from hakase.models.quirks import Quirks
from hakase.models.sending import Sending
from hakase.models.waiting import SLICE

TOOL = "fill_in"
_CHARACTERS_PER_TOKEN = 3.5


@dataclass(frozen=True)
class Arrived:
    """What a server sent back."""

    text: str
    model: str
    usage: Usage
    finish: str


class Stopped(Exception):
    """The command was interrupted while another thread waited here."""


class Endpoint:
    """A model at a server, and what is known of it."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.quirks = Quirks()
        self._model: Any = None
        self._lock = threading.Lock()

    def send(self, sending: Sending, beat: Callable[[], None], stopping: threading.Event) -> Arrived:
        """Ask once. ``beat`` is called about every second.

        Raises:
            Exception: of the client library; see ``faults.classify``.
        """
        with self._lock:
            self._model = self._model or build(self.resolved)
        return _wait(_request(self._model, sending), beat, stopping)

    def supports(self, mode: str) -> bool:
        """Whether the model is thought to have ``schema`` or ``tools``; a server may still refuse it."""
        with self._lock:
            self._model = self._model or build(self.resolved)
        if mode == "schema":
            return bool(self._model.profile.get("supports_json_schema_output", False))
        return bool(self._model.profile.get("supports_tools", True))


def build(resolved: Resolved) -> Any:
    """The pydantic-ai model behind a name."""
    if resolved.address:
        return _compatible(resolved)
    if resolved.provider == "vertex-anthropic":
        from anthropic import AsyncAnthropicVertex
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(resolved.name, provider=AnthropicProvider(anthropic_client=AsyncAnthropicVertex()))
    from pydantic_ai.models import infer_model

    return infer_model(resolved.ref)


def _compatible(resolved: Resolved) -> Any:
    import httpx2
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    # A proxy of the environment must not see what is meant for a server in the house.
    client = httpx2.AsyncClient(
        trust_env=not resolved.local,
        timeout=httpx2.Timeout(600, connect=10),
        limits=httpx2.Limits(max_connections=100, max_keepalive_connections=20),
    )
    provider = OpenAIProvider(base_url=resolved.address, api_key=base_key(resolved), http_client=client)
    return OpenAIChatModel(resolved.name, provider=provider)


def reads_pictures(resolved: Resolved) -> bool:
    """Whether the model is known to read images: its profile says so, or says nothing and its name does."""
    from hakase.models.providers import PICTURES

    by_name = bool(PICTURES.search(resolved.name))
    if resolved.address:
        return by_name
    from pydantic_ai.models import infer_model_profile

    provider = "anthropic" if resolved.provider == "vertex-anthropic" else resolved.provider
    return bool(infer_model_profile(f"{provider}:{resolved.name}").get("supports_image_input", by_name))


# ---------------------------------------------------------------------------------------------------- the wire


async def _request(model: Any, sending: Sending) -> Arrived:
    from pydantic_ai.direct import model_request

    system, turns = sending.conversation()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of settings that it leaves out; so do we, in Quirks
        response = await model_request(
            model,
            _messages(system, turns),
            model_settings=_settings(sending, len(turns)),
            model_request_parameters=_parameters(sending),
        )
    return _arrived(response, sending, model.model_name)


def _messages(system: str, turns: tuple[Turn, ...]) -> list[Any]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    messages: list[Any] = []
    for number, turn in enumerate(turns):
        if turn.speaker == "model":
            messages.append(ModelResponse(parts=[TextPart(content=turn.text)]))
            continue
        lead = [SystemPromptPart(content=system)] if system and number == 0 else []
        messages.append(ModelRequest(parts=[*lead, UserPromptPart(content=_content(turn))]))
    return messages


def _content(turn: Turn) -> Any:
    from pydantic_ai.messages import BinaryContent

    if not turn.pictures:
        return turn.text
    pictures = [BinaryContent(data=path.read_bytes(), media_type="image/png") for path in turn.pictures]
    return [turn.text, *pictures]


def _settings(sending: Sending, turns: int) -> Any:
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings(
        max_retries=0,  # repeating is ours: it is said, recorded and paid from the budget
        timeout=sending.timeout,
        request_timeout=sending.timeout,
        cache={"messages": turns > 1},
    )
    if sending.temperature is not None and "temperature" not in sending.without:
        settings["temperature"] = sending.temperature
    if sending.max_tokens is not None and "max_tokens" not in sending.without:
        settings["max_tokens"] = sending.max_tokens
    return settings


def _parameters(sending: Sending) -> Any:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    form = sending.form
    if form is not None and sending.mode == "schema":
        shape = OutputObjectDefinition(json_schema=form.schema, name=form.name)
        return ModelRequestParameters(output_mode="native", output_object=shape)
    if form is not None and sending.mode == "tools":
        tool = ToolDefinition(
            name=TOOL, parameters_json_schema=form.schema, description="Give the answer.", kind="output"
        )
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    return ModelRequestParameters()


def _arrived(response: Any, sending: Sending, name: str) -> Arrived:
    from pydantic_ai.messages import TextPart, ToolCallPart

    calls = [part.args_as_json_str() for part in response.parts if isinstance(part, ToolCallPart)]
    texts = [part.content for part in response.parts if isinstance(part, TextPart)]
    text = calls[0] if calls and sending.form is not None else "\n".join(texts)
    used = response.usage
    usage = Usage(used.input_tokens, used.cache_read_tokens, used.output_tokens, used.cache_write_tokens)
    if usage.total == 0:  # the server does not count: our guess is better than nothing
        usage = Usage(guess_tokens(sending.characters), 0, guess_tokens(len(text)))
    return Arrived(_whole(text), response.model_name or name, usage, response.finish_reason or "stop")


def _whole(text: str) -> str:
    """``text`` with half characters (lone surrogates, which no file and no request can hold) as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def guess_tokens(characters: int) -> int:
    """Tokens of a text of so many characters, about."""
    return round(characters / _CHARACTERS_PER_TOKEN)


# ---------------------------------------------------------------------------------------------------- the loop


_MAKING = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    """The loop of all calls; threads that come at once wait for one to make it."""
    with _MAKING:
        return _the_loop()


@cache
def _the_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="models", daemon=True).start()
    return loop


def _wait(request: Coroutine[Any, Any, Arrived], beat: Callable[[], None], stopping: threading.Event) -> Arrived:
    future: Future[Arrived] = asyncio.run_coroutine_threadsafe(request, _loop())
    try:
        while True:
            try:
                return future.result(timeout=SLICE)
            except TimeoutError:
                if future.done():  # its own time-out, or a reply that came just now: that one is paid for
                    return future.result()
            if stopping.is_set():
                raise Stopped
            beat()
    finally:
        future.cancel()
