"""Text as search terms: lower-case stems without stop words. It knows English only, and no meaning.

British and American spellings, plurals and the common verb endings fall together ("normalised",
"normalization"), and compounds that are written in two ways become one word ("warm-up", "warm up", "warmup").
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")
STOP_WORDS = frozenset(
    _WORD.findall("""
    a about after all also an and any are as at be because been before being between both but by can cannot
    could did do does doing done during each either for from further get gets had has have having how
    however if in into is it its itself just may might more most much must my no nor not of off on once only
    onto or other our out over own per same shall should since so some such than that the their them then
    there these they this those though through thus to too under until up upon us use used using very via
    was we were what when where whether which while who whom whose why will with within without would you
    your
    """)
)
_COMPOUND = re.compile(
    r"\b(?:(warm|set|roll)[\s-]+(up)|(mini|micro)[\s-]+(batch\w*)|(drop)[\s-]+(out)|(over|under)[\s-]+(fit\w*)"
    r"|(back)[\s-]+(prop\w*)|(pre)[\s-]+(train\w*)|(fine)[\s-]+(tun\w*)|(hyper)[\s-]+(param\w*)|(auto)[\s-]+(encod\w*)"
    r"|(cut|mix)[\s-]+(out|up|mix)|(data)[\s-]+(sets?))\b"
)
_IZE = ("ations", "ation", "ing", "ers", "ed", "er", "es", "e")
_ATE = ("ations", "ation", "ating", "ators", "ator", "ated", "ates", "ate")
_ENDINGS = (
    *((f"i{letter}{rest}", 4) for rest in _IZE for letter in "sz"),
    *((ending, 4) for ending in (*_ATE, "nesses", "ness")),
    ("ings", 3), ("ing", 3), ("edly", 4), ("ed", 3), ("ies", 3), ("ly", 4), ("es", 3), ("s", 3), ("e", 3),
)  # fmt: skip
"""Ending and the least number of letters that must stay, tried in this order; the first that fits is cut."""


def split_terms(text: str) -> list[str]:
    """The search terms of ``text`` in order, with repetitions.

    >>> split_terms("Normalised, warm-up of the learning rates")
    ['normal', 'warmup', 'learn', 'rat']
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    joined = _COMPOUND.sub(lambda match: "".join(part for part in match.groups() if part), plain)
    words = (word for word in _WORD.findall(joined) if word not in STOP_WORDS)
    return [_stem(word) for word in words if len(word) > 1]


def _stem(word: str) -> str:
    if any(c.isdigit() for c in word) or word.endswith(("ss", "us", "is", "ias")):
        return word
    for ending, least in _ENDINGS:
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) >= least and re.search("[aeiouy]", root):
            return _tidy(root, ending)
    return _tidy(word, "")


def _tidy(root: str, ending: str) -> str:
    """``root`` as it stands without ``ending``: "dropp|ed" is "drop", "similarit|ies" is "similarity"."""
    if ending == "ies":
        return f"{root}y"
    if ending in ("ing", "ings", "ed") and root[-1] == root[-2] and root[-1] not in "sl":
        return root[:-1]
    return root
