"""Sentences about results that are put together from many parts: data sets, other runs, other metrics, attempts.

Every sentence is chosen by a verdict of the evidence and every number is a macro. Nothing here types a digit.
"""

from __future__ import annotations

from collections.abc import Sequence

from hakase.latex_text import escape
from hakase.records import AttemptStatus, Run
from hakase.scientists.builtin.writing.effects import Effect
from hakase.scientists.builtin.writing.phrasing import (
    choose_number,
    has_digit,
    join_words,
    read_name,
    spell_count,
)
from hakase.scientists.builtin.writing.story import Story, Variant

REASONS: dict[AttemptStatus, str] = {
    "ok": "its results could not be used",
    "edit_failed": "the change could not be made in the code",
    "package_refused": "a package that the change needs was not installed",
    "no_change": "the change left the code as it was",
    "failed": "the program ended with an error",
    "timed_out": "the time limit was reached",
    "bad_results": "the results were missing or not finite",
    "identical_results": "the results were identical to those of the code before the change",
}


def describe_datasets(story: Story) -> str:
    """The best run, one data set at a time."""
    if story.best is None or len(story.best.by_dataset) < 2:
        return ""
    effects = story.best.by_dataset
    groups = [
        f"{movement} on {join_words([_name_size(e, effects) for e in members])}"
        for movement in ("lower", "higher", "unchanged")
        if (members := [e for e in effects if e.movement == movement])
    ]
    return f"Under {story.best.label} the mean {story.metric} is {join_words(groups)}. {_compare_datasets(effects)}"


def _name_size(effect: Effect, among: Sequence[Effect]) -> str:
    """Data set and size; with the verdict where verdicts differ."""
    verdict = f"; {effect.verdict_words}" if len({e.verdict for e in among}) > 1 else ""
    return f"{escape(effect.dataset)} ({effect.size}{verdict})"


def _compare_datasets(effects: Sequence[Effect]) -> str:
    if {e.points_to_better for e in effects} == {True, False}:
        agreement = "The data sets thus disagree about the sign, and the pooled number hides this."
    else:
        agreement = "The sign of the effect is the same throughout."
    return f"{agreement} {_say_what_is_shown(effects)}"


def _say_what_is_shown(effects: Sequence[Effect]) -> str:
    shown = [escape(e.dataset) for e in effects if e.verdict in ("better", "worse")]
    if len(shown) == len(effects):
        return "Each of these effects is shown by its own test."
    if shown:
        return f"Taken alone, an effect is shown on {join_words(shown)} only."
    if all(e.verdict == "too_few_seeds" for e in effects):
        return "For a verdict on any data set alone there are too few seeds, once all comparisons are corrected for."
    return "No data set shows the effect when it is taken alone."


def describe_others(story: Story) -> str:
    """Every other finished run in a sentence or two, and what controls are."""
    sentences = [_describe_variant(variant, story) for variant in story.others]
    names = join_words([variant.label for variant in story.controls])
    if names:
        verb = "is a control: it changes" if len(story.controls) == 1 else "are controls: they change"
        sentences.append(f"{names} {verb} more or less than the idea states, and the hypothesis is not judged by that.")
    return "\n".join(sentences)


def _describe_variant(variant: Variant, story: Story) -> str:
    effect = variant.effect
    if effect is None or not effect.known:
        return f"{variant.label} finished, but could not be compared on the {story.metric}."
    sentence = f"{variant.label} {effect.verdict_clause}, with a pooled change of {effect.size}{effect.details}."
    pattern = find_pattern(variant.by_dataset)
    return f"{sentence} Its mean is {pattern}." if pattern else sentence


def find_pattern(effects: Sequence[Effect]) -> str:
    """Which way the means moved, by data set: ``lower on every data set``, or ``lower on a and b and higher on c``."""
    groups = {
        movement: [escape(e.dataset) for e in effects if e.movement == movement]
        for movement in ("lower", "higher", "unchanged")
    }
    if len(effects) > 1 and (single := next((m for m, names in groups.items() if len(names) == len(effects)), "")):
        return f"{single} on every data set"
    return join_words([f"{movement} on {join_words(names)}" for movement, names in groups.items() if names])


def describe_secondary(story: Story, limit: int = 4) -> str:
    """The best run on the other metrics: which way the means moved, and where that is shown."""
    if story.best is None or not story.best.secondary:
        return ""
    sentences = [f"The other metrics put {story.best.label} in context; none of them decides about the hypothesis."]
    metrics: dict[str, list[str]] = {}
    for metric in story.secondary_metrics[:limit]:
        effects = [e for e in story.best.secondary if e.comparison.metric == metric]
        metrics.setdefault(f"{find_pattern(effects)}{_where_shown(effects)}", []).append(escape(read_name(metric)))
    for pattern, names in metrics.items():
        sentences.append(f"The {join_words(names)} {choose_number(len(names), 'is', 'are')} {pattern}.")
    return " ".join(sentences)


