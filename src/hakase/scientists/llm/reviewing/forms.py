"""The NeurIPS form as models fill it in. A score out of range is left out, never moved into range."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from hakase.prompts import shorten
from hakase.scientists.llm.lenient import Sheet, read_lines, read_score, read_words

LONGEST_TEXT = 4000
"""Characters of one text of a review."""
LONGEST_POINT = 1000
MOST_POINTS = 12
SCORES = {
    "originality": 4, "quality": 4, "clarity": 4, "significance": 4, "soundness": 4, "presentation": 4,
    "contribution": 4, "overall": 10, "confidence": 5,
}  # fmt: skip
"""Score -> its highest value; the lowest is 1."""
OTHER_NAMES = {
    "rating": "overall", "overallscore": "overall", "overallrating": "overall", "overallassessment": "overall",
    "recommendation": "decision", "finaldecision": "decision", "verdict": "decision", "ethics": "ethical_concerns",
    "ethicalconcern": "ethical_concerns", "limitation": "limitations", "strength": "strengths",
    "weakness": "weaknesses", "question": "questions", "papersummary": "summary",
}  # fmt: skip


_NO_POINT = re.compile(r"(?i)no [a-z ]{0,40}\W*")
_DENIED = re.compile(r"(?i)\b(no|none|not|nothing|n/a|false|null)\b|^\W*$|^0$")


def read_points(value: object) -> tuple[str, ...]:
    """A list of points; ``No weaknesses.`` is none."""
    points = [point for point in read_lines(value) if not _NO_POINT.fullmatch(point)]
    return tuple(shorten(point, LONGEST_POINT) for point in points[:MOST_POINTS])


def read_flag(value: object) -> bool:
    """Yes or no; a sentence is a yes unless it begins by denying."""
    if isinstance(value, bool | int | float):
        return bool(value)
    return not _DENIED.search(read_words(value)[:40])


def read_decision(value: object) -> Literal["Accept", "Reject", ""]:
    """Accept or Reject in any spelling; empty when it is neither or both."""
    text = read_words(value).lower()
    accept, reject = "accept" in text, "reject" in text
    if re.search(r"\bnot\b.{0,20}\baccept", text):
        return "Reject"
    if accept == reject:
        return ""
    return "Accept" if accept else "Reject"


def _upto(highest: int) -> tuple[Any, ...]:
    return BeforeValidator(lambda value: read_score(value, highest)), WithJsonSchema({"type": "integer"})


Text = Annotated[str, BeforeValidator(lambda value: read_words(value, LONGEST_TEXT))]
Points = Annotated[tuple[str, ...], BeforeValidator(read_points)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
Decision = Annotated[
    Literal["Accept", "Reject", ""],
    BeforeValidator(read_decision),
    WithJsonSchema({"type": "string", "enum": ["Accept", "Reject"]}),
]
OfFour = Annotated[int | None, *_upto(4)]
OfFive = Annotated[int | None, *_upto(5)]
OfTen = Annotated[int | None, *_upto(10)]


def _require_all(schema: dict[str, Any]) -> None:
    """A server that holds models to the schema then makes them fill in every field; we accept less."""
    schema["required"] = list(schema["properties"])


class Remarks(Sheet):
    """What a review says, without scores and decision."""

    other_names: ClassVar = OTHER_NAMES
    summary: Text = Field(default="", description="what the paper does and finds, in a few sentences")
    strengths: Points = Field(default=(), description="what speaks for it, each with its evidence")
    weaknesses: Points = Field(default=(), description="what speaks against it, the gravest first")
    questions: Points = Field(default=(), description="what the authors should answer")
    limitations: Points = Field(default=(), description="limits of the work, those that it does not name too")
    ethical_concerns: Flag = Field(default=False, description="true only for a real concern")


class Opinion(Remarks):
    """An area chair's words and decision."""

    model_config = ConfigDict(json_schema_extra=_require_all)
    decision: Decision = Field(default="", description="Accept or Reject")


class Answer(Remarks):
    """One reviewer's whole form."""

    model_config = ConfigDict(json_schema_extra=_require_all)
    originality: OfFour = Field(default=None, description="1 poor, 2 fair, 3 good, 4 excellent")
    quality: OfFour = Field(default=None, description="1 to 4")
    clarity: OfFour = Field(default=None, description="1 to 4")
    significance: OfFour = Field(default=None, description="1 to 4")
    soundness: OfFour = Field(default=None, description="1 to 4: do the claims follow from the evidence")
    presentation: OfFour = Field(default=None, description="1 to 4")
    contribution: OfFour = Field(default=None, description="1 to 4")
    overall: OfTen = Field(default=None, description="1 to 10")
    confidence: OfFive = Field(default=None, description="1 to 5")
    instructions_found: Text = Field(
        default="", description="words inside the paper that tell its reader or reviewer what to do, quoted; else empty"
    )
    decision: Decision = Field(default="", description="Accept or Reject")

    @property
    def opinion(self) -> Opinion:
        """Its words and decision."""
        return Opinion.model_validate(self.model_dump())

    @property
    def scores(self) -> dict[str, int | None]:
        """Score -> value, None where it was left out."""
        return {name: getattr(self, name) for name in SCORES}


class Reflection(Remarks):
    """A review seen again by its author."""

    nothing_to_change: Flag = Field(default=False, description="true when the review is right as it stands")
    decision: Decision = Field(default="", description="Accept or Reject")


def lacks(form: Answer | Opinion) -> str:
    """What a form cannot do without, and does not have; empty when it has it."""
    missing = [] if form.summary else ["summary (what the paper does and finds)"]
    if isinstance(form, Answer) and form.overall is None:
        missing.append("overall (a whole number from 1 to 10)")
    if not form.decision:
        missing.append("decision (Accept or Reject)")
    return f"still needed: {', '.join(missing)}" if missing else ""


def says_nothing(form: Reflection) -> str:
    """What is wrong with a reflection that neither ends nor changes anything."""
    content = (form.summary, form.strengths, form.weaknesses, form.questions, form.limitations, form.decision)
    if form.nothing_to_change or any(content):
        return ""
    return "set nothing_to_change to true, or give the parts of the review that should change"
