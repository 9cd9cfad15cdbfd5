"""The coder ``aider``: the gateway, the guard around a stand-in for Aider, and the real Aider where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import openai
import pytest

from hakase.budget import Budget
from hakase.coders import get_coder
from hakase.coders.aider import AiderCoder, FindCell
from hakase.coders.aider_program import find_aider, find_cell
from hakase.coders.gateway import MAX_CALLS, Gateway
from hakase.errors import ConfigError, ModelError, ScientistError
from hakase.journal import Journal
from hakase.models import Models
from hakase.records import RunPlan
from hakase.settings import Settings
from tests.model_server_small import Answer, Heard, Say, SmallServer

KEY = "the user's own key"
CODE = "rate = 0.1\nprint(rate)\n"
PLAN = RunPlan(label="Twice as fast", purpose="to see", instruction="Set rate to 0.2.")
REAL = os.environ.get("HAKASE_AIDER") or shutil.which("aider")
REASON = "Aider is not installed (HAKASE_AIDER or PATH)"
CELLS: dict[str, FindCell] = {"bubblewrap": find_cell, "guard only": lambda _: None}

Ask = Callable[..., tuple[SmallServer, Models]]


@pytest.fixture(autouse=True)
def _a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """A server that says these things in turn, or by a function, and the models that ask it."""
    servers: list[SmallServer] = []

    def start(*says: Say | str, by: Answer | None = None) -> tuple[SmallServer, Models]:
        servers.append(SmallServer(*says, by=by).__enter__())
        settings = Settings(model="some-model", base_url=servers[-1].url, model_patience=0.0)
        return servers[-1], Models(settings, Budget(), Journal(tmp_path / "journal.db"))

    yield start
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The code that is to be edited, and what lies beside it."""
    place = tmp_path / "code"
    place.mkdir()
    for name, text in {"experiment.py": CODE, "plot.py": "labels = {}\n", ".aider.conf.yml": "dry-run: true\n"}.items():
        (place / name).write_text(text)
    return place


def block(old: str, new: str, file: str = "experiment.py") -> str:
    """An edit in the words that Aider reads."""
    return f"So be it.\n\n{file}\n```python\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n```\n"


GOOD = block("rate = 0.1\n", "rate = 0.2\n")


# ---------------------------------------------------------------------------------------------------------- gateway


def client(gateway: Gateway, key: str = "") -> openai.OpenAI:
    return openai.OpenAI(base_url=gateway.url, api_key=key or gateway.token, max_retries=0)


def test_the_gateway_answers_with_the_words_of_the_model(ask: Ask) -> None:
    server, models = ask("Forty-two.")
    with Gateway(models, "experiments/aider/x") as gateway:
        messages = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is six"},
            {"role": "user", "content": [{"type": "text", "text": "times seven?"}]},
        ]
        create = client(gateway).chat.completions.create
        whole = create(model="hakase", messages=messages, temperature=0)  # type: ignore[call-overload]
        stream = create(model="hakase", messages=messages, temperature=0, stream=True)  # type: ignore[call-overload]
        words = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        names = [model.id for model in client(gateway).models.list()]
    assert whole.choices[0].message.content == words == "Forty-two."
    assert names == ["hakase"]
    assert server.calls == 1, "the same question is paid once"
    assert server.heard[0].body["temperature"] == 0
    assert "What is six\n\ntimes seven?" in server.heard[0].last
    assert "Be brief." in json.dumps(server.heard[0].messages)
    assert server.heard[0].headers["authorization"] != f"Bearer {gateway.token}"


def test_the_gateway_wants_its_password_and_knows_two_addresses(ask: Ask) -> None:
    server, models = ask()
    with Gateway(models, "experiments/aider/x") as gateway:
        with pytest.raises(openai.AuthenticationError):
            client(gateway, "guessed").models.list()
        with pytest.raises(openai.NotFoundError):
            client(gateway).embeddings.create(model="hakase", input="x")
    assert server.calls == 0


def test_the_gateway_gives_words_only(ask: Ask) -> None:
    server, models = ask()
    tool = {"type": "function", "function": {"name": "rm", "parameters": {"type": "object", "properties": {}}}}
    with Gateway(models, "experiments/aider/x") as gateway:
        with pytest.raises(openai.BadRequestError, match="asked for tools, and is given words only"):
            client(gateway).chat.completions.create(
                model="hakase",
                messages=[{"role": "user", "content": "x"}],
                tools=[tool],  # type: ignore[list-item]
            )
        assert isinstance(gateway.failure, ScientistError)
        assert gateway.allowance() == float("-inf")
    assert server.calls == 0


def test_the_gateway_gives_up_on_a_client_that_asks_without_end(ask: Ask) -> None:
    server, models = ask("Hm.")
    with Gateway(models, "experiments/aider/x") as gateway:
        create = client(gateway).chat.completions.create
        for number in range(MAX_CALLS):
            create(model="hakase", messages=[{"role": "user", "content": f"And {number}?"}])
        with pytest.raises(openai.BadRequestError, match=f"more than {MAX_CALLS} questions"):
            create(model="hakase", messages=[{"role": "user", "content": "And now?"}])
    assert server.calls == MAX_CALLS


