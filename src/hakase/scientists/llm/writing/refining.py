"""Two passes over the whole draft with the checks' findings as their task, and one revision that answers a review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hakase.models import Models
from hakase.prompts import render
from hakase.records import Draft, Finding, Review
from hakase.scientists.builtin import writing as rules
from hakase.scientists.llm.fallback import ask_or_rule
from hakase.scientists.llm.writing.asking import WARM, writing_question
from hakase.scientists.llm.writing.briefing import generated_parts, study_values, work_lines
from hakase.scientists.llm.writing.facts import fact_lines
from hakase.scientists.llm.writing.wholes import changed, changes_fault, draft_parts
from hakase.seams import PaperBrief

MOST_FINDINGS = 40


def refine_draft(models: Models, draft: Draft, findings: Sequence[Finding], brief: PaperBrief, number: int) -> Draft:
    """The whole draft made better, and rid of ``findings``; as it is when no usable answer comes."""
    prompt = render("paper/refine", number=number, **whole_values(draft, findings, brief))
    return ask_or_rule(
        models,
        "paper",
        f"refinement pass {number} over the paper",
        lambda: _ask(models, f"paper/refine/{number}", prompt, draft, brief),
        lambda: draft,
    )


def revise_paper(models: Models, draft: Draft, review: Review, brief: PaperBrief) -> Draft:
    """The draft revised by its review; what the evidence does not have stays out of it."""
    prompt = render("improvement/revise", review=review_lines(review), **whole_values(draft, (), brief))
    return ask_or_rule(
        models,
        "improvement",
        "the revision by the review",
        lambda: _ask(models, "improvement/revise", prompt, draft, brief),
        lambda: rules.revise_paper(draft, review, brief),
    )


def _ask(models: Models, slot: str, prompt: str, draft: Draft, brief: PaperBrief) -> Draft:
    answer = models.text(writing_question(slot, prompt, WARM), lambda text: changes_fault(text, draft, brief))
    return changed(answer, draft, brief)


def whole_values(draft: Draft, findings: Sequence[Finding], brief: PaperBrief) -> dict[str, Any]:
    """What the prompts about the whole paper need."""
    return {
        **study_values(brief),
        "works": work_lines(brief.works),
        "facts": fact_lines(brief, "summary"),
        "generated": generated_parts(brief, ("method", "experimental_setup", "results")),
        "draft": draft_parts(draft),
        "findings": finding_lines(findings),
    }


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Each finding on a line, errors first: where, what, how to mend it, and the words that it is about."""
    ordered = sorted(findings, key=lambda finding: finding.severity != "error")
    lines = [_finding_line(finding) for finding in ordered[:MOST_FINDINGS]]
    return [
        *lines,
        *([f"and {len(findings) - MOST_FINDINGS} more of these kinds"] if len(findings) > MOST_FINDINGS else []),
    ]


def _finding_line(finding: Finding) -> str:
    excerpt = " ".join(finding.excerpt.split())[:160]
    fix = f" Fix: {finding.fix}." if finding.fix else ""
    return f"{finding.where}: {finding.message}.{fix}{f' At: {excerpt}' if excerpt else ''}"


def review_lines(review: Review) -> str:
    """What a revision can answer."""
    kinds = (("Weakness", review.weaknesses), ("Question", review.questions), ("Limitation", review.limitations))
    lines = [f"Decision: {review.decision}, overall {review.overall} of 10. {review.summary}"]
    lines += [f"{kind}: {text}" for kind, texts in kinds for text in texts]
    return "\n".join(" ".join(line.split()) for line in lines)
