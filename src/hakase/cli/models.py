"""What a command says about language models: who is asked where, what it may cost, what it did cost, what each can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hakase.budget import Budget
from hakase.costs import Cost, costs_by_stage, dollars, fallbacks, total_cost
from hakase.disk import load_record
from hakase.errors import UsageError
from hakase.journal import Journal
from hakase.preflight import Check
from hakase.settings import Settings, revise_settings
from hakase.study import Registration
from hakase.template import Template

if TYPE_CHECKING:
    from hakase.models.probing import RoleReport


def as_recorded(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """With ``replay`` and no model named: the settings of the study that is played again, and the options given now.

    Raises:
        UsageError: no study is there to say what was recorded.
    """
    if not settings.replay or settings.asks_models:
        return settings
    file = next(iter(sorted(Path(settings.replay).rglob("records/registration.json"))), None)
    if file is None:
        raise UsageError(
            "no study here says which model was recorded",
            file=settings.replay,
            fix="name a study's folder, or give the same --model and --base-url as then",
        )
    here = {"replay": settings.replay, "parallel": settings.parallel, "threads": None, "memory_gb": None}
    limits = {"max_usd": None, "max_tokens": None, "max_hours": None}
    return revise_settings(load_record(file, Registration).settings, {**here, **limits, **options})


def say_models(settings: Settings, template: Template, studies: int) -> Iterator[str]:
    """Who is asked at which address, the limits, and an estimate for ``studies`` studies of ``template``."""
    if not settings.asks_models:
        return
    from hakase.models.estimating import estimate
    from hakase.models.names import resolve, role_models

    if settings.replay:
        yield f"models: none is asked; replies are those kept in {settings.replay}"
        return
    for name, roles in role_models(settings).items():
        resolved = resolve(name, settings)
        where = f"{resolved.place}{' (local: nothing leaves this network)' if resolved.local else ''}"
        yield f"model: {resolved.name} at {where}, for {', '.join(roles)}"
    expected = estimate(settings, sum(map(len, template.code().values())), studies)
    price = "the price is not known" if expected.usd is None else f"about ${expected.usd:.2f}"
    yield (
        f"estimate: about {expected.calls} calls, {expected.prompt_tokens:,} tokens of prompts and "
        f"{expected.completion_tokens:,} of answers; {price}{_limits(settings)}"
    )


def say_spent(budget: Budget) -> Iterator[str]:
    """What the whole command cost, ideas and earlier sessions included; nothing where no model was asked."""
    spent = budget.spent
    if spent.calls:
        money = f"{dollars(spent.usd)}, " if spent.usd else ""
        yield f"models: {spent.calls} calls, {money}{spent.tokens:,} tokens in all, ideas included\n"


def _limits(settings: Settings) -> str:
    money = f"${settings.max_usd:.2f}" if settings.max_usd is not None else ""
    tokens = f"{settings.max_tokens:,} tokens" if settings.max_tokens is not None else ""
    limits = " and ".join(limit for limit in (money, tokens) if limit)
    return f"; limit: {limits}" if limits else "; no limit is set (--max-usd, --max-tokens)"


def spending_lines(journal: Journal) -> Iterator[str]:
    """A study's calls by stage and in all, and what the rules did in a model's stead; nothing where none was asked."""
    rows = costs_by_stage(journal)
    if rows:
        yield "spending by stage:"
        for row in (*rows, total_cost(rows)):
            yield f"  {row.stage or 'all':<12} {_row(row)}"
    for line in fallbacks(journal):
        yield f"by the rules instead of the model: {line}"


def _row(row: Cost) -> str:
    cached = f" ({row.cached:,} cached)" if row.cached else ""
    unusable = f", {row.unusable} unusable" if row.unusable else ""
    return f"{row.calls} calls{unusable}, {row.prompt:,} tokens{cached} + {row.completion:,} answered, {row.money}"


def live_checks(settings: Settings) -> Iterator[Check]:
    """One small real call to each model."""
    if not settings.asks_models:
        yield Check(name="models", level="ok", detail="none is configured; builtin needs none")
        return
    from hakase.models.probing import probe

    for report in probe(settings):
        yield Check(
            name=f"model {report.model} ({', '.join(report.roles)})",
            level="failure" if report.problem else "ok",
            detail=report.problem or _ability(report),
            fix=report.fix,
        )


def _ability(report: RoleReport) -> str:
    seconds = f"answered in {report.seconds:.1f} s" if report.seconds is not None else "answered"
    price = "price unknown" if report.usd is None else f"${report.usd:.5f} for two small calls"
    schema = "JSON schemas" if report.schema else "no JSON schemas"
    tools = "tools" if report.tools else "no tools"
    plain = "" if report.schema or report.tools else " (forms are asked for in words)"
    return f"{seconds}; {price}; {schema}, {tools}{plain}"
