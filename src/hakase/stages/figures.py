"""Figures: those of plot.py, and the harness's own picture of the effects; one that fails its check is left out."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from hakase.notes import render_notes
from hakase.paper.figures import captions, checking, effects, measurements
from hakase.paper.figures.plotted import load_plotted
from hakase.records import Figure, Figures
from hakase.stages.lab import Lab
from hakase.stages.plotting import plot
from hakase.study import Study

EFFECTS = "effects.png"
MEASUREMENTS = "measurements.png"
"""Drawn by the harness: the first always, the second when plot.py gives no picture that can be used."""

EDITED = " Drawn by plot.py as it was edited for this study."
"""Said where a coder had a hand in what is shown: nothing compares the picture with the runs."""


def draw_figures(study: Study, lab: Lab) -> None:
    """Draw, check and save the figures."""
    drawing = plot(study, lab)
    work = drawing.bench.work
    pictures = list(drawing.pictures)
    wrong = checking.check_figures(pictures)
    bad = {finding.where for finding in wrong if finding.severity == "error"}
    if bad >= {path.name for path in pictures}:
        measurements.draw_measurements(study.finished_runs(), study.evidence, work / MEASUREMENTS)
    effects.draw_effects(study.evidence, work / EFFECTS)
    pictures += [path for name in (MEASUREMENTS, EFFECTS) if (path := work / name).is_file()]
    findings = (*drawing.findings, *wrong)
    kept = [_figure(study, path, drawing.edited) for path in pictures if path.name not in bad]
    for figure in kept:
        shutil.copyfile(work / figure.file, study.folder / figure.file)
    for bench in (study.folder / "attempts").glob("figures*/work"):
        shutil.rmtree(bench)
    study.save("figures", Figures(figures=tuple(kept), findings=findings))
    study.write("notes.txt", render_notes(study.idea, study.finished_runs(), kept))


def _figure(study: Study, path: Path, edited: bool) -> Figure:
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
        caption=f"{captions.caption(what, path.name)}{EDITED if edited else ''}",
        description=captions.plain_description(what, path.name),
        sha256=sha,
    )
