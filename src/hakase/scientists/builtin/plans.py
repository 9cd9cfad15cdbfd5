"""Plans as records: labels that fit a legend, and instructions in words."""

from __future__ import annotations

from hakase.catalogue import Application
from hakase.records import Change, RunPlan
from hakase.scientists.builtin.companions import Companion

LABEL = 30
"""Characters of a label."""


def make_plan(
    parts: tuple[Application, ...], changes: tuple[Change, ...], purpose: str, companion: Companion | None
) -> RunPlan:
    """A plan on the baseline's code; ``companion`` is the one that ``changes`` may hold."""
    return RunPlan(
        label=_label(parts, changes, companion),
        purpose=purpose.strip(),
        instruction=f"Change only this: {say_changes(changes)}.",
        changes=changes,
        control=not _is_the_idea(parts, changes),
    )


def _is_the_idea(parts: tuple[Application, ...], changes: tuple[Change, ...]) -> bool:
    """Whether the changes are all parts of the idea and nothing else, at whatever value."""
    whole = all(any(is_of(change, part) for change in changes) for part in parts)
    return whole and all(any(is_of(change, part) for part in parts) for change in changes)


def is_of(change: Change, part: Application) -> bool:
    """Whether ``change`` is the intervention ``part``, at whatever value."""
    own = part.change()
    return change.intervention == own.intervention and change.settings.get("knob") == own.settings.get("knob")


def say_changes(changes: tuple[Change, ...]) -> str:
    """The changes as a part of a sentence."""
    return " and ".join(change.summary[:1].lower() + change.summary[1:] for change in changes)


def _label(parts: tuple[Application, ...], changes: tuple[Change, ...], companion: Companion | None) -> str:
    """The changes with their values in at most ``LABEL`` characters; names are cut before numbers are."""
    if len(parts) > 1 and len(changes) > len(parts) and companion is not None:
        return f"Both, {companion.short} {changes[-1].settings['value']}"[:LABEL]
    pairs = [(_short(change, parts, companion), change.settings.get("value", "")) for change in changes]
    for room in range(LABEL, 3, -1):
        text = ", ".join(f"{_cut(name, room)} {value}".strip() for name, value in pairs)
        if len(text) <= LABEL:
            break
    return text[:1].upper() + text[1:LABEL]


def _short(change: Change, parts: tuple[Application, ...], companion: Companion | None) -> str:
    part = next((one for one in parts if is_of(change, one)), None)
    if part is not None:
        return part.intervention.short
    return companion.short if companion is not None else change.intervention


def _cut(name: str, room: int) -> str:
    """``name`` in at most ``room`` characters: without its last words, or else cut."""
    whole = name[: room + 1].rsplit(" ", 1)[0] if len(name) > room else name
    return whole[:room]
