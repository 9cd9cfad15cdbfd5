"""What the command-line agents have in common: where they are, and how one edit by them goes.

They use their own login and network and spend on their own account: no limit of Hakase's but the time holds for them,
and their replies are not kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hakase.coders.delegating import write_order
from hakase.coders.programs import Ended, Program, run_program
from hakase.coders.scratch import Scratch, ScratchProblem, scratch_copy, take_back
from hakase.errors import ConfigError, ModelError
from hakase.records import Edit, RunPlan


@dataclass(frozen=True)
class Agent:
    """How an agent is found."""

    title: str
    command: str
    """As on PATH."""
    variable: str
    """Of our environment, with the path of it."""
    places: tuple[str, ...]
    """Where its installers put it besides."""
    install: str
    login: str

    @property
    def fix(self) -> str:
        """How to install it, and other ways out."""
        return (
            f"{self.install}, then {self.login};\n"
            f"       elsewhere, set {self.variable}=/path/to/{self.command}; or choose another, such as --coder blocks"
        )


@dataclass(frozen=True)
class Report:
    """What an agent said at its end."""

    words: str = ""
    failed: bool = False
    login: bool = False
    """It could not ask its model for want of a login, which no other try would mend."""


def find_agent(agent: Agent) -> Path:
    """The agent's program.

    Raises:
        ConfigError: it is not installed.
    """
    named = os.environ.get(agent.variable)
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise ConfigError("there is no such program", file=f"{agent.variable}={named}", fix=agent.fix)
        return Path(named).absolute()
    found = (shutil.which(place) for place in (agent.command, *(str(Path(p).expanduser()) for p in agent.places)))
    program = next((path for path in found if path), None)
    if program is None:
        raise ConfigError(f"{agent.title} is not installed", key="coder", fix=agent.fix)
    return Path(program).absolute()


@dataclass(frozen=True)
class Visit:
    """One edit by an agent: what is started, and how its end is read."""

    agent: Agent
    program: Callable[[Scratch, str], Program]
    """From the scratch copy and the order."""
    report: Callable[[Scratch, Ended], Report]

    def edit(self, folder: Path, plan: RunPlan, editable: Sequence[str], feedback: str) -> Edit:
        """See ``seams.Coder``.

        Raises:
            ModelError: the agent is not logged in.
            ConfigError: it cannot be started.
        """
        try:
            with scratch_copy(folder, editable) as scratch:
                ended = self._run(self.program(scratch, write_order(plan, editable, feedback)))
                return self._result(scratch, folder, ended)
        except ScratchProblem as problem:
            return Edit(problem=str(problem))

    def _run(self, program: Program) -> Ended:
        try:
            return run_program(program)
        except OSError as error:
            raise ConfigError(
                f"{self.agent.title} cannot be started: {error}", key="coder", fix=self.agent.fix
            ) from None

    def _result(self, scratch: Scratch, folder: Path, ended: Ended) -> Edit:
        if ended.stopped:
            return Edit(problem=f"{self.agent.title} was ended: {ended.stopped}")
        report = self.report(scratch, ended)
        if report.login:
            raise ModelError(f"{self.agent.title} is not logged in: {report.words}", key="coder", fix=self.agent.login)
        if report.failed or ended.exit_code != 0:
            words = report.words or ended.last_words
            return Edit(problem=f"{self.agent.title} failed (exit code {ended.exit_code}): {words}")
        return take_back(scratch, folder, report.words)
