"""All verbs and their options. What a verb does is in the module that its function imports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hakase import __version__

app = typer.Typer(
    name="hakase",
    help="Machine-learning research from a template to a reviewed paper, every number with a source.\n\n"
    "Start with: hakase run digits --num-ideas 2",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
templates = typer.Typer(
    help="List, add, check templates, and measure their baselines.", rich_markup_mode=None, no_args_is_help=True
)
app.add_typer(templates, name="template")

TemplateName = Annotated[
    str, typer.Argument(metavar="TEMPLATE", help="A template's name; `hakase template list` shows them.")
]
WorkspaceDir = Annotated[
    Path | None, typer.Option("--workspace", help="Folder with templates/, data/, results/ (default: the current one).")
]
Results = Annotated[Path | None, typer.Option(help="Where studies go (default: results/ in the workspace).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of the live view.")]
Model = Annotated[
    str | None,
    typer.Option(help="Who thinks: builtin (default; no key, no network), PROVIDER:NAME, or any name at --base-url."),
]
BaseUrl = Annotated[
    str | None, typer.Option(help="Address of an OpenAI-compatible server, such as http://localhost:11434/v1.")
]
Coder = Annotated[str | None, typer.Option(help="Who edits code: blocks, aider, claude-code, codex (default: blocks).")]
MaxUsd = Annotated[float | None, typer.Option(help="End with what there is when models have cost so many dollars.")]
MaxTokens = Annotated[int | None, typer.Option(help="The same, in tokens of prompts and answers.")]
Replay = Annotated[
    Path | None, typer.Option(help="Answer from the replies kept in this study or folder; no model is asked.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--config", "-c", metavar="KEY=VALUE", help="Any setting, such as models.review=openai:gpt-4o."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Ask models anew instead of using the replies that are kept.")]
SandboxName = Annotated[str | None, typer.Option("--sandbox", help="Where code runs: auto, bubblewrap, process.")]
Typesetter = Annotated[str | None, typer.Option(help="auto, texlive, tinytex or typst.")]
NumIdeas = Annotated[int, typer.Option(help="New ideas to make and study.", min=0, max=1000)]
Metric = Annotated[str | None, typer.Option(help="Primary metric: NAME, NAME:lower or NAME:higher.")]
RunTimeout = Annotated[float | None, typer.Option(help="Seconds for one attempt (default: max(2 h, 3 x baseline)).")]
MaxRuns = Annotated[int | None, typer.Option(help="Runs of a study besides the baseline (default 5).")]
MaxAttempts = Annotated[int | None, typer.Option(help="Attempts at one run (default 4).")]
MaxHours = Annotated[float | None, typer.Option(help="End with what there is after so many hours.")]
MemoryGb = Annotated[
    float | None, typer.Option(help="GiB for one attempt (default: 80% of all, divided by --parallel).")
]
Parallel = Annotated[int | None, typer.Option(help="Studies at a time, each a process.")]
Improvement = Annotated[bool, typer.Option("--improvement", help="Revise each paper once by its review.")]
Bibliography = Annotated[
    list[Path] | None, typer.Option(help="A .bib or .json file that novelty and citations may use; can be repeated.")
]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"hakase {__version__}")
        raise typer.Exit


@app.callback()
def hakase(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Machine-learning research from a template to a reviewed paper, every number with a source."""


