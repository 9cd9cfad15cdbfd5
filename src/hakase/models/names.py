"""From a model's name to who serves it: ``provider:name``, a bare name of the AI Scientist, or a name at an address.

There is no list of allowed names. Nothing here imports a client library, so that preflight can ask at once.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from hakase.errors import ConfigError, ModelError
from hakase.models.providers import (
    ADDRESSES,
    ALIASES,
    COMPATIBLE,
    FAMILIES,
    KEYS,
    LLAMA,
    OWN_KEYS,
    RENAMED,
    SERVERS,
    TAG,
)
from hakase.models.question import ROLES, Role
from hakase.settings import BUILTIN, Settings


@dataclass(frozen=True)
class Resolved:
    """A model and who serves it."""

    provider: str
    """As pydantic-ai names it; ``openai-chat`` for an OpenAI-compatible address."""
    name: str
    """As the server names it."""
    address: str = ""
    """Of an OpenAI-compatible server; empty for the provider's own."""
    key_variable: str = ""
    """Where the key is read from; empty when none is needed or it comes from elsewhere."""
    local: bool = False
    """At a loopback or private address: nothing leaves the house."""
    asked: str = ""
    """As the user wrote it."""

    @property
    def ref(self) -> str:
        """``provider:name``."""
        return f"{self.provider}:{self.name}"

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self.address or self.provider.removesuffix("-chat")


def model_name(settings: Settings, role: Role) -> str:
    """The model configured for ``role``."""
    return getattr(settings.models, role) or settings.model


def role_models(settings: Settings) -> dict[str, tuple[Role, ...]]:
    """Every distinct language model that is configured -> its roles."""
    found: dict[str, tuple[Role, ...]] = {}
    for role in ROLES:
        name = model_name(settings, role)
        if name != BUILTIN:
            found[name] = (*found.get(name, ()), role)
    return found


def resolve(name: str, settings: Settings) -> Resolved:
    """Who serves the model ``name``.

    Raises:
        ConfigError: the name tells no provider, or ``base_url`` is no address.
    """
    name = name.strip()
    if not name or name == BUILTIN:
        raise ConfigError("no language model is configured", key="model", fix="hakase run --model PROVIDER:NAME")
    provider, rest = _split(name, ":" if settings.base_url else ":/")
    if settings.base_url and (not provider or provider in COMPATIBLE):
        address = _address(settings.base_url)
        return _at(address, rest, name, OWN_KEYS if _is_openai(address) else OWN_KEYS[:1])
    if not provider:
        provider, rest = _family(rest)
    variable, default = SERVERS.get(provider, ("", ""))
    if address := os.environ.get(variable, "") or default:
        keys = (f"{provider.upper().split('-')[0]}_API_KEY", OWN_KEYS[0])
        return _at(_address(address), rest, name, keys)
    return _of(provider, rest, name)


def base_key(resolved: Resolved) -> str:
    """The key for an OpenAI-compatible address; servers that want none get a word that says so."""
    return os.environ.get(resolved.key_variable, "") or "no-key"


def missing_key(resolved: Resolved) -> str:
    """The variable that should hold this model's key and does not; empty when one does or none is needed."""
    if resolved.address:
        return ""
    names = KEYS.get(resolved.provider, ())
    return "" if not names or any(os.environ.get(key) for key in names) else names[0]


def require_keys(settings: Settings) -> None:
    """Raises ModelError naming the variable when a configured model has no key; a replay needs none."""
    if settings.replay:
        return
    for name in role_models(settings):
        if variable := missing_key(resolve(name, settings)):
            raise no_key(name, variable)


def no_key(name: str, variable: str) -> ModelError:
    """The refusal for a key that is not there."""
    also = {"GOOGLE_API_KEY": " (or GEMINI_API_KEY)", "ALIBABA_API_KEY": " (or DASHSCOPE_API_KEY)"}.get(variable, "")
    return ModelError(
        f"no key for the model {name}: the environment variable {variable}{also} is not set",
        key=variable,
        fix=f"export {variable}=…, or name a model at an address of your own with --base-url, or --model builtin",
    )


def _split(name: str, marks: str) -> tuple[str, str]:
    """Provider (empty when the name tells none by a prefix) and the rest.

    At an address of one's own, ``google/gemma-2`` is a name and ``mistral:7b`` is a name with a tag.
    """
    if name.startswith("gateway/") and ":" in name:
        provider, rest = name.split(":", 1)
        return provider, rest
    if "/" in marks and name.startswith("vertex_ai/claude"):
        return "vertex-anthropic", name.split("/", 1)[1]
    for mark in marks:
        prefix, found, rest = name.partition(mark)
        provider = ALIASES.get(prefix, prefix)
        if found and rest and provider in KEYS and not (marks == ":" and TAG.fullmatch(rest)):
            return provider, rest
    return "", name


def _family(name: str) -> tuple[str, str]:
    """Provider and name of a bare name."""
    if match := LLAMA.fullmatch(name):
        return "openrouter", f"meta-llama/llama-{match[1]}.{match[2]}-{match[3].lower()}-instruct"
    for beginning, provider in FAMILIES:
        if beginning.match(name):
            return provider, RENAMED.get(name, name)
    prefix, found, rest = name.partition(":")
    if found and _known_elsewhere(prefix):
        return prefix, rest
    raise ConfigError(
        f"nobody is known to serve a model named {name!r}",
        key="model",
        fix="write PROVIDER:NAME (such as openrouter:NAME or ollama:NAME), or give the server with --base-url URL",
    )


def _known_elsewhere(provider: str) -> bool:
    from pydantic_ai.providers import infer_provider_class

    try:
        infer_provider_class(provider)
    except ValueError:
        return False
    except ImportError:
        return True
    return True


def _of(provider: str, name: str, asked: str) -> Resolved:
    names = KEYS.get(provider, ())
    variable = next((key for key in names if os.environ.get(key)), names[0] if names else "")
    elsewhere = os.environ.get(ADDRESSES.get(provider, ""), "")
    # "openai" is asked by chat completions: every model and every imitation has them. ``openai-responses:`` is there
    # for the few models that have nothing else.
    provider = "openai-chat" if provider == "openai" else provider
    return Resolved(provider, name, "", variable, bool(elsewhere) and is_local(elsewhere), asked)


def _at(address: str, name: str, asked: str, keys: tuple[str, ...]) -> Resolved:
    variable = next((key for key in keys if os.environ.get(key)), "")
    return Resolved("openai-chat", name, address, variable, is_local(address), asked)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # such as a bracket that does not close
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{url!r} is no address of a server", key="base_url", fix="write it as http://HOST:PORT/v1")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return parts._replace(path=path or "/v1", query="", fragment="").geturl()


def _is_openai(address: str) -> bool:
    """Whether OpenAI's own key may go there; nobody else gets it."""
    host = (urlsplit(address).hostname or "").lower()
    return host == "openai.com" or host.endswith((".openai.com", ".openai.azure.com"))


def is_local(address: str) -> bool:
    """Whether an address is this machine's or of a private network."""
    host = (urlsplit(address).hostname or "").lower()
    if host in ("localhost", "host.docker.internal") or host.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    return number.is_loopback or number.is_private or number.is_link_local
