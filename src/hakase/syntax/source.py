"""One Python text with its tree, the place of every node in it, and splices at such places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper, ParentNodeProvider

from hakase.syntax.problems import EditProblem


@dataclass(frozen=True)
class Splice:
    """``text`` in place of the bytes from ``start`` to ``end`` of the UTF-8 source."""

    start: int
    end: int
    text: str


class Source:
    """A parsed text. Two of them never share nodes."""

    def __init__(self, text: str) -> None:
        """Raises:
        EditProblem: ``text`` is no Python.
        """
        self.text = text
        self.bytes = text.encode()
        try:
            module = cst.parse_module(text)
        except cst.ParserSyntaxError as error:
            raise EditProblem(f"the code is no valid Python: {error.message} (line {error.raw_line})") from error
        self._wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self.module = self._wrapper.module

    @cached_property
    def _spans(self) -> dict[cst.CSTNode, CodeSpan]:
        return dict(self._wrapper.resolve(ByteSpanPositionProvider))

    @cached_property
    def _parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        return dict(self._wrapper.resolve(ParentNodeProvider))

    @cached_property
    def nodes(self) -> tuple[cst.CSTNode, ...]:
        """All nodes that have a place, in the order of their starts, outer before inner."""
        return tuple(sorted(self._spans, key=lambda node: (self._spans[node].start, -self._spans[node].length)))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around ``node``, the closest first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def start(self, node: cst.CSTNode) -> int:
        """Where ``node`` begins, with its decorators, in bytes."""
        decorators = getattr(node, "decorators", ())
        return self._spans[decorators[0] if decorators else node].start

    def end(self, node: cst.CSTNode) -> int:
        """Where ``node`` ends, without the line's end, in bytes."""
        span = self._spans[node]
        return span.start + span.length

    def code(self, *nodes: cst.CSTNode) -> str:
        """The text from the first to the last of ``nodes``; empty when there is none."""
        return self.bytes[self.start(nodes[0]) : self.end(nodes[-1])].decode() if nodes else ""

    def line(self, node: cst.CSTNode) -> int:
        """Line number of its start, counted from 1."""
        return self.bytes.count(b"\n", 0, self.start(node)) + 1

    def line_start(self, position: int) -> int:
        return self.bytes.rfind(b"\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Just behind the line break that ends the line at ``position``."""
        found = self.bytes.find(b"\n", position)
        return len(self.bytes) if found < 0 else found + 1

    def indentation(self, node: cst.CSTNode) -> str:
        """White space before ``node`` on its line."""
        start = self.start(node)
        before = self.bytes[self.line_start(start) : start].decode()
        return before[: len(before) - len(before.lstrip())]

    def splice(self, splices: Iterable[Splice]) -> str:
        """The text with all splices made; those at the same place keep their order.

        Raises:
            EditProblem: two of them overlap.
        """
        pieces, done = [], 0
        for part in sorted(splices, key=lambda one: (one.start, one.end)):
            if part.start < done:
                raise EditProblem("two changes touch the same code")
            pieces += [self.bytes[done : part.start].decode(), part.text]
            done = part.end
        return "".join([*pieces, self.bytes[done:].decode()])


def name_of(node: cst.CSTNode) -> str:
    """The name by which an expression refers to a value: of a name, an attribute or an item with a string key."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        key = node.slice[0].slice.value
        return str(key.evaluated_value) if isinstance(key, cst.SimpleString) else ""
    return ""


@lru_cache(maxsize=64)
def parse(text: str) -> Source:
    """``text`` parsed, from a small cache.

    Raises:
        EditProblem: it is no Python.
    """
    return Source(text)
