"""Tests and intervals against hand-counted and independent values, and the calibration of the whole verdict."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from hakase.evidence.comparing import compare
from hakase.evidence.statistics import (
    flip_signs,
    holm,
    paired_interval,
    pool_intervals,
    smallest_p,
    t_probabilities,
    welch_interval,
)
from hakase.records import Comparison, Direction, Measurement, Metric, Result, Run

LOSS = Metric(name="loss", direction="lower")


def measurement(values: list[float]) -> Measurement:
    spread = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Measurement(mean=float(np.mean(values)), stderr=spread, values=tuple(values))


def run(number: int, datasets: dict[str, list[float]], metric: str = "loss") -> Run:
    result = Result(datasets={name: {metric: measurement(values)} for name, values in datasets.items()})
    return Run(number=number, label=f"run {number}", result=result)


def pooled(*runs: Run, direction: Direction = "lower") -> list[Comparison]:
    metric = Metric(name="loss", direction=direction)
    return [comparison for comparison in compare(runs, [], metric) if comparison.primary]


@pytest.mark.parametrize("values", [[0.1, 0.3, -0.2, 0.4, 0.25], [1.0, 2.0, 3.0], [0.0, 1.0, -1.0, 0.0]])
def test_sign_flips_count_every_assignment(values: list[float]) -> None:
    sums = [sum(s * v for s, v in zip(signs, values, strict=True)) for signs in product((1, -1), repeat=len(values))]
    outcome = flip_signs(values)
    assert outcome.greater == pytest.approx(np.mean([total >= sum(values) - 1e-12 for total in sums]))
    assert outcome.less == pytest.approx(np.mean([total <= sum(values) + 1e-12 for total in sums]))
    assert outcome.test.startswith("exact")


def test_smallest_p_that_seeds_can_give() -> None:
    assert [smallest_p(n) for n in (3, 4, 5)] == [0.125, 0.0625, 0.03125]
    assert flip_signs([1.0, 1.1, 1.2]).greater == 0.125
    assert flip_signs([0.5]).greater == 0.5


def test_many_pairs_are_sampled_repeatably_and_said() -> None:
    values = list(np.random.default_rng(3).normal(0.4, 1, 24))
    one, other = flip_signs(values), flip_signs(values)
    assert one == other
    assert "random flips" in one.test
    assert one.greater == pytest.approx(stats.ttest_1samp(values, 0, alternative="greater").pvalue, abs=0.01)


def test_intervals_agree_with_scipy() -> None:
    rng = np.random.default_rng(1)
    one, other = list(rng.normal(0, 1, 5)), list(rng.normal(1, 3, 7))
    paired = paired_interval(one)
    expected = stats.ttest_1samp(one, 0).confidence_interval()
    assert paired is not None
    assert (paired.low, paired.high) == pytest.approx((expected.low, expected.high))
    welch = welch_interval(one, other)
    outcome = stats.ttest_ind(other, one, equal_var=False, alternative="greater")
    assert welch is not None
    two_sided = stats.ttest_ind(other, one, equal_var=False).confidence_interval()
    assert (welch.low, welch.high) == pytest.approx((two_sided.low, two_sided.high))
    assert t_probabilities(welch, "t").greater == pytest.approx(outcome.pvalue)
    assert paired_interval([1.0]) is None
    assert welch_interval([1.0], other) is None


def test_pooled_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        parts = [paired_interval(list(rng.normal(1.0, spread, 5))) for spread in (0.5, 1.0, 2.0)]
        interval = pool_intervals([part for part in parts if part is not None])
        hits += interval.low <= 1.0 <= interval.high
    assert 0.92 <= hits / 400 <= 0.985


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([]) == ()


def study(rng: np.random.Generator, effects: list[float], datasets: int = 2, seeds: int = 5) -> list[Run]:
    """A baseline and one run an effect, sharing the seeds' noise."""
    names = [f"d{index}" for index in range(datasets)]
    shared = {name: rng.normal(0.3, 0.02, seeds) for name in names}
    runs = [run(0, {name: list(values) for name, values in shared.items()})]
    for number, effect in enumerate(effects, start=1):
        noisy = {name: list(values * (1 + effect) + rng.normal(0, 0.01, seeds)) for name, values in shared.items()}
        runs.append(run(number, noisy))
    return runs


def test_null_changes_are_rarely_called_better() -> None:
    """At most 5% of studies of three null changes, and what chance (0.999) adds to that in so few studies."""
    rng = np.random.default_rng(11)
    studies = 80
    verdicts = [{c.verdict for c in pooled(*study(rng, [0.0, 0.0, 0.0], seeds=4))} for _ in range(studies)]
    most = stats.binom.ppf(0.999, studies, 0.05)
    assert sum("better" in shown for shown in verdicts) <= most
    assert sum("worse" in shown for shown in verdicts) <= most


def test_clear_effects_are_found_either_way() -> None:
    rng = np.random.default_rng(12)
    for _ in range(10):
        assert [c.verdict for c in pooled(*study(rng, [-0.1, 0.1]))] == ["better", "worse"]


