"""The scripted model: what the real clients of OpenAI and Anthropic get from it, and how it goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import pytest

from tests.scripted import IN_TURN, Server, load_calls, load_scenario, repeated, serve
from tests.scripted.fixtures import Play, playing  # noqa: F401 the fixture "play"

ROOT = Path(__file__).resolve().parent.parent
FORM = {"type": "object", "properties": {"verdict": {"type": "string"}, "score": {"type": "integer"}}}
TOOL = {"type": "function", "function": {"name": "answer", "parameters": FORM}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "answer", "schema": FORM}}
SCENARIO: dict[str, Any] = {
    "name": "small",
    "rule": [
        {
            "name": "ideas/verdict",
            "task": r"judge (?P<what>\w+)",
            "find": [r"macro \\(?P<macro>[A-Za-z]+)"],
            "reply": {"verdict": "@{what} has \\@{macro|Nothing}", "score": 7},
        },
        {"name": "review/ensemble", "task": "review", "by": "body", "samples": 3, "reply": ["one", "two", "three"]},
        {"name": "paper/turns", "task": "in turn", "times": 2, "reply": ["first", "second"]},
        {"name": "paper/turns_over", "task": "in turn", "reply": "no more"},
        {"name": "chat", "reply": "a text of some length, so that a stream has several pieces"},
    ],
}


def client(server: Server, key: str = "sk-test") -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=20)


def ask(server: Server, text: str, key: str = "sk-test", **options: Any) -> Any:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    return client(server, key).chat.completions.create(model="scripted", messages=messages, **options)  # type: ignore[call-overload]


def words(server: Server, text: str, **options: Any) -> str:
    return ask(server, text, **options).choices[0].message.content


# ------------------------------------------------------------------------------------------------- good answers


def test_the_rule_for_the_task_answers_and_is_logged(play: Play, tmp_path: Path) -> None:
    server = play(SCENARIO, log=tmp_path / "calls.jsonl")
    done = ask(server, "Here is a macro \\RunOne.\nTask: judge dropout")
    assert json.loads(done.choices[0].message.content.strip("`json\n")) == {
        "verdict": "dropout has \\RunOne",
        "score": 7,
    }
    assert done.usage.prompt_tokens == server.calls[0].prompt_tokens > 10
    (call,) = load_calls(tmp_path / "calls.jsonl")
    assert (call.rule, call.stage, call.task) == ("ideas/verdict", "ideas", "Task: judge dropout")
    assert call.good
    assert call.authorised
    assert "sk-test" not in (tmp_path / "calls.jsonl").read_text(encoding="utf-8")
    assert words(server, "Task: judge it").find("\\\\Nothing") > 0


def test_a_question_asked_again_is_known_by_its_first_task(play: Play) -> None:
    server = play(SCENARIO)
    turns = [
        {"role": "user", "content": "Task: judge adam"},
        {"role": "assistant", "content": "Sure!"},
        {"role": "user", "content": "That is no JSON. Answer again."},
    ]
    client(server).chat.completions.create(model="m", messages=turns)  # type: ignore[arg-type]
    assert server.calls[0].rule == "ideas/verdict"


def test_forms_come_by_tool_by_schema_or_in_a_fence(play: Play) -> None:
    server = play(SCENARIO)
    forced = ask(server, "Task: judge adam", tools=[TOOL], tool_choice="required").choices[0]
    assert forced.finish_reason == "tool_calls"
    assert json.loads(forced.message.tool_calls[0].function.arguments)["score"] == 7
    assert json.loads(words(server, "Task: judge adam", response_format=SCHEMA))["score"] == 7
    assert json.loads(words(server, "Task: judge adam", response_format={"type": "json_object"}))["score"] == 7
    assert words(server, "Task: judge adam").startswith("```json\n")
    assert [call.way for call in server.calls] == ["tool", "schema", "object", "text"]


def test_a_model_that_only_chats_does_so_when_a_tool_is_forced(play: Play) -> None:
    message = ask(play(SCENARIO), "Hello", tools=[TOOL], tool_choice="required").choices[0].message
    assert not message.tool_calls
    assert message.content.startswith("a text")


def test_a_stream_has_the_same_words_and_its_usage(play: Play) -> None:
    server = play(SCENARIO)
    chunks = list(ask(server, "Hello", stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == words(server, "Hello")
    assert len(chunks) > 4
    assert chunks[-1].usage.completion_tokens > 5
    chunks = list(ask(server, "Task: judge adam", stream=True, tools=[TOOL], tool_choice="required"))
    calls = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices and c.choices[0].delta.tool_calls]
    assert calls[0].function.name == "answer"
    assert json.loads("".join(call.function.arguments for call in calls))["score"] == 7


def test_lists_go_on_with_each_answer(play: Play) -> None:
    server = play(SCENARIO)
    assert [words(server, "Task: review") for _ in range(4)] == ["one", "two", "three", "one"]
    assert words(server, "Task: review again") == "one"
    assert [words(server, f"Task: in turn {n}") for n in range(3)] == ["first", "second", "no more"]
    assert len(repeated(server.calls)) == 1


def test_a_prompt_that_begins_as_an_earlier_one_is_cached(play: Play) -> None:
    server = play(SCENARIO)
    code = "x = 1\n" * 2000
    assert ask(server, f"{code}\nHello").usage.prompt_tokens_details.cached_tokens == 0
    usage = ask(server, f"{code}\nGood bye").usage
    assert 0.9 * usage.prompt_tokens < usage.prompt_tokens_details.cached_tokens < usage.prompt_tokens
    assert ask(server, f"other\n{code}").usage.prompt_tokens_details.cached_tokens == 0


def test_models_are_listed(play: Play) -> None:
    assert [model.id for model in client(play(SCENARIO)).models.list()] == ["scripted"]


# --------------------------------------------------------------------------------------------------- misbehaviour


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", openai.RateLimitError),
        ("429_retry_after", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("hang", openai.APIConnectionError),
        ("cut", openai.APIConnectionError),
        ("bad_body", (json.JSONDecodeError, openai.APIError)),
        ("wrong_key", openai.AuthenticationError),
        ("unknown_model", openai.NotFoundError),
        ("too_long", openai.BadRequestError),
        ("no_temperature", openai.BadRequestError),
        ("no_system", openai.BadRequestError),
        ("no_tools", openai.BadRequestError),
        ("no_json_schema", openai.BadRequestError),
    ],
)
def test_faults_that_the_client_reports(play: Play, kind: str, error: type[Exception]) -> None:
    server = play(SCENARIO, every=1, kinds=[kind], hang=0.2)
    options: dict[str, Any] = {"tools": [TOOL]} if kind == "no_tools" else {}
    options |= {"response_format": SCHEMA} if kind == "no_json_schema" else {}
    with pytest.raises(error):
        ask(server, "Hello", temperature=0.5, **options)
    assert [call.fault for call in server.calls] == [kind]
    assert not server.calls[0].good


def test_refusals_say_why_as_openai_does(play: Play) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(play(SCENARIO, temperature=False), "Hello", temperature=0.5)
    assert caught.value.param == "temperature"
    with pytest.raises(openai.BadRequestError) as caught:
        ask(play(SCENARIO, context=50), "Hello " * 100)
    assert caught.value.code == "context_length_exceeded"
    with pytest.raises(openai.RateLimitError) as limited:
        ask(play(SCENARIO, every=1, kinds=["429_retry_after"]), "Hello")
    assert limited.value.response.headers["retry-after"]


def test_what_the_server_lacks_is_refused_and_the_rest_answered(play: Play) -> None:
    server = play(SCENARIO, tools=False, json_schema=False, temperature=False, system=False, key="sk-right")
    with pytest.raises(openai.AuthenticationError):
        ask(server, "Hello", "sk-wrong")
    turns = [{"role": "user", "content": "Hello"}]
    plain = client(server, "sk-right").chat.completions.create(model="m", messages=turns)  # type: ignore[arg-type]
    assert plain.choices[0].message.content.startswith("a text")
    for refused in ({"tools": [TOOL]}, {"response_format": SCHEMA}, {"temperature": 0.1}):
        with pytest.raises(openai.BadRequestError):
            client(server, "sk-right").chat.completions.create(model="m", messages=turns, **refused)  # type: ignore[call-overload]


def test_spoilt_answers(play: Play) -> None:
    empty, truncated, bad, wrong, html, wrong_body = (
        play(SCENARIO, every=1, kinds=[kind])
        for kind in ("empty", "truncated", "bad_json", "wrong_schema", "html", "wrong_schema")
    )
    assert words(empty, "Hello") == ""
    cut = ask(truncated, "Hello").choices[0]
    assert (cut.finish_reason, cut.message.content) == ("length", "a text of some length, so tha")
    with pytest.raises(json.JSONDecodeError):
        json.loads(words(bad, "Task: judge adam", response_format=SCHEMA))
    assert "verdict" not in json.loads(words(wrong, "Task: judge adam", response_format=SCHEMA))
    answer = httpx.post(f"{html.url}/chat/completions", json={"model": "m", "messages": []})
    assert answer.headers["content-type"] == "text/html"
    assert ask(wrong_body, "Hello").choices is None
    assert not any(call.good for server in (empty, truncated, bad, wrong, html, wrong_body) for call in server.calls)


def test_faults_come_in_turn_and_a_spoilt_answer_does_not_use_up_the_list(play: Play) -> None:
    server = play(SCENARIO, every=2, kinds=["500", "empty"])
    said = []
    for number in range(6):
        try:
            said.append(words(server, f"Task: in turn {number}"))
        except openai.InternalServerError:
            said.append("500")
    assert said == ["first", "500", "second", "", "no more", "500"]


def test_a_share_of_calls_goes_wrong_and_the_seed_says_which(play: Play) -> None:
    def faulty(seed: int) -> list[bool]:
        server = play(SCENARIO, share=0.2, seed=seed, kinds=["empty"])
        return [words(server, "Hello") == "" for _ in range(60)]

    assert faulty(1) == faulty(1) != faulty(2)
    assert 3 <= sum(faulty(1)) <= 24


def test_a_stream_that_is_cut_has_no_end(play: Play) -> None:
    server = play(SCENARIO, every=1, kinds=["cut"])
    with pytest.raises((openai.APIError, httpx.HTTPError)):
        list(ask(server, "Hello", stream=True))


def test_a_rule_may_misbehave_by_itself(play: Play) -> None:
    rules = [{"match": "now", "times": 1, "fault": "500", "reply": ""}, {"reply": "fine"}]
    server = play({"rule": rules})
    with pytest.raises(openai.InternalServerError):
        ask(server, "now")
    assert words(server, "later") == "fine"


# ------------------------------------------------------------------------------------------------ other protocols


def test_the_client_of_anthropic_is_served(play: Play) -> None:
    server = play(SCENARIO)
    client = anthropic.Anthropic(base_url=server.root, api_key="sk-ant", max_retries=0)
    turn: Any = {"max_tokens": 100, "model": "m", "system": "Be brief."}
    tool: Any = {"name": "answer", "input_schema": FORM}
    hello: Any = [{"role": "user", "content": "Hello"}]
    judge: Any = [{"role": "user", "content": [{"type": "text", "text": "Task: judge adam"}]}]
    plain = client.messages.create(messages=hello, **turn)
    assert plain.content[0].text.startswith("a text")
    assert plain.usage.output_tokens > 5
    called = client.messages.create(messages=judge, tools=[tool], tool_choice={"type": "any"}, **turn)
    assert called.content[0].input["score"] == 7
    assert called.stop_reason == "tool_use"
    with client.messages.stream(messages=hello, **turn) as stream:
        assert "".join(stream.text_stream) == plain.content[0].text
    with client.messages.stream(messages=judge, tools=[tool], tool_choice={"type": "any"}, **turn) as stream:
        assert stream.get_final_message().content[0].input["score"] == 7
    assert client.messages.count_tokens(messages=hello, model="m").input_tokens > 0
    failing = play(SCENARIO, every=1, kinds=["429"])
    with pytest.raises(anthropic.RateLimitError):
        anthropic.Anthropic(base_url=failing.root, api_key="k", max_retries=0).messages.create(messages=hello, **turn)


def test_the_responses_of_openai_are_served(play: Play) -> None:
    server = play(SCENARIO)
    tool: Any = {"type": "function", "name": "answer", "parameters": FORM, "strict": False}
    responses = client(server).responses
    plain = responses.create(model="m", instructions="Be brief.", input="Hello")
    assert plain.output_text.startswith("a text")
    called = responses.create(model="m", input="Task: judge adam", tools=[tool], tool_choice="required")
    assert json.loads(called.output[0].arguments)["score"] == 7  # type: ignore[union-attr]
    with responses.stream(model="m", input="Hello") as stream:
        assert "".join(e.delta for e in stream if e.type == "response.output_text.delta") == plain.output_text
        assert stream.get_final_response().usage.output_tokens > 5  # type: ignore[union-attr]
    with responses.stream(model="m", input="Task: judge adam", tools=[tool], tool_choice="required") as stream:
        assert json.loads(stream.get_final_response().output[0].arguments)["score"] == 7  # type: ignore[union-attr]


# -------------------------------------------------------------------------------------------------- files, by hand


def test_scenarios_are_read_from_toml_and_json(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
    (tmp_path / "s.toml").write_text("[[rule]]\ntask = 'x'\nreply = 'y'\n", encoding="utf-8")
    assert len(load_scenario(tmp_path / "s.json").rules) == 5
    assert load_scenario(tmp_path / "s.toml").rules[0].reply == "y"
    with pytest.raises(ValueError, match="colour"):
        load_scenario({"rule": [{"reply": "x", "colour": "blue"}]})
    with pytest.raises(ValueError, match="nowhere"), serve(SCENARIO, nowhere=1):
        pass
    with pytest.raises(ValueError, match="no such fault"), serve(SCENARIO, kinds=["earthquake"]):
        pass
    assert set(IN_TURN) >= {"429", "500", "hang", "cut", "empty", "truncated"}


def test_it_can_be_served_by_hand(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
    command = [sys.executable, "-m", "tests.scripted", "--scenario", str(tmp_path / "s.json")]
    command += ["--log", str(tmp_path / "log.jsonl")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            body = {"model": "m", "messages": [{"role": "user", "content": "Task: review"}]}
            answer = httpx.post(f"{url}/chat/completions", json=body, timeout=10).json()
        finally:
            process.terminate()
    assert answer["choices"][0]["message"]["content"] == "one"
    assert len(load_calls(tmp_path / "log.jsonl")) == 1
