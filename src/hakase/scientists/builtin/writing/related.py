"""Related work: what the idea builds on, the closest works that the search found, and how it was searched.

It says of a work only what the records say: title, summary, stated difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hakase.latex_text import escape
from hakase.records import Work
from hakase.scientists.builtin.likeness import NEITHER, TREATS
from hakase.scientists.builtin.writing.citing import Citations, end_predicate
from hakase.scientists.builtin.writing.phrasing import (
    capitalise,
    choose_number,
    end_sentence,
    join_words,
    spell_count,
)
from hakase.scientists.builtin.writing.story import Story

CLOSEST = 5
"""How many of the closest works are discussed."""

PRACTICE = (
    ("bouthillier2021", "the variance between seeds is part of any benchmark result"),
    ("henderson2018", "results of the same code can differ widely from seed to seed"),
    ("dodge2019", "a result should come with the budget that it took"),
    ("demsar2006", "comparisons over several data sets need tests of their own"),
    ("holm1979", "the level of a test must be shared out among all comparisons that are made"),
)
"""Beginning of a key -> the point of the work that this study follows."""

SOURCES = {
    "local": "the local index",
    "semantic_scholar": "Semantic Scholar",
    "openalex": "OpenAlex",
    "crossref": "Crossref",
    "arxiv": "arXiv",
}
"""How the text names a source."""

VERDICTS = {
    "novel": "The search found no work that has method and setting together, so that the study was carried out; a "
    "search can miss works, and absence from it is no proof.",
    "not_novel": "The search found that the idea is known. The study is thus a replication on the present baseline, "
    "and claims no new method.",
    "judged_novel": "The search found no work that makes the idea known; a search can miss works, and absence from it "
    "is no proof.",
    "undecided": "Whether the idea is new remains undecided, and the paper claims no novelty for it.",
}


@dataclass(frozen=True)
class RelatedWork:
    """The paragraphs of the section; each is empty when there is nothing to say."""

    story: Story
    citations: Citations

    @property
    def foundations(self) -> str:
        """The works that the idea names as its references."""
        keys = [key for key in self.story.brief.idea.references if key in self.citations.works]
        return " ".join(self.citations.describe(self.citations.works[key]) for key in dict.fromkeys(keys))

    @property
    def closest(self) -> str:
        """The works nearest to the idea that are not among its references, each with the stated difference."""
        nearest = self._nearest()
        far = [work for work in nearest if self._difference(work).startswith(NEITHER)]
        told = self._tell_apart([work for work in nearest if work not in far])
        if far:
            titles = join_words([f"``{escape(work.title.rstrip('.'))}''~\\cite{{{work.key}}}" for work in far])
            about = choose_number(len(far), "by its summary is about", "by their summaries are about")
            told.append(
                f"The search {'also ' if told else ''}brought {titles}, which {about} neither method nor setting."
            )
        return " ".join(told)

    @property
    def protocol(self) -> str:
        """Works on how to compare, for the points that this study follows."""
        points = [f"{point}{self.citations.cite(prefix)}" for prefix, point in PRACTICE if self.citations.cite(prefix)]
        if not points:
            return ""
        return f"The design of the study follows work on the practice of comparison: {join_words(points)}."

    @property
    def search(self) -> str:
        """Queries, sources, and the verdict on novelty with its reason."""
        novelty = self.story.brief.novelty
        by_rules = novelty.verdict != "novel" or self.story.by_rules
        sentences = [self._describe_queries(), VERDICTS[novelty.verdict if by_rules else "judged_novel"]]
        if novelty.reason:
            sentences.append(f"The verdict as recorded: {escape(end_predicate(_set_quotes(novelty.reason)))}")
        if novelty.problems:
            sentences.append(f"Not every source could be asked: {escape(end_predicate('; '.join(novelty.problems)))}")
        return " ".join(sentences)

    def _nearest(self) -> list[Work]:
        references = self.story.brief.idea.references
        nearest = (work for work in self.story.brief.novelty.closest if work.key in self.citations.works)
        return [work for work in nearest if work.key not in references][:CLOSEST]

    def _tell_apart(self, works: Sequence[Work]) -> list[str]:
        """Each work with its difference; a difference that several works share stands once, behind the last."""
        treating = [work for work in works if self._difference(work).startswith(TREATS)]
        if len({self._difference(work) for work in treating}) != 1 or len(treating) == 1:
            return [self._contrast(work) for work in works]
        rest = self._difference(treating[0]).removeprefix(TREATS)
        shared = (
            f"By the words of their summaries {'both' if len(treating) == 2 else 'all of these'} treat the method{rest}"
        )
        return [
            *(self.citations.describe(work) for work in treating),
            escape(end_sentence(shared)),
            *(self._contrast(work) for work in works if work not in treating),
        ]

    def _contrast(self, work: Work) -> str:
        difference = self._difference(work)
        sentence = self.citations.describe(work)
        return f"{sentence} {escape(capitalise(end_sentence(difference)))}" if difference else sentence

    def _difference(self, work: Work) -> str:
        return self.story.brief.novelty.differences.get(work.key, "").strip()

    def _describe_queries(self) -> str:
        novelty = self.story.brief.novelty
        if not novelty.queries:
            return "No search for prior work was made."
        count = len(novelty.queries)
        asked = f"{capitalise(spell_count(count))} {choose_number(count, 'query', 'queries')}"
        quoted = join_words([f"``{escape(query)}''" for query in novelty.queries[:3]])
        examples = f" ({'among them ' if count > 3 else ''}{quoted})"
        if not novelty.sources:
            return f"{asked}{examples} {choose_number(count, 'was', 'were')} made, and no source answered."
        sources = join_words([SOURCES.get(source, escape(source)) for source in novelty.sources])
        number = len(novelty.sources)
        place = "one source" if number == 1 else f"{spell_count(number)} sources"
        return f"{asked}{examples} {choose_number(count, 'was', 'were')} put to {place} of literature ({sources})."


def _set_quotes(text: str) -> str:
    """``text`` with its pairs of straight quotes opened and closed."""
    return re.sub(r'"([^"]*)"', "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", text)
