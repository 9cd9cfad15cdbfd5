"""Citations: only keys that the brief's works have, and sentences about a work from its title and summary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hakase.latex_text import escape
from hakase.records import Work
from hakase.scientists.builtin.writing.phrasing import decapitalise, end_sentence, take_first_sentence

NO_VERBS = frozenset(["bayes", "gaussians", "its", "this", "perhaps", "networks", "transformers"])
"""Words in -s that open a summary without being its verb."""


CITATION = re.compile(r"~?\\cite[tp]?\*?(?:\[[^\]]*\])*\{([^}]*)\}")


@dataclass(frozen=True)
class Citations:
    """The works that may be cited, by key."""

    works: Mapping[str, Work]

    def cite(self, *prefixes: str) -> str:
        r"""``~\cite{…}`` of the works whose keys begin with ``prefixes``; empty when there is none."""
        keys = [key for prefix in prefixes for key in self.works if key.startswith(prefix)]
        return f"~\\cite{{{','.join(dict.fromkeys(keys))}}}" if keys else ""

    def describe(self, work: Work) -> str:
        """One sentence about ``work``: what its summary says, with the title or the method's name as subject."""
        summary = take_first_sentence(work.summary)
        title, citation = f"``{escape(work.title.rstrip('.'))}''", f"~\\cite{{{work.key}}}"
        if not summary:
            return f"{title}{citation} is close to the idea by its title; its content is not known to this study."
        name, colon, rest = summary.partition(": ")
        if colon and len(name.split()) < 4 and (predicate := _make_predicate(rest)):
            return f"{escape(name)}{citation} {escape(end_predicate(predicate))}"
        predicate = _make_predicate(summary) or f"deals with {decapitalise(summary)}"
        return f"{title}{citation} {escape(end_predicate(predicate))}"


def end_predicate(predicate: str) -> str:
    """``predicate`` with one full stop, and its first letter as it is."""
    return predicate[:1] + end_sentence(predicate)[1:]


def _make_predicate(text: str) -> str:
    """``text`` as what follows a subject, when it begins with a verb in the third person or with an article."""
    words = text.split()
    first = words[0].lower() if words else ""
    if first in ("a", "an", "the"):
        return f"is {decapitalise(text)}"
    is_verb = re.fullmatch(r"[A-Za-z][a-z]+(-[a-z]+)?s", words[0]) if words else None
    if is_verb and first not in NO_VERBS and not first.endswith("ss") and words[1:2] not in (["of"], ["and"]):
        return decapitalise(text)
    return ""


def drop_unknown_citations(text: str, works: Mapping[str, Work]) -> str:
    """``text`` with only those keys in its citations that ``works`` has; a citation that keeps none goes."""

    def keep_known(match: re.Match[str]) -> str:
        keys = [key.strip() for key in match[1].split(",")]
        known = [key for key in keys if key in works]
        if known == keys:
            return match[0]
        return match[0].replace(match[1], ",".join(known)) if known else ""

    return CITATION.sub(keep_known, text)
