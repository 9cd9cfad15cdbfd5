"""Models over real HTTP: what is asked, what goes wrong at the server, what a server refuses."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from hakase.costs import Cost, costs_by_stage, total_cost
from hakase.errors import ModelError, ScientistError
from hakase.journal import FALLBACK, MODEL_CALL, Journal
from hakase.models import Question, Turn
from hakase.models.sending import UNSEEN
from hakase.prompts import data
from hakase.settings import RoleModels
from tests.model_desk import (
    SECRET,
    Desk,
    Verdict,
    question,
    without_keys,  # noqa: F401 used by every test
)
from tests.model_server_small import Heard, Say, SmallServer, closed_port

# ------------------------------------------------------------------------------------------------------ plain asking


def test_an_answer_in_words_with_its_tokens_and_price(tmp_path: Path) -> None:
    prices = {"small": {"input": 2, "output": 10, "cached": 1}}
    with SmallServer(Say("<think>hm</think>\nIt works.", prompt=1000, cached=400, completion=100)) as server:
        desk = Desk(tmp_path, server.url, prices=prices)
        assert desk.models.text(question()) == "It works."
    assert server.heard[0].path == "/v1/chat/completions"
    assert [message["role"] for message in server.heard[0].messages] == ["system", "user"]
    assert "n" not in server.heard[0].body
    (call,) = desk.calls
    assert (call["prompt"], call["cached"], call["completion"], call["problem"]) == (1000, 400, 100, "")
    assert call["usd"] == pytest.approx((600 * 2 + 400 * 1 + 100 * 10) / 1e6)
    assert total_cost(costs_by_stage(desk.journal)).calls == 1
    assert desk.models.name("writing") == "small"


def test_what_has_no_known_price_is_said() -> None:
    known, unknown = Cost(calls=3, usd=0.5), Cost(calls=1, unpriced=1)
    assert known.money == "$0.50"
    assert known.plus(unknown).money == "$0.50 + 1 call without a known price"
    assert Cost(calls=4).plus(unknown).plus(unknown).money == "price unknown (2 calls)", "four were free"


def test_the_same_question_is_paid_once_and_another_sample_again(tmp_path: Path) -> None:
    with SmallServer("One.", "Two.") as server:
        desk = Desk(tmp_path, server.url)
        assert [desk.models.text(question()) for _ in range(3)] == ["One."] * 3
        again = Desk(tmp_path, server.url)
        assert again.models.text(question()) == "One."
        assert server.calls == 1
        assert desk.models.text(question(sample=1)) == "Two."
        desk.journal.add("asked_afresh")
        desk.models.text(question())
        assert server.calls == 3


def test_the_same_question_in_two_threads_is_paid_once(tmp_path: Path) -> None:
    with SmallServer(Say("One.", delay=0.3)) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.at_once([lambda: desk.models.text(question())] * 4) == ["One."] * 4
        assert server.calls == 1


def test_an_ensemble_is_asked_at_once_and_in_order(tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=30)

    def answer(heard: Heard, _number: int) -> Say:
        together.wait()  # breaks unless three requests are under way at the same time
        return Say(heard.last)

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url)
        asks = [lambda n=n: desk.models.text(question(f"review/{n}", f"number {n}")) for n in range(3)]
        assert desk.models.at_once(asks) == ["number 0", "number 1", "number 2"]


def test_each_role_has_its_model(tmp_path: Path) -> None:
    with SmallServer("Yes.") as server:
        desk = Desk(tmp_path, server.url, models=RoleModels(review="critic"))
        desk.models.text(question(role="review"))
        desk.models.text(question(role="ideas"))
    assert [heard.body["model"] for heard in server.heard] == ["critic", "small"]


def test_another_study_has_its_own_journal(tmp_path: Path) -> None:
    with SmallServer("Yes.") as server:
        desk = Desk(tmp_path / "a", server.url)
        other = Journal(tmp_path / "b.db")
        desk.models.writing_to(other, lambda _: None).text(question())
    assert not desk.calls
    assert len(list(other.events(MODEL_CALL))) == 1


def test_waiting_gives_signs_of_life(tmp_path: Path) -> None:
    with SmallServer(Say("Late.", delay=1.5)) as server:
        desk = Desk(tmp_path, server.url)
        desk.models.text(question())
    assert any(told.detail == "asking small: paper/section/results" and told.stage == "paper" for told in desk.told)


def test_an_interrupt_ends_the_waiting(tmp_path: Path) -> None:
    def answer(_heard: Heard, number: int) -> Say:
        if number == 1:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return Say(delay=30)

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url, model_timeout=60.0)
        asks = [lambda n=n: desk.models.text(question(f"review/{n}", sample=n)) for n in range(2)]
        with pytest.raises(KeyboardInterrupt):
            desk.models.at_once(asks)
    assert not desk.calls


def test_after_an_interrupt_nothing_new_is_asked(tmp_path: Path) -> None:
    def answer(_heard: Heard, number: int) -> Say:
        if number == 0:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return Say("Late.", delay=30 if number == 0 else 0)

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url, model_timeout=60.0)
        with pytest.raises(KeyboardInterrupt):
            desk.models.at_once([lambda: desk.models.text(question())] * 2)  # the second waits for the first
        assert server.calls == 1


def test_a_fallback_is_written_down(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "http://127.0.0.1:1/v1")
    desk.models.note_fallback("paper", "the section results", "no answer")
    (event,) = desk.journal.events(FALLBACK)
    assert event.data == {"what": "the section results", "why": "no answer"}


# ------------------------------------------------------------------------------------------------- a server in trouble


@pytest.mark.parametrize(
    "trouble",
    [
        Say(status=429, error="slow down", headers={"retry-after": "1"}),
        Say(status=429, error="slow down"),
        Say(status=500),
        Say(status=503, raw=b"<html>busy</html>", kind="text/html"),
        Say(cut=True),
        Say(raw=b'{"id": '),
        Say(raw=b"<html><body>Sign in</body></html>", kind="text/html"),
        Say(raw=b'{"surprise": 1}'),
    ],
    ids=["429-after", "429", "500", "503", "cut", "half-json", "html", "other-json"],
)
def test_trouble_is_waited_out_and_recorded(tmp_path: Path, trouble: Say) -> None:
    with SmallServer(trouble, Say("Better.")) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.text(question()) == "Better."
        assert server.calls == 2
    first, second = desk.calls
    assert first["problem"]
    assert not second["problem"]
    if trouble.status == 429:
        assert any("small refuses (429), asking again in" in told.detail for told in desk.told)


def test_a_server_that_hangs_is_asked_again(tmp_path: Path) -> None:
    with SmallServer(Say(delay=3), Say("Better.")) as server:
        desk = Desk(tmp_path, server.url, model_timeout=1.0)
        assert desk.models.text(question()) == "Better."
    assert "no reply" in desk.calls[0]["problem"]


def test_patience_ends(tmp_path: Path) -> None:
    with SmallServer(Say(status=503)) as server:
        desk = Desk(tmp_path, server.url, model_patience=1.0)
        with pytest.raises(ModelError, match="gave no reply for 1 s") as caught:
            desk.models.text(question())
        assert "model_patience" in (caught.value.fix or "")
        assert server.calls == 2


def test_a_wait_longer_than_patience_is_not_begun(tmp_path: Path) -> None:
    with SmallServer(Say(status=429, headers={"retry-after": "3600"})) as server:
        desk = Desk(tmp_path, server.url)
        with pytest.raises(ModelError, match="429"):
            desk.models.text(question())
        assert server.calls == 1


def test_nobody_listens(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{closed_port()}/v1"
    desk = Desk(tmp_path, address, model_patience=1.0)
    with pytest.raises(ModelError, match="nobody answers at") as caught:
        desk.models.text(question())
    assert caught.value.key == "base_url"
    assert not desk.calls, "no server was reached"


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (Say(status=401, error=f"Incorrect API key provided: {SECRET}"), "refuses the key"),
        (Say(status=403, error="no access"), "refuses the key"),
        (Say(status=404, error="The model does not exist"), "knows no model 'small'"),
        (Say(status=429, error="You exceeded your current quota", code="insufficient_quota"), "no credit left"),
    ],
    ids=["401", "403", "404", "quota"],
)
def test_what_waiting_cannot_mend_is_said_at_once(
    tmp_path: Path, say: Say, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAKASE_API_KEY", SECRET)
    with SmallServer(say) as server:
        desk = Desk(tmp_path, server.url)
        with pytest.raises(ModelError, match=words) as caught:
            desk.models.text(question())
        assert server.calls == 1
        assert caught.value.fix
        assert SECRET not in str(caught.value)
        with pytest.raises(ModelError):
            desk.models.text(question("paper/title"))
        assert server.calls == (2 if "credit" in words else 1), "a wrong key is tried once"
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_key_of_any_form_that_a_server_repeats_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "pass.word+of/the=house"
    monkeypatch.setenv("HAKASE_API_KEY", key)
    with SmallServer(Say(status=500, error=f"backend refused Bearer {key}"), Say("Yes.")) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.text(question()) == "Yes."
    assert desk.calls[0]["problem"] == "500: backend refused Bearer [key]"
    assert all(key.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAKASE_API_KEY", SECRET)
    with SmallServer("Yes.") as server:
        Desk(tmp_path, server.url).models.text(question())
    assert server.heard[0].headers["authorization"] == f"Bearer {SECRET}"
    assert all(SECRET.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


# -------------------------------------------------------------------------------------------------- a server's quirks


def test_temperature_is_left_out_once_refused(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if "temperature" in heard.body:
            return Say(status=400, error="Unsupported value: 'temperature' does not support 0.7 with this model.")
        return Say("Yes.")

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.text(question()) == "Yes."
        assert desk.models.text(question("paper/title", "Task: name it")) == "Yes."
        assert server.calls == 3, "remembered"


def test_a_system_text_goes_to_the_user_where_it_is_refused(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if any(message["role"] in ("system", "developer") for message in heard.messages):
            return Say(status=400, error="System role not supported")
        return Say("Yes.")

    with SmallServer(by=answer) as server:
        assert Desk(tmp_path, server.url).models.text(question()) == "Yes."
    assert server.heard[-1].last == "You are brief.\n\nTask: say something"


def test_a_form_goes_from_schema_to_tool_to_words(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if "response_format" in heard.body:
            return Say(status=400, error="response_format json_schema is not supported")
        if "tools" in heard.body:
            return Say(status=500, error="tools param requires --jinja flag")
        return Say('Sure!\n```json\n{"decision": "novel", "score": "7",}\n```')

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.form(question(), Verdict) == Verdict(decision="novel", score=7)
        assert '"decision" (text): novel or not_novel' in server.heard[-1].last
        desk.models.form(question("novelty/1", "Task: judge it"), Verdict)
        assert server.calls == 4


def test_a_form_by_schema_and_by_tool(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if "response_format" in heard.body:
            return Say(status=422, error="unknown field")
        return Say(tool={"decision": "novel"})

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.form(question(), Verdict).decision == "novel"
    assert server.heard[0].body["response_format"]["json_schema"]["schema"]["properties"].keys() >= {"decision"}
    assert server.heard[1].body["tools"][0]["function"]["name"] == "fill_in"


def test_a_refusal_that_names_nothing_blames_one_part_after_the_other(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        return Say(status=400, error="bad request") if "temperature" in heard.body else Say('{"decision": "novel"}')

    with SmallServer(by=answer) as server:
        assert Desk(tmp_path, server.url).models.form(question(), Verdict).decision == "novel"
        assert server.calls == 4, "schema, tools, temperature are left out in turn"


def test_a_server_that_refuses_everything_is_said(tmp_path: Path) -> None:
    with SmallServer(Say(status=400, error="bad request")) as server:
        with pytest.raises(ModelError, match="refuses the request"):
            Desk(tmp_path, server.url).models.text(question())
        assert server.calls == 3, "as it is, without temperature, without system"


def test_pictures_are_left_out_for_a_server_that_refuses_them(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "figure.png"
    Image.new("RGB", (4, 4)).save(picture)

    def answer(heard: Heard, _number: int) -> Say:
        if isinstance(heard.messages[-1]["content"], list):
            return Say(status=400, error="this model cannot read an image_url")
        return Say("A line.")

    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path / "study", server.url, model="some-vl-model")
        assert desk.models.reads_pictures("writing")
        asked = Question("figures/look", "writing", "", (Turn("Look.", pictures=(picture,)),))
        assert desk.models.text(asked) == "A line."
        assert desk.models.reads_pictures("writing"), "a resumed study asks the same question"
    assert server.heard[-1].last == f"{UNSEEN}\n\nLook."
    assert not Desk(tmp_path / "other", server.url).models.reads_pictures("writing")


def test_a_question_that_is_too_long_is_trimmed(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        if len(heard.last) > 6000:
            return Say(status=400, error="This model's maximum context length is 2048 tokens")
        return Say("Read.")

    text = f"Before.\n{data('begin ' + 'x' * 20_000 + ' end')}\nTask: sum it up"
    with SmallServer(by=answer) as server:
        assert Desk(tmp_path, server.url).models.text(question(text=text)) == "Read."
    last = server.heard[-1].last
    assert last.startswith("Before.")
    assert last.endswith("Task: sum it up")
    assert "characters left out" in last
    assert "begin" in last
    assert "end" in last


def test_a_question_that_stays_too_long_is_given_up(tmp_path: Path) -> None:
    with SmallServer(Say(status=400, error="prompt is too long", code="context_length_exceeded")) as server:
        with pytest.raises(ScientistError, match="too long"):
            Desk(tmp_path, server.url).models.text(question(text="word " * 200_000))
        assert server.calls == 7


def test_half_characters_in_a_reply_are_replaced_at_the_door(tmp_path: Path) -> None:
    body = json.dumps(
        {
            "id": "1", "object": "chat.completion", "created": 1, "model": "small",
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a \ud800 b"}}
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    )  # fmt: skip
    with SmallServer(Say(raw=body.encode())) as server:
        assert Desk(tmp_path, server.url).models.text(question()) == "a ? b"
