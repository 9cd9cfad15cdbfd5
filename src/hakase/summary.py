"""What studies found, as rows: for the table at the end of a command, ``hakase status``, and ``--json``."""

from __future__ import annotations

from hakase.costs import costs_by_stage, total_cost
from hakase.progress import Status
from hakase.records import Comparison, Record
from hakase.study import Study


class Row(Record):
    """One study on one line."""

    study: str
    idea: str
    title: str
    state: str
    stage: str = ""
    novelty: str = ""
    runs: str = ""
    effect: str = ""
    """Best pooled effect on the primary metric with its 95% interval."""
    verdict: str = ""
    hypothesis: str = ""
    score: int | None = None
    cost_usd: float = 0.0
    cost: str = ""
    """The same for people, who are told when a price is not known."""
    seconds: float = 0.0
    pdf: str = ""
    finished: int = 0
    """Runs with results, the baseline not counted."""
    notes: tuple[str, ...] = ()
    """What was left out or went wrong on the way to the paper."""
    cause: str = ""
    """Why there is no paper, in one line."""


def summarise(study: Study) -> Row:
    """The row of a study, whatever it has come to."""
    status = _present(study)
    best = _best(study)
    runs = study.finished_runs()[1:]
    improved = study.has("improved_paper")
    return Row(
        study=str(study.folder),
        idea=study.idea.name,
        title=study.idea.title,
        state=status.state,
        stage=status.stage,
        novelty=study.novelty.verdict if study.has("novelty") else "",
        runs=f"{sum(run.status == 'done' for run in runs)}/{len(runs)}" if runs else "",
        effect=effect_text(best) if best else "",
        verdict=best.verdict if best else "",
        hypothesis=study.evidence.hypothesis if study.has("evidence") else "",
        score=_score(study),
        cost_usd=status.cost_usd,
        cost=total_cost(costs_by_stage(study.journal)).money,
        seconds=status.seconds,
        pdf=str(study.folder / study.paper(improved).pdf) if study.has("paper") and study.paper(improved).pdf else "",
        finished=sum(run.status == "done" for run in runs),
        notes=_notes(study),
        cause=_cause(study, status),
    )


def _notes(study: Study) -> tuple[str, ...]:
    wrong = study.figures.findings if study.has("figures") else ()
    left_out = study.paper().left_out if study.has("paper") else ()
    return (
        *(f"{f.where}: {f.message}" for f in wrong),
        *(f"left out of the paper: {part}" for part in left_out if part),
    )


def _present(study: Study) -> Status:
    """The status, where a study whose process is gone counts as interrupted."""
    status = study.status
    if status.state != "running" or study.in_use:
        return status
    return status.model_copy(
        update={"state": "interrupted", "message": "its process is gone; `hakase resume` goes on here"}
    )


def _score(study: Study) -> int | None:
    for improved in (True, False):
        if study.has("improved_review" if improved else "review"):
            return study.review(improved).overall
    return None


def _best(study: Study) -> Comparison | None:
    if not study.has("evidence"):
        return None
    evidence = study.evidence
    return next((c for c in evidence.comparisons if c.primary and c.run == evidence.best_run), None)


def effect_text(comparison: Comparison) -> str:
    """Such as ``+1.8% [+0.4, +3.1]``: relative change and its 95% interval, in percent."""
    if comparison.relative is None:
        return f"{comparison.difference:+.4g}"
    if comparison.low is None or comparison.high is None:
        return f"{comparison.relative:+.2%}"
    scale = 100.0 if comparison.dataset == "" else 100.0 / abs(comparison.baseline)
    return f"{comparison.relative:+.2%} [{comparison.low * scale:+.2f}, {comparison.high * scale:+.2f}]"


def _cause(study: Study, status: Status) -> str:
    first = status.message.splitlines()[0] if status.message else ""
    if status.state in ("failed", "not_novel", "interrupted"):
        return first
    if status.state == "done" and study.has("paper") and not study.paper().pdf:
        findings = study.paper().findings
        return f"no PDF: {findings[0].message}" if findings else "no PDF: no typesetter"
    return ""
