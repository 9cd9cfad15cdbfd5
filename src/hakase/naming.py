"""Names made from text: slugs that are safe as folder names, and LaTeX macro names."""

from __future__ import annotations

import re
import unicodedata

DIGIT_WORDS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def slug(text: str, limit: int = 60) -> str:
    """``text`` as lower-case ASCII letters, digits and single underscores; empty when nothing is left.

    >>> slug("../../Größe of x")
    'grosse_of_x'
    """
    ascii_text = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_text.lower()).strip("_")[:limit].strip("_")


def macro_name(*parts: str | int) -> str:
    r"""A LaTeX macro's name out of ``parts``: letters only, each word capitalised, digits spelled.

    >>> macro_name("run", 1, "breast_cancer", "test_accuracy", "mean")
    'RunOneBreastCancerTestAccuracyMean'
    """
    words = [word for part in parts for word in slug(str(part), limit=200).split("_")]
    spelled = ("".join(DIGIT_WORDS[int(c)] if c.isdigit() else c for c in word) for word in words)
    return "".join(word[:1].upper() + word[1:] for word in spelled)
