"""What the records say about a study, in lines for a reviewer: counts, comparisons with verdicts, novelty, checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hakase.prompts import shorten
from hakase.records import Comparison, Finding, Novelty, Run
from hakase.scientists.builtin.reviewing.remarks import VERDICTS, describe_effect
from hakase.seams import PaperBrief

MOST_SECONDARY = 8
MOST_FINDINGS = 12
LONGEST_LINE = 400
REVIEW = "the review of"
AGGREGATE = "the aggregate of the reviews"
"""How the stand-ins of reviewing are noted. A review is not told of them: they come up while it is made."""


def describe_evidence(brief: PaperBrief, whole: bool = True) -> str:
    """The records in lines; without ``whole`` only what a review's claims rest on most."""
    return "\n".join(shorten(line, LONGEST_LINE) for line in _lines(brief, whole))


def _lines(brief: PaperBrief, whole: bool) -> Iterable[str]:
    evidence, idea = brief.evidence, brief.idea
    yield f"Idea: {idea.title}"
    yield f"Hypothesis, registered before the runs: {idea.hypothesis or 'none'} (expected: {idea.expected_direction})"
    yield f"Verdict on the hypothesis: {evidence.hypothesis}"
    yield (
        f"Runs: {evidence.runs_planned} planned, {evidence.runs_finished} finished, "
        f"{evidence.attempts} attempts, {evidence.attempts_failed} of them failed"
    )
    yield f"Primary metric: {evidence.primary_metric}, {evidence.direction} is better; best run: {evidence.best_run}"
    yield from (_compare(c) for c in evidence.comparisons if c.primary)
    best = [c for c in evidence.comparisons if c.run == evidence.best_run and not c.primary]
    yield from (_compare(c) for c in best if c.dataset and c.metric == evidence.primary_metric)
    if whole:
        yield from [_compare(c) for c in best if not c.dataset][:MOST_SECONDARY]
        yield from _describe_runs(brief.runs)
        yield from (f"Remark: {remark}" for remark in evidence.remarks[:5])
        told = [line for line in brief.fallbacks if not line.startswith((REVIEW, AGGREGATE))]
        yield from (f"Stand-in: {line}" for line in told[:5])
    yield from _describe_novelty(brief.novelty, whole)


def _compare(comparison: Comparison) -> str:
    c = comparison
    where = f"{c.metric} on {c.dataset}" if c.dataset else f"{c.metric} pooled over the data sets"
    control = ", a control" if c.control else ""
    adjusted = [p for p in (c.p_better_adjusted, c.p_worse_adjusted) if p is not None]
    p = f", adjusted p {min(adjusted):.3g}" if adjusted else ""
    return f"- run {c.run} ({c.label}{control}), {where}: {describe_effect(c)}, n={c.n}{p}: {VERDICTS[c.verdict]}"


def _describe_runs(runs: Sequence[Run]) -> Iterable[str]:
    if runs and runs[0].provenance == "found":
        yield "The baseline was found with the template, not measured in this study."
    for run in runs:
        if run.status == "failed":
            problem = run.attempts[-1].problem if run.attempts else "no attempt"
            yield f"- run {run.number} ({run.label}) gave no result after {len(run.attempts)} attempts: {problem}"


def _describe_novelty(novelty: Novelty, whole: bool) -> Iterable[str]:
    searched = f"{len(novelty.queries)} queries to {', '.join(novelty.sources) or 'no source that answered'}"
    yield f"Novelty: {novelty.verdict} ({novelty.reason}); {searched}"
    for work in novelty.closest[: 4 if whole else 0]:
        difference = novelty.differences.get(work.key, "no difference stated")
        yield f"- close work: {work.title} ({work.year or 'no year'}): {difference}"


def describe_findings(findings: Sequence[Finding]) -> str:
    """What the checks found, failed ones first; says when they found nothing."""
    ranked = sorted(findings, key=lambda finding: finding.severity != "error")
    lines = [shorten(f"- {_level(f)} {f.check} in {f.where}: {f.message}", LONGEST_LINE) for f in ranked]
    if len(lines) > MOST_FINDINGS:
        lines = [*lines[:MOST_FINDINGS], f"- and {len(lines) - MOST_FINDINGS} more"]
    return "\n".join(lines) or "Every check on numbers, citations, figures and LaTeX passed."


def _level(finding: Finding) -> str:
    return "failed check" if finding.severity == "error" else "remark of check"


def describe_code(brief: PaperBrief, limit: int) -> str:
    """Diffs against the baseline: half of ``limit`` characters for the best run, the rest shared by the others."""
    changed = [run for run in brief.runs if run.number and run.diff.strip()]
    best = [run for run in changed if run.number == brief.evidence.best_run]
    others = [run for run in changed if run not in best]
    room = (limit - min(limit // 2, sum(len(run.diff) for run in best))) // max(1, len(others))
    parts = [_show_diff(run, limit // 2, "the best run") for run in best]
    parts += [_show_diff(run, room, run.status) for run in others]
    return "\n\n".join(parts)


def _show_diff(run: Run, limit: int, what: str) -> str:
    return f"run {run.number} ({run.label}; {what}):\n{shorten(run.diff.strip(), max(200, limit))}"
