"""Which metrics a study judges by, and which way each is better: declared, or inferred from names and said so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hakase.directions import infer_direction
from hakase.errors import TemplateError
from hakase.records import Direction, Metric, Result
from hakase.template import Template

COSTS = frozenset(
    ("time", "times", "runtime", "walltime", "duration", "second", "seconds", "sec", "secs", "minutes", "hours",
     "latency", "memory", "flops", "gflops", "tflops", "throughput", "speed", "speedup", "fps")
)  # fmt: skip
"""Words of a metric's name that say that it measures cost."""
LAST = frozenset(("step", "steps", "epoch", "epochs", "ms"))
"""Words that say so at the end of the name."""
PREFERENCE = ("test", "val", "eval", "best", "final")


def resolve_metrics(template: Template, baseline: Result, choice: str = "") -> tuple[tuple[Metric, ...], Metric]:
    """All metrics with a known direction, and the primary one.

    ``choice`` is the user's own, ``NAME`` or ``NAME:lower`` or ``NAME:higher``.

    Raises:
        TemplateError: the primary metric is not among the results, or its direction is unclear.
    """
    names = list(baseline.metrics)
    directions: dict[str, Direction] = dict(template.settings.metrics.directions)
    chosen, _, way = choice.partition(":")
    if way in ("lower", "higher"):
        directions[chosen] = "lower" if way == "lower" else "higher"
    metrics = {name: metric for name in names if (metric := _metric(name, directions)) is not None}
    wanted = chosen or template.settings.metrics.primary
    return tuple(metrics.values()), _primary(template, wanted, names, metrics)


def _metric(name: str, declared: Mapping[str, Direction]) -> Metric | None:
    if name in declared:
        return Metric(name=name, direction=declared[name])
    inferred = infer_direction(name)
    return Metric(name=name, direction=inferred, declared=False) if inferred else None


def _primary(template: Template, wanted: str, names: list[str], metrics: Mapping[str, Metric]) -> Metric:
    file = template.folder / "template.toml"
    if wanted and wanted not in names:
        raise TemplateError(
            f"the primary metric {wanted!r} is not in the results", file=file, key="metrics.primary",
            fix=f"one of: {', '.join(names)}",
        )  # fmt: skip
    if wanted and wanted not in metrics:
        raise TemplateError(
            f"is {wanted!r} better lower or higher?", file=file, key=f"metrics.directions.{wanted}",
            fix=f'write {wanted} = "lower" (or "higher"), or give --metric {wanted}:lower',
        )  # fmt: skip
    if wanted:
        return metrics[wanted]
    candidates = [name for name in metrics if not measures_cost(name)]
    if not candidates:
        raise TemplateError(
            "no metric whose better direction its name tells", file=file, key="metrics.primary",
            fix=f"give --metric NAME:lower or NAME:higher; the results have: {', '.join(names)}",
        )  # fmt: skip
    return metrics[min(candidates, key=lambda name: (_rank(name), names.index(name)))]


def _rank(name: str) -> int:
    return next((rank for rank, word in enumerate(PREFERENCE) if word in name.lower()), len(PREFERENCE))


def measures_cost(name: str) -> bool:
    """Whether a metric of this name is a time, a memory, a speed or a count of steps.

    Such a metric is never primary by inference, and ignored when results are compared for identity.

    >>> measures_cost("trainTime"), measures_cost("tokens_per_second"), measures_cost("sentiment_accuracy")
    (True, True, False)
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower().strip("_").split("_")
    return not COSTS.isdisjoint(words) or words[-1] in LAST


def same_measurements(one: Result, other: Result, primary: str = "") -> bool:
    """Whether two results agree in every number that is no cost, and in the ``primary`` metric whatever it measures.

    Results that have nothing but costs are never the same.
    """
    numbers = _comparable(one, primary)
    return bool(numbers) and numbers == _comparable(other, primary)


def _comparable(result: Result, primary: str) -> dict[tuple[str, str], tuple[float, tuple[float, ...]]]:
    return {
        (dataset, name): (m.mean, m.values)
        for dataset, values in result.datasets.items()
        for name, m in values.items()
        if name == primary or not measures_cost(name)
    }
