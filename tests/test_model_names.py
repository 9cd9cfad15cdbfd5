"""Names of models, their keys, other wire formats, and the doctor's questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hakase.budget import Budget
from hakase.errors import ConfigError, HakaseError, ModelError
from hakase.journal import Journal
from hakase.models import Models
from hakase.models.names import base_key, missing_key, require_keys, resolve
from hakase.models.probing import probe
from hakase.models.providers import ALIASES, KEYS
from hakase.settings import Price, RoleModels, Settings
from tests.model_desk import (
    SECRET,
    Desk,
    Verdict,
    question,
    without_keys,  # noqa: F401 used by every test
)
from tests.model_server_small import Heard, Say, SmallServer

# ------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("gpt-4o-2024-05-13", "openai-chat:gpt-4o-2024-05-13"),
        ("o1-preview-2024-09-12", "openai-chat:o1-preview-2024-09-12"),
        ("chatgpt-4o-latest", "openai-chat:chatgpt-4o-latest"),
        ("claude-3-5-sonnet-20240620", "anthropic:claude-3-5-sonnet-20240620"),
        ("deepseek-chat", "deepseek:deepseek-chat"),
        ("deepseek-coder-v2-0724", "deepseek:deepseek-coder"),
        ("gemini-1.5-flash", "google:gemini-1.5-flash"),
        ("llama3.1-405b", "openrouter:meta-llama/llama-3.1-405b-instruct"),
        ("llama-3-1-405b-instruct", "openrouter:meta-llama/llama-3.1-405b-instruct"),
        ("bedrock/anthropic.claude-3-sonnet-20240229-v1:0", "bedrock:anthropic.claude-3-sonnet-20240229-v1:0"),
        ("vertex_ai/claude-3-opus@20240229", "vertex-anthropic:claude-3-opus@20240229"),
        ("openrouter/google/gemma-2:free", "openrouter:google/gemma-2:free"),
        ("anthropic:claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("google-gla:gemini-2.5-pro", "google:gemini-2.5-pro"),
        ("groq:llama-3.3-70b-versatile", "groq:llama-3.3-70b-versatile"),
        ("openai-responses:gpt-5", "openai-responses:gpt-5"),
        ("gateway/openai:gpt-4o", "gateway/openai:gpt-4o"),
    ],
)
def test_names_find_their_provider(name: str, ref: str) -> None:
    resolved = resolve(name, Settings())
    assert resolved.ref == ref
    assert not resolved.local
    assert not resolved.address


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("qwen2.5:7b", "qwen2.5:7b"),
        ("mistral:7b", "mistral:7b"),
        ("gpt-4o", "gpt-4o"),
        ("openai:NAME", "NAME"),
        ("ollama:llama3.2:3b", "llama3.2:3b"),
        ("vllm:org/model", "org/model"),
        ("google/gemma-2-9b-it", "google/gemma-2-9b-it"),
        ("hf.co/x/y:Q4_K_M", "hf.co/x/y:Q4_K_M"),
    ],
)
def test_with_an_address_every_name_goes_there(name: str, told: str) -> None:
    resolved = resolve(name, Settings(base_url="http://192.168.1.20:8000"))
    assert (resolved.name, resolved.address, resolved.local) == (told, "http://192.168.1.20:8000/v1", True)


def test_an_address_leaves_other_providers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(base_url="https://models.example.org/v1/")
    assert resolve("anthropic:claude-x", settings).address == ""
    there = resolve("x", settings)
    assert (there.address, there.local) == ("https://models.example.org/v1", False)
    assert missing_key(there) == ""
    assert resolve("ollama:x", Settings()).address == "http://localhost:11434/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    assert resolve("gpt-4o", Settings()).local


@pytest.mark.parametrize("name", ["my-own-model", "nobody:model", "smollm2:135m"])
def test_a_name_that_nobody_serves_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(name, Settings())
    assert caught.value.key == "model"
    assert "--base-url" in (caught.value.fix or "")


@pytest.mark.parametrize("address", ["localhost:8000", "http://[x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("x", Settings(base_url=address))
    assert caught.value.key == "base_url"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://models.example.org/v1", "no-key"),
        ("https://api.openai.com/v1", "theirs"),
        ("http://[::1]/v1", "no-key"),
    ],
)
def test_the_key_of_openai_goes_to_openai_alone(address: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    monkeypatch.delenv("HAKASE_API_KEY", raising=False)
    assert base_key(resolve("x", Settings(base_url=address))) == key
    monkeypatch.setenv("HAKASE_API_KEY", "mine")
    assert base_key(resolve("x", Settings(base_url=address))) == "mine"


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(model="gpt-4o")
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        require_keys(settings)
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        Models(settings, Budget(), Journal(tmp_path / "journal.db")).text(question())
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    require_keys(settings)
    google = Settings(model="gemini-2.5-flash")
    with pytest.raises(ModelError, match=r"GOOGLE_API_KEY.*GEMINI_API_KEY"):
        require_keys(google)
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    require_keys(google)
    require_keys(Settings())


def test_our_providers_are_those_of_the_library() -> None:
    from pydantic_ai.providers import infer_provider_class

    for provider in (set(KEYS) | set(ALIASES.values())) - {"vertex-anthropic"}:
        try:
            infer_provider_class(provider)
        except ImportError:
            continue


# --------------------------------------------------------------------------------------------- other wire formats


def test_anthropic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    form = '{"decision": "novel", "score": 3, "reasons": []}'
    said = Say(form, tool=json.loads(form), prompt=1000, cached=600, completion=10)
    with SmallServer(Say(status=529, error="Overloaded"), said) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.root)
        desk = Desk(tmp_path, "", model="anthropic:claude-sonnet-4-5")
        assert desk.models.form(question(), Verdict).score == 3
        assert desk.models.reads_pictures("review")
    assert server.heard[0].path.startswith("/v1/messages")
    sent = server.heard[0].headers
    assert SECRET in (sent.get("x-api-key", ""), sent.get("authorization", "").removeprefix("Bearer "))
    call = desk.calls[-1]
    assert (call["prompt"], call["cached"], call["completion"]) == (1000, 600, 10)
    assert call["usd"] == pytest.approx((400 * 3 + 600 * 0.3 + 10 * 15) / 1e6)
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    with SmallServer(Say(status=503, error="busy"), Say('{"decision": "novel"}')) as server:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.root)
        desk = Desk(tmp_path, "", model="gemini-2.5-flash")
        assert desk.models.form(question(), Verdict).decision == "novel"
    assert "gemini-2.5-flash:generateContent" in server.heard[0].path
    assert desk.calls[-1]["usd"] > 0
    assert desk.calls[-1]["prompt"] == 100


# ------------------------------------------------------------------------------------------------------------ doctor


def test_the_doctor_asks_each_model_once_for_each_way() -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if heard.body["model"] == "gone":
            return Say(status=404, error="no such model")
        if "tools" in heard.body:
            return Say(status=400, error="tools are not supported")
        return Say('{"colour": "blue"}')

    with SmallServer(by=answer) as server:
        settings = Settings(
            model="small",
            base_url=server.url,
            models=RoleModels(review="gone"),
            prices={"small": Price(input=1, output=1)},
        )
        good, bad = probe(settings)
    assert (good.model, good.roles, good.schema, good.tools, good.problem) == (
        "small",
        ("ideas", "coding", "writing"),
        True,
        False,
        "",
    )
    assert good.usd == pytest.approx(120e-6)
    assert good.seconds is not None
    assert "knows no model 'gone'" in bad.problem
    assert bad.fix
    assert probe(Settings()) == ()


def test_hakase_errors_have_a_message_and_a_fix(tmp_path: Path) -> None:
    with SmallServer(Say(status=401)) as server, pytest.raises(HakaseError) as caught:
        Desk(tmp_path, server.url).models.text(question())
    assert caught.value.fix
