"""plot.py: with the scientist's labels, edited where it wants more, run in the sandbox, looked at, revised once.

A plot.py that a coder edited and that fails gives way to the one before it. plot.py sees all runs, read-only.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hakase.paper.figures.recording as recording
from hakase.disk import write_atomic
from hakase.naming import slug
from hakase.paper.figures import captions, checking
from hakase.paper.figures.plotted import load_plotted
from hakase.progress import Progress
from hakase.records import Finding, RunPlan
from hakase.seams import ExperimentView, FigurePlan, Picture
from hakase.stages.jobs import Bench, data_mounts, inside_study, lay_bench, make_job, run_clean, run_mounts
from hakase.stages.lab import Lab
from hakase.stages.packages import package_mounts, package_paths
from hakase.stages.views import experiment_view
from hakase.study import Study
from hakase.syntax.labels import set_labels

RESERVED = ("effects", "measurements")
"""Names of the harness's own pictures."""
PLOT = "plot.py"


@dataclass(frozen=True)
class Drawing:
    """What one version of plot.py gave."""

    bench: Bench
    code: str
    pictures: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What was wrong with plot.py itself; what is wrong with a picture is found by ``checking``."""
    failed: bool = False
    edited: bool = False
    """Whether a coder had changed the plot.py that drew it."""


def plot(study: Study, lab: Lab) -> Drawing:
    """The best drawing that can be had; it has no picture when the template has no plot.py or that fails."""
    first = _lay(study, "figures")
    if not (first.work / PLOT).is_file():
        return Drawing(first, "")
    view = experiment_view(study, lab)
    plan = lab.scientist.plan_figures(view)
    plain = _labelled(study.plot_source(), plan)
    drawing = _best_edit(study, lab, view, plan, plain) if plan.instruction else None
    if drawing is None or drawing.failed:
        drawing = _draw(study, lab, first, plain)
    study.write_plot(drawing.code)
    return replace(drawing, edited=drawing.code != plain)


def _lay(study: Study, name: str) -> Bench:
    """A bench without the pictures that lie in the study: what is found there afterwards was drawn there."""
    bench = lay_bench(study.folder / "attempts" / name, study.folder)
    for old in bench.work.glob("*.png*"):
        old.unlink()
    return bench


def _labelled(code: str, plan: FigurePlan) -> str:
    """``code`` with the plan's labels, as it is where it has no ``labels`` dictionary."""
    return set_labels(code, plan.labels) or code


def _best_edit(study: Study, lab: Lab, view: ExperimentView, plan: FigurePlan, plain: str) -> Drawing | None:
    """plot.py edited as planned, and once more after its pictures were looked at; None when no edit could be made."""
    made: Drawing | None = None
    code = plain
    for number in (1, 2):
        bench = _lay(study, f"figures.{number}")
        write_atomic(bench.work / PLOT, code)
        wanted = RunPlan(
            label=f"figures {number}", purpose="draw the figures of the paper", instruction=plan.instruction
        )
        lab.notify(Progress(stage="figures", detail=f"editing plot.py ({number})", upcoming="run plot.py"))
        edit = lab.coder.edit(bench.work, wanted, (PLOT,), _faults(made))
        study.journal.add("figures_edited", "figures", number=number, problem=edit.problem)
        if edit.problem:
            return made
        drawn = _draw_edited(study, lab, bench, _labelled((bench.work / PLOT).read_text(encoding="utf-8"), plan))
        problems = [finding.message for finding in drawn.findings]
        study.journal.add("figures_drawn", "figures", number=number, problems=problems)
        made = made if made and drawn.failed and not made.failed else drawn
        revised = lab.scientist.revise_figures(plan, _views(drawn), view) if number == 1 else None
        if revised is None:
            return made
        plan, code = revised, drawn.code
    return made


