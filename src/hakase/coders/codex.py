"""The coder ``codex``: OpenAI's command-line agent, when it is installed, in a scratch copy.

Commands that it starts are held by its own sandbox: no network, writing only in the scratch copy, no key in their
environment. Its login, configuration and spending are the user's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hakase.coders.agents import Agent, Report, Visit, find_agent
from hakase.coders.programs import LAST_WORDS, SECONDS, Ended, Program, agent_names, build_environment
from hakase.coders.scratch import Scratch
from hakase.models import Models
from hakase.records import Edit, RunPlan

CODEX = Agent(
    title="Codex",
    command="codex",
    variable="HAKASE_CODEX",
    places=("~/.local/bin/codex",),
    install="npm install -g @openai/codex",
    login="run `codex login`, or set CODEX_API_KEY",
)
OPTIONS = (
    *("exec", "--json", "--color", "never", "--ephemeral", "--skip-git-repo-check", "--sandbox", "workspace-write"),
    *("-c", "sandbox_workspace_write.network_access=false"),
    *("-c", "sandbox_workspace_write.exclude_slash_tmp=true"),
    *("-c", "sandbox_workspace_write.exclude_tmpdir_env_var=true"),
    *("-c", 'shell_environment_policy.inherit="core"'),
    *("-c", 'web_search="disabled"'),
)
OWN_NAMES = ("OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_HOME", "OPENAI_BASE_URL", "OPENAI_ORGANIZATION")
NO_LOGIN = re.compile(
    r"\b401\b|unauthorized|not logged in|invalid.api.key|incorrect api key|missing environment", re.IGNORECASE
)


class CodexCoder:
    """Has Codex edit a scratch copy."""

    name = "codex"

    def __init__(self, models: Models | None = None, seconds: float = SECONDS) -> None:  # noqa: ARG002
        """``models`` is not asked: it has its own. ``seconds`` is the limit of one edit.

        Raises:
            ConfigError: it is not installed.
        """
        self.seconds = seconds
        self.path = find_codex()

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """See ``seams.Coder``.

        Raises:
            ModelError: it is not logged in.
        """
        return Visit(CODEX, self._program, _report).edit(folder, plan, editable, feedback)

    def _program(self, scratch: Scratch, order: str) -> Program:
        places = ("--cd", str(scratch.work), "--output-last-message", str(_last_message(scratch)))
        return Program(
            command=(str(self.path), *OPTIONS, *places, "-"),
            folder=scratch.work,
            environment=build_environment(agent_names(*OWN_NAMES), {}),
            text=order,
            seconds=self.seconds,
        )


def find_codex() -> Path:
    """The program ``codex``; raises as ``find_agent``."""
    return find_agent(CODEX)


def _last_message(scratch: Scratch) -> Path:
    return scratch.home / "last.txt"


def _report(scratch: Scratch, ended: Ended) -> Report:
    """Its last message, or the last error among the events that it printed, one JSON object a line."""
    events = list(_events(ended.output))
    errors = [_error_of(event) for event in events if event.get("type") in ("error", "turn.failed")]
    if ended.exit_code != 0 or any(event.get("type") == "turn.failed" for event in events):
        words = (errors[-1] if errors else ended.last_words)[-LAST_WORDS:]
        return Report(words, failed=True, login=bool(NO_LOGIN.search(words)))
    message = _last_message(scratch)
    return Report(message.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:] if message.is_file() else "")


def _events(output: str) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(event, dict):
            yield event


def _error_of(event: dict[str, Any]) -> str:
    error = event.get("error")
    return str(error.get("message", "")) if isinstance(error, dict) else str(event.get("message", ""))
