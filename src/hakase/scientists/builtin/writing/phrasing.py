"""English by rule: lists, number, names of metrics and data sets, sentences.

Plain text in, plain text out. It knows nothing of LaTeX or of any record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SPELLED = {
    "acc": "accuracy",
    "avg": "average",
    "bpb": "bits per byte",
    "eval": "evaluation",
    "iter": "iteration",
    "lr": "learning rate",
    "num": "number of",
    "std": "standard deviation",
    "train": "training",
    "val": "validation",
    "kl": "KL",
    "auc": "AUC",
    "f1": "F1",
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
}
"""Parts of metrics' and hyperparameters' names that read better in full."""

COUNT_WORDS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


def join_words(words: Sequence[str], conjunction: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def choose_number(count: int, singular: str, plural: str = "") -> str:
    """``singular`` for one, else ``plural`` (default: with an s); the count itself is not part of it."""
    return singular if count == 1 else plural or f"{singular}s"


def spell_count(count: int) -> str:
    """``no``, ``one`` … ``twelve``; digits beyond."""
    return COUNT_WORDS[count] if 0 <= count < len(COUNT_WORDS) else str(count)


def read_name(name: str) -> str:
    """An identifier as words: ``best_val_loss`` becomes ``best validation loss``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name)
    words = [word for word in re.split(r"[_\s/.]+", spaced) if word]
    return " ".join(_spell(word) for word in words)


def _spell(word: str) -> str:
    if re.fullmatch(r"\d+d", word):
        return word.upper()
    return SPELLED.get(word.lower(), word if is_acronym(word) else word.lower())


def capitalise(text: str) -> str:
    """``text`` with its first letter upper-case, the rest as it is."""
    return text[:1].upper() + text[1:]


def decapitalise(text: str) -> str:
    """``text`` with its first letter lower-case, unless its first word is an acronym or a name with inner capitals."""
    first = text.split(" ", 1)[0]
    return text if is_acronym(first) or first == "I" else text[:1].lower() + text[1:]


def end_sentence(text: str) -> str:
    """``text`` as a sentence: first letter upper-case, one full stop at its end."""
    stripped = text.strip().rstrip(".;, ")
    return capitalise(stripped) + ("" if stripped.endswith(("!", "?")) else ".") if stripped else ""


def take_first_sentence(text: str) -> str:
    """The first sentence of ``text``; abbreviations such as ``et al.`` and ``e.g.`` do not end it."""
    for match in re.finditer(r"[.!?](?=\s+[A-Z(]|\s*$)", text):
        head = text[: match.end()]
        if not re.search(r"(?:\b(?:al|vs|cf|e\.g|i\.e|etc)|\b[A-Z])\.$", head):
            return " ".join(head.split())
    return " ".join(text.split())


def has_digit(text: str) -> bool:
    """Whether a reader would see a digit in ``text``."""
    return any(character.isdigit() for character in text)


def is_acronym(word: str) -> bool:
    """Whether ``word`` has capitals inside, as ``GELU`` and ``AdamW`` do."""
    return len(word) > 1 and any(letter.isupper() for letter in word[1:])
