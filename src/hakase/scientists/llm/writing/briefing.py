"""A brief as values for the prompts: short, in a fixed order, without what changes between two asks of one question.

``PaperBrief.fallbacks`` is never shown: it grows while a paper is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from hakase.records import Draft, Run, Work
from hakase.scientists.builtin.writing.effects import VERDICT_WORDS
from hakase.scientists.builtin.writing.story import Story
from hakase.scientists.llm.writing.facts import fact_lines
from hakase.scientists.llm.writing.outline import Outline
from hakase.seams import PaperBrief

MOST_WORKS = 60
"""Works that a prompt lists."""
MOST_CONSTANTS = 40
SUMMARY = 200
"""Characters of a work's summary."""
MOST_DIFFS = 6


def study_values(brief: PaperBrief) -> dict[str, Any]:
    """What ``paper/_study.md.j2`` needs: it opens every question of the paper."""
    return {
        "area": brief.area,
        "idea": brief.idea,
        "evidence": brief.evidence,
        "novelty": brief.novelty,
        "datasets": Story(brief).dataset_keys,
        "runs": [_run_line(run, brief) for run in brief.runs],
        "claims": claim_rule(brief),
    }


def section_values(outline: Outline, brief: PaperBrief, draft: Draft) -> dict[str, Any]:
    """What ``paper/section.md.j2`` needs. Of ``draft`` only the sections that the outline shows are looked at."""
    story = Story(brief)
    return {
        **study_values(brief),
        "parts": outline.parts,
        "code": dict(sorted(brief.area.code.items())) if outline.code else {},
        "diffs": _diffs(story) if outline.code else [],
        "constants": [f"{c.name} = {c.value}" for c in brief.constants[:MOST_CONSTANTS]] if outline.setting else [],
        "machine": _machine(brief) if outline.setting else [],
        "facts": fact_lines(brief, outline.facts),
        "generated": generated_parts(brief, outline.parts),
        "closest": _closest(brief) if outline.prior else [],
        "works": work_lines(brief.works) if outline.works else [],
        "cites": outline.works,
        "shown": {name: draft.sections[name] for name in outline.shown if draft.sections.get(name, "").strip()},
    }


def claim_rule(brief: PaperBrief) -> str:
    """Which runs may be said to be better, in one sentence."""
    better = [c for c in brief.evidence.comparisons if c.verdict == "better"]
    shown = [f'run {c.run} ("{c.label}")' for c in better if c.primary and not c.control]
    if shown:
        return f"Only {', '.join(shown)} may be called better than the baseline, or an improvement."
    rule = 'No run may be called better than the baseline: do not write "improves", "outperforms" or the like of it.'
    parts = [f"run {c.run} on {c.metric}{f', {c.dataset}' if c.dataset else ''}" for c in better]
    return (
        f"{rule} Shown to be better is only: {'; '.join(parts[:6])}; name that part if you say so." if parts else rule
    )


def generated_parts(brief: PaperBrief, sections: Sequence[str]) -> list[dict[str, str]]:
    """The tables, listing and figures that belong into ``sections``: their part, label, and what they show."""
    story = Story(brief)
    found = [
        ("method", "listing_change", "lst:change", "the change of the code, as a diff", story.change_is_listed),
        ("experimental_setup", "table_settings", "tab:settings", "the settings", bool(brief.constants)),
        ("results", "table_results", "tab:results", "every run: the primary metric by data set", bool(story.baseline)),
        ("results", "table_comparisons", "tab:comparisons", "pooled effects, intervals, verdicts", story.is_tabled),
    ]
    found += [("results", *figure_names(f.file), f.caption or f.title or f.description, True) for f in brief.figures]
    return [
        {"part": part, "label": label, "shows": " ".join(shows.split())[:300]}
        for section, part, label, shows, there in found
        if there and section in sections
    ]


def figure_names(file: str) -> tuple[str, str]:
    """Part and label of a figure's float."""
    stem = PurePath(file).stem
    return f"figure_{stem}", f"fig:{stem}"


def work_lines(works: Mapping[str, Work]) -> list[str]:
    """Key, title and year of every work, those of the idea and of the search first as the brief has them."""
    return [f"{key}: {work.title}{f' ({work.year})' if work.year else ''}" for key, work in works.items()][:MOST_WORKS]


def _run_line(run: Run, brief: PaperBrief) -> str:
    """Label, state, verdict and purpose of a run."""
    if run.number == 0:
        found = " (its results came with the template)" if run.provenance == "found" else ""
        return f'run 0 "Baseline": the code as it was{found}'
    pooled = (
        c for c in brief.evidence.comparisons if c.run == run.number and c.metric == brief.evidence.primary_metric
    )
    verdict = next((VERDICT_WORDS[c.verdict] for c in pooled if c.primary or not c.dataset), "not compared")
    failures = ", ".join(dict.fromkeys(attempt.status.replace("_", " ") for attempt in run.attempts))
    outcome = f"verdict: {verdict}" if run.status == "done" else f"no result ({failures})"
    control = "; a control, by which the hypothesis is not judged" if run.control else ""
    start = f"; made on top of run {run.base}" if run.base else ""
    return f'run {run.number} "{run.label}": {outcome}{control}{start}. {" ".join(run.purpose.split())[:240]}'.strip()


def _diffs(story: Story) -> list[tuple[str, str]]:
    """Name and diff of the best run, then the changed lines of the others."""
    order = [*([story.best] if story.best else []), *story.others]
    changed = [variant.run for variant in order if variant.run.diff.strip()][:MOST_DIFFS]
    diffs = [changed[0].diff, *(_changed_lines(run.diff) for run in changed[1:])] if changed else []
    return [(f'run {run.number} "{run.label}"', diff) for run, diff in zip(changed, diffs, strict=True)]


def _changed_lines(diff: str) -> str:
    """The lines that a diff adds or takes away, without their surroundings."""
    return "\n".join(line for line in diff.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---"))


def _machine(brief: PaperBrief) -> list[str]:
    facts = [f"{name}: {value}" for name, value in brief.environment.items() if value]
    return [*facts, *([f"sandbox: {brief.sandbox}"] if brief.sandbox else [])]


def _closest(brief: PaperBrief) -> list[str]:
    """The closest works that may be cited, with their summaries and how the idea differs."""
    lines = []
    for work in brief.novelty.closest:
        if work.key in brief.works:
            summary = " ".join(work.summary.split())[:SUMMARY]
            difference = brief.novelty.differences.get(work.key, "").strip()
            lines.append(f"{work.key}: {summary}{f' | How the idea differs: {difference}' if difference else ''}")
    return lines
