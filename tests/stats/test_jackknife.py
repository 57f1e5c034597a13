import math

import numpy as np
import pytest

from newsangle.stats.jackknife import grouped_jackknife


def without_each(sums, sizes):
    return (sums.sum() - sums) / (sizes.sum() - sizes)


def test_the_jackknife_of_a_mean_is_the_textbook_t_interval():
    # Values 1, 2, 3, 4: mean 2.5, sample variance 5/3, standard error sqrt(5/12); t(0.975, 3) = 3.182446.
    values = np.array([1.0, 2.0, 3.0, 4.0])
    interval = grouped_jackknife(without_each(values, np.ones(4)), 2.5)
    margin = 3.182446 * math.sqrt(5 / 12)
    assert (interval.low, interval.high) == pytest.approx((2.5 - margin, 2.5 + margin), abs=1e-6)
    assert interval.method == "grouped jackknife, 4 blocks"


def test_the_limits_lie_around_the_estimate_and_around_the_estimate_without_its_bias():
    # The square of the mean of 1, 2, 6 is 9; without one value: 16, 12.25, 2.25, mean 61/6. Bias 2 (61/6 − 9) = 7/3.
    # (The unbiased estimate of μ² is 9 − s²/3, s² = 7: the jackknife finds it exactly.)
    interval = grouped_jackknife([16.0, 12.25, 2.25], 9.0)
    # Squared deviations from 61/6: 34.0278, 4.3403, 62.6736; margin t(0.975, 2) · sqrt(2/3 · 101.0417).
    margin = 4.302653 * math.sqrt(2 / 3 * 101.0417)
    assert interval.low == pytest.approx(9 - 7 / 3 - margin, abs=1e-3)
    assert interval.high == pytest.approx(9 + margin, abs=1e-3)


def test_the_limits_hold_the_estimate_even_when_the_blocks_lean_away_from_it():
    interval = grouped_jackknife([1.0, 1.1, 0.9], 5.0)
    assert interval.low < 5.0 < 13.0 < interval.high  # 13: the estimate without the bias of −8


def test_blocks_without_influence_leave_no_width():
    interval = grouped_jackknife([0.3] * 50, 0.3)
    assert (interval.low, interval.high) == pytest.approx((0.3, 0.3))


def test_a_higher_level_is_wider():
    values = [1.0, 2.0, 3.0]
    assert grouped_jackknife(values, 2.0, 0.99).high > grouped_jackknife(values, 2.0, 0.9).high


@pytest.mark.parametrize(
    ("values", "estimate", "reason"),
    [
        ([], 1.0, "0 block"),
        ([1.0], 1.0, "1 block"),
        ([1.0, math.nan, 2.0], 1.0, "without 1 of 3 blocks"),
        ([1.0, 2.0], math.nan, "on all the data"),
    ],
)
def test_no_interval_comes_with_its_reason(values, estimate, reason):
    interval = grouped_jackknife(np.array(values), estimate)
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert reason in interval.method


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="one number per block"):
        grouped_jackknife([[1.0, 2.0]], 1.0)
    with pytest.raises(ValueError, match="level = 0"):
        grouped_jackknife([1.0, 2.0], 1.0, level=0)


def test_the_interval_of_a_clustered_ratio_covers_it_95_percent_of_the_time():
    covered = 0
    for trial in range(2000):
        rng = np.random.default_rng(trial)
        sizes = rng.integers(1, 9, size=30).astype(float)
        sums = sizes * (2.0 + rng.normal(size=30)) + rng.normal(size=30) * np.sqrt(sizes)
        interval = grouped_jackknife(without_each(sums, sizes), sums.sum() / sizes.sum())
        covered += interval.low <= 2.0 <= interval.high
    assert 0.93 <= covered / 2000 <= 0.97
