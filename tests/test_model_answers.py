"""Answers of models: read tolerantly, asked again, kept, replayed, and paid within a budget."""

from __future__ import annotations

import json
import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from hakase.budget import Budget
from hakase.errors import BudgetSpent, ConfigError, ModelError, ScientistError, StudyError
from hakase.journal import Journal
from hakase.models import Models, Turn, Usage
from hakase.models.endpoint import Arrived, Endpoint
from hakase.models.estimating import estimate
from hakase.models.names import require_keys, resolve
from hakase.models.parsing import Unreadable, read_form, shape_of, without_thoughts
from hakase.models.prices import price_of, require_prices
from hakase.models.sending import Sending
from hakase.models.trimming import trim
from hakase.prompts import DATA_BEGIN, DATA_END, data
from hakase.settings import Price, Settings
from hakase.spending import Spending
from tests.model_desk import (
    Desk,
    Verdict,
    question,
    without_keys,  # noqa: F401 used by every test
)
from tests.model_server_small import Heard, Say, SmallServer

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


def test_a_reply_that_comes_as_the_second_ends_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = Arrived("Paid.", "small", Usage(), "stop")

    class JustNow(Future[Arrived]):
        """Done between the end of the waiting and the look at it."""

        def result(self, timeout: float | None = None) -> Arrived:
            if not self.done():
                self.set_result(arrived)
                raise TimeoutError
            return super().result(timeout)

    model = object()
    monkeypatch.setattr("hakase.models.endpoint.build", lambda _: model)
    monkeypatch.setattr("asyncio.run_coroutine_threadsafe", lambda coroutine, _: (coroutine.close(), JustNow())[1])
    endpoint = Endpoint(resolve("small", Settings(base_url="http://127.0.0.1:1/v1")))
    assert endpoint.send(Sending("", (Turn("Hello?"),), None), lambda: None, threading.Event()) == arrived


def test_a_journal_that_breaks_is_said(tmp_path: Path) -> None:
    def answer(_heard: Heard, _number: int) -> Say:
        for file in tmp_path.glob("journal.db*"):
            file.write_bytes(b"no database " * 1000)
        return Say("Paid.")

    with SmallServer(by=answer) as server, pytest.raises(StudyError, match="the journal cannot be used"):
        Desk(tmp_path, server.url).models.text(question())


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
        '<think>So it is {"decision": "novel", "score": 7}',
        "{'decision': 'novel', 'score': 7,}",
        '{"Decision": "novel", "Score": 7, "extra": true}',
        '{"verdict": {"decision": "novel", "score": 7}}',
        'My verdict is {"decision": "novel", "score": 7} and I am sure of {it}.',
        '{"decision": "novel", "score": 7',
        'Think of {a: b}.\n\n{"decision": "novel", "score": 7}\n\nSo {c} is it.',
        '{"Decision": "novel", "score": 7}',
    ],
)
def test_forms_are_read_from_what_models_write(text: str) -> None:
    assert read_form(text, Verdict) == Verdict(decision="novel", score=7)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a</think>\nIt works.", "It works."),
        ("a</think>It works.", "It works."),
        ("<thinking>I wonder how to begin", ""),
        ("It works. <reasoning>Or does it", "It works."),
    ],
)
def test_thoughts_are_no_answer(text: str, answer: str) -> None:
    assert without_thoughts(text) == answer


def test_a_bare_list_fills_the_one_list_field() -> None:
    class Queries(BaseModel):
        queries: list[str] = []
        done: bool = False

    assert read_form('["a", "b"]', Queries).queries == ["a", "b"]
    with pytest.raises(Unreadable, match=r'"queries", "done"'):
        read_form("I am only here to chat.", Queries)


def test_a_form_of_defaults_is_filled_in_or_refused() -> None:
    class Queries(BaseModel):
        queries: list[str] = []
        done: bool = False

    for text in ('{"Queries": ["a"], "done": false}', '{"answer": {"queries": ["a"]}}'):
        assert read_form(text, Queries).queries == ["a"], text
    for text in ("{}", '{"search": 3, "finished": true}', "3"):
        with pytest.raises(Unreadable, match='"queries", "done"'):
            read_form(text, Queries)


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000, '{"decision": ' + "[" * 5000 + "]" * 5000 + "}"])
def test_nesting_without_end_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_form(text, Verdict)


def test_an_endless_essay_in_place_of_a_form_is_refused() -> None:
    with pytest.raises(Unreadable):
        read_form("- a {b}\n```\n[c](d)\n```\n" * 20_000, Verdict)  # mended as a whole, this would take hours


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


def test_a_limit_that_another_call_gives_back_is_still_said(tmp_path: Path) -> None:
    class Settled(Spending):
        """Another call was settled for less between the refusal and the message."""

        def set_aside(self, *_: object) -> None:
            return None

    for limits, option in (({"max_usd": 1.0}, "--max-usd"), ({"max_tokens": 10}, "--max-tokens")):
        budget = Budget(spending=Settled(tmp_path / "spending.db"), account="a", **limits)  # type: ignore[arg-type]
        with pytest.raises(BudgetSpent, match=option) as caught:
            budget.set_aside(0.1, 1, "asking")
        assert caught.value.fix == f"raise it: hakase resume {option}"


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
    sonnet = resolve("anthropic:claude-sonnet-4-5", settings)
    plain, written = (price_of(sonnet, Usage(10_000, 0, 0, cache_written), settings) for cache_written in (0, 10_000))
    assert written == pytest.approx(1.25 * (plain or 0)), "writing to the cache costs more"
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