def _where_shown(effects: Sequence[Effect]) -> str:
    shown = [escape(e.dataset) for e in effects if e.verdict in ("better", "worse")]
    if all(e.movement == "unchanged" for e in effects):
        return ""
    if not shown:
        return ", where no difference is shown" if len(effects) == 1 else ", though nowhere is a difference shown"
    return "" if len(shown) == len(effects) else f"; this is shown on {join_words(shown)} only"


def describe_attempts(story: Story) -> str:
    """How many runs and attempts there were, and how those that do not count ended."""
    sentences = [_count_runs(story), _count_attempts(story)]
    sentences += [describe_failure(run, story) for run in story.failed]
    if not story.failed and story.variants:
        sentences.append("Nothing that was run is left out of the tables.")
    return " ".join(filter(None, sentences))


def _count_runs(story: Story) -> str:
    numbers, evidence = story.numbers, story.brief.evidence
    if not (numbers.has("runs", "planned") and numbers.has("runs", "finished")):
        return ""
    if evidence.runs_planned == 1:
        return f"The only planned run {'finished' if evidence.runs_finished else 'did not finish'}."
    if evidence.runs_finished == evidence.runs_planned:
        return f"All {numbers('runs', 'planned')} planned runs finished."
    finished = numbers("runs", "finished") if evidence.runs_finished else "none"
    return f"Of {numbers('runs', 'planned')} planned runs, {finished} finished."


def _count_attempts(story: Story) -> str:
    numbers, evidence = story.numbers, story.brief.evidence
    if not (numbers.has("attempts", "total") and numbers.has("attempts", "failed")):
        return ""
    if not evidence.attempts_failed:
        attempts = choose_number(evidence.attempts, "attempt")
        return f"This took {numbers('attempts', 'total')} {attempts}, without a failure."
    attempts = choose_number(evidence.attempts, "attempt was", "attempts were")
    return f"In all, {numbers('attempts', 'total')} {attempts} made, and {numbers('attempts', 'failed')} failed."


def describe_failure(run: Run, story: Story) -> str:
    """How a run that was given up ended, by the kinds of its attempts."""
    known = story.numbers.has("run", run.number, "label") or not has_digit(run.label)
    name = f"The run {story.name_run(run.number)}" if known else f"Run {spell_count(run.number)}"
    reasons = list(dict.fromkeys(REASONS[attempt.status] for attempt in run.attempts if attempt.status != "ok"))
    if not reasons:
        return f"{name} was planned but has no result."
    tries = choose_number(len(run.attempts), "try", "tries")
    return f"{name} was given up after {spell_count(len(run.attempts))} {tries}: {join_words(reasons)}."


def list_next_steps(story: Story) -> list[str]:
    """What would be worth running next, by what the study left open."""
    steps: list[str] = []
    if story.failed:
        steps.append(f"to carry out the {choose_number(len(story.failed), 'run that', 'runs that')} did not finish")
    if story.outcome == "no_run":
        steps.append("to find out from the kept output why the attempts ended as they did")
    if story.outcome in ("too_few_seeds", "no_difference"):
        steps.append("to repeat the comparison with more seeds, so that a smaller effect can be told from none")
    if story.shown:
        steps.append("to see whether the effect holds on further data sets and for a larger baseline")
    if story.outcome == "better" and story.best and story.best.run.changes:
        steps.append(f"to try values of the setting around that of {story.best.label}")
    if story.untried_meaning:
        steps.append(f"to run the values of the {story.untried_meaning} that this study did not come to")
    return steps or ["to make the results comparable"]


def list_dataset_sizes(variant: Variant) -> list[str]:
    """Size, interval and verdict of a variant on each data set; one verdict at the end when all share it."""
    same = len({effect.verdict for effect in variant.by_dataset}) == 1
    sizes = [
        f"{escape(effect.dataset)} {effect.size}{effect.details}{'' if same else f', {effect.verdict_words}'}"
        for effect in variant.by_dataset
    ]
    return (
        [*sizes, f"the verdict is ``{variant.by_dataset[0].verdict_words}'' on each"]
        if same and len(sizes) > 1
        else sizes
    )


def list_secondary_sizes(story: Story, limit: int = 4) -> list[str]:
    """For each of the first other metrics, its differences by data set under the best run."""
    if story.best is None:
        return []
    return [
        f"the {escape(read_name(metric))} by "
        + join_words(
            [f"{e.size} on {escape(e.dataset)}" for e in story.best.secondary if e.comparison.metric == metric]
        )
        for metric in story.secondary_metrics[:limit]
    ]


def compare_with_primary(story: Story) -> str:
    """Whether any other metric speaks against the primary one."""
    if story.best is None or story.best.effect is None:
        return ""
    good = story.best.effect.points_to_better
    against = [e for e in story.best.secondary if e.points_to_better != good and e.verdict in ("better", "worse")]
    if not against:
        return "No other metric is shown to move against the primary one."
    where = [f"the {escape(e.metric)} on {escape(e.dataset)}" for e in against[:3]]
    return f"This is shown to move against the primary metric: {join_words(where)}."
