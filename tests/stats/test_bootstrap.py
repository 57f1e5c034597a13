import math
from itertools import product

import numpy as np
import pytest
from scipy import stats
from threadpoolctl import threadpool_limits

import newsangle.stats.bootstrap as bootstrap
from newsangle.stats.bootstrap import bootstrap_interval


def ratio(sums):
    return sums[:, 0] / sums[:, 1]


def test_the_limits_of_three_groups_are_those_of_all_27_resamples():
    # Means of 3 draws from (0, 3, 9): all 27 resamples, each equally likely, give the exact bootstrap distribution.
    exact = np.sort([sum(draw) / 3 for draw in product([0.0, 3.0, 9.0], repeat=3)])
    interval = bootstrap_interval([[0.0, 1], [3.0, 1], [9.0, 1]], ratio, n_draws=20_000, level=0.8)
    assert interval.low == np.quantile(exact, 0.1)
    assert interval.high == np.quantile(exact, 0.9)
    assert interval.method == "group bootstrap, 20000 draws"


def test_groups_not_rows_are_resampled():
    # A group of 8 tokens counts as a whole: the share is 1 in group A, 0 in group B. A draw holds A 0, 1 or 2 times:
    # shares 0, 8/10, 1 with chances 1/4, 1/2, 1/4.
    values = []

    def keep(sums):
        values.extend(ratio(sums).tolist())
        return ratio(sums)

    bootstrap_interval([[8.0, 8.0], [0.0, 2.0]], keep, n_draws=8000)
    assert set(values) == {0.0, 0.8, 1.0}
    assert values.count(0.8) / 8000 == pytest.approx(0.5, abs=0.03)


def test_the_mean_of_ungrouped_values_agrees_with_scipy():
    values = np.random.default_rng(3).exponential(size=80)
    ours = bootstrap_interval(np.column_stack([values, np.ones(80)]), ratio, n_draws=20_000)
    scipys = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    error = values.std() / math.sqrt(80)
    assert ours.low == pytest.approx(scipys.low, abs=0.05 * error)
    assert ours.high == pytest.approx(scipys.high, abs=0.05 * error)


def test_equal_groups_have_no_spread():
    interval = bootstrap_interval([[2.0, 4.0]] * 10, ratio)
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_neither_threads_nor_blocks_of_draws_change_a_byte(monkeypatch):
    totals = np.random.default_rng(0).normal(size=(300, 4)) + 5
    results = []
    for limit, cells in ((1, 4_000_000), (2, 4_000_000), (1, 900), (1, 1)):
        monkeypatch.setattr(bootstrap, "_CELLS_AT_ONCE", cells)
        with threadpool_limits(limits=limit):
            results.append(bootstrap_interval(totals, ratio, n_draws=500, seed=9))
    assert len(set(results)) == 1
    assert bootstrap_interval(totals, ratio, n_draws=500, seed=10) != results[0]


def test_a_higher_level_is_wider():
    totals = np.column_stack([np.arange(30.0), np.ones(30)])
    narrow, wide = bootstrap_interval(totals, ratio, level=0.5), bootstrap_interval(totals, ratio, level=0.99)
    assert wide.low < narrow.low < 14.5 < narrow.high < wide.high


@pytest.mark.parametrize("n_groups", [0, 1])
def test_fewer_than_two_groups_have_no_interval_and_say_why(n_groups):
    interval = bootstrap_interval(np.ones((n_groups, 2)), ratio)
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert f"{n_groups} group(s)" in interval.method


def test_undefined_draws_are_counted_and_too_many_of_them_leave_no_interval():
    # 0 / 0 when no draw of n takes one of the groups with tokens: chance (2/4)^4 = 6 %, or (2/6)^6 = 0.1 % of draws.
    few = bootstrap_interval([[1.0, 2], [2.0, 2], [0, 0], [0, 0]], ratio)
    assert math.isnan(few.low)
    assert "undefined in" in few.method
    enough = bootstrap_interval([[1.0, 2], [2.0, 2], [1.0, 2], [2.0, 2], [0, 0], [0, 0]], ratio, n_draws=20_000)
    assert 0.5 <= enough.low < enough.high <= 1.0
    assert enough.method.endswith(" undefined")


def test_what_cannot_be_resampled_is_refused():
    with pytest.raises(ValueError, match="groups × sums"):
        bootstrap_interval([1.0, 2.0], ratio)
    with pytest.raises(ValueError, match="finite"):
        bootstrap_interval([[1.0, np.nan]], ratio)
    with pytest.raises(ValueError, match="n_draws = 0"):
        bootstrap_interval([[1.0, 1.0]], ratio, n_draws=0)
    with pytest.raises(ValueError, match="level = 95"):
        bootstrap_interval([[1.0, 1.0]], ratio, level=95)
    with pytest.raises(ValueError, match="one number per draw"):
        bootstrap_interval([[1.0, 1.0], [2.0, 1.0]], lambda sums: sums)


def clustered_coverage(interval_of, n_trials, n_groups):
    """How often do the limits hold the true mean 0 of values whose group effect is as large as their noise?"""
    covered = naive = 0
    for trial in range(n_trials):
        rng = np.random.default_rng(10_000 + trial)
        sizes = rng.integers(1, 9, size=n_groups)
        effects = rng.normal(size=n_groups)
        sums = effects * sizes + rng.normal(size=n_groups) * np.sqrt(sizes)
        interval = interval_of(np.column_stack([sums, sizes]).astype(float))
        covered += interval.low <= 0 <= interval.high
        naive += abs(sums.sum() / sizes.sum()) <= 1.96 * math.sqrt(2 / sizes.sum())
    return covered / n_trials, naive / n_trials


def test_the_interval_of_a_clustered_mean_covers_it_95_percent_of_the_time():
    covered, naive = clustered_coverage(lambda totals: bootstrap_interval(totals, ratio, n_draws=500), 500, 60)
    assert 0.915 <= covered <= 0.975
    assert naive < 0.85  # an interval that takes rows for independent would miss; the simulation can tell