def test_a_refusal_of_the_model_is_kept_as_the_failure_and_not_asked_again(ask: Ask) -> None:
    server, models = ask(Say(status=401, error="no such key"))
    with Gateway(models, "experiments/aider/x") as gateway:
        for number in range(3):
            with pytest.raises(openai.BadRequestError):
                client(gateway).chat.completions.create(
                    model="hakase", messages=[{"role": "user", "content": f"x{number}"}]
                )
        assert isinstance(gateway.failure, ModelError)
    assert server.calls == 1


# -------------------------------------------------------------------------------------- a stand-in, and the guard

PROBES = """
import json, os, socket, subprocess, sys

def tried(act):
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return "done"

def connect(host, port):
    socket.create_connection((host, port), timeout=5).close()

def main():
    from urllib.request import Request, urlopen
    home, base = os.environ["HOME"], os.environ["OPENAI_API_BASE"]
    body = {"messages": [{"role": "user", "content": "Is anyone there?"}]}
    request = Request(base + "/chat/completions", json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})
    with urlopen(request) as answer:
        said = json.load(answer)["choices"][0]["message"]["content"]
    told = {
        "said": said,
        "own": tried(lambda: open(os.path.join(home, "x"), "w").write("x")),
        "outside": tried(lambda: open(OUTSIDE, "w").write("x")),
        "by descriptor": tried(lambda: os.open(OUTSIDE, os.O_CREAT | os.O_WRONLY)),
        "link": tried(lambda: os.symlink("/", os.path.join(OUTSIDE, "up"))),
        "remove": tried(lambda: os.remove(SECRET)),
        "program": tried(lambda: subprocess.run(["true"])),
        "shell": "done" if tried(lambda: os.system("true")) == "done" else "PermissionError",
        "network": tried(lambda: connect("127.0.0.1", PORT)),
        "name": tried(lambda: socket.getaddrinfo("example.invalid", 80)),
        "secret": tried(lambda: open(SECRET).read()),
        "key": KEY in str(dict(os.environ)),
        "environment": sorted(name for name in os.environ if "KEY" in name),
    }
    with open("experiment.py", "w") as file:
        file.write("told = " + repr(told))
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """An environment whose ``aider`` is ``main`` of the source that is given."""

    def make(source: str) -> Path:
        place = tmp_path / "aider environment"
        venv.create(place, symlinks=True)
        package = next((place / "lib").glob("python3*")) / "site-packages" / "aider"
        package.mkdir()
        (package / "__init__.py").write_text('__version__ = "0"\n')
        (package / "main.py").write_text(source)
        script = place / "bin" / "aider"
        script.write_text(f"#!/bin/sh\n'''exec' '{place}/bin/python' \"$0\" \"$@\"\n'''\n")
        script.chmod(0o755)
        monkeypatch.setenv("HAKASE_AIDER", str(script))
        return script

    return make


def probe(
    stand_in: Callable[[str], Path], folder: Path, models: Models, cell: FindCell, port: int
) -> dict[str, object]:
    """What the stand-in could do, by its own words."""
    secret = folder.parent / "secret"
    secret.write_text("the secret")
    names = {"OUTSIDE": str(folder.parent / "outside"), "SECRET": str(secret), "PORT": port, "KEY": KEY}
    stand_in("".join(f"{name} = {value!r}\n" for name, value in names.items()) + PROBES)
    made = AiderCoder(models, cell=cell).edit(folder, PLAN, ["experiment.py"])
    assert made.problem == ""
    assert secret.read_text() == "the secret"
    assert not (folder.parent / "outside").exists()
    told = eval((folder / "experiment.py").read_text().removeprefix("told = "))
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("name", CELLS)
def test_it_reaches_its_folders_and_the_model_and_no_more(
    name: str, ask: Ask, folder: Path, stand_in: Callable[[str], Path]
) -> None:
    server, models = ask("I am here.")
    told = probe(stand_in, folder, models, CELLS[name], int(server.url.rsplit(":")[-1].split("/")[0]))
    denied = ("outside", "by descriptor", "link", "remove", "program", "shell", "network", "name")
    assert {key: told[key] for key in denied} == dict.fromkeys(denied, "PermissionError")
    assert (told["said"], told["own"]) == ("I am here.", "done")
    assert (told["key"], told["environment"]) == (False, ["OPENAI_API_KEY"])
    if name == "bubblewrap" and find_cell(find_aider()) is not None:
        assert told["secret"] == "FileNotFoundError"


@pytest.mark.parametrize("name", CELLS)
def test_at_the_time_limit_it_ends(name: str, ask: Ask, folder: Path, stand_in: Callable[[str], Path]) -> None:
    _, models = ask()
    stand_in('import time\ndef main():\n    open("experiment.py", "w").write("x = 1")\n    time.sleep(600)\n')
    made = AiderCoder(models, seconds=2, cell=CELLS[name]).edit(folder, PLAN, ["experiment.py"])
    assert made.problem.startswith("aider was ended: it did not end within 2 s")
    assert (folder / "experiment.py").read_text() == CODE


def test_the_time_of_the_model_is_not_its_own(ask: Ask, folder: Path, stand_in: Callable[[str], Path]) -> None:
    _, models = ask(Say("Here.", delay=4.0))
    told = PROBES.replace("OUTSIDE", "os.devnull").replace("SECRET", "os.devnull").replace("PORT", "1")
    stand_in(f"KEY = 'x'\n{told}")
    made = AiderCoder(models, seconds=3).edit(folder, PLAN, ["experiment.py"])
    assert made.files == ("experiment.py",)


def test_without_aider_it_is_refused_with_the_way_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="Aider is not installed") as raised:
        get_coder("aider")
    assert "pip install aider-chat" in str(raised.value.fix)
    assert "pipx install aider-chat" in str(raised.value.fix)
    monkeypatch.setenv("HAKASE_AIDER", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="there is no such file"):
        get_coder("aider")


def test_a_script_without_its_environment_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "aider"
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="not in an environment that can import aider"):
        get_coder("aider")


def test_without_a_language_model_it_edits_nothing(folder: Path, stand_in: Callable[[str], Path]) -> None:
    stand_in("def main(): pass\n")
    with pytest.raises(ConfigError, match="needs a language model"):
        get_coder("aider").edit(folder, PLAN, ["experiment.py"])


def test_it_is_found_where_the_fix_would_put_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stand_in: Callable[[str], Path]
) -> None:
    script = stand_in("def main(): pass\n")
    monkeypatch.delenv("HAKASE_AIDER")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    own = tmp_path / ".local" / "share" / "hakase" / "aider"
    own.parent.mkdir(parents=True)
    own.symlink_to(script.parent.parent)
    assert get_coder("aider").name == "aider"


# --------------------------------------------------------------------------------------------------- the real Aider


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    if not REAL:
        pytest.skip(REASON)
    monkeypatch.setenv("HAKASE_AIDER", REAL)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.usefixtures("real")
def test_the_real_aider_edits_and_asks_once(name: str, ask: Ask, folder: Path) -> None:
    server, models = ask(GOOD)
    made = AiderCoder(models, cell=CELLS[name]).edit(folder, PLAN, ["experiment.py"])
    assert made.problem == ""
    assert made.files == ("experiment.py",)
    assert "-rate = 0.1\n+rate = 0.2\n" in made.diff
    assert (folder / "experiment.py").read_text() == CODE.replace("0.1", "0.2")
    assert server.calls == 1
    asked = json.dumps(server.heard[0].body)
    assert "Task: edit the code for" in asked
    assert "Current date" not in asked
    assert str(folder) not in asked

    (folder / "experiment.py").write_text(CODE)
    again = AiderCoder(models, cell=CELLS[name]).edit(folder, PLAN, ["experiment.py"])
    assert again == made
    assert server.calls == 1, "the reply was kept"


@pytest.mark.usefixtures("real")
def test_the_real_aider_tells_the_model_what_was_wrong_with_a_block(ask: Ask, folder: Path) -> None:
    def answer(heard: Heard, _: int) -> Say:
        return Say(GOOD if "failed to match" in heard.last else block("speed = 5\n", "speed = 6\n"))

    server, models = ask(by=answer)
    made = AiderCoder(models).edit(folder, PLAN, ["experiment.py"])
    assert made.files == ("experiment.py",)
    assert server.calls == 2


@pytest.mark.usefixtures("real")
def test_the_real_aider_writes_no_other_file(ask: Ask, folder: Path) -> None:
    outside = folder.parent / "outside.py"
    others = block("", "x = 1\n", f"..{os.sep}..{os.sep}..{outside}") + block("", "x = 1\n", "plot.py")
    _, models = ask(others)
    made = AiderCoder(models, cell=CELLS["guard only"]).edit(folder, PLAN, ["experiment.py"])
    assert made.problem.startswith("no editable file was changed (experiment.py)")
    assert not outside.exists()
    assert (folder / "plot.py").read_text() == "labels = {}\n"


@pytest.mark.usefixtures("real")
def test_a_model_that_only_chats_is_quoted(ask: Ask, folder: Path) -> None:
    _, models = ask("何をすればよいか分かりません。🙂")
    made = AiderCoder(models).edit(folder, PLAN, ["experiment.py"])
    assert "何をすればよいか分かりません。🙂" in made.problem
    assert "Aider v" not in made.problem


@pytest.mark.usefixtures("real")
def test_a_wrong_key_ends_the_real_aider_at_once(ask: Ask, folder: Path) -> None:
    server, models = ask(Say(status=401, error="no such key"))
    with pytest.raises(ModelError):
        AiderCoder(models).edit(folder, PLAN, ["experiment.py"])
    assert (folder / "experiment.py").read_text() == CODE
    assert server.calls == 1
