"""Models over real HTTP: what is asked, what goes wrong, what is kept, what it costs."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from hakase.budget import Budget
from hakase.costs import costs_by_stage, total_cost
from hakase.errors import BudgetSpent, ConfigError, HakaseError, ModelError, ScientistError
from hakase.journal import FALLBACK, MODEL_CALL, Journal
from hakase.models import Models, Question, Turn, Usage
from hakase.models.estimating import estimate
from hakase.models.names import missing_key, require_keys, resolve
from hakase.models.parsing import Unreadable, read_form, shape_of
from hakase.models.prices import price_of, require_prices
from hakase.models.probing import probe
from hakase.models.providers import ALIASES, KEYS
from hakase.models.trimming import trim
from hakase.progress import Progress
from hakase.prompts import DATA_BEGIN, DATA_END, data
from hakase.settings import Price, RoleModels, Settings
from hakase.spending import Spending
from tests.model_server_small import Heard, Say, SmallServer, closed_port

SECRET = "sk-very-secret-0123456789"
QUICK = {"model_timeout": 20.0, "model_patience": 20.0}


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variables in KEYS.values():
        for variable in variables:
            monkeypatch.delenv(variable, raising=False)
    for name in ("OPENAI_BASE_URL", "OLLAMA_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


class Verdict(BaseModel):
    """A small form."""

    decision: str = Field(description="novel or not_novel")
    score: int = 5
    reasons: list[str] = Field(default_factory=list)


class Desk:
    """Models at a small server, with a journal of their own."""

    def __init__(self, folder: Path, url: str, budget: Budget | None = None, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(folder / "journal.db")
        self.told: list[Progress] = []
        self.settings = Settings.model_validate({"model": "small", "base_url": url, **QUICK, **settings})
        self.models = Models(self.settings, budget or Budget(), self.journal, self.told.append)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [event.data for event in self.journal.events(MODEL_CALL)]


def question(slot: str = "paper/section/results", text: str = "Task: say something", **more: Any) -> Question:
    return Question(slot, more.pop("role", "writing"), more.pop("system", "You are brief."), (Turn(text),), **more)


def reply_by(*answers: Say) -> Callable[[Heard, int], Say]:
    return lambda _heard, number: answers[min(number, len(answers) - 1)]


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
        assert "resume" in (caught.value.fix or "")
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
        assert not desk.models.reads_pictures("writing")
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


# -------------------------------------------------------------------------------------------- answers of no use


def test_an_empty_and_a_cut_answer_are_asked_again(tmp_path: Path) -> None:
    with SmallServer(Say(""), Say("Half of", finish="length"), Say("Whole.")) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.text(question()) == "Whole."
    assert [call["problem"] for call in desk.calls][2] == ""
    assert "empty" in server.heard[1].last
    assert "cut off" in server.heard[2].last
    roles = [message["role"] for message in server.heard[2].messages]
    assert roles == ["system", "user", "assistant", "user"], "speakers alternate, and the user is last"
    assert all(call["prompt"] == 100 for call in desk.calls)


def test_a_wrong_form_is_asked_again_with_the_error_quoted(tmp_path: Path) -> None:
    wrong = [Say('{"decision": "novel", "score": "very"}'), Say("I would love to help!"), Say('{"verdict": 1}')]
    with SmallServer(*wrong, Say('{"decision": "novel"}')) as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.form(question(text="Task: judge it"), Verdict).decision == "novel"
    asked = [heard.last for heard in server.heard]
    assert "score: Input should be a valid integer" in asked[1]
    assert 'no JSON object was found. Expected one JSON object with the keys "decision", "score"' in asked[2]
    assert "decision: Field required" in asked[3]
    assert all("Task: judge it" in text for text in asked)
    assert [bool(call["problem"]) for call in desk.calls] == [True, True, True, False]


def test_no_usable_answer_in_four_tries(tmp_path: Path) -> None:
    with SmallServer("こんにちは 🙂") as server:
        desk = Desk(tmp_path, server.url)
        with pytest.raises(ScientistError, match="no usable answer to paper/section/results in 4 tries"):
            desk.models.form(question(), Verdict)
        assert server.calls == 4
        with pytest.raises(ScientistError):
            Desk(tmp_path, server.url).models.form(question(), Verdict)
        assert server.calls == 4, "what was paid is not asked again"


def test_a_check_says_what_is_wrong(tmp_path: Path) -> None:
    with SmallServer("bad", "good") as server:
        desk = Desk(tmp_path, server.url)
        assert desk.models.text(question(), lambda text: "" if text == "good" else "say good") == "good"
    assert "say good" in server.heard[1].last
    assert desk.calls[0]["problem"] == "say good"


def test_a_filtered_answer_is_asked_again(tmp_path: Path) -> None:
    filtered = Say(status=400, error="blocked by content management policy", code="content_filter")
    with SmallServer(filtered, Say("", finish="content_filter"), Say("Fine.")) as server:
        assert Desk(tmp_path, server.url).models.text(question()) == "Fine."
    assert "filter" in server.heard[1].last


def test_a_very_long_answer_is_quoted_in_part(tmp_path: Path) -> None:
    with SmallServer("line\n" * 100_000, '{"decision": "novel"}') as server:
        assert Desk(tmp_path, server.url).models.form(question(), Verdict).decision == "novel"
    assert len(json.dumps(server.heard[1].body)) < 20_000


def test_a_check_that_breaks_loses_no_reply(tmp_path: Path) -> None:
    def broken(_: str) -> str:
        raise ZeroDivisionError

    with SmallServer("Paid.") as server:
        desk = Desk(tmp_path, server.url)
        with pytest.raises(ZeroDivisionError):
            desk.models.text(question(), broken)
        assert desk.models.text(question()) == "Paid."
        assert server.calls == 1


# -------------------------------------------------------------------------------------------------------- tolerance


@pytest.mark.parametrize(
    "text",
    [
        '{"decision": "novel", "score": 7}',
        'Here you are:\n```json\n{"decision": "novel", "score": "7"}\n```\nAnything else?',
        '<think>{"decision": "no"}</think>{"decision": "novel", "score": 7}',
        "{'decision': 'novel', 'score': 7,}",
        '{"Decision": "novel", "Score": 7, "extra": true}',
        '{"verdict": {"decision": "novel", "score": 7}}',
        'My verdict is {"decision": "novel", "score": 7} and I am sure of {it}.',
        '{"decision": "novel", "score": 7',
    ],
)
def test_forms_are_read_from_what_models_write(text: str) -> None:
    assert read_form(text, Verdict) == Verdict(decision="novel", score=7)


def test_a_bare_list_fills_the_one_list_field() -> None:
    class Queries(BaseModel):
        queries: list[str] = []
        done: bool = False

    assert read_form('["a", "b"]', Queries).queries == ["a", "b"]
    with pytest.raises(Unreadable, match=r'"queries", "done"'):
        read_form("I am only here to chat.", Queries)


def test_the_fields_in_words_name_types_and_choices() -> None:
    from typing import Literal

    class Item(BaseModel):
        key: str

    class Big(BaseModel):
        kind: Literal["a", "b"]
        items: list[Item]
        note: str | None = None

    words = shape_of(Big).fields
    assert '- "kind" (one of "a", "b")' in words
    assert '- "items" (list of object)\n  - "key" (text)' in words
    assert '- "note" (text or null, may be left out)' in words


def test_trimming_takes_the_longest_block_first() -> None:
    long, short = "a" * 5000, "b" * 1000
    turns = (Turn(f"x {data(long)} y {data(short)} z"),)
    (cut,) = trim(turns) or ()
    assert short in cut.text
    assert len(cut.text) < 4500
    assert cut.text.count(DATA_BEGIN) == cut.text.count(DATA_END) == 2
    assert trim((Turn("short"),)) is None


# ----------------------------------------------------------------------------------------------------------- budget


def limited(folder: Path, **limits: Any) -> Budget:
    return Budget(spending=Spending(folder / "spending.db"), account="a", **limits)


def test_the_budget_stops_before_the_call(tmp_path: Path) -> None:
    with SmallServer("Yes.") as server:
        desk = Desk(tmp_path, server.url, limited(tmp_path, max_tokens=1000))
        with pytest.raises(BudgetSpent, match="1,000 tokens"):
            desk.models.text(question())
        assert server.calls == 0


def test_the_budget_counts_what_calls_really_cost(tmp_path: Path) -> None:
    prices = {"small": Price(input=10, output=20)}
    budget = limited(tmp_path, max_usd=1.0)
    with SmallServer(Say(status=500), Say("", prompt=1000, completion=0), Say("Yes.", prompt=1000, completion=50)) as s:
        Desk(tmp_path, s.url, budget, prices=prices).models.text(question())
    assert budget.spent.usd == pytest.approx(0.021)
    assert budget.spent.tokens == 2050


def test_parallel_calls_cannot_pass_the_limit(tmp_path: Path) -> None:
    def answer(heard: Heard, _number: int) -> Say:
        assert heard.body["max_completion_tokens" if "max_completion_tokens" in heard.body else "max_tokens"] == 3000
        return Say("Yes.", prompt=100, completion=2900, delay=0.5)

    budget = limited(tmp_path, max_tokens=10_000)
    with SmallServer(by=answer) as server:
        desk = Desk(tmp_path, server.url, budget)
        asks = [lambda n=n: desk.models.text(question(f"review/{n}", sample=n)) for n in range(6)]
        with pytest.raises(BudgetSpent):
            desk.models.at_once(asks)
        assert server.calls == 3
    assert budget.spent.tokens == 9000


def test_no_time_left(tmp_path: Path) -> None:
    with SmallServer("Yes.") as server:
        with pytest.raises(BudgetSpent, match="time limit"):
            Desk(tmp_path, server.url, Budget.of_hours(0)).models.text(question())
        assert server.calls == 0


def test_a_limit_in_dollars_needs_a_price() -> None:
    unknown = Settings(model="mystery", base_url="http://localhost:1/v1", max_usd=1)
    with pytest.raises(ConfigError) as caught:
        require_prices(unknown)
    assert caught.value.key == 'prices."mystery"'
    assert "--max-tokens" in (caught.value.fix or "")
    require_prices(unknown.model_copy(update={"prices": {"mystery": Price(input=0, output=0)}}))
    require_prices(Settings(model="anthropic:claude-sonnet-4-5", max_usd=1))
    require_prices(Settings(max_usd=1))


def test_prices_of_the_list_count_cached_tokens_for_less() -> None:
    settings = Settings()
    resolved = resolve("gpt-4o-2024-08-06", settings)
    dear, cheap = (price_of(resolved, Usage(10_000, cached, 0), settings) for cached in (0, 8000))
    assert dear == pytest.approx(0.025)
    assert cheap == pytest.approx(0.015)
    assert price_of(resolve("openai:no-such-model", settings), Usage(1, 0, 1), settings) is None
    own = Settings(prices={"openai:no-such-model": Price(input=1, output=1)})
    assert price_of(resolve("openai:no-such-model", own), Usage(10**6, 0, 0), own) == 1.0


def test_an_estimate_before_the_start() -> None:
    guess = estimate(Settings(model="openai:gpt-4o"), code_characters=10_000, studies=2)
    assert guess.calls > 20
    assert guess.usd is not None
    assert guess.usd > 0
    assert guess.prompt_tokens == sum(row.prompt_tokens for row in guess.by_stage)
    assert estimate(Settings(), 10_000).calls == 0
    assert estimate(Settings(model="x", base_url="http://localhost:1"), 10_000).usd is None


# ------------------------------------------------------------------------------------------------------------ replay


def record(folder: Path) -> tuple[str, Path]:
    """A study with four replies; the address it was asked at."""
    study = folder / "20250101_000000_my_idea"
    with SmallServer("First.", "Second.", '{"decision": "novel"}') as server:
        desk = Desk(study, server.url)
        desk.models.text(question())
        desk.models.text(question("paper/title", "Task: name it"))
        desk.models.form(question("novelty/1"), Verdict)
        return server.url, study


def test_a_replay_asks_nobody_and_costs_nothing(tmp_path: Path) -> None:
    url, study = record(tmp_path / "results")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in study.iterdir()}
    desk = Desk(tmp_path / "new", url, limited(tmp_path, max_usd=0.001), replay=str(tmp_path / "results"))
    assert desk.models.text(question()) == "First."
    assert desk.models.text(question("paper/title", "Task: name it in other words")) == "Second.", "by its slot"
    assert desk.models.form(question("novelty/1"), Verdict).decision == "novel"
    with pytest.raises(ModelError, match=r"no reply for paper/title \(asking 2, 1 kept\)"):
        desk.models.text(question("paper/title", "Task: something else"))
    assert [(call["usd"], call["replayed"]) for call in desk.calls] == [(0.0, True)] * 3
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in study.iterdir()} == before


def test_a_replay_needs_no_key(tmp_path: Path) -> None:
    _, study = record(tmp_path / "results")
    settings = Settings(model="anthropic:claude-sonnet-4-5", replay=str(study))
    require_keys(settings)
    models = Models(settings, Budget(), Journal(tmp_path / "journal.db"))
    assert models.text(question()) == "First."


def test_a_replay_of_a_study_that_was_killed_reads_its_log(tmp_path: Path) -> None:
    _, study = record(tmp_path / "results")
    with sqlite3.connect(study / "journal.db") as open_connection:
        open_connection.execute("PRAGMA wal_autocheckpoint = 0")
        open_connection.execute("UPDATE replies SET reply = replace(reply, 'First', 'Last')")
        open_connection.commit()
        assert (study / "journal.db-wal").stat().st_size > 0
        desk = Desk(tmp_path / "new", "http://127.0.0.1:1/v1", replay=str(study))
        assert desk.models.text(question()) == "Last."


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_replay_of_nothing_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError) as caught:
        Desk(tmp_path / "new", "http://127.0.0.1:1/v1", replay=str(tmp_path / name))
    assert caught.value.key == "replay"


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


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("x", Settings(base_url="localhost:8000"))
    assert caught.value.key == "base_url"


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
