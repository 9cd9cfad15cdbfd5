"""How the runs were made: their order with its reasons, the environment, and how those that failed ended."""

from __future__ import annotations

import re

from hakase.latex_text import escape
from hakase.records import Run
from hakase.scientists.builtin.writing.phrasing import capitalise, end_sentence, join_words
from hakase.scientists.builtin.writing.results import describe_failure
from hakase.scientists.builtin.writing.story import Story

REMARK = "remark"
"""The key of the environment under which stands how runs differ in it."""

VERSION = re.compile(r"v?\d+\.\d")

LIMITED = "no network, no writing outside its own folder, limits on time and memory"
ISOLATION = {
    "process": "Each run was a process of its own with limits on time and memory and a clean environment, "
    "without isolation from the machine.",
    "bubblewrap": f"Each run was isolated: {LIMITED}.",
    "docker": f"Each run was isolated in a container: {LIMITED}.",
}
"""Name of a sandbox -> what it means for a run."""


def list_steps(story: Story) -> list[str]:
    """One entry for each planned run, in order: label, where it started, purpose, changes."""
    return [_describe_step(run, story) for run in story.brief.runs if run.number]


def _describe_step(run: Run, story: Story) -> str:
    start = f", on top of {story.name_run(run.base)}" if run.base else ""
    changes = join_words([escape(change.summary.rstrip(".")) for change in run.changes if change.summary])
    purpose = escape(end_sentence(run.purpose))
    outcome = "" if run.status == "done" else "This run did not finish."
    return " ".join(
        part
        for part in (
            f"{story.name_run(run.number)}{start}.",
            purpose,
            f"The change: {changes[:1].lower()}{changes[1:]}." if changes and changes not in purpose else "",
            outcome,
        )
        if part
    )


def describe_environment(story: Story) -> str:
    """Software, machine and sandbox."""
    brief = story.brief
    known = {name: value for name, value in brief.environment.items() if value and name != REMARK}
    versions = [f"{escape(name)} {escape(value)}" for name, value in known.items() if VERSION.match(value)]
    machine = [f"{escape(name)}: {escape(value)}" for name, value in known.items() if not VERSION.match(value)]
    sandbox = ISOLATION.get(
        brief.sandbox, f"The runs were made in the sandbox {escape(brief.sandbox)}." if brief.sandbox else ""
    )
    sentences = (
        f"The runs used {join_words(versions)}." if versions else "",
        end_sentence("; ".join(machine)),
        sandbox,
        describe_remark(story),
    )
    return " ".join(filter(None, sentences))


def describe_remark(story: Story) -> str:
    """What sets the environment of some runs apart from that of others; empty when they share one."""
    return escape(end_sentence(story.brief.environment.get(REMARK, "")))


def list_remarks(story: Story) -> list[str]:
    """What the evidence remarks about reading and comparing, a sentence each; one that several runs share once."""
    runs: dict[str, list[str]] = {}
    for remark in story.brief.evidence.remarks:
        whose, _, what = remark.partition(": ")
        runs.setdefault(what, []).append(whose) if what else runs.setdefault(whose, [])
    return [escape(end_sentence(f"{join_words(names)}: {what}" if names else what)) for what, names in runs.items()]


def describe_failures(story: Story) -> str:
    """How each failed run ended."""
    return capitalise(" ".join(describe_failure(run, story) for run in story.failed))