def test_three_seeds_on_one_data_set_show_nothing() -> None:
    (comparison,) = pooled(run(0, {"d": [0.50, 0.51, 0.52]}), run(1, {"d": [0.10, 0.12, 0.11]}))
    assert comparison.p_better == 0.125
    assert comparison.verdict == "too_few_seeds"
    assert "cannot give p < 0.05" in comparison.remark


def test_five_seeds_are_enough_for_one_run_but_not_for_two() -> None:
    base, better = [0.50, 0.51, 0.52, 0.53, 0.49], [0.30, 0.32, 0.31, 0.33, 0.29]
    assert [c.verdict for c in pooled(run(0, {"d": base}), run(1, {"d": better}))] == ["better"]
    both = pooled(run(0, {"d": base}), run(1, {"d": better}), run(2, {"d": better}))
    assert [c.verdict for c in both] == ["too_few_seeds"] * 2


def test_direction_decides_what_better_is() -> None:
    base, more = [0.50, 0.51, 0.52, 0.53, 0.49], [0.60, 0.62, 0.61, 0.63, 0.59]
    assert pooled(run(0, {"d": base}), run(1, {"d": more}))[0].verdict == "worse"
    assert pooled(run(0, {"d": base}), run(1, {"d": more}), direction="higher")[0].verdict == "better"


def test_identical_values_are_no_difference() -> None:
    base = [0.50, 0.51, 0.52, 0.53, 0.49]
    (comparison,) = pooled(run(0, {"d": base}), run(1, {"d": base}))
    assert (comparison.verdict, comparison.difference, comparison.low, comparison.high) == ("no_difference", 0, 0, 0)


def test_seeds_that_change_nothing_are_no_repetitions() -> None:
    (comparison,) = pooled(run(0, {"d": [0.5] * 6}), run(1, {"d": [0.4] * 6}))
    assert comparison.verdict == "too_few_seeds"
    assert "same value" in comparison.remark


def test_each_data_set_weighs_the_same() -> None:
    base = {"small": [1.0, 1.1, 0.9, 1.05, 0.95], "large": [100.0, 110.0, 90.0, 105.0, 95.0]}
    variant = {"small": [v * 1.1 for v in base["small"]], "large": [v * 0.9 for v in base["large"]]}
    (comparison,) = pooled(run(0, base), run(1, variant))
    assert comparison.relative == pytest.approx(0, abs=1e-12)
    assert comparison.n == 10
    assert comparison.verdict == "no_difference"


def test_seeds_that_do_not_pair_are_compared_by_welch() -> None:
    base, variant = [0.50, 0.51, 0.52, 0.53, 0.49], [0.30, 0.31, 0.29, 0.32]
    (comparison,) = pooled(run(0, {"d": base}), run(1, {"d": variant}))
    expected = stats.ttest_ind(variant, base, equal_var=False, alternative="less").pvalue
    assert comparison.test == "stratified Welch's t-test"
    assert comparison.p_better == pytest.approx(expected)
    assert comparison.verdict == "better"


def named(number: int, seeds: dict[str, float]) -> Run:
    values = measurement(list(seeds.values())).model_copy(update={"seeds": tuple(seeds)})
    return Run(number=number, label=f"run {number}", result=Result(datasets={"d": {"loss": values}}))


def test_seeds_pair_by_their_names_not_by_their_place() -> None:
    base = named(0, {"0": 0.50, "1": 0.60, "2": 0.70, "3": 0.80, "4": 0.90})
    (comparison,) = pooled(base, named(1, {"4": 0.80, "3": 0.71, "2": 0.62, "1": 0.53, "0": 0.44}))
    assert comparison.test == "exact paired sign-flip test"
    assert (comparison.p_better, comparison.verdict, comparison.remark) == (2**-5, "better", "")


def test_other_seeds_do_not_pair() -> None:
    base = {"0": 0.50, "1": 0.51, "2": 0.52, "3": 0.53, "4": 0.49}
    other = {"5": 0.30, "6": 0.32, "7": 0.31, "8": 0.33, "9": 0.29}
    (comparison,) = pooled(named(0, base), named(1, other))
    assert comparison.test == "stratified Welch's t-test"
    assert "no seed in common (0, 1, 2, 3, 4; 5, 6, 7, 8, 9)" in comparison.remark


def test_some_seeds_in_common_are_compared_alone() -> None:
    base = {"0": 9.0, "1": 0.50, "2": 0.51, "3": 0.52, "4": 0.53, "5": 0.49}
    other = {"1": 0.30, "2": 0.32, "3": 0.31, "4": 0.33, "5": 0.29, "6": 7.0}
    (comparison,) = pooled(named(0, base), named(1, other))
    assert (comparison.n, comparison.p_better) == (5, 2**-5)
    assert comparison.difference == pytest.approx(-0.2)
    assert comparison.remark == "compared on the 5 seeds in common; only one side has 0, 6"


def test_a_zero_baseline_divides_nothing() -> None:
    variant = [0.1, 0.12, 0.11, 0.13, 0.09]
    (comparison,) = pooled(run(0, {"d": [0.0] * 5}), run(1, {"d": variant}))
    assert comparison.relative is None
    assert comparison.difference == pytest.approx(0.11)
    assert comparison.verdict == "worse"
