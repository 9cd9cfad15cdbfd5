"""Pictures: the harness's own, the record of a plotting script, captions from it, and the checks, on real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hakase.paper.figures.recording as recording
from hakase.paper.figures.captions import caption, effects_caption, plain_description
from hakase.paper.figures.checking import check_figure, check_figures
from hakase.paper.figures.effects import COLUMN_WIDTH, draw_effects, rows_of
from hakase.paper.parts import figure_float
from hakase.records import Comparison, Evidence, Figure, Verdict

CURVES = """
import io, sys
import matplotlib.pyplot as plt
import numpy as np
assert __name__ == "__main__" and sys.argv == ["plot.py"]
figure, panels = plt.subplots(1, 2, figsize=(8, 3))
for axes, dataset in zip(panels, ("digits", "breast_cancer")):
    for rate, label in ((5, "Baseline"), (6, "Cosine $\\\\eta$ & 5% decay")):
        loss = np.exp(-np.arange(20) / rate)
        axes.plot(loss, label=label)
        axes.fill_between(range(20), 0.9 * loss, 1.1 * loss, alpha=0.2)
    axes.set(title=dataset, xlabel="Epoch", ylabel="Validation loss", yscale="log")
panels[0].legend()
figure.savefig("curves.png", dpi=100)
figure.savefig(io.BytesIO())
figure.savefig("curves.pdf")
figure, axes = plt.subplots()
axes.bar(["digits", "wine"], [0.9, 0.8], yerr=[0.1, 0.1], label="Baseline")
axes.set_ylabel("Test accuracy")
plt.savefig("bars")
plt.figure()
plt.plot([], [])
plt.savefig("empty.png")
"""


def run_plot(folder: Path, script: str, recorded: bool = True) -> subprocess.CompletedProcess[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plot.py").write_text(script, encoding="utf-8")
    command = [sys.executable, *([recording.__file__] if recorded else []), "plot.py"]
    environment = {"MPLBACKEND": "Agg", "PATH": "/usr/bin:/bin", "HOME": str(folder), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plots")
    finished = run_plot(folder, CURVES)
    assert finished.returncode == 0, finished.stderr
    return folder


def describe(picture: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(picture.with_name(f"{picture.name}.json").read_text(encoding="utf-8"))
    return loaded


def test_every_png_is_described_and_nothing_else(plots: Path) -> None:
    described = {path.name for path in plots.glob("*.json")}
    assert described == {"curves.png.json", "bars.png.json", "empty.png.json"}


def test_recording_changes_no_picture(plots: Path, tmp_path: Path) -> None:
    assert run_plot(tmp_path, CURVES, recorded=False).returncode == 0
    for name in ("curves.png", "bars.png"):
        assert (tmp_path / name).read_bytes() == (plots / name).read_bytes()


def test_a_failing_script_fails_as_it_would(tmp_path: Path) -> None:
    assert run_plot(tmp_path / "exit", "import sys\nsys.exit(7)").returncode == 7
    failed = run_plot(tmp_path / "error", "raise ValueError('no runs here')")
    assert failed.returncode == 1
    assert "ValueError: no runs here" in failed.stderr


def test_captions_say_what_was_plotted(plots: Path) -> None:
    assert caption(describe(plots / "curves.png"), "curves.png") == (
        r"Validation loss against epoch (digits and breast cancer). Lines: Baseline and Cosine eta \& 5\% decay. "
        "The y axis is logarithmic. Shaded bands are drawn around the lines."
    )
    assert caption(describe(plots / "bars.png"), "bars.png") == (
        "Test accuracy for digits and wine. Bars: Baseline. Error bars are drawn."
    )


@pytest.mark.parametrize("description", [{}, {"axes": "forged"}, {"axes": [{"lines": [{"points": "many"}]}]}])
def test_without_a_usable_description_the_file_name_speaks(description: dict[str, object]) -> None:
    assert plain_description(description, "train_loss.png") == "Train loss, as drawn by plot.py."


def test_checks_pass_good_pictures_and_name_empty_ones(plots: Path) -> None:
    findings = check_figures([plots / "bars.png", plots / "curves.png", plots / "empty.png"])
    assert [(finding.where, finding.message) for finding in findings] == [("empty.png", "the axes show no data")]
    assert all(finding.fix for finding in findings)


def save(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels.astype("uint8")).save(path)
    return path


def test_broken_blank_small_and_huge_pictures_are_named(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (300, 300)))
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:5000])
    (tmp_path / "text.png").write_text("no picture")
    save(tmp_path / "blank.png", np.full((300, 300), 250))
    save(tmp_path / "small.png", np.eye(100) * 255)
    Image.new("1", (8000, 8000)).save(tmp_path / "huge.png")
    for name, words in (
        ("cut", "cannot be opened"), ("text", "cannot be opened"), ("missing", "cannot be opened"),
        ("blank", "blank"), ("small", "100 x 100"), ("huge", "64 million"),
    ):  # fmt: skip
        (finding,) = check_figure(tmp_path / f"{name}.png")
        assert finding.where == f"{name}.png"
        assert words in finding.message
        assert finding.fix
    assert check_figure(whole) == []


def with_chunk(picture: bytes, kind: bytes, content: bytes) -> bytes:
    """``picture`` with a chunk after its head, its checksum right."""
    chunk = len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
    return picture[:33] + chunk + picture[33:]


CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"tRNS", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"acTL", b"fcTL",
          b"fdAT", b"PLTE", b"IHDR", b"IDAT", b"IEND", b"cICP", b"\xff\xfe\xfd\xfc")  # fmt: skip
CONTENTS = (
    b"",
    b"\0",
    b"\0" * 3,
    b"\xff" * 4,
    b"a\0",
    b"a\0\0",
    b"a\0\0" + b"x" * 9,
    b"a\0\1\0\0\0",
    b"\0" * 26,
    b"\xff" * 26,
)


@pytest.mark.parametrize("kind", CHUNKS)
def test_crafted_chunks_are_findings_or_nothing(tmp_path: Path, kind: bytes) -> None:
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (200, 200))).read_bytes()
    for content in CONTENTS:
        (tmp_path / "x.png").write_bytes(with_chunk(whole, kind, content))
        for finding in check_figure(tmp_path / "x.png"):
            assert "cannot be opened" in finding.message or "pixels" in finding.message


def test_a_picture_must_be_a_plain_file_of_bounded_size_and_name(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (300, 300)))
    (tmp_path / "link.png").symlink_to(whole)
    os.mkfifo(tmp_path / "pipe.png")
    with (tmp_path / "large.png").open("wb") as stream:
        stream.truncate(30 * 2**20)
    (tmp_path / "50%.png").write_bytes(whole.read_bytes())
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(whole.read_bytes())
    findings = {finding.where: finding.message for finding in check_figures(sorted(tmp_path.glob("*.png")))}
    assert findings == {
        "50%.png": "has a name that LaTeX cannot hold",
        "\\udcff.png": "has a name that LaTeX cannot hold",
        "large.png": "has 30 MB",
        "link.png": "is no plain file",
        "pipe.png": "is no plain file",
    }


def test_only_the_first_dozen_is_looked_at(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    paths = [
        save(tmp_path / f"{n:02}.png", np.kron(rng.integers(0, 255, (10, 10)), np.ones((20, 20)))) for n in range(14)
    ]
    assert [(f.where, "more than 12" in f.message) for f in check_figures(paths)] == [
        ("12.png", True),
        ("13.png", True),
    ]


def test_a_picture_of_another_format_starts_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import EpsImagePlugin

    ran = tmp_path / "ran"
    fake = tmp_path / "bin" / "gs"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {ran}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    (tmp_path / "x.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 300\n%%EndComments\nshowpage\n")
    (finding,) = check_figure(tmp_path / "x.png")
    assert "cannot be opened" in finding.message
    assert not ran.exists()
    assert r"\begin{figure}[" in figure_float(Figure(file="x.png"), tmp_path)


def test_a_picture_under_two_names_is_found_and_two_alike_are_not(plots: Path, tmp_path: Path) -> None:
    for name in ("one.png", "same.png"):
        (tmp_path / name).write_bytes((plots / "curves.png").read_bytes())
    Image.open(plots / "curves.png").convert("RGB").save(tmp_path / "again.png", compress_level=1)
    other = run_plot(tmp_path, CURVES.replace("(5, ", "(3, ").replace("curves.png", "other.png"))
    assert other.returncode == 0, other.stderr
    findings = check_figures([tmp_path / name for name in ("one.png", "same.png", "again.png", "other.png")])
    assert [finding.where for finding in findings] == ["same.png", "again.png"]
    assert all("one.png" in finding.message for finding in findings)


def comparison(run: int, dataset: str, effect: float, verdict: Verdict, **fields: object) -> Comparison:
    unit = 1.0 if not dataset else 0.3
    settings: dict[str, object] = {
        "run": run, "label": f"A rather long label of run {run} with $signs_{run}", "dataset": dataset,
        "metric": "test_loss", "direction": "lower", "primary": not dataset, "baseline": 0.3,
        "variant": 0.3 * (1 + effect), "difference": 0.3 * effect, "relative": effect, "low": (effect - 0.03) * unit,
        "high": (effect + 0.03) * unit, "n": 5, "verdict": verdict, **fields,
    }  # fmt: skip
    return Comparison.model_validate(settings)


def evidence(runs: int, datasets: int) -> Evidence:
    verdicts: tuple[Verdict, ...] = ("better", "worse", "no_difference", "too_few_seeds")
    comparisons = []
    for run in range(1, runs + 1):
        comparisons.append(comparison(run, "", 0.05 * run - 0.1, verdicts[run % 4]))
        comparisons += [
            comparison(run, f"data_set_{index}", 0.05 * run - 0.09, "too_few_seeds") for index in range(datasets)
        ]
    return Evidence(primary_metric="test_loss", direction="lower", comparisons=tuple(comparisons))


@pytest.mark.parametrize(("runs", "datasets"), [(1, 1), (3, 2), (5, 4)])
def test_the_figure_of_effects_passes_its_own_checks(tmp_path: Path, runs: int, datasets: int) -> None:
    wide, narrow = tmp_path / "effects.png", tmp_path / "narrow.png"
    assert draw_effects(evidence(runs, datasets), wide)
    assert draw_effects(evidence(runs, datasets), narrow, COLUMN_WIDTH)
    assert Image.open(wide).width == 1300
    assert Image.open(narrow).width == 660
    assert check_figures([wide, narrow]) == []
    assert len(rows_of(evidence(runs, datasets))) == runs * (1 + (datasets if datasets > 1 else 0))


def test_the_figure_of_effects_is_the_same_each_time(tmp_path: Path) -> None:
    draw_effects(evidence(2, 2), tmp_path / "one.png")
    draw_effects(evidence(2, 2), tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_without_comparisons_there_is_no_figure(tmp_path: Path) -> None:
    assert not draw_effects(Evidence(primary_metric="loss", direction="lower"), tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_unknown_spread_and_endless_intervals_are_drawn(tmp_path: Path) -> None:
    known = evidence(1, 2)
    wild = comparison(1, "wild", 0.01, "too_few_seeds", low=-300.0, high=300.0)
    unknown = comparison(2, "", 0.02, "too_few_seeds", low=None, high=None)
    both = known.model_copy(update={"comparisons": (*known.comparisons, wild, unknown)})
    assert draw_effects(both, tmp_path / "effects.png")
    assert check_figure(tmp_path / "effects.png") == []
    assert "arrow" in effects_caption(both)


def test_caption_of_effects_explains_its_marks() -> None:
    text = effects_caption(evidence(3, 2))
    assert r"95\% confidence intervals (left of zero is better)" in text
    assert "Orange square: worse, blue disc: no difference shown" in text
    assert "small marks: single data sets" in text
