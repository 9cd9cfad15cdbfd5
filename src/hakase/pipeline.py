"""The straight line from a template to reviewed papers. It fits on one screen; the work is in ``stages``."""

from __future__ import annotations

import os
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from hakase.costs import costs_by_stage, total_cost
from hakase.errors import BudgetSpent, HakaseError, ModelError
from hakase.journal import STAGE_STARTED
from hakase.progress import Progress, Status
from hakase.stages.experiments import run_experiments
from hakase.stages.figures import draw_figures
from hakase.stages.lab import Lab
from hakase.stages.novelty import check_novelty
from hakase.stages.reviewing import improve_paper, review_paper
from hakase.stages.writing import write_paper
from hakase.study import Study, now


@dataclass(frozen=True)
class Stage:
    """A step of a study, done when its record exists."""

    name: str
    record: str
    work: Callable[[Study, Lab], None]


STAGES = (
    Stage("novelty", "novelty", check_novelty),
    Stage("experiments", "runs", run_experiments),
    Stage("figures", "figures", draw_figures),
    Stage("paper", "paper", write_paper),
    Stage("review", "review", review_paper),
    Stage("improvement", "improved_review", improve_paper),
)


def stages_of(lab: Lab) -> tuple[Stage, ...]:
    """The stages that the settings ask for."""
    return STAGES if lab.settings.improvement else STAGES[:-1]


def run_study(study: Study, lab: Lab) -> Status:
    """Do the stages whose record is missing; what goes wrong ends up in the status, not in the caller's lap."""
    with study.lock():
        clock = Clock(study)
        try:
            for stage in stages_of(lab):
                if not study.has(stage.record):
                    clock.enter(stage.name)
                    stage.work(study, clock.attached(lab))
                if stage.name == "novelty" and study.novelty.verdict == "not_novel":
                    return clock.end("not_novel", study.novelty.reason)
            return clock.end("done")
        except KeyboardInterrupt:
            clock.end("interrupted", "interrupted; `hakase resume` goes on here")
            raise
        except BudgetSpent as error:
            return clock.end("interrupted", f"{error.message}; `hakase resume` goes on here")
        except ModelError as error:
            return clock.end("interrupted", f"{error}\n  `hakase resume` goes on here; nothing is asked twice")
        except HakaseError as error:
            return clock.end("failed", str(error))
        except Exception as error:  # noqa: BLE001 the one broad except: one failing study never stops another
            return clock.end("failed", f"{type(error).__name__}: {error}", traceback.format_exc())


class Clock:
    """Keeps the status of a study while it runs."""

    EVERY = 1.0
    """Seconds between two writes of the progress."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.before = study.status
        self.began = time.monotonic()
        self.stage = self.before.stage
        self.written = 0.0

    def enter(self, stage: str) -> None:
        """Say that ``stage`` begins."""
        self.stage = stage
        self.study.journal.add(STAGE_STARTED, stage)
        self._save(Status(state="running", stage=stage, pid=os.getpid(), host=socket.gethostname()))

    def attached(self, lab: Lab) -> Lab:
        """``lab`` with its news also written to the status, for other processes to see."""

        def notify(progress: Progress) -> None:
            lab.notify(progress)
            if time.monotonic() - self.written >= self.EVERY:
                state = Status(state="running", stage=self.stage, pid=os.getpid(), host=socket.gethostname())
                self._save(state.model_copy(update={"progress": progress}))

        return lab.telling(notify, self.study.journal)

    def end(self, state: str, message: str = "", trace: str = "") -> Status:
        """Write how the study ended."""
        status = Status.model_validate({"state": state, "stage": self.stage, "message": message, "traceback": trace})
        self.study.journal.add("study_ended", self.stage, state=state, message=message)
        return self._save(status)

    def _save(self, status: Status) -> Status:
        self.written = time.monotonic()
        seconds = self.before.seconds + self.written - self.began
        status = status.model_copy(
            update={
                "started": self.before.started,
                "updated": now(),
                "seconds": round(seconds, 1),
                "cost_usd": total_cost(costs_by_stage(self.study.journal)).usd,
            }
        )
        self.study.save("status", status)
        return status
