"""Reads Markdown as far as the tests of the documentation need it: headings, links, tables and fenced blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.M)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block, and the line of text just before it."""

    language: str
    text: str
    before: str


def blocks(text: str, language: str) -> list[Block]:
    """The fenced blocks of a language."""
    found = []
    for match in FENCE.finditer(text):
        lines = text[: match.start()].rstrip().splitlines()
        if match["language"] == language:
            found.append(Block(match["language"], match["text"], lines[-1] if lines else ""))
    return found


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """The anchors of all headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-")
        for _, title in HEADING.findall(prose(text))
    }


def links(text: str) -> list[str]:
    """Where the links and pictures of the text point to."""
    return [match["target"] for match in LINK.finditer(CODE.sub("", prose(text)))]


def section(text: str, title: str) -> str:
    """The text under the heading ``title``, up to the next heading of its level or above."""
    found = [(m.start(), m.end(), len(m[1]), m[2]) for m in HEADING.finditer(text)]
    start, level = next((end, level) for _, end, level, name in found if name == title)
    ends = [begin for begin, _, other, _ in found if begin >= start and other <= level]
    return text[start : min(ends, default=len(text))]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row of the text, headers and rules left out."""
    lines = [line.strip() for line in prose(text).splitlines()]
    tables = [line for line in lines if line.startswith("|") and line.endswith("|")]
    cells = [[cell.strip() for cell in CELL.split(line[1:-1])] for line in tables]
    rules = {number for number, row in enumerate(cells) if all(re.fullmatch(r":?-+:?", cell) for cell in row)}
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def codes(text: str) -> list[str]:
    """What stands in backticks."""
    return CODE.findall(text)
