"""Titles and the noun phrases in them: title case, subjects out of titles, questions, plural nouns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hakase.scientists.builtin.writing.phrasing import capitalise, decapitalise, is_acronym

SMALL_WORDS = frozenset((
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "nor", "of", "on", "or", "over",
    "per", "the", "to", "up", "via", "vs", "with",
))  # fmt: skip
SINGULAR_ENDINGS = ("ss", "us", "is")
UNINFLECTED = frozenset(["data", "bias", "loss", "dropout", "noise", "momentum"])
PROPER = frozenset((
    "Adam", "Nesterov", "Gaussian", "Bayesian", "Xavier", "Glorot", "Kaiming", "He", "Polyak", "Lion",
    "Huber", "Tikhonov", "Euclidean",
))  # fmt: skip
"""Names that keep their capital inside a sentence."""
GERUNDS = {
    "add": "adding",
    "apply": "applying",
    "average": "averaging",
    "cap": "capping",
    "change": "changing",
    "clip": "clipping",
    "decay": "decaying",
    "double": "doubling",
    "drop": "dropping",
    "grow": "growing",
    "halve": "halving",
    "increase": "increasing",
    "initialise": "initialising",
    "initialize": "initializing",
    "lower": "lowering",
    "narrow": "narrowing",
    "normalise": "normalising",
    "normalize": "normalizing",
    "raise": "raising",
    "reduce": "reducing",
    "remove": "removing",
    "replace": "replacing",
    "scale": "scaling",
    "shrink": "shrinking",
    "shuffle": "shuffling",
    "smooth": "smoothing",
    "swap": "swapping",
    "train": "training",
    "try": "trying",
    "tune": "tuning",
    "turn": "turning",
    "use": "using",
    "vary": "varying",
    "warm": "warming",
    "widen": "widening",
}


def set_in_title_case(text: str) -> str:
    """``text`` in title case: small words stay small inside, words with inner capitals or digits stay as they are."""
    words = text.split()
    opens = {0, len(words) - 1, *(place for place in range(1, len(words)) if words[place - 1].endswith((":", "?")))}
    return " ".join(
        word.lower() if word.lower() in SMALL_WORDS and place not in opens else _raise(word)
        for place, word in enumerate(words)
    )


def make_subject(title: str) -> str:
    """A noun phrase out of an idea's title: without subtitle or question mark, an imperative turned into a gerund.

    >>> make_subject("Use a larger batch: fewer, better steps")
    'using a larger batch'
    """
    head = _choose_part([part.strip() for part in re.split(r"[:?!;]|\s[-–—]+\s", title.rstrip(".")) if part.strip()])
    first, _, rest = head.partition(" ")
    if rest and first.lower() in GERUNDS and not rest.startswith(("of ", "rate", "and ")):
        return f"{GERUNDS[first.lower()]} {rest}"
    return _lower_words(head)


def _choose_part(parts: Sequence[str]) -> str:
    """Title or subtitle: the subtitle when the title is a short catchphrase and the subtitle names no kind of study."""
    if not parts:
        return ""
    catchphrase = len(parts) > 1 and len(parts[0].split()) < 4
    names_study = len(parts) > 1 and re.search(r"(?i)\b(study|ablation|comparison|analysis|case|look)\b", parts[1])
    return parts[1] if catchphrase and not names_study else parts[0]


def is_question(title: str) -> bool:
    """Whether ``title`` opens with a question already, so that it cannot serve as a noun phrase."""
    opening = title.split(" ", 1)[0].lower()
    return (
        opening
        in frozenset(["does", "do", "is", "are", "can", "should", "how", "what", "when", "why", "which", "will"])
        or "?" in title
    )


def is_plural(phrase: str) -> bool:
    """Whether the noun that heads ``phrase`` is plural, by its ending and the prepositions that follow it."""
    first = phrase.split(" ", 1)[0].lower()
    if first.endswith("ing") or first in ("a", "an", "one", "each"):
        return False
    if re.search(r"\band\b|&", re.split(r"\b(?:of|for|in|with|to|on|from|by|at|before|after)\b", phrase)[0]):
        return True
    head = re.split(r"\s(?:of|for|in|with|to|on|from|by|at|before|after|instead|that|during)\s", phrase)[0].split()
    noun = head[-1].lower() if head else ""
    return noun.endswith("s") and not noun.endswith(SINGULAR_ENDINGS) and noun not in UNINFLECTED


def _raise(word: str) -> str:
    if is_acronym(word) or word[:1].isdigit():
        return word
    return "-".join(part if part in SMALL_WORDS else capitalise(part) for part in word.split("-"))


def _lower_words(head: str) -> str:
    """Lower case for a title in title case; names with inner capitals and a lone capitalised word keep theirs."""
    words = head.split()
    titled = sum(word[:1].isupper() for word in words) > len(words) / 2
    if not titled:
        return decapitalise(head)
    return " ".join("-".join(part if _keeps(part) else part.lower() for part in w.split("-")) for w in words)


def _keeps(word: str) -> bool:
    return is_acronym(word) or word in PROPER or word.removesuffix("'s") in PROPER