def _faults(drawing: Drawing | None) -> str:
    if drawing is None or not drawing.failed:
        return ""
    return "\n".join(f"{finding.message}\n{finding.excerpt}" for finding in drawing.findings)


def _draw_edited(study: Study, lab: Lab, bench: Bench, code: str) -> Drawing:
    """As ``_draw``; but an edited plot.py that looked into no run drew what no run has measured."""
    drawn = _draw(study, lab, bench, code)
    if drawn.failed or _runs_read(bench):
        return drawn
    fault = _wrong("plot.py reads no file of any run", "", "read what it draws from run_N/, as it did")
    return Drawing(bench, code, findings=(fault,), failed=True)


def _runs_read(bench: Bench) -> list[str]:
    """The runs of which plot.py opened a file, as ``recording`` wrote them down."""
    try:
        return (bench.work / recording.RUNS_READ).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return []


def _draw(study: Study, lab: Lab, bench: Bench, code: str) -> Drawing:
    """Run ``code`` as plot.py; what went wrong, if anything did."""
    write_atomic(bench.work / PLOT, code)
    shutil.copyfile(recording.__file__, bench.work / "record_figures.py")
    inside = inside_study(study)
    limit = lab.settings.plot_timeout
    job = make_job(
        bench,
        (sys.executable, "record_figures.py", PLOT),
        inside,
        lab.limits(limit),
        (*data_mounts(lab.data), *run_mounts(study, inside), *package_mounts(study)),
        {**lab.environment(study.template.settings.run), **package_paths(study)},
    )
    outcome = run_clean(lab, job, Progress(stage="figures", detail=PLOT, limit=limit, upcoming="paper"))
    if not outcome.ok:
        how = outcome.ended_by or f"exit code {outcome.exit_code}"
        fault = _wrong(f"plot.py failed ({how})", bench.stderr_tail(500), "mend plot.py and run `hakase write STUDY`")
        return Drawing(bench, code, findings=(fault,), failed=True)
    pictures = _rename(sorted(bench.work.glob("*.png")))
    if not pictures:
        fault = _wrong("plot.py wrote no PNG file", "", "let it save its figures beside itself as *.png")
        return Drawing(bench, code, findings=(fault,), failed=True)
    return Drawing(bench, code, tuple(pictures))


def _wrong(message: str, excerpt: str, fix: str) -> Finding:
    return Finding(check="figures", where=PLOT, message=message, excerpt=excerpt, fix=fix)


def _views(drawing: Drawing) -> tuple[Picture, ...]:
    """The pictures as a scientist sees them; one that cannot be used says why, and so does a plot.py that failed."""
    wrong = checking.check_figures(list(drawing.pictures))
    faults = tuple(f"{finding.message} {finding.excerpt}".strip() for finding in drawing.findings)
    shown = tuple(
        Picture(path, describe_picture(path), tuple(f.message for f in wrong if f.where == path.name))
        for path in drawing.pictures
    )
    return shown or tuple(Picture(drawing.bench.work / PLOT, "no picture was made", (fault,)) for fault in faults)


def describe_picture(path: Path) -> str:
    """What was plotted, in words."""
    plotted = load_plotted(path)
    return captions.plain_description(plotted.model_dump() if plotted else {}, path.name)


def _rename(pictures: Sequence[Path]) -> list[Path]:
    """The pictures, with their descriptions, under names that are safe in LaTeX and not the harness's own."""
    renamed: dict[str, Path] = {}
    for picture in pictures:
        stem = slug(picture.stem) or "figure"
        taken = {*renamed, *RESERVED}
        stem = next(name for name in (stem, *(f"{stem}_{n}" for n in range(2, 1000))) if name not in taken)
        target = picture.with_name(f"{stem}.png")
        for old, new in (
            (picture, target),
            (picture.with_name(f"{picture.name}.json"), picture.with_name(f"{target.name}.json")),
        ):
            if old.exists():
                old.rename(new)
        renamed[stem] = target
    return list(renamed.values())
