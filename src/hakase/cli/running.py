"""``hakase run`` and ``hakase ideas``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hakase.budget import Budget
from hakase.cli.interrupting import how_to_resume, interruptible
from hakase.cli.models import as_recorded, say_models, say_spent
from hakase.cli.screen import Screen, get_screen, span
from hakase.cli.tables import print_rows
from hakase.errors import TemplateError, UsageError
from hakase.ideas import load_ideas
from hakase.launch import Prepared, novelty_entry, prepare, run_studies, start_studies
from hakase.launches import Launch, interrupted_launches, launching
from hakase.preflight import Check, preflight, require
from hakase.progress import Progress, Status
from hakase.records import Idea
from hakase.settings import Settings, load_settings
from hakase.stages.baseline import cached_baseline
from hakase.stages.ideation import generate_ideas, known_ideas
from hakase.stages.lab import Lab, open_budget, open_lab
from hakase.stages.novelty import search_novelty
from hakase.study import Study
from hakase.summary import Row, summarise
from hakase.template import Template, load_template
from hakase.workspace import Workspace, fetch_template, open_workspace

TYPICAL_RUNS = 4
"""Runs that a study of the built-in scientist usually needs."""
OVERHEAD_SECONDS = 12.0
"""Novelty, figures, paper and review of one study, roughly."""


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    template: str
    num_ideas: int = 2
    skip_idea_generation: bool = False
    include_seeds: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    results: Path | None = None
    workspace: Path | None = None
    plain: bool = False


def run_template(request: Request, dry_run: bool) -> int:
    """The whole line, asking for the primary metric where names do not tell it and somebody is there to answer."""
    try:
        return _run(request, dry_run)
    except TemplateError as error:
        metric = _ask_metric(error)
        if not metric:
            raise
        return run_template(replace(request, options={**request.options, "metric": metric}), dry_run)


def _ask_metric(error: TemplateError) -> str:
    """The user's answer; empty when the error is another, or nobody is at a terminal."""
    if not (error.key or "").startswith("metrics.") or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ""
    print(error.message, f"  {error.fix}", sep="\n")
    return input("primary metric (NAME:lower or NAME:higher, empty to stop): ").strip()


def finish_launch(launch: Launch, workspace: Workspace, options: Mapping[str, Any], plain: bool) -> int:
    """Go on with a ``run`` that was interrupted before all its studies existed; ``options`` are those given now."""
    request = Request(
        template=launch.template,
        num_ideas=launch.num_ideas,
        skip_idea_generation=launch.skip_idea_generation,
        include_seeds=launch.include_seeds,
        options={**launch.options, **options},
        results=Path(launch.results) if launch.results else None,
        workspace=workspace.root,
        plain=plain,
    )
    return _run(request, dry_run=False, launch=launch)


def _launch_of(request: Request, template: Template, lab: Lab) -> Launch:
    return Launch(
        account=lab.budget.account,
        template=template.name,
        num_ideas=request.num_ideas,
        skip_idea_generation=request.skip_idea_generation,
        include_seeds=request.include_seeds,
        options=lab.settings.model_dump(mode="json", exclude={"format"}, exclude_none=True),
        results=str(request.results.resolve()) if request.results else "",
        known_ideas=len(load_ideas(template.ideas_file)),
    )


def _has_begun(launch: Launch, template: Template, lab: Lab) -> bool:
    """Whether something would be lost: an idea that was made, or a reply that was paid for."""
    return len(load_ideas(template.ideas_file)) > launch.known_ideas or lab.budget.spent.tokens > 0


