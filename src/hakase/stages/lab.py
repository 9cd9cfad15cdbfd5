"""What every stage works with: the five seams, the settings, the budget, and somebody who is told what happens."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hakase.budget import Budget
from hakase.environment import cores, describe_environment, physical_memory, thread_settings
from hakase.errors import ConfigError
from hakase.journal import Journal
from hakase.progress import Progress
from hakase.seams import Coder, Limits, Literature, Pulse, Sandbox, Scientist, Typesetter
from hakase.settings import Settings
from hakase.spending import Spending
from hakase.template import RunSettings

if TYPE_CHECKING:
    from hakase.models import Models

DEFAULT_TIMEOUT = 2 * 3600.0
MEMORY_SHARE = 0.8
SILENT = 60.0
"""Seconds without output after which a run is shown as silent."""


def ignore(progress: Progress) -> None:
    """Nobody waits."""


def decline(question: str) -> bool:  # noqa: ARG001
    """Nobody is there to be asked."""
    return False


@dataclass(frozen=True)
class Lab:
    """The seams that one command works with."""

    scientist: Scientist
    coder: Coder
    sandbox: Sandbox
    literature: Literature
    typesetter: Typesetter
    settings: Settings
    workspace: Path
    budget: Budget = field(default_factory=Budget)
    notify: Callable[[Progress], None] = ignore
    ask: Callable[[str], bool] = decline
    """Asks the user a question of yes or no."""
    models: Models | None = None
    """None when no language model thinks."""

    def telling(self, notify: Callable[[Progress], None], journal: Journal) -> Lab:
        """This lab with another listener, and with its models' replies kept in ``journal``."""
        lab = replace(self, notify=notify)
        if self.models is None:
            return lab
        from hakase.coders import get_coder
        from hakase.scientists import get_scientist

        models = self.models.writing_to(journal, notify)
        scientist = get_scientist(self.settings, models)
        return replace(lab, models=models, scientist=scientist, coder=get_coder(self.coder.name, models))

    def threads(self, run: RunSettings) -> int:
        """Threads for one run: as set, else OMP_NUM_THREADS, else the template's or the cores over parallel studies."""
        if self.settings.threads:
            return self.settings.threads
        share = max(1, cores() // self.settings.parallel)
        wanted = os.environ.get("OMP_NUM_THREADS", "")
        return int(wanted) if wanted.isdecimal() and int(wanted) else min(run.threads or share, share)

    @property
    def data(self) -> Path:
        return self.workspace / "data"

    def environment(self, run: RunSettings) -> dict[str, str]:
        """Variables for a run."""
        seeds = {"HAKASE_SEEDS": ",".join(map(str, run.seeds))} if run.seeds else {}
        return {**thread_settings(self.threads(run)), **seeds}

    def run_timeout(self, template_limit: float | None, baseline_seconds: float | None) -> float:
        """Seconds that one attempt may take: the user's limit, the template's, or max(2 h, 3 x baseline)."""
        if self.settings.run_timeout is not None:
            return self.settings.run_timeout
        return template_limit or max(DEFAULT_TIMEOUT, 3 * (baseline_seconds or 0))

    @property
    def memory(self) -> int:
        """Bytes for one attempt: as set, else a share of the machine's."""
        share = MEMORY_SHARE * physical_memory() / self.settings.parallel
        return int(self.settings.memory_gb * 2**30 if self.settings.memory_gb else share)

    def settled(self, run: RunSettings) -> Settings:
        """The settings with what they leave open decided, so that every run of a study has the same."""
        gib = round(self.memory / 2**30, 3)
        return self.settings.model_copy(update={"threads": self.threads(run), "memory_gb": gib})

    def described(self, run: RunSettings) -> dict[str, str]:
        """What a run depends on here, for records and papers."""
        return {**describe_environment(run.requirements, self.threads(run)), "sandbox": self.sandbox.name}

    def limits(self, seconds: float) -> Limits:
        """Limits of one job."""
        return Limits(seconds=seconds, memory=self.memory)

    def run_limits(self, seconds: float) -> Limits:
        """Limits of a run, which also ends with the budget; what follows the runs does not."""
        return self.limits(max(1.0, min(seconds, self.budget.seconds_left)))

    def watch(self, progress: Progress) -> Callable[[Pulse], None]:
        """A watcher for a job that passes its pulse on as ``progress``."""

        def tell(pulse: Pulse) -> None:
            silent = f" (silent for {pulse.silent_for:.0f} s)" if pulse.silent_for >= SILENT else ""
            self.notify(progress.model_copy(update={"elapsed": pulse.elapsed, "last_line": pulse.last_line + silent}))

        self.notify(progress)
        return tell


def open_lab(
    settings: Settings,
    workspace: Path,
    budget: Budget | None = None,
    notify: Callable[[Progress], None] = ignore,
    ask: Callable[[str], bool] = decline,
) -> Lab:
    """The lab that ``settings`` describe.

    Raises:
        ConfigError: a setting names something that does not exist.
        SandboxError: generated code would have nowhere safe to run.
    """
    from hakase.coders import get_coder
    from hakase.literature import get_literature
    from hakase.paper.typesetters import get_typesetter
    from hakase.sandboxes import get_sandbox
    from hakase.scientists import get_scientist

    budget = budget or open_budget(settings, workspace)
    models = _open_models(settings, workspace, budget, notify)
    scientist = get_scientist(settings, models)
    coder = get_coder(settings.coder or scientist.coder, models)
    sandbox = get_sandbox(settings.sandbox, harmless=scientist.harmless)
    return Lab(
        scientist=scientist,
        coder=coder,
        sandbox=sandbox,
        literature=get_literature(settings.literature, _bibliographies(settings, workspace)),
        typesetter=get_typesetter(settings.typesetter, sandbox),
        settings=settings,
        workspace=workspace,
        budget=budget,
        notify=notify,
        ask=ask,
        models=models,
    )


def _bibliographies(settings: Settings, workspace: Path) -> list[Path]:
    paths = [workspace / name for name in settings.bibliography]
    for path in paths:
        if not path.is_file():
            raise ConfigError(
                "this bibliography is not there", file=path, key="bibliography", fix="name a .bib or .json file"
            )
    return paths


def open_budget(settings: Settings, workspace: Path, account: str = "") -> Budget:
    """The limits of ``settings``, counted from now in hours, and on ``account`` in dollars and tokens."""
    budget = Budget.of_hours(settings.max_hours)
    if not settings.asks_models:
        return replace(budget, account=account)
    spending = Spending(workspace / ".hakase" / "spending.db")
    return replace(budget, max_usd=settings.max_usd, max_tokens=settings.max_tokens, spending=spending, account=account)


def _open_models(
    settings: Settings, workspace: Path, budget: Budget, notify: Callable[[Progress], None]
) -> Models | None:
    """The language models, keeping what is said outside of any study in the workspace's own journal."""
    if not settings.asks_models:
        return None
    from hakase.models import Models

    return Models(settings, budget, Journal(workspace / ".hakase" / "journal.db"), notify)
