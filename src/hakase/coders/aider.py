"""The coder ``aider``: the real Aider, in an environment of its own, with Hakase's models behind it.

It is started anew for every edit, without git, history or configuration, in a scratch copy. Its only address is the
gateway. Where bubblewrap works it sits in a sandbox without network; everywhere it is held to its folders by a guard
(``aider_inside.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hakase.coders.aider_program import INSIDE, Aider, Cell, find_aider, find_cell
from hakase.coders.delegating import slot_of, write_order
from hakase.coders.gateway import MODEL, Gateway
from hakase.coders.programs import SECONDS, Ended, Program, build_environment, run_program
from hakase.coders.scratch import Scratch, ScratchProblem, scratch_copy, take_back
from hakase.errors import ConfigError, ScientistError
from hakase.models import Models
from hakase.records import Edit, RunPlan

LAUNCHER = Path(__file__).with_name("aider_inside.py")
SOCKET = Path("/run/hakase/model")
PORT = 8000
"""Of the sandbox's own loopback, where nothing else listens."""
CONTEXT = 200_000
"""Tokens that Aider believes to have; what the model really has is seen to by ``Models``."""
METADATA = {
    f"openai/{MODEL}": {
        "max_input_tokens": CONTEXT,
        "max_tokens": CONTEXT,
        "max_output_tokens": CONTEXT,
        "input_cost_per_token": 0.0,
        "output_cost_per_token": 0.0,
        "litellm_provider": "openai",
        "mode": "chat",
    }
}
OPTIONS = (
    *("--model", f"openai/{MODEL}", "--weak-model", f"openai/{MODEL}", "--edit-format", "diff", "--timeout", "86400"),
    *("--yes-always", "--no-git", "--map-tokens", "0", "--encoding", "utf-8", "--chat-language", "English"),
    *("--no-stream", "--no-pretty", "--no-fancy-input", "--no-auto-lint", "--no-auto-test", "--no-detect-urls"),
    *("--no-suggest-shell-commands", "--disable-playwright", "--no-check-update", "--analytics-disable"),
    *("--no-show-release-notes", "--no-show-model-warnings", "--no-gitignore", "--no-restore-chat-history"),
)
OF_TODAY_AND_HERE = re.compile(r"^- (Current date|Platform|Shell|Language): .*\n?", re.MULTILINE)
"""Lines of Aider's prompt that would make the same question another one tomorrow, or on another machine."""

GREETING = re.compile(r"\A.*?^Added \S+ to the chat\.$(?!.*^Added \S+ to the chat\.$)", re.DOTALL | re.MULTILINE)
"""What Aider prints about itself before the work begins."""

FindCell = Callable[[Aider], Cell | None]


class AiderCoder:
    """Has Aider edit a scratch copy."""

    name = "aider"

    def __init__(self, models: Models | None = None, seconds: float = SECONDS, *, cell: FindCell = find_cell) -> None:
        """Without ``models`` it can say its name, as preflight asks, and edit nothing.

        ``seconds`` is for Aider alone, the model's time not counted. ``cell`` finds the sandbox; None is none.

        Raises:
            ConfigError: Aider is not installed.
        """
        self.models, self.seconds = models, seconds
        self.aider = find_aider()
        self._find_cell = cell

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """See ``seams.Coder``.

        Raises:
            BudgetSpent, ModelError: as ``Models.text``; the files are as they were.
            ConfigError: no language model is set.
        """
        if self.models is None:
            fix = "name one with --model, or leave --coder away for the built-in scientist"
            raise ConfigError("the coder aider needs a language model", key="coder", fix=fix)
        order = write_order(plan, editable, feedback)
        try:
            with scratch_copy(folder, editable) as scratch:
                ended = self._run(scratch, order, slot_of(self.name, plan, editable, order))
                said = _last_words(ended, scratch)
                if ended.stopped:
                    return Edit(problem=f"aider was ended: {ended.stopped}. Its last words: {said}")
                return take_back(scratch, folder, said)
        except ScratchProblem as problem:
            return Edit(problem=str(problem))
        except ScientistError as error:
            return Edit(problem=f"aider got no usable answer from the model: {error.message}")

    def _run(self, scratch: Scratch, order: str, slot: str) -> Ended:
        assert self.models is not None
        cell = self._find_cell(self.aider)
        with ExitStack() as stack:
            # Not in the scratch folder: a long path of it would be too long for a socket's name.
            place = Path(stack.enter_context(TemporaryDirectory(prefix="hakase-", dir="/tmp")))
            gateway = stack.enter_context(Gateway(self.models, slot, place / "model" if cell else None, _tidy))
            launch = (
                _launch(cell, self.aider, scratch, place) if cell else _Launch((), LAUNCHER, scratch.root, gateway.port)
            )
            ended = run_program(self._program(scratch, order, gateway, launch))
        if gateway.failure is not None:
            raise gateway.failure
        return ended

    def _program(self, scratch: Scratch, order: str, gateway: Gateway, launch: _Launch) -> Program:
        (scratch.home / "order.md").write_text(order, encoding="utf-8")
        (scratch.home / "model.json").write_text(json.dumps(METADATA), encoding="utf-8")
        home = launch.root / "home"
        spec = {
            "packages": str(self.aider.packages),
            "writable": [str(launch.root / "work"), str(home)],
            "port": launch.port,
            "socket": launch.socket,
        }
        start = (str(self.aider.python), "-I", "-B", str(launch.launcher), json.dumps(spec))
        return Program(
            command=(*launch.prefix, *start, *OPTIONS, *_files(home), *scratch.before),
            folder=scratch.work,
            environment=_environment(home, launch.port, gateway.token),
            seconds=self.seconds,
            allowance=gateway.allowance,
        )


@dataclass(frozen=True)
class _Launch:
    """How and where Aider sees itself started."""

    prefix: tuple[str, ...]
    launcher: Path
    root: Path
    port: int
    socket: str = ""


def _launch(cell: Cell, aider: Aider, scratch: Scratch, place: Path) -> _Launch:
    """In ``cell``, with the folder ``place`` of the gateway's socket shown in it."""
    words = cell.words(aider, scratch.root, LAUNCHER)
    prefix = (*words[:-1], "--ro-bind", str(place), str(SOCKET.parent), words[-1])
    return _Launch(prefix, INSIDE / "start.py", INSIDE, PORT, str(SOCKET))


def _last_words(ended: Ended, scratch: Scratch) -> str:
    """Without what differs from one time to the next: a later question quotes it."""
    return GREETING.sub("", ended.last_words).replace(str(scratch.root), "").strip()


def _files(home: Path) -> tuple[str, ...]:
    return (
        *("--message-file", str(home / "order.md"), "--model-metadata-file", str(home / "model.json")),
        *("--chat-history-file", str(home / "chat.md"), "--input-history-file", str(home / "input")),
    )


def _environment(home: Path, port: int, token: str) -> dict[str, str]:
    return build_environment(
        (),
        {
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "OPENAI_API_BASE": f"http://127.0.0.1:{port}/v1",
            "OPENAI_API_KEY": token,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "PYTHONIOENCODING": "utf-8",
            "COLUMNS": "200",
        },
    )


def _tidy(text: str) -> str:
    return OF_TODAY_AND_HERE.sub("", text).strip()
