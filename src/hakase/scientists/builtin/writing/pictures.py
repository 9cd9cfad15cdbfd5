"""What the text says of each figure: its subject, and what the evidence says about that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from hakase.latex_text import escape
from hakase.records import Figure
from hakase.scientists.builtin.writing.phrasing import (
    decapitalise,
    has_digit,
    join_words,
    read_name,
    take_first_sentence,
)
from hakase.scientists.builtin.writing.story import Story

EFFECTS = "effects.png"
"""The harness' own figure of all effects on the primary metric."""


@dataclass(frozen=True)
class Picture:
    """A figure's paragraph, and the file that holds its float."""

    text: str
    file: str


def list_pictures(story: Story) -> list[Picture]:
    """One paragraph for every figure of the brief, in their order."""
    return [_make_picture(figure, story) for figure in story.brief.figures]


def _make_picture(figure: Figure, story: Story) -> Picture:
    path = PurePath(figure.file)
    stem = path.stem
    words = read_name(f"{stem} {figure.title}")
    reference = f"Figure~\\ref{{fig:{stem}}}"
    if story.best and path.name == EFFECTS:
        text = f"{reference} draws the effects on the {story.metric} with their intervals. {_describe_intervals(story)}"
    elif metric := _find_metric(words, story):
        text = f"{reference} shows the {escape(read_name(metric))} of the runs. {_trace_metric(metric, story)}"
    else:
        text = f"{reference} adds a further view{_name_content(figure)}."
    return Picture(text.strip(), f"figure_{stem}.tex")


def _find_metric(words: str, story: Story) -> str:
    """The metric with the longest name that ``words`` has."""
    result = story.baseline.result if story.baseline else None
    names = {name for metrics in result.datasets.values() for name in metrics} if result else set()
    named = sorted((name for name in names if read_name(name) in words), key=lambda name: (-len(name), name))
    return named[0] if named else ""


def _describe_intervals(story: Story) -> str:
    """Which pooled intervals leave zero out, and which of these differences no test confirms."""
    with_interval = [v for v in story.variants if v.effect and v.effect.interval]
    clear = [v for v in with_interval if v.effect and not v.effect.interval_has_zero]
    unsure = [v.label for v in clear if v.effect and v.effect.verdict not in ("better", "worse")]
    sentence = _count_clear(len(with_interval), [v.label for v in clear])
    return f"{sentence} The corrected test does not confirm this for {join_words(unsure)}." if unsure else sentence


def _count_clear(count: int, clear: Sequence[str]) -> str:
    if not count:
        return ""
    if not clear:
        return "Every pooled interval contains zero." if count > 1 else "The pooled interval contains zero."
    if len(clear) == count:
        return "No pooled interval contains zero." if count > 1 else "The pooled interval leaves zero out."
    clears = "interval leaves" if len(clear) == 1 else "intervals leave"
    return f"For {join_words(clear)} the pooled {clears} zero out."


def _trace_metric(metric: str, story: Story) -> str:
    """From the baseline's mean to the best run's, by data set."""
    if story.best is None:
        return "There is no finished variant to compare."
    number, numbers = story.best.run.number, story.numbers
    moved, same = [], []
    for dataset in story.dataset_keys:
        old, new = (("run", run, dataset, metric, "mean") for run in (0, number))
        if not (numbers.has(*old) and numbers.has(*new)):
            continue
        name = escape(read_name(dataset))
        if numbers.print_alike(old, new):
            same.append(f"{numbers(*new)} on {name}")
        else:
            moved.append(f"from {numbers(*old)} to {numbers(*new)} on {name}")
    parts = [f"goes {join_words(moved)}"] if moved else []
    parts += [f"stays at {join_words(same)}"] if same else []
    return f"From the baseline to {story.best.label} the final mean {', and '.join(parts)}." if parts else ""


def _name_content(figure: Figure) -> str:
    for text in (figure.description, figure.title):
        sentence = take_first_sentence(text).rstrip(".")
        if sentence and not has_digit(sentence):
            return f" ({escape(decapitalise(sentence))})"
    return ""