@app.command()
def run(  # one parameter an option
    template: Annotated[str | None, typer.Argument(metavar="TEMPLATE", help="A template's name.")] = None,
    experiment: Annotated[str | None, typer.Option(help="The template's name, as the AI Scientist has it.")] = None,
    num_ideas: NumIdeas = 2,
    model: Model = None,
    base_url: BaseUrl = None,
    coder: Coder = None,
    skip_idea_generation: Annotated[
        bool, typer.Option("--skip-idea-generation", help="Study the ideas of ideas.json (else the seed ideas).")
    ] = False,
    skip_novelty_check: Annotated[
        bool, typer.Option("--skip-novelty-check", help="Study ideas whatever the literature says.")
    ] = False,
    include_seeds: Annotated[bool, typer.Option("--include-seeds", help="Study the seed ideas too.")] = False,
    parallel: Parallel = None,
    improvement: Improvement = False,
    metric: Metric = None,
    run_timeout: RunTimeout = None,
    max_runs: MaxRuns = None,
    max_attempts: MaxAttempts = None,
    max_hours: MaxHours = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    memory_gb: MemoryGb = None,
    bibliography: Bibliography = None,
    sandbox: SandboxName = None,
    typesetter: Typesetter = None,
    writeup: Annotated[str | None, typer.Option(hidden=True)] = None,
    replay: Replay = None,
    config: Set = None,
    results: Results = None,
    workspace: WorkspaceDir = None,
    plain: Plain = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and how long it takes.")] = False,
) -> None:
    """From a template to reviewed papers: baseline, ideas, novelty, experiments, figures, paper, review."""
    from hakase.cli.running import Request, run_template

    name = template or experiment
    if not name:
        raise typer.BadParameter("name a template, such as `hakase run digits`")
    if writeup not in (None, "latex"):
        raise typer.BadParameter("papers are written in LaTeX: --writeup latex, or leave it away")
    options = _options(
        config, model=model, base_url=base_url, coder=coder, sandbox=sandbox, typesetter=typesetter, metric=metric,
        run_timeout=run_timeout, max_runs=max_runs, max_attempts=max_attempts, max_hours=max_hours, max_usd=max_usd,
        max_tokens=max_tokens, memory_gb=memory_gb, parallel=parallel, improvement=improvement or None,
        replay=_path(replay), skip_novelty_check=skip_novelty_check or None, bibliography=_paths(bibliography),
    )  # fmt: skip
    request = Request(
        template=name, num_ideas=num_ideas, skip_idea_generation=skip_idea_generation, include_seeds=include_seeds,
        options=options, results=results, workspace=workspace, plain=plain,
    )  # fmt: skip
    _call(run_template, request, dry_run)


@app.command()
def ideas(
    template: TemplateName,
    num_ideas: NumIdeas = 2,
    model: Model = None,
    base_url: BaseUrl = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    metric: Metric = None,
    bibliography: Bibliography = None,
    sandbox: SandboxName = None,
    replay: Replay = None,
    config: Set = None,
    workspace: WorkspaceDir = None,
    json: Json = False,
) -> None:
    """Make ideas only: append them to the template's ideas.json, with their novelty."""
    from hakase.cli.running import Request, make_ideas

    options = _options(
        config, model=model, base_url=base_url, max_usd=max_usd, max_tokens=max_tokens, sandbox=sandbox, metric=metric,
        bibliography=_paths(bibliography), replay=_path(replay),
    )  # fmt: skip
    _call(
        make_ideas,
        Request(template=template, num_ideas=num_ideas, options=options, workspace=workspace, plain=True),
        json,
    )


@app.command()
def resume(
    studies: Annotated[
        list[Path] | None, typer.Argument(metavar="[STUDY]...", help="Study folders (default: all unfinished).")
    ] = None,
    parallel: Parallel = None,
    model: Model = None,
    base_url: BaseUrl = None,
    coder: Coder = None,
    max_hours: MaxHours = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    run_timeout: RunTimeout = None,
    max_runs: MaxRuns = None,
    improvement: Improvement = False,
    config: Set = None,
    results: Results = None,
    workspace: WorkspaceDir = None,
    plain: Plain = False,
    worker: Annotated[bool, typer.Option("--worker", hidden=True)] = False,
) -> None:
    """Go on where studies stopped; finished stages and runs are not repeated."""
    from hakase.cli.resuming import resume_studies

    options = _options(
        config,
        parallel=parallel,
        model=model,
        base_url=base_url,
        coder=coder,
        max_hours=max_hours,
        max_usd=max_usd,
        max_tokens=max_tokens,
        run_timeout=run_timeout,
        max_runs=max_runs,
        improvement=improvement or None,
    )
    _call(resume_studies, studies or [], options, _opened(workspace, results), plain, worker)


@app.command()
def status(
    study: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="One study (default: all).")] = None,
    results: Results = None,
    workspace: WorkspaceDir = None,
    json: Json = False,
) -> None:
    """How far studies are, and what they found."""
    from hakase.cli.showing import show_status

    _call(show_status, study, _opened(workspace, results), json)


@app.command()
def write(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A study whose runs are done.")],
    model: Model = None,
    base_url: BaseUrl = None,
    typesetter: Typesetter = None,
    improvement: Improvement = False,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    fresh: Fresh = False,
    config: Set = None,
) -> None:
    """Draw the figures, write the paper and review it again, from the runs as they are."""
    from hakase.cli.resuming import rewrite

    options = _options(
        config, model=model, base_url=base_url, typesetter=typesetter, improvement=improvement or None,
        max_usd=max_usd, max_tokens=max_tokens,
    )  # fmt: skip
    _call(rewrite, study, options, fresh)


