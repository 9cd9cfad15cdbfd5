"""What a command will ask of language models, before it asks: calls, tokens and dollars by stage.

The table holds what a call of each stage reads and writes beside the template's code, as ``benchmarks/model_calls.py``
measured it. How much a model writes is up to the model: those are guesses of the right size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hakase.errors import HakaseError
from hakase.models.endpoint import guess_tokens
from hakase.models.names import model_name, resolve
from hakase.models.prices import price_of
from hakase.models.question import Role, Usage
from hakase.settings import BUILTIN, Settings


@dataclass(frozen=True)
class Need:
    """What one stage of one study needs of its model."""

    stage: str
    role: Role
    calls: Callable[[Settings], float]
    prompt: int
    """Tokens that a call reads beside the code."""
    codes: float
    """How often a call reads the template's code."""
    completion: int
    """Tokens that a call writes."""


def _reviews(settings: Settings) -> float:
    once = settings.reviewers + (settings.reviewers > 1) + min(settings.review_reflections, 2)
    return once * (2 if settings.improvement else 1)


NEEDS = (
    Need("ideas", "ideas", lambda s: 1 + min(s.idea_reflections, 2), 1000, 1.0, 500),
    Need("novelty", "ideas", lambda s: 0 if s.skip_novelty_check else min(s.novelty_rounds, 4), 2200, 0.0, 250),
    Need("experiments", "coding", lambda s: 1 + 2.2 * min(s.max_runs, 4), 1000, 1.0, 900),
    Need("figures", "coding", lambda _: 3, 2000, 0.0, 1200),
    Need("paper", "writing", lambda s: 8 + s.refinements + min(s.citation_searches, 12) / 4, 3200, 0.0, 1100),
    Need("review", "review", _reviews, 4200, 0.0, 800),
    Need("improvement", "writing", lambda s: 1 if s.improvement else 0, 9000, 0.0, 4500),
)


@dataclass(frozen=True)
class StageEstimate:
    """One stage of all studies."""

    stage: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """None when the price is not known."""


@dataclass(frozen=True)
class Estimate:
    """All stages of all studies."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    """None when the price of a model that is used is not known."""
    by_stage: tuple[StageEstimate, ...] = ()


def estimate(settings: Settings, code_characters: int, studies: int = 1) -> Estimate:
    """What ``studies`` studies of a template with so much editable code will ask; nothing of it is exact."""
    rows = tuple(
        row for need in NEEDS if (row := _row(need, settings, code_characters, studies)) is not None and row.calls
    )
    prices = [row.usd for row in rows]
    return Estimate(
        sum(row.calls for row in rows),
        sum(row.prompt_tokens for row in rows),
        sum(row.completion_tokens for row in rows),
        None if None in prices else sum(price for price in prices if price is not None),
        rows,
    )


def _row(need: Need, settings: Settings, code_characters: int, studies: int) -> StageEstimate | None:
    name = model_name(settings, need.role)
    if name == BUILTIN:
        return None
    calls = round(need.calls(settings) * studies)
    prompt = round(calls * (need.prompt + need.codes * guess_tokens(code_characters)))
    completion = calls * need.completion
    return StageEstimate(need.stage, name, calls, prompt, completion, _usd(name, prompt, completion, settings))


def _usd(name: str, prompt: int, completion: int, settings: Settings) -> float | None:
    try:
        return price_of(resolve(name, settings), Usage(prompt, 0, completion), settings)
    except HakaseError:
        return None
