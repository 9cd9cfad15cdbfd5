"""Which values of a baseline and a run come from the same seeds: by the seeds' names, else by position.

It computes no effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hakase.records import Measurement

_NAMED = 6
"""Seeds that a remark spells out."""


@dataclass(frozen=True)
class Match:
    """The values to compare, and whether they pair one by one."""

    old: tuple[float, ...]
    new: tuple[float, ...]
    paired: bool
    remark: str = ""


def match_seeds(baseline: Measurement, variant: Measurement) -> Match:
    """Pairs by name where both sides name their seeds; else by position, when both have equally many values.

    Seeds that only one side has are left out of the pairs and named in the remark; without a seed in common nothing
    pairs.
    """
    if baseline.seeds and variant.seeds:
        return _match_names(baseline, variant)
    old, new = baseline.values, variant.values
    paired = bool(old) and len(old) == len(new)
    remark = f"{len(old)} and {len(new)} seeds do not pair" if old and new and not paired else ""
    return Match(old, new, paired, remark)


def _match_names(baseline: Measurement, variant: Measurement) -> Match:
    old = dict(zip(baseline.seeds, baseline.values, strict=True))
    new = dict(zip(variant.seeds, variant.values, strict=True))
    common = [seed for seed in old if seed in new]
    if not common:
        remark = f"no seed in common ({_some(baseline.seeds)}; {_some(variant.seeds)}), so they do not pair"
        return Match(baseline.values, variant.values, False, remark)
    alone = [seed for seed in (*old, *new) if (seed in old) != (seed in new)]
    remark = f"compared on the {len(common)} seeds in common; only one side has {_some(alone)}" if alone else ""
    return Match(tuple(old[seed] for seed in common), tuple(new[seed] for seed in common), True, remark)


def _some(seeds: Sequence[str]) -> str:
    return ", ".join(seeds[:_NAMED]) + (f" and {len(seeds) - _NAMED} more" if len(seeds) > _NAMED else "")
