"""Which value of a parameter to try next: a climb on the levels, the baseline's value taken as tried."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from hakase.catalogue import Application, format_value


def next_value(application: Application, gains: Mapping[float, float]) -> float | None:
    """The value that promises most, given the gain at each value tried (``-inf`` where a run failed).

    Behind the best value it goes on in the same direction; between two tried values it takes a level in the middle,
    and where there is none the middle itself. None when nothing is left.
    """
    if not gains:
        return application.default
    scores = dict(gains)
    if application.neutral is not None:
        scores[application.neutral] = 0.0
    best = max(sorted(scores), key=lambda value: scores[value])
    tried = {format_value(value, application.whole) for value in scores if math.isfinite(value)}
    for value in _around(application, scores, best):
        if format_value(value, application.whole) not in tried:
            return float(format_value(value, application.whole))
    return None


def milder(application: Application, value: float) -> float | None:
    """A value nearer to what the baseline does, for a run that failed; without such a point, a third of it."""
    neutral = application.neutral
    if neutral is None:
        return float(format_value(value / 3.0, application.whole))
    found = _between(application, neutral, value)
    same = format_value(found, application.whole) in (
        format_value(value, application.whole),
        format_value(neutral, application.whole) if math.isfinite(neutral) else "",
    )
    return None if same else float(format_value(found, application.whole))


def stronger(application: Application, value: float) -> float | None:
    """The next level away from what the baseline does, for a run that changed nothing."""
    if application.neutral is None:
        above = [level for level in application.levels if level > value]
        return above[0] if above else None
    up = value > application.neutral
    further = [level for level in application.levels if (level > value if up else level < value)]
    return (further[0] if up else further[-1]) if further else None


def _around(application: Application, scores: Mapping[float, float], best: float) -> Iterator[float]:
    above = min((value for value in scores if value > best), default=None)
    below = max((value for value in scores if value < best), default=None)
    if above is None:
        yield from _beyond(application, best, up=True)
    if below is None:
        yield from _beyond(application, best, up=False)
    sides = [side for side in (above, below) if side is not None]
    for side in sorted(sides, key=lambda value: -scores[value]):
        yield _between(application, best, side)


def _beyond(application: Application, best: float, up: bool) -> Iterator[float]:
    """The levels behind the best value, the next one first; then twice or half of it, within the bounds."""
    levels = [level for level in application.levels if (level > best if up else level < best)]
    yield from levels[:1] if up else levels[-1:]
    parameter = application.intervention.parameter
    if levels or not math.isfinite(best) or best <= 0.0 or parameter is None:
        return
    value = best * 2.0 if up else best / 2.0
    inside = (parameter.high is None or value <= parameter.high) and (parameter.low is None or value >= parameter.low)
    if inside and best != application.neutral:
        yield value


def _between(application: Application, one: float, other: float) -> float:
    low, high = sorted((one, other))
    levels = [level for level in application.levels if low < level < high]
    if levels:
        return levels[len(levels) // 2]
    parameter = application.intervention.parameter
    if math.isinf(high):
        return low * 3.0
    if parameter is not None and parameter.grid == "linear":
        return (low + high) / 2.0
    return math.sqrt(low * high) if low > 0.0 else high / 3.0
