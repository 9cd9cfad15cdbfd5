"""Figures: plot.py with the scientist's labels, run in the sandbox, and the harness's own picture of the effects.

Each picture is checked; one that fails is left out and named. plot.py sees all runs, read-only.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import hakase.paper.figures.recording as recording
from hakase.disk import write_atomic
from hakase.naming import slug
from hakase.notes import render_notes
from hakase.paper.figures import captions, checking, effects, measurements
from hakase.paper.figures.plotted import load_plotted
from hakase.progress import Progress
from hakase.records import Figure, Figures, Finding
from hakase.stages.jobs import Bench, data_mounts, inside_study, lay_bench, make_job, run_clean, run_mounts
from hakase.stages.lab import Lab
from hakase.stages.views import experiment_view
from hakase.study import Study
from hakase.syntax.labels import set_labels

EFFECTS = "effects.png"
MEASUREMENTS = "measurements.png"
"""Drawn by the harness: the first always, the second when plot.py gives no picture that can be used."""


def draw_figures(study: Study, lab: Lab) -> None:
    """Draw, check and save the figures."""
    bench = lay_bench(study.folder / "attempts" / "figures", study.folder)
    findings = list(_plot(study, lab, bench))
    pictures = _rename(sorted(bench.work.glob("*.png")))
    wrong = checking.check_figures(pictures)
    bad = {finding.where for finding in wrong if finding.severity == "error"}
    if bad >= {path.name for path in pictures}:
        measurements.draw_measurements(study.finished_runs(), study.evidence, bench.work / MEASUREMENTS)
    effects.draw_effects(study.evidence, bench.work / EFFECTS)
    pictures += [path for name in (MEASUREMENTS, EFFECTS) if (path := bench.work / name).is_file()]
    findings += wrong
    kept = [_figure(study, path) for path in pictures if path.name not in bad]
    for figure in kept:
        shutil.copyfile(bench.work / figure.file, study.folder / figure.file)
    shutil.rmtree(bench.work)
    study.save("figures", Figures(figures=tuple(kept), findings=tuple(findings)))
    study.write("notes.txt", render_notes(study.idea, study.finished_runs(), kept))


def _rename(pictures: list[Path]) -> list[Path]:
    """The pictures, with their descriptions, under names that are safe in LaTeX and not the harness's own."""
    renamed: dict[str, Path] = {}
    for picture in pictures:
        stem = slug(picture.stem) or "figure"
        taken = {*renamed, Path(EFFECTS).stem, Path(MEASUREMENTS).stem}
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


def _plot(study: Study, lab: Lab, bench: Bench) -> list[Finding]:
    """Run plot.py; what went wrong, if anything did."""
    plot = bench.work / "plot.py"
    for old in bench.work.glob("*.png"):
        old.unlink()
    if not plot.is_file():
        return []
    plan = lab.scientist.plan_figures(experiment_view(study, lab))
    labelled = set_labels(plot.read_text(encoding="utf-8"), plan.labels)
    if labelled is not None:
        write_atomic(plot, labelled)
        study.write("plot.py", labelled)
    shutil.copyfile(recording.__file__, bench.work / "record_figures.py")
    inside = inside_study(study)
    limit = lab.settings.plot_timeout
    job = make_job(
        bench,
        (sys.executable, "record_figures.py", "plot.py"),
        inside,
        lab.limits(limit),
        (*data_mounts(lab.data), *run_mounts(study, inside)),
        lab.environment(study.template.settings.run),
    )
    progress = Progress(stage="figures", detail="plot.py", limit=limit, upcoming="paper")
    outcome = run_clean(lab, job, progress)
    if not outcome.ok:
        how = outcome.ended_by or f"exit code {outcome.exit_code}"
        return [_wrong(f"plot.py failed ({how})", bench.stderr_tail(500), "mend plot.py and run `hakase write STUDY`")]
    if not list(bench.work.glob("*.png")):
        return [_wrong("plot.py wrote no PNG file", "", "let it save its figures beside itself as *.png")]
    return []


def _wrong(message: str, excerpt: str, fix: str) -> Finding:
    return Finding(check="figures", where="plot.py", message=message, excerpt=excerpt, fix=fix)


def _figure(study: Study, path: Path) -> Figure:
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    if path.name == EFFECTS:
        return Figure(file=path.name, title="Effects", caption=captions.effects_caption(study.evidence), sha256=sha)
    if path.name == MEASUREMENTS:
        legend = measurements.measurements_caption(study.finished_runs(), study.evidence)
        return Figure(file=path.name, title="Measurements", caption=legend, sha256=sha)
    plotted = load_plotted(path)
    what = plotted.model_dump() if plotted else {}
    return Figure(
        file=path.name,
        title=path.stem.replace("_", " "),
        caption=captions.caption(what, path.name),
        description=captions.plain_description(what, path.name),
        sha256=sha,
    )
