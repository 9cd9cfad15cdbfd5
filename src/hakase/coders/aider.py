"""The coder ``aider``: the real Aider, in an environment of its own, with Hakase's models behind it.

It is started anew for every edit, without git, history or configuration, in a scratch copy. Its only address is the
gateway. Where bubblewrap works it sits in a sandbox without network; everywhere it is held to its folders by a guard
(``aider_inside.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from hakase.coders.aider_program import INSIDE, Aider, Cell, find_aider, find_cell
from hakase.coders.delegating import label_slug, write_order
from hakase.coders.gateway import MODEL, Gateway
from hakase.coders.programs import SECONDS, Ended, Program, build_environment, run_program
from hakase.coders.scratch import Scratch, ScratchProblem, scratch_copy, take_back
from hakase.errors import ScientistError
from hakase.models import Models
from hakase.records import Edit, RunPlan

LAUNCHER = Path(__file__).with_name("aider_inside.py")
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


class AiderCoder:
    """Has Aider edit a scratch copy."""

    name = "aider"

    def __init__(self, models: Models, seconds: float = SECONDS, *, sandboxed: bool | None = None) -> None:
        """``seconds`` is for Aider alone, the model's time not counted. ``sandboxed``: default, where bubblewrap works.

        Raises:
            ConfigError: Aider is not installed.
        """
        self.models, self.seconds = models, seconds
        self.aider: Aider = find_aider()
        self.cell: Cell | None = None if sandboxed is False else _cell(self.aider)

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """See ``seams.Coder``.

        Raises:
            BudgetSpent, ModelError: as ``Models.text``.
        """
        order = write_order(plan, editable, feedback)
        try:
            with scratch_copy(folder, editable) as scratch:
                ended = self._run(scratch, order, f"experiments/aider/{label_slug(plan, order)}")
                said = GREETING.sub("", ended.last_words).strip()
                if ended.stopped:
                    return Edit(problem=f"aider was ended: {ended.stopped}. Its last words: {said}")
                return take_back(scratch, folder, said)
        except ScratchProblem as problem:
            return Edit(problem=str(problem))
        except ScientistError as error:
            return Edit(problem=f"aider got no usable answer from the model: {error.message}")

    def _run(self, scratch: Scratch, order: str, slot: str) -> Ended:
        with ExitStack() as stack:
            # Not in the scratch folder: a long path of it would be too long for a socket's name.
            place = Path(stack.enter_context(TemporaryDirectory(prefix="hakase-", dir="/tmp"))) if self.cell else None
            gateway = stack.enter_context(Gateway(self.models, slot, place / "model" if place else None, _tidy))
            ended = run_program(self._program(scratch, order, gateway, place))
        if gateway.failure is not None:
            raise gateway.failure
        return ended

    def _program(self, scratch: Scratch, order: str, gateway: Gateway, place: Path | None) -> Program:
        (scratch.home / "order.md").write_text(order, encoding="utf-8")
        (scratch.home / "model.json").write_text(json.dumps(METADATA), encoding="utf-8")
        root = INSIDE if self.cell else scratch.root
        prefix = self._prefix(scratch, place)
        port = PORT if self.cell else gateway.port
        spec = {
            "packages": str(self.aider.packages),
            "writable": [str(root / "work"), str(root / "home")],
            "port": port,
            "socket": "/run/hakase/model" if self.cell else "",
        }
        launcher = INSIDE / "start.py" if self.cell else LAUNCHER
        start = (str(self.aider.python), "-I", "-B", str(launcher), json.dumps(spec))
        return Program(
            command=(*prefix, *start, *OPTIONS, *_files(root / "home"), *scratch.before),
            folder=scratch.work,
            environment=_environment(root / "home", port, gateway.token),
            seconds=self.seconds,
            allowance=gateway.allowance,
        )

    def _prefix(self, scratch: Scratch, place: Path | None) -> tuple[str, ...]:
        if self.cell is None or place is None:
            return ()
        words = self.cell.words(self.aider, scratch.root, LAUNCHER)
        return (*words[:-1], "--ro-bind", str(place), "/run/hakase", words[-1])


def _cell(aider: Aider) -> Cell | None:
    with TemporaryDirectory(prefix="hakase-") as root:
        (Path(root) / "work").mkdir()
        return find_cell(aider, Path(root), LAUNCHER)


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