def _run(request: Request, dry_run: bool, launch: Launch | None = None) -> int:
    """The line itself; the exit code is 0 when at least one paper was made."""
    workspace = open_workspace(request.workspace, request.results)
    settings = as_recorded(load_settings(workspace.root, request.options), request.options)
    checks = preflight(workspace, settings)
    require(checks)
    template = load_template(fetch_template(workspace, request.template))
    if dry_run:
        return say_plan(request, template, workspace, settings)
    with interruptible(workspace), get_screen(request.plain) as screen:
        lab = _open(settings, workspace, screen, launch.account if launch else new_account())
        introduce(screen, template, lab, checks)
        for line in say_models(settings, template, _count_ideas(request, template)):
            screen.say(line)
        for left in interrupted_launches(workspace.launches) if launch is None else ():
            screen.say(f"note: an interrupted run of {left.template} is unfinished; go on with it: hakase resume")
        asked = launch or _launch_of(request, template, lab)
        with launching(workspace.launches, asked, lambda: _has_begun(asked, template, lab)):
            prepared = prepare(template, workspace, lab)
            say_baseline(screen, prepared)
            ideas = _choose_ideas(request, prepared, lab, asked.known_ideas)
            screen.say(f"ideas: {', '.join(idea.name for idea in ideas) or 'none'}")
            studies = start_studies(ideas, prepared, workspace, lab)
        statuses = run_studies(studies, lab, screen.update)
    return conclude(studies, statuses, [lab.budget], workspace)


def make_ideas(request: Request, json: bool) -> int:
    """Ideas only, each with what the literature says about it."""
    import json as json_module

    from hakase.ideas import entry_of, update_idea

    workspace = open_workspace(request.workspace, request.results)
    settings = as_recorded(load_settings(workspace.root, request.options), request.options)
    require(preflight(workspace, settings))
    template = load_template(fetch_template(workspace, request.template))
    with interruptible(workspace):
        lab = open_lab(settings, workspace.root, open_budget(settings, workspace.root, new_account()))
        prepared = prepare(template, workspace, lab)
        made = generate_ideas(request.num_ideas, template, prepared.area, lab)
        shown = []
        for idea in made:
            novelty = search_novelty(idea, lab)
            entry = novelty_entry(novelty)
            update_idea(template.ideas_file, idea.name, **entry)
            shown.append({**entry_of(idea), **entry})
    if json:
        print(json_module.dumps(shown, indent=1, ensure_ascii=False))
    else:
        for entry in shown:
            print(
                f"{entry['Name']}: {entry['Title']}\n  {entry['Hypothesis']}\n  {entry['Verdict']}: {entry['Reason']}"
            )
        print(f"{len(shown)} ideas added to {template.ideas_file}")
        print(f"study them: hakase run {template.name} --skip-idea-generation")
    return 0 if shown else 1


def _open(settings: Settings, workspace: Workspace, screen: Screen, account: str) -> Lab:
    budget = open_budget(settings, workspace.root, account)
    screen.count(budget)
    return open_lab(settings, workspace.root, budget, lambda progress: screen.update("", progress), screen.ask)


def new_account() -> str:
    """A name under which a command's spending is counted."""
    return f"{datetime.now():%Y%m%d_%H%M%S}_{os.getpid()}"


def introduce(screen: Screen, template: Template, lab: Lab, checks: Sequence[Check]) -> None:
    """Say who does what with what, and what is missing."""
    screen.say(f"template: {template.name} ({template.title}); scientist: {lab.scientist.name}")
    screen.say(f"sandbox: {lab.sandbox.name}; typesetter: {lab.typesetter.name}; literature: {lab.literature.name}")
    for default in template.defaults:
        screen.say(f"note: {default}")
    for check in checks:
        if check.level == "warning":
            screen.say(f"note: {check.name}: {check.detail}" + (f" ({check.fix})" if check.fix else ""))


def say_baseline(screen: Screen, prepared: Prepared) -> None:
    """Say what the baseline is, and what is judged."""
    run = prepared.baseline.run
    how = (
        f"measured in {span(run.seconds)}"
        if run.provenance == "measured"
        else "as found in the template's run_0 (not measured here)"
    )
    screen.say(f"baseline: {how}; kept in {prepared.baseline.output}")
    assert run.result is not None
    for remark in run.result.remarks:
        screen.say(f"note: baseline: {remark}")
    unknown = [name for name in run.result.metrics if name not in {metric.name for metric in prepared.metrics}]
    if unknown:
        fix = "name their better direction under [metrics.directions] in template.toml"
        screen.say(f"note: metrics that are not compared: {', '.join(unknown)} ({fix})")
    primary = prepared.primary
    source = "declared" if primary.declared else "inferred from its name; set [metrics] in template.toml to be sure"
    screen.say(f"primary metric: {primary.name}, {primary.direction} is better ({source})")


