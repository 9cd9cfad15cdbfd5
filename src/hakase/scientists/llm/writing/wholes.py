"""The whole draft in one question, and the answer that holds only the sections that change."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hakase.records import SECTIONS, Draft
from hakase.scientists.llm.writing.answers import PARTS, answer_fault, part_fault, read_parts
from hakase.scientists.llm.writing.cleaning import clean_part
from hakase.scientists.llm.writing.outline import TITLE
from hakase.scientists.llm.writing.placing import restore_parts
from hakase.scientists.llm.writing.sections import title_fault
from hakase.seams import PaperBrief

_MARKED = re.compile(r"={2,}\W*[A-Za-z_ ]+\W*={2,}|\\section\*?\{")
_NOTHING = re.compile(r"\b(?:no(?:thing)?(?: \w+){0,2} (?:to )?changes?|none|unchanged|same as before)\b", re.I)


def draft_parts(draft: Draft) -> dict[str, str]:
    """Title and sections in reading order, without those that are empty."""
    sections = {name: draft.sections[name] for name in SECTIONS if draft.sections.get(name, "").strip()}
    return {TITLE: draft.title, **sections}


def changes_fault(answer: str, draft: Draft, brief: PaperBrief) -> str:
    """Why the answer cannot be used; empty when it changes something or says that nothing has to change."""
    fault = answer_fault(answer, PARTS)
    if fault or says_nothing_changes(answer):
        return fault
    if not _MARKED.search(answer):
        return 'begin each section that you change with a line such as "=== results ===", or answer only: NONE'
    found = read_parts(answer, PARTS)
    if not found or changed(answer, draft, brief) != draft:
        return "" if found else f"none of the parts has one of these names: {', '.join(PARTS)}"
    faults = [part_fault(name, clean_part(name, raw, brief)) for name, raw in found.items()]
    return "; ".join(filter(None, faults))


def says_nothing_changes(answer: str) -> bool:
    """Whether the answer is a short word that all may stay."""
    return not _MARKED.search(answer) and len(answer) < 300 and bool(_NOTHING.search(answer))


def changed(answer: str, draft: Draft, brief: PaperBrief) -> Draft:
    """``draft`` with the parts of the answer that can be used; figures and tables that got lost are put back."""
    old = draft_parts(draft)
    sections = dict(draft.sections)
    title = draft.title
    for name, raw in read_parts(answer, PARTS).items():
        others = [text for other, text in sections.items() if other != name]
        text = clean_part(name, raw, brief, others)
        if _stays(name, raw, text, old):
            continue
        if name == TITLE:
            title = title if title_fault(text, brief) else text
        else:
            sections[name] = text
    return Draft(title=title, sections=_with_parts(draft, sections))


def _stays(name: str, raw: str, text: str, old: Mapping[str, str]) -> bool:
    """Whether the new text is none: unusable, or a word that the old one may stay."""
    if part_fault(name, text):
        return True
    before = old.get(name, "")
    return len(text) * 3 < len(before) and bool(_NOTHING.search(raw))


def _with_parts(draft: Draft, sections: Mapping[str, str]) -> dict[str, str]:
    """The new sections, each with the generated parts that it held and that the paper would lose."""
    whole = dict(sections)
    for name, before in draft.sections.items():
        if whole[name] != before:
            whole[name] = restore_parts(whole[name], before, [t for other, t in whole.items() if other != name])
    return whole