@app.command()
def review(
    paper: Annotated[Path, typer.Argument(metavar="STUDY|PAPER.pdf", help="A study, or a PDF from anywhere.")],
    model: Model = None,
    base_url: BaseUrl = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    fresh: Fresh = False,
    config: Set = None,
    json: Json = False,
) -> None:
    """Review a study's paper, or any PDF, in the NeurIPS form."""
    from hakase.cli.resuming import review_again

    options = _options(config, model=model, base_url=base_url, max_usd=max_usd, max_tokens=max_tokens)
    _call(review_again, paper, options, fresh, json)


@app.command()
def doctor(
    model: Model = None,
    base_url: BaseUrl = None,
    coder: Coder = None,
    live: Annotated[
        bool, typer.Option("--live", help="Make one small real call to the model of each role, and say what it can.")
    ] = False,
    sandbox: SandboxName = None,
    typesetter: Typesetter = None,
    config: Set = None,
    workspace: WorkspaceDir = None,
    json: Json = False,
) -> None:
    """What this machine has, what is missing, and what it costs to be without it."""
    from hakase.cli.showing import show_doctor

    options = _options(
        config, model=model, base_url=base_url, coder=coder, sandbox=sandbox, typesetter=typesetter
    )  # fmt: skip
    _call(show_doctor, _opened(workspace, None), options, live, json)


@templates.command("list")
def template_list(workspace: WorkspaceDir = None, json: Json = False) -> None:
    """Templates of the workspace and those that come with Hakase."""
    from hakase.cli.templates import list_templates

    _call(list_templates, _opened(workspace, None), json)


@templates.command("add")
def template_add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with an experiment.py.")],
    name: Annotated[str | None, typer.Option(help="Its name in the workspace (default: the folder's).")] = None,
    workspace: WorkspaceDir = None,
) -> None:
    """Copy a template into the workspace, and check it."""
    from hakase.cli.templates import add

    _call(add, _opened(workspace, None), folder, name)


@templates.command("check")
def template_check(
    template: TemplateName,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Run the baseline too, if it is not kept already.")
    ] = False,
    run_timeout: RunTimeout = None,
    sandbox: SandboxName = None,
    workspace: WorkspaceDir = None,
    json: Json = False,
) -> None:
    """Validate a template: files, keys, syntax, --out_dir, results, plot.py, LaTeX; each problem with its fix."""
    from hakase.cli.templates import check

    options = _options(None, run_timeout=run_timeout, sandbox=sandbox)
    _call(check, _opened(workspace, None), template, options, baseline, json)


@templates.command("baseline")
def template_baseline(
    template: TemplateName,
    metric: Metric = None,
    run_timeout: RunTimeout = None,
    sandbox: SandboxName = None,
    workspace: WorkspaceDir = None,
    plain: Plain = False,
    json: Json = False,
) -> None:
    """Measure the baseline, even where the template brings a run_0, and keep it."""
    from hakase.cli.templates import measure_baseline

    options = _options(None, metric=metric, run_timeout=run_timeout, sandbox=sandbox)
    _call(measure_baseline, _opened(workspace, None), template, options, plain, json)


def _options(config: list[str] | None, **options: Any) -> dict[str, Any]:
    """The options that were given, those of ``--config`` first."""
    from hakase.settings import read_assignments

    given = {key: value for key, value in options.items() if value is not None}
    return {**_guard(read_assignments, config or []), **given}


def _path(path: Path | None) -> str | None:
    return str(path.resolve()) if path else None


def _paths(paths: list[Path] | None) -> tuple[str, ...] | None:
    return tuple(str(path.resolve()) for path in paths) if paths else None


def _opened(workspace: Path | None, results: Path | None) -> Any:
    from hakase.workspace import open_workspace

    return _guard(open_workspace, workspace, results)


def _call(verb: Any, *arguments: Any) -> None:
    """Do what a verb does, and end with its exit code."""
    raise typer.Exit(_guard(verb, *arguments) or 0)


def _guard(function: Any, *arguments: Any) -> Any:
    """Turn refusals into one message and the right exit code."""
    from hakase.errors import BaselineError, HakaseError

    try:
        return function(*arguments)
    except HakaseError as error:
        typer.echo(f"hakase: {error}", err=True)
        raise typer.Exit(1 if isinstance(error, BaselineError) else 2) from None
    except OSError as error:
        typer.echo(f"hakase: {error.filename or 'the system'}: {error.strerror or error}", err=True)
        typer.echo("  fix: make room, or give another folder; what was done is kept: hakase resume", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def main() -> None:
    """The entry point."""
    app()