def _choose_ideas(request: Request, prepared: Prepared, lab: Lab, known: int) -> list[Idea]:
    template = prepared.template
    if request.skip_idea_generation:
        wanted = list(known_ideas(template))
        if not wanted:
            raise UsageError("no ideas to study", file=template.ideas_file, fix="leave --skip-idea-generation away")
    else:
        seeds = template.seed_ideas if request.include_seeds else ()
        wanted = [*seeds, *generate_ideas(request.num_ideas, template, prepared.area, lab, known)]
    return [idea for idea in wanted if _runnable(idea, prepared, lab)]


def _runnable(idea: Idea, prepared: Prepared, lab: Lab) -> bool:
    """Whether an idea is studied; one that is known, or that the scientist cannot carry out, is named and left."""
    if idea.novel is False and not lab.settings.skip_novelty_check:
        reason = "ideas.json says that it is not novel"
    else:
        reason = lab.scientist.can_carry_out(idea, prepared.area)
    if reason:
        lab.notify(Progress(stage="ideas", detail=f"{idea.name} is not studied: {reason}"))
    return not reason


def conclude(
    studies: Sequence[Study], statuses: Sequence[Status], budgets: Sequence[Budget], workspace: Workspace
) -> int:
    """The table at the end, where the results are, and how to go on; 0 when a paper has a run to report."""
    rows = [_as_ended(summarise(study), status) for study, status in zip(studies, statuses, strict=True)]
    print_rows(rows)
    for budget in budgets:
        print("\n".join(say_spent(budget)), end="")
    unfinished = [row for row in rows if row.state in ("failed", "interrupted", "running", "new")]
    papers = [row for row in rows if row.pdf]
    for row in papers:
        print(f"paper: {row.pdf}")
    if unfinished:
        print(f"{len(unfinished)} of {len(rows)} studies are unfinished; go on with: {how_to_resume(workspace)}")
    if papers:
        print(f"results: {workspace.results}; reviewed paper: {papers[0].pdf}")
    else:
        print(f"no paper was made; results: {workspace.results}; look closer with: hakase status STUDY")
    return 0 if any(row.finished for row in papers) else 1


def _as_ended(row: Row, status: Status) -> Row:
    """The row with the reason that this process saw; a full disk keeps that of the study from being written."""
    if row.state != "interrupted" or not status.message:
        return row
    return row.model_copy(update={"cause": status.message.splitlines()[0]})


def say_plan(request: Request, template: Template, workspace: Workspace, settings: Settings) -> int:
    """What ``run`` would do, and an estimate of its time from the baseline's."""
    lab = open_lab(settings, workspace.root)
    kept = cached_baseline(template, workspace, lab.threads(template.settings.run))
    ideas = _count_ideas(request, template)
    print(f"template: {template.name} ({template.folder})")
    print(f"scientist: {lab.scientist.name}; sandbox: {lab.sandbox.name}; typesetter: {lab.typesetter.name}")
    print("baseline: " + (f"kept, measured in {span(kept.run.seconds)}" if kept else "would be found or run first"))
    print(f"studies: {ideas}, each of at most {settings.max_runs} runs of at most {settings.max_attempts} attempts")
    print(f"runs: at most {ideas * settings.max_runs}, {settings.parallel} at a time")
    if kept:
        typical = min(TYPICAL_RUNS, settings.max_runs)
        seconds = ideas * (typical * kept.run.seconds + OVERHEAD_SECONDS) / settings.parallel
        print(f"estimate: about {span(seconds)}, if a run takes as long as the baseline")
    else:
        print("estimate: none before the baseline has been run (`hakase template baseline` runs it)")
    for line in say_models(settings, template, ideas):
        print(line)
    print("nothing was run; nothing was spent")
    return 0


def _count_ideas(request: Request, template: Template) -> int:
    if request.skip_idea_generation:
        return len(known_ideas(template))
    return request.num_ideas + (len(template.seed_ideas) if request.include_seeds else 0)
