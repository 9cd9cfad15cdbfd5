"""A model's answer as the parts that were asked for, and what is wrong with one that cannot be used.

Parts are told apart by lines such as ``=== results ===``; failing these, by headings that name a section.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hakase.models.parsing import without_thoughts
from hakase.records import SECTIONS
from hakase.scientists.llm.writing.outline import TITLE
from hakase.scientists.llm.writing.unwrapping import unwrap

PARTS = (TITLE, *SECTIONS)
LONGEST = 15_000
"""Characters of a section that is still one; and of everything that is looked at, for each part asked for."""
LONGEST_TITLE = 200
FEWEST_WORDS = 20
DEEPEST = 30
_NESTING = re.compile(r"\\\\|\\[{}]|(?P<opens>\{|\\begin\b|\\\[|\\\()|(?P<closes>\}|\\end\b|\\\]|\\\))")
_NAMES = {
    **{name.replace("_", " "): name for name in PARTS},
    "prior work": "related_work",
    "related works": "related_work",
    "methods": "method",
    "methodology": "method",
    "experiments": "experimental_setup",
    "experimental setting": "experimental_setup",
    "setup": "experimental_setup",
    "experimental results": "results",
    "conclusions": "conclusion",
    "limitations and future work": "limitations",
}
"""What a section may be called in a heading -> its name."""
_MARKER = re.compile(r"^[ \t*#`]*={2,}[ \t*\"'`]*(?P<name>[A-Za-z][A-Za-z_ ]*?)[ \t*\"'`:]*={2,}[ \t*`]*$", re.M)
_STRONG = (
    re.compile(r"^[ \t]*\\section\*?\{(?P<name>[^{}]*)\}[ \t]*(?:\\label\{[^}]*\})?", re.M),
    re.compile(r"^[ \t]*#{1,2}[ \t]+\**(?P<name>[A-Za-z][A-Za-z_ ]*)\**:?[ \t]*#*$", re.M),
)
_HEADINGS = (
    *_STRONG,
    re.compile(r"^[ \t]*\\subsection\*?\{(?P<name>[^{}]*)\}[ \t]*(?:\\label\{[^}]*\})?", re.M),
    re.compile(r"^[ \t]*#{3,4}[ \t]+\**(?P<name>[A-Za-z][A-Za-z_ ]*)\**:?[ \t]*#*$", re.M),
    re.compile(r"^[ \t]*\*\*(?P<name>[A-Za-z][A-Za-z_ ]*):?\*\*:?[ \t]*$", re.M),
    re.compile(r"^[ \t]*(?P<name>[A-Za-z][A-Za-z_ ]*):[ \t]*$", re.M),
    re.compile(r"^[ \t]*\**(?P<name>[Tt]itle)\**:\**[ \t]*(?=\S)", re.M),
    re.compile(r"\\begin\{(?P<name>abstract)\}"),
    re.compile(r"\\(?P<name>title)(?=\{)"),
)
_HTML = re.compile(r"\A\s*(?:```\w*\s*)?<(?:!doctype|html|head|body)\b", re.I)
_ECHO = re.compile(r"^\s*(Task: |# What is wanted|===)|the section [\"'`]+(background|method|introduction)", re.M)
"""Lines of the question that small models hand back."""
_REFUSAL = re.compile(r"\A\W*(?:I'?m (?:very )?sorry|Sorry|I (?:cannot|can't|am unable)|As an AI)\b", re.I)


def read_parts(answer: str, wanted: Sequence[str]) -> dict[str, str]:
    """Part -> its raw text, of those that are ``wanted``; the others are left out.

    An answer without any marker or heading is the first part that is wanted; a short first line before it is the title.
    """
    text = without_thoughts(answer[: LONGEST * (len(wanted) + 1)])
    found = _split(text, _marks(text, (_MARKER,), wanted))
    if not found:
        plain = unwrap(text)
        marks = _marks(plain, _HEADINGS, wanted)
        found = _split(plain, marks) or _unmarked(plain, wanted)
        before = plain[: marks[0][0]] if marks else ""
        if len(before.split()) >= FEWEST_WORDS and wanted[0] != TITLE:  # a heading of its own within the first part
            found[wanted[0]] = f"{before}\n\n{found.get(wanted[0], '')}"
    return {name: unwrap(part) for name, part in found.items() if name in wanted and part.strip()}


def part_fault(name: str, text: str) -> str:
    """Why ``text`` (cleaned) cannot be the part ``name``; empty when it can."""
    if name == TITLE:
        return "" if 5 <= len(text) <= LONGEST_TITLE else "the title must be one line of 2 to 14 words"
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\\[A-Za-z]+", " ", text))
    if _REFUSAL.search(text):
        return f"that is no text for {name}: write the section itself"
    if len(words) < FEWEST_WORDS:
        return f"{name} has only {len(words)} English words: write the whole section, in English"
    if _ECHO.search(text):
        return f"that repeats the question: write the text of {name} itself"
    if len(text) > LONGEST:
        return f"{name} is far too long ({len(text):,} characters): stay below 600 words"
    if _depth(text) > DEEPEST:
        return f"the braces or environments of {name} nest too deep: close each one that you open"
    return _repeats(name, text)


def _depth(text: str) -> int:
    """How deep groups, environments and displayed formulas nest; deep ones would exhaust whatever parses them."""
    depth = deepest = 0
    for found in _NESTING.finditer(text):
        depth = max(0, depth + bool(found["opens"]) - bool(found["closes"]))
        deepest = max(deepest, depth)
    return deepest


def answer_fault(answer: str, wanted: Sequence[str]) -> str:
    """What is wrong with the answer as a whole; empty when it can be read."""
    if not answer.strip():
        return "the answer is empty"
    if _HTML.search(answer):
        return "the answer is an HTML page: write LaTeX text"
    if len(answer) > LONGEST * (len(wanted) + 1):
        lines = answer.count("\n") + 1
        return f"the answer is far too long ({lines:,} lines): write at most 600 words for each part"
    return ""


def _repeats(name: str, text: str) -> str:
    lines = Counter(line.strip() for line in re.split(r"\n|(?<=[.!?])\s", text) if len(line.strip()) > 30)
    line, count = next(iter(lines.most_common(1)), ("", 0))
    return f"{name} says {count} times: {line[:60]!r}; say everything once" if count > 4 else ""


def _marks(text: str, patterns: Sequence[re.Pattern[str]], wanted: Sequence[str]) -> list[tuple[int, int, str]]:
    """Start, end and part of every line that names one.

    A marker ends the part before it whatever its name, a heading only when it names a part of papers; a small heading
    counts only for a part that is wanted, since sections have headings of their own.
    """
    found = [
        (match.start(), match.end(), _NAMES.get(" ".join(match["name"].lower().replace("_", " ").split()), ""), pattern)
        for pattern in patterns
        for match in pattern.finditer(text)
    ]
    return sorted(
        (start, end, name)
        for start, end, name, pattern in found
        if pattern is _MARKER or name in wanted or (name and pattern in _STRONG)
    )


def _split(text: str, marks: list[tuple[int, int, str]]) -> dict[str, str]:
    """The text after each mark, up to the next one; of a part that comes twice, the longer one."""
    parts: dict[str, str] = {}
    ends = [*(start for start, _, _ in marks[1:]), len(text)][: len(marks)]
    for (_, start, name), end in zip(marks, ends, strict=True):
        if name and len(text[start:end].strip()) > len(parts.get(name, "")):
            parts[name] = text[start:end].strip()
    return parts


def _unmarked(text: str, wanted: Sequence[str]) -> dict[str, str]:
    first, _, rest = text.strip().partition("\n")
    if wanted[0] != TITLE:
        return {wanted[0]: text}
    if len(first) < LONGEST_TITLE and not first.rstrip().endswith((".", ",")):
        return {TITLE: first, **({wanted[1]: rest} if len(wanted) > 1 else {})}
    return {wanted[1]: text} if len(wanted) > 1 else {}
