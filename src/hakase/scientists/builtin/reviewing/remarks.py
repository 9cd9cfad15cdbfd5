"""Strengths, weaknesses, questions and limitations, each with the numbers that it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from hakase.records import Comparison, Finding
from hakase.scientists.builtin.reviewing.measures import ENOUGH_SEEDS, Measures

MANY_SEEDS = 10
FEW_CITATIONS = 5
VERDICTS = {
    "better": "better than the baseline",
    "worse": "worse than the baseline",
    "no_difference": "no difference shown",
    "too_few_seeds": "too few seeds for a verdict",
}


def summarise(measures: Measures) -> str:
    """What the paper does and finds, in a few sentences."""
    evidence, idea = measures.brief.evidence, measures.brief.idea
    opening = f"The paper studies the idea “{idea.title}” on a baseline, judged by {_words(evidence.primary_metric)}."
    if measures.best is None:
        return f"{opening} None of {_count(evidence.runs_planned, 'planned run')} gave a result that could be compared."
    return (
        f"{opening} It compares {_count(evidence.runs_finished, 'finished run')} with the baseline. "
        f"The best one, {measures.best.label}, changes the metric by {describe_effect(measures.best)}: "
        f"{VERDICTS[measures.best.verdict]}. The registered hypothesis is {evidence.hypothesis}."
    )


def list_strengths(measures: Measures) -> tuple[str, ...]:
    """What the records speak for."""
    return tuple(_strong(measures))


def _strong(measures: Measures) -> Iterable[str]:
    evidence, best = measures.brief.evidence, measures.best
    yield "The hypothesis was registered before the runs, and the paper reports its verdict in plain terms."
    if measures.paired and measures.seeds >= ENOUGH_SEEDS:
        pairs = f"{measures.pairs} pairs in all"
        yield f"Comparisons are paired over {measures.seeds} seeds per data set ({pairs}) and tested by sign flips."
    if measures.corrected:
        yield f"All {len(evidence.comparisons)} comparisons are corrected for how many were made."
    if best is not None and best.low is not None:
        yield f"The main effect has an interval: {describe_effect(best)}."
    if measures.broad:
        datasets = _count(len(measures.by_dataset), "data set")
        yield f"At least two of {datasets} agree with the effect by their own intervals."
    if evidence.attempts > 1:
        attempts = _count(evidence.attempts, "attempt")
        yield f"Every one of {attempts} is accounted for, of which {evidence.attempts_failed or 'none'} failed."
    if measures.verdict in ("worse", "no_difference") and not measures.overclaims:
        yield "A negative result is reported as what it is."
    if not measures.findings and measures.draft:
        yield "Every check on the paper's numbers, figures and citations passed."


def list_weaknesses(measures: Measures) -> tuple[str, ...]:
    """What the records and the checks speak against, the gravest first."""
    errors = (_describe_finding(finding) for finding in measures.errors[:5])
    return (*errors, *_weak_result(measures), *_weak_design(measures), *_weak_paper(measures))


def _weak_result(measures: Measures) -> Iterable[str]:
    best = measures.best
    if best is None:
        yield "There is no result: no variant finished and could be compared with the baseline."
    elif best.verdict == "too_few_seeds":
        yield f"{_count(best.n, 'seed pair').capitalize()} cannot reach .05 whatever the data say; there is no verdict."
    elif best.verdict == "no_difference":
        yield f"No effect is shown: {describe_effect(best)}. The effects that its interval allows need discussion."
    elif len(measures.by_dataset) > 1 and not measures.datasets_shown:
        datasets = _count(len(measures.by_dataset), "data set")
        yield f"The effect is shown for the pooled data only; after correction none of {datasets} shows it alone."
    if len({c.difference > 0 for c in measures.by_dataset}) > 1:
        yield "The data sets disagree about the sign of the effect, which a pooled number hides."


def _weak_design(measures: Measures) -> Iterable[str]:
    brief, datasets = measures.brief, len(measures.by_dataset)
    if datasets:
        counted = _count(datasets, "data set").capitalize()
        yield f"{counted} of one template: nothing shows that the finding generalises to a larger scale."
    if ENOUGH_SEEDS <= measures.seeds < MANY_SEEDS:
        least = f"{0.5**measures.seeds:.3f}"
        yield (
            f"{measures.seeds} seeds leave little statistical power, above all on a single data set, where the "
            f"smallest possible p is {least} before correction."
        )
    if not measures.paired and measures.best is not None:
        yield "The comparisons are not all paired by seed."
    if brief.runs and brief.runs[0].provenance == "found":
        yield "The baseline was not measured in this study, but found with the template."
    if measures.runs_failed:
        yield f"{measures.runs_failed} of {_count(brief.evidence.runs_planned, 'planned run')} gave no result."
    yield from _weak_novelty(measures)


def _weak_novelty(measures: Measures) -> Iterable[str]:
    novelty, work = measures.brief.novelty, measures.known_method
    if novelty.verdict != "novel":
        known = "is known from earlier work" if novelty.verdict == "not_novel" else "could not be established as new"
        yield f"The idea {known}; the search found {_count(len(novelty.closest), 'close work')}."
    if novelty.verdict != "not_novel" and work is not None:
        when = f" ({work.year})" if work.year else ""
        yield f"The method is known from “{work.title}”{when}: new is only its measurement on this template."


def _weak_paper(measures: Measures) -> Iterable[str]:
    if measures.overclaims:
        yield f"Title, abstract or conclusion overclaim: {', '.join(measures.overclaims)}."
    if measures.draft is not None and measures.best is not None and not measures.mentions("table_secondary.tex"):
        yield "The other metrics are described in words; a table with their numbers is missing."
    if measures.draft is not None and measures.citations < FEW_CITATIONS:
        yield f"The paper cites {_count(measures.citations, 'work')} only."
    yield from (_describe_finding(finding) for finding in measures.warnings[:3])


def list_questions(measures: Measures) -> tuple[str, ...]:
    """What an author could answer."""
    if measures.best is None:
        return ("Why did the attempts fail, and what would make a run possible?",)
    several = len(measures.by_dataset) > 1
    questions = [
        f"Does the change of {describe_effect(measures.best)} hold with twice the seeds?",
        "Which data sets carry the pooled effect, and for which variants?"
        if several
        else "Does the finding hold on a second data set?",
    ]
    return (*questions, "How would a tuned baseline compare?") if measures.shown else tuple(questions)


def list_limitations(measures: Measures) -> tuple[str, ...]:
    """What bounds any reading of the paper."""
    written = f"Text and plan were made by a machine: {measures.brief.scientist}."
    if measures.best is None:
        return (written,)
    return (
        "Metrics are reported by the program under study; no sealed evaluator confirms them.",
        "Unless the template says otherwise, one split of the data stands for all.",
        written,
    )


def describe_effect(comparison: Comparison | None) -> str:
    """Size with its interval; in per cent when relative."""
    if comparison is None:
        return "an unknown size"
    relative = not comparison.dataset and comparison.relative is not None
    size = comparison.relative if relative and comparison.relative is not None else comparison.difference
    text = _show(size, relative)
    if comparison.low is None or comparison.high is None:
        return text
    return f"{text} (95% interval {_show(comparison.low, relative)} to {_show(comparison.high, relative)})"


def _show(value: float, relative: bool) -> str:
    return f"{100 * value:+.2f}%" if relative else f"{value:+.4g}"


def _describe_finding(finding: Finding) -> str:
    return f"Check {finding.check}, {finding.where}: {finding.message}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
