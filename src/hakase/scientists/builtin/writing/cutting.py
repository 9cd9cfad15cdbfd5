"""Takes sentences, paragraphs and commands out of LaTeX text, and leaves the text around them whole.

An excerpt of a check stands on one line and may begin and end inside words; it is found whatever the line breaks.
"""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"(?<=[.!?])(?<!al\.)(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z\\`$])")
BREAK_BEFORE = re.compile(r"\\item\b|\\begin\{|\\end\{|\\input\{|\\paragraph\{|\n\s*\n")
BREAK_AFTER = re.compile(r"\n\s*\n|\\item\s+|\\(?:paragraph|subsection)\{[^}]*\}\s*|\\(?:input|begin|end)\{[^}]*\}\s*")

Span = tuple[int, int]


def locate(text: str, excerpt: str) -> Span | None:
    """Where ``excerpt`` stands in ``text``, any white space matching any other; None when it does not."""
    words = excerpt.split()
    match = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return match.span() if match else None


def drop_sentence(text: str, span: Span) -> str:
    """``text`` without the sentences that overlap ``span``; environments and headings stay."""
    start = max(point for point in _breaks(text) if point <= span[0])
    end = min(point for point in _breaks(text) if point >= max(span[1], start + 1))
    kept = "".join(re.findall(r"\\(?:begin|end)\{[a-z*]+\}\n?", text[start:end]))
    return text[:start] + kept + text[end:]


def drop_paragraph(text: str, span: Span) -> str:
    """``text`` without the paragraph around ``span``."""
    start = max((match.end() for match in re.finditer(r"\n\s*\n", text) if match.end() <= span[0]), default=0)
    end = min((match.start() for match in re.finditer(r"\n\s*\n", text) if match.start() >= span[1]), default=len(text))
    return text[:start] + text[end:]


def drop_last(text: str, command: str) -> str:
    """``text`` without the last place where ``command`` stands."""
    before, _, after = text.rpartition(command)
    return before + after


def close_gaps(text: str) -> str:
    """``text`` without items, headings and lists that lost what they held."""
    text = re.sub(r"\\item\s*(?=\\item\b|\\end\{)", "", text)
    text = re.sub(r"\\begin\{(itemize|enumerate|quote)\}\s*\\end\{\1\}", "", text)
    return re.sub(r"\\paragraph\{[^}]*\}\s*(?=\\paragraph\{|\Z)", "", text)


def _breaks(text: str) -> list[int]:
    """Where sentences may begin or end."""
    points = [match.start() for match in BREAK_BEFORE.finditer(text)]
    points += [match.end() for pattern in (BREAK_AFTER, SENTENCE_END) for match in pattern.finditer(text)]
    return [0, *points, len(text)]
