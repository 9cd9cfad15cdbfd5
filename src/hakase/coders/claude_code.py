"""The coder ``claude-code``: Anthropic's command-line agent, when it is installed, in a scratch copy.

It has the tools that read and edit files, and no other: it runs no command. Its login, settings and spending are the
user's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from hakase.coders.agents import Agent, Report, Visit, find_agent
from hakase.coders.programs import LAST_WORDS, SECONDS, Ended, Program, agent_names, build_environment
from hakase.coders.scratch import Scratch
from hakase.models import Models
from hakase.records import Edit, RunPlan

CLAUDE_CODE = Agent(
    title="Claude Code",
    command="claude",
    variable="HAKASE_CLAUDE_CODE",
    places=("~/.local/bin/claude", "~/.claude/local/claude"),
    install="npm install -g @anthropic-ai/claude-code",
    login="run `claude` once to log in, or set ANTHROPIC_API_KEY",
)
OPTIONS = (
    *("--print", "--output-format", "json", "--no-session-persistence", "--disable-slash-commands"),
    *("--permission-mode", "acceptEdits", "--tools", "Read,Edit,Write,Glob,Grep"),
    *("--setting-sources", "user", "--strict-mcp-config"),
)
OWN_NAMES = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL"),
    *("ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN"),
)
BEDROCK = ("CLAUDE_CODE_USE_BEDROCK", "AWS_PROFILE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
VERTEX = ("CLAUDE_CODE_USE_VERTEX", "CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_APPLICATION_CREDENTIALS")
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "CLAUDE_CODE_MAX_RETRIES": "3",
}
NO_LOGIN = re.compile(r"/login|invalid api key|invalid x-api-key|authentication_error|oauth token", re.IGNORECASE)


class ClaudeCodeCoder:
    """Has Claude Code edit a scratch copy."""

    name = "claude-code"

    def __init__(self, models: Models | None = None, seconds: float = SECONDS) -> None:  # noqa: ARG002
        """``models`` is not asked: it has its own. ``seconds`` is the limit of one edit.

        Raises:
            ConfigError: it is not installed.
        """
        self.seconds = seconds
        self.path = find_claude_code()

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str = "") -> Edit:
        """See ``seams.Coder``.

        Raises:
            ModelError: it is not logged in.
        """
        return Visit(CLAUDE_CODE, self._program, _report).edit(folder, plan, editable, feedback)

    def _program(self, scratch: Scratch, order: str) -> Program:
        return Program(
            command=(str(self.path), *OPTIONS),
            folder=scratch.work,
            environment=build_environment(agent_names(*OWN_NAMES, *BEDROCK, *VERTEX), QUIET),
            text=order,
            seconds=self.seconds,
        )


def find_claude_code() -> Path:
    """The program ``claude``; raises as ``find_agent``."""
    return find_agent(CLAUDE_CODE)


def _report(_: Scratch, ended: Ended) -> Report:
    """What the JSON object on the last line says."""
    lines = ended.output.strip().splitlines()
    try:
        told = json.loads(lines[-1]) if lines else {}
    except json.JSONDecodeError:
        told = {}
    if not isinstance(told, dict) or ("result" not in told and "is_error" not in told):
        words = ended.last_words
        return Report(words, failed=True, login=ended.exit_code != 0 and bool(NO_LOGIN.search(words)))
    words = str(told.get("result") or told.get("subtype") or "")[-LAST_WORDS:]
    failed = bool(told.get("is_error"))
    return Report(words, failed, login=failed and bool(NO_LOGIN.search(words)))
