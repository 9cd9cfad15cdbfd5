"""``hakase template check``: the contract of a template, the parts that need running included, in a scratch copy."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hakase.errors import HakaseError, TemplateError
from hakase.evidence.results import ResultProblem, read_result
from hakase.metrics import resolve_metrics
from hakase.paper.figures.checking import check_figures
from hakase.progress import Progress
from hakase.records import Result
from hakase.seams import Mount
from hakase.stages.baseline import cached_baseline, run_baseline
from hakase.stages.jobs import INSIDE, data_mounts, lay_bench, make_job, run_clean
from hakase.stages.lab import Lab
from hakase.template import Template, load_template, template_problems
from hakase.workspace import Workspace

HELP_SECONDS = 60.0


def check_template(folder: Path, workspace: Workspace, lab: Lab, with_baseline: bool) -> Iterator[HakaseError]:
    """Every problem of the template in ``folder``; nothing of the template is changed."""
    static = list(template_problems(folder))
    yield from static
    if static:
        return
    template = load_template(folder)
    with tempfile.TemporaryDirectory(prefix="hakase-check-") as scratch:
        yield from _check_out_dir(template, Path(scratch), workspace, lab)
        try:
            output = _baseline_output(template, workspace, lab, with_baseline)
        except HakaseError as problem:
            yield problem
            output = None
        if output is not None:
            yield from _check_result(template, output)
            yield from _check_plot(template, output, Path(scratch), workspace, lab)
    yield from _check_latex(template, lab)


def _check_out_dir(template: Template, scratch: Path, workspace: Workspace, lab: Lab) -> Iterator[HakaseError]:
    """Ask experiment.py for its help: argparse then names --out_dir without running anything."""
    source = (template.folder / "experiment.py").read_text(encoding="utf-8")
    if "argparse" not in source:
        return
    bench = lay_bench(scratch / "help", template.folder)
    command = (sys.executable, "experiment.py", "--help")
    inside = INSIDE / "templates" / template.name
    job = make_job(
        bench,
        command,
        inside,
        lab.limits(HELP_SECONDS),
        data_mounts(workspace.data),
        lab.environment(template.settings.run),
    )
    outcome = run_clean(lab, job, Progress(stage="check", detail="experiment.py --help"))
    if not outcome.ok:
        yield TemplateError(
            f"`python experiment.py --help` failed: {bench.stderr_tail(300).strip()}",
            file=template.folder / "experiment.py",
            fix="it must import and parse its arguments without data or a GPU",
        )
    elif "out_dir" not in bench.stdout.read_text(errors="replace").replace("-", "_"):
        yield TemplateError(
            "the script's --help does not name --out_dir",
            file=template.folder / "experiment.py",
            key="--out_dir",
            fix='parser.add_argument("--out_dir", default="run_0"), and write final_info.json into that folder',
        )


def _baseline_output(template: Template, workspace: Workspace, lab: Lab, with_baseline: bool) -> Path | None:
    """The output to check the schema with: kept, found, or (when asked for) run now."""
    kept = cached_baseline(template, workspace, lab.threads(template.settings.run))
    if kept is not None:
        return kept.output
    if with_baseline:
        return run_baseline(template, workspace, lab, found=False).output
    found = template.folder / "run_0"
    return found if found.is_dir() else None


def _check_result(template: Template, output: Path) -> Iterator[HakaseError]:
    result: Result | None = None
    try:
        result = read_result(output)
        resolve_metrics(template, result)
    except (ResultProblem, TemplateError) as problem:
        yield problem


def _check_plot(
    template: Template, output: Path, scratch: Path, workspace: Workspace, lab: Lab
) -> Iterator[HakaseError]:
    plot = template.folder / "plot.py"
    if not plot.is_file():
        return
    bench = lay_bench(scratch / "plot", template.folder)
    inside = INSIDE / "results" / template.name / "check"
    mounts = (*data_mounts(workspace.data), Mount(output, inside / "run_0"))
    command = (sys.executable, "plot.py")
    job = make_job(
        bench, command, inside, lab.limits(lab.settings.plot_timeout), mounts, lab.environment(template.settings.run)
    )
    outcome = run_clean(lab, job, Progress(stage="check", detail="plot.py"))
    pictures = sorted(bench.work.glob("*.png"))
    if not outcome.ok:
        yield TemplateError(
            f"plot.py failed: {bench.stderr_tail(300).strip()}", file=plot, fix="mend it for run_0 alone"
        )
    elif not pictures:
        yield TemplateError(
            "plot.py wrote no PNG file", file=plot, fix="let it save its figures beside itself as *.png"
        )
    for finding in check_figures(pictures):
        yield TemplateError(finding.message, file=plot, key=finding.where, fix=finding.fix)


def _draw_placeholders(folder: Path) -> None:
    """A grey picture for each one that the template shows and that only a study will have."""
    from PIL import Image

    for name in re.findall(r"\\includegraphics(?:\[[^\]]*\])?\{([^}]+\.png)\}", (folder / "template.tex").read_text()):
        target = folder / Path(name).name
        if not target.exists():
            Image.new("RGB", (400, 300), "grey").save(target)


def _check_latex(template: Template, lab: Lab) -> Iterator[HakaseError]:
    """Typeset the template's LaTeX with its placeholders in."""
    if template.latex is None:
        return
    with tempfile.TemporaryDirectory(prefix="hakase-latex-") as scratch:
        folder = Path(scratch) / "latex"
        shutil.copytree(template.latex.parent, folder)
        (folder / "facts.tex").touch()
        _draw_placeholders(folder)
        typeset = lab.typesetter.typeset(folder)
    for package in typeset.missing_packages:
        yield TemplateError(
            f"LaTeX needs {package}, which the typesetter {typeset.engine} does not have",
            file=template.latex,
            fix="install TeX Live with it, or leave latex/ away to use Hakase's own paper template",
        )
    for error in typeset.errors if not typeset.missing_packages else ():
        where = f"line {error.line}" if error.line else None
        yield TemplateError(
            f"LaTeX: {error.message} {error.context}".strip(), file=template.latex, key=where, fix="mend it"
        )
