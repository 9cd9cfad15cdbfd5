"""A review of a paper of which only the text is there: what simple checks on it can and cannot say."""

from __future__ import annotations

import re

from hakase.records import Review
from hakase.scientists.builtin.reviewing.scores import OVERALL
from hakase.scientists.reviewing_caps import decide
from hakase.seams import Dossier

CAP = 5
"""No acceptance without evidence that can be checked."""
READABLE = 1500
"""Characters below which there is too little text to judge."""
CHECKS = {
    "an abstract": r"(?im)^\W*abstract\b|\babstract[.:]",
    "a list of references": r"(?im)^\W*(references|bibliography)\b",
    "a discussion of limitations": r"(?i)\blimitations?\b",
    "repeated seeds or runs": r"(?i)\b(random )?seeds?\b|\b(independent|repeated) runs\b|\bruns each\b",
    "error bars, intervals or tests": r"±|(?i:standard (error|deviation)|error bar|confidence|p\s*[<=]\s*0?\.\d)",
    "a pointer to code or data": r"(?i)github\.com|code is available|source code|open[- ]source",
}  # fmt: skip
OVERCLAIMS = re.compile(
    r"(?i)\b(state[- ]of[- ]the[- ]art|breakthrough|revolutionary|unprecedented|dramatically|vastly)\b"
)
CITED = re.compile(
    r"\[\d+(?:,\s*\d+)*\]|\((?:[A-Z][^()]{2,60}?,\s*)(?:19|20)\d\d[a-z]?\)|[A-Z]\w+ et al\.?,? \(?(?:19|20)\d\d"
)


def review_text(dossier: Dossier, reviewer: str) -> Review:
    """A review of low confidence from ``dossier.text`` alone."""
    text = dossier.text
    found = {name: bool(re.search(pattern, text)) for name, pattern in CHECKS.items()}
    citations, claims = len(set(CITED.findall(text))), _claims(text)
    careful = found["repeated seeds or runs"] + found["error bars, intervals or tests"]
    soundness = 1 + careful
    presentation = 1 + (found["an abstract"] and found["a list of references"]) + (citations >= 10 and not claims)
    overall = min(CAP, OVERALL[soundness + presentation + 2])
    return Review(
        summary=f"The text of {dossier.paper} ({_pages(dossier.pages)}) was checked by rules. It could not be compared "
        "with code, results or figures, so that no number in it is confirmed.",
        strengths=tuple(f"The text has {name}." for name, there in found.items() if there),
        weaknesses=tuple(f"No sign of {name} was found in the text." for name, there in found.items() if not there)
        + _on_claims(claims),
        questions=(
            "Where can the code and the results of every run be read?",
            "How many variants were tried in all?",
        ),
        limitations=(
            "Could not check: whether numbers match their runs, whether citations exist and support their sentences, "
            "the figures, the novelty.",
        ),
        originality=2,
        quality=soundness,
        clarity=presentation,
        significance=2,
        soundness=soundness,
        presentation=presentation,
        contribution=2,
        overall=overall,
        confidence=2 if len(text) >= READABLE else 1,
        decision=decide(overall),
        reviewer=reviewer,
        caps=(f"overall capped at {CAP}: nothing but the text could be checked",),
        basis=("text of the PDF",),
    )


def _claims(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].lower() for match in OVERCLAIMS.finditer(text)))


def _on_claims(claims: tuple[str, ...]) -> tuple[str, ...]:
    return (f"Strong words that the text alone cannot support: {', '.join(claims)}.",) if claims else ()


def _pages(pages: int) -> str:
    return f"{pages} page{'' if pages == 1 else 's'}"
