"""Ranks works by BM25 and says how close each is to the query. It reads no file and knows no source.

The order comes from BM25 (Robertson and Zaragoza, 2009), whose scores cannot be compared between queries.
What can be compared is the *closeness*: the share of the query's inverse-document-frequency mass that the
work's terms cover. It is 1 when the work has every term of the query and 0 when it has none; rare terms count
for more than common ones, and a term that no work has counts most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hakase.literature.terms import split_terms

TITLE_WEIGHT = 3
"""How often a term of the title counts, against once in the summary."""


@dataclass(frozen=True)
class RankedWork:
    """A position in the ranked list of documents."""

    position: int
    """Index of the document as given to the ranking."""
    score: float
    """BM25; comparable within one query only."""
    closeness: float
    """Covered share of the query, 0 to 1; comparable between queries."""


class Ranking:
    """An index of documents, each a pair of title and text, built when first searched."""

    def __init__(self, documents: Sequence[tuple[str, str]]) -> None:
        self._terms = [split_terms(title) * TITLE_WEIGHT + split_terms(text) for title, text in documents]
        self._sets = [frozenset(terms) for terms in self._terms]
        self._counts: dict[str, int] = {}
        for terms in self._sets:
            for term in terms:
                self._counts[term] = self._counts.get(term, 0) + 1

    def rank(self, query: str, limit: int) -> list[RankedWork]:
        """At most ``limit`` documents that share a term with ``query``, best first; ties keep their order."""
        wanted = sorted(set(split_terms(query)))
        known = [term for term in wanted if term in self._counts]
        if not known or limit < 1:
            return []
        scores = [float(score) for score in self._bm25.get_scores(known)]
        hits = [i for i, score in enumerate(scores) if score > 0]
        hits.sort(key=lambda i: (-scores[i], i))
        return [RankedWork(i, scores[i], self._closeness(wanted, self._sets[i])) for i in hits[:limit]]

    def _closeness(self, wanted: Sequence[str], terms: frozenset[str]) -> float:
        mass = math.fsum(self._idf(term) for term in wanted)
        return math.fsum(self._idf(term) for term in wanted if term in terms) / mass

    def _idf(self, term: str) -> float:
        """``ln(1 + (N - n + 1/2) / (n + 1/2))`` for a term that n of N documents have."""
        having = self._counts.get(term, 0)
        return math.log1p((len(self._sets) - having + 0.5) / (having + 0.5))

    @cached_property
    def _bm25(self) -> Any:
        import bm25s

        index = bm25s.BM25(backend="numpy")
        index.index(self._terms, show_progress=False)
        return index
