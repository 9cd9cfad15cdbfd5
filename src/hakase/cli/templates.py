"""``hakase template …``."""

from __future__ import annotations

import json as json_module
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hakase.cli.interrupting import interruptible
from hakase.cli.screen import get_screen
from hakase.errors import HakaseError, TemplateError
from hakase.naming import slug
from hakase.preflight import preflight, require
from hakase.settings import load_settings
from hakase.template import load_template, template_name, template_problems
from hakase.workspace import Workspace, add_template, fetch_template, packaged_templates

if TYPE_CHECKING:
    from hakase.stages.lab import Lab


def list_templates(workspace: Workspace, json: bool) -> int:
    """Name, where it is, and its title."""
    own, packaged = workspace.template_names(), packaged_templates()
    rows = []
    for name in sorted({*own, *packaged}):
        folder = workspace.templates / name if name in own else packaged[name]
        place = "workspace" if name in own else "comes with Hakase"
        rows.append({"name": name, "where": place, "title": _title(folder), "folder": str(folder)})
    if json:
        print(json_module.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(f"{row['name']:20} {row['where']:18} {row['title']}")
    print(f"templates of this workspace: {workspace.templates}; bring your own: hakase template add FOLDER")
    return 0


def _title(folder: Path) -> str:
    try:
        return load_template(folder).title
    except TemplateError as problem:
        return f"(broken: {problem.message})"


def add(workspace: Workspace, source: Path, name: str | None) -> int:
    """Copy, then check what can be checked without running."""
    chosen = name or template_name(source)
    if not slug(chosen):
        raise TemplateError(f"the name {chosen!r} cannot be a folder's name", file=source, fix="give one with --name")
    folder = add_template(workspace, source, chosen)
    problems = list(template_problems(folder))
    for problem in problems:
        print(problem)
    print(f"added {folder}")
    print(f"next: hakase template check {chosen} --baseline, then hakase run {chosen}")
    return 2 if problems else 0


def check(workspace: Workspace, name: str, options: Mapping[str, Any], with_baseline: bool, json: bool) -> int:
    """Every problem with file, key and fix; 2 when there is one."""
    from hakase.stages.checking import check_template

    folder = fetch_template(workspace, name)
    with interruptible(workspace, f"hakase template check {name}"):
        problems = list(check_template(folder, workspace, _lab(workspace, options), with_baseline))
    if json:
        print(json_module.dumps([_entry(problem) for problem in problems], indent=1))
        return 2 if problems else 0
    for problem in problems:
        print(problem)
    if problems:
        print(f"{name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
        return 2
    for default in load_template(folder).defaults:
        print(f"note: {default}")
    print(f"{name}: everything that was checked is in order; run it: hakase run {name}")
    return 0


def _entry(problem: HakaseError) -> dict[str, str | None]:
    return {"message": problem.message, "file": problem.file, "key": problem.key, "fix": problem.fix}


def measure_baseline(workspace: Workspace, name: str, options: Mapping[str, Any], plain: bool, json: bool) -> int:
    """Run the baseline anew, whatever is kept or found."""
    from hakase.cli.running import say_baseline
    from hakase.launch import prepare
    from hakase.stages.baseline import baseline_key

    template = load_template(fetch_template(workspace, name))
    with interruptible(workspace, f"hakase template baseline {name}"), get_screen(plain or json) as screen:
        lab = _lab(workspace, options, (lambda progress: screen.update("", progress)) if not json else None)
        shutil.rmtree(
            workspace.baselines(name) / baseline_key(template, workspace, lab.threads(template.settings.run)),
            ignore_errors=True,
        )
        prepared = prepare(template, workspace, lab, found=False)
        if not json:
            say_baseline(screen, prepared)
    assert prepared.baseline.run.result is not None
    if json:
        print(prepared.baseline.run.model_dump_json(indent=1))
        return 0
    for dataset, values in prepared.baseline.run.result.datasets.items():
        for metric, m in values.items():
            spread = f" ± {m.stderr:.2g} (n = {len(m.values)})" if m.stderr is not None else ""
            print(f"{dataset}: {metric} = {m.mean:.5g}{spread}")
    print(f"kept in {prepared.baseline.output}")
    return 0


def _lab(workspace: Workspace, options: Mapping[str, Any], notify: Any = None) -> Lab:
    from hakase.stages.lab import open_lab

    settings = load_settings(workspace.root, options)
    require(preflight(workspace, settings))
    return open_lab(settings, workspace.root, **({"notify": notify} if notify else {}))
