import math

import numpy as np
import pytest
from scipy.stats import beta, t

from newsangle.coverage.binomial import korn_graubard
from newsangle.coverage.estimate import Power, estimate_share, fit_share, more_labels, tuned_power
from newsangle.coverage.sample import coded_sample

NO = float("nan")


def sampled(n=600, share=0.3, chance=0.25, seed=1, skill=0.9):
    """Rows with independent codes, and predictions that are right in `skill` of them."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share) * 1.0
    f = np.where(rng.random(n) < skill, 0.9 * y + 0.05, 0.95 - 0.9 * y)
    known = rng.random(n) < chance
    return f, np.where(known, y, NO), np.full(n, chance), np.arange(n), y


def test_korn_graubard_limits_are_clopper_and_pearsons_on_the_effective_sample():
    # Like 50 rows, 40 degrees of freedom, 200 rows coded: n* = 50 (t_199 / t_40)², x = .2 n*.
    size = 50 * (t.ppf(0.975, 199) / t.ppf(0.975, 40)) ** 2
    low, high = korn_graubard(0.2, 50, n=200, df=40)
    assert low == pytest.approx(beta.ppf(0.025, 0.2 * size, 0.8 * size + 1))
    assert high == pytest.approx(beta.ppf(0.975, 0.2 * size + 1, 0.8 * size))


def test_nothing_seen_in_forty_rows_gives_the_exact_binomial_bound():
    low, high = korn_graubard(0.0, 40, n=40, df=39)
    assert (low, high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 40)))
    assert korn_graubard(1.0, 40, n=40, df=39) == (pytest.approx(0.025 ** (1 / 40)), 1.0)
    assert korn_graubard(0.3, math.inf, n=40, df=39) == (0.3, 0.3)
    # So does a simple random sample of 40 out of very many: half a row more of either kind moves variance and share.
    got = estimate_share([0.1] * 100_000, [0.0] * 40 + [NO] * 99_960, [0.0004] * 100_000, range(100_000))
    assert (got.estimate, got.low) == (0.0, 0.0)
    assert got.high == pytest.approx(1 - 0.025 ** (1 / 40), rel=0.001)


def test_one_light_hit_does_not_lengthen_the_limits_beyond_those_of_none():
    # 60 rows of a large stratum without a hit, 40 of a small one with none, or with one.
    stratum, pi = ["large"] * 4800 + ["small"] * 200, [0.0125] * 4800 + [0.2] * 200
    none = np.r_[np.zeros(60), np.full(4740, NO), np.zeros(40), np.full(160, NO)]
    one = none.copy()
    one[4800] = 1.0
    a, b = (estimate_share(np.zeros(5000), coded, pi, range(5000), stratum=stratum) for coded in (none, one))
    assert b.estimate == pytest.approx(0.04 / 40)
    assert 0.04 < a.high < b.high < 0.1  # with the squares alone: 0.15


def test_weights_are_calibrated_to_the_strata_and_the_share_is_that_worked_out_by_hand():
    # 100 rows of stratum a, 300 of b. Coded: 10 of a, 4 with the class; 20 of b, 3 with it. All f equal: λ = 0.
    # (100 · 4/10 + 300 · 3/20) / 400 = (40 + 45) / 400 = 0.2125, whatever π says of the strata's sizes.
    stratum = ["a"] * 100 + ["b"] * 300
    coded = [1.0] * 4 + [0.0] * 6 + [NO] * 90 + [1.0] * 3 + [0.0] * 17 + [NO] * 280
    pi = [0.12] * 100 + [0.06] * 300
    got = estimate_share([0.2] * 400, coded, pi, range(400), stratum=stratum)
    assert got.estimate == pytest.approx(0.2125)
    assert got.n_coded == 30
    # Totals given: 200 and 200.
    got = estimate_share([0.2] * 400, coded, pi, range(400), stratum=stratum, stratum_totals={"a": 200, "b": 200})
    assert got.estimate == pytest.approx((200 * 0.4 + 200 * 0.15) / 400)
    # Without strata each code weighs 1/π: (4/.12 + 3/.06) / (10/.12 + 20/.06).
    got = estimate_share([0.2] * 400, coded, pi, range(400))
    assert got.estimate == pytest.approx((4 / 0.12 + 3 / 0.06) / (10 / 0.12 + 20 / 0.06))


def test_a_stratum_with_few_codes_is_joined_with_others():
    pi, group = np.full(25, 0.5), np.arange(25)
    few = coded_sample(pi, group, np.repeat([0, 1, 2], [12, 9, 4]), np.ones(25), np.array([40.0, 30.0, 30.0]))
    assert few.totals.tolist() == [40.0, 60.0]  # 9 and 4 together are 13
    lone = coded_sample(pi, group, np.repeat([0, 1, 2], [12, 9, 4]), np.ones(25), np.array([40.0, 30.0, 30.0]))
    assert lone.weight.sum() == pytest.approx(100.0)
    one = coded_sample(pi, group, np.repeat([0, 1], [21, 4]), np.ones(25), np.array([40.0, 30.0]))
    assert one.totals.tolist() == [70.0]  # 4 alone are too few, so all are one


def test_the_variance_of_two_stages_is_that_worked_out_by_hand():
    # Two groups: rows (π .4, .2) with parts 1, 2, and one row (π .4) with part −3. q = .4 in both.
    # Weights 2.25 and 4.5, and 2.25, of 9: the groups hold ¾ and ¼.
    # Groups: (1 − .4) · ((1 + 2)² / (¼)² + 3² / (¾)²) = .6 · (144 + 16) = 96. Rows: (.4 − .2) · 2² = .8.
    sample = coded_sample(np.array([0.4, 0.2, 0.4]), np.array([0, 0, 1]), np.zeros(3, int), np.ones(3), np.array([9.0]))
    parts = np.array([1.0, 2.0, -3.0])
    assert sample.covariance(parts, parts) == pytest.approx(96.8)


def test_the_variance_estimate_is_right_on_average_when_groups_then_rows_are_drawn():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(200), 6)
    values = rng.standard_normal(200)[group] + rng.standard_normal(1200)
    second = np.tile([1.0, 1.0, 0.5, 0.5, 0.3, 0.3], 200)
    found, variances = [], []
    for _ in range(600):
        taken = (rng.random(200) < 0.4)[group] & (rng.random(1200) < second)
        at = np.flatnonzero(taken)
        _, number = np.unique(group[at], return_inverse=True)
        sample = coded_sample(0.4 * second[at], number, np.zeros(len(at), int), np.ones(len(at)), np.array([1200.0]))
        found.append(sample.mean(values[at]))
        parts = sample.parts(values[at])
        variances.append(sample.covariance(parts, parts))
    assert np.mean(variances) / np.var(found) == pytest.approx(1.0, abs=0.15)


def test_predictions_that_are_always_right_leave_open_the_errors_that_so_few_codes_can_miss():
    _, coded, pi, group, y = sampled()
    got = estimate_share(y, coded, pi, group)
    assert got.method == "corrected predictions (λ = 1.00)"
    assert got.estimate == pytest.approx(y.mean())
    # No error in n rows: up to 3/n to either side, less what the census part leaves to no chance.
    n = got.n_coded
    assert (got.high - got.low) / 2 == pytest.approx(3 / n * np.sqrt(1 - n / len(y)), rel=0.05)
    alone = estimate_share(y * 0, coded, pi, group)
    assert got.high - got.low < 0.3 * (alone.high - alone.low)


def test_predictions_that_say_nothing_change_nothing():
    f, coded, pi, group, _ = sampled()
    constant = estimate_share(np.full(len(f), 0.9), coded, pi, group)
    other = estimate_share(np.full(len(f), 0.1), coded, pi, group)
    assert constant == other
    assert constant.method == "coded sample alone (the predictions don't help)"
    assert constant.estimate == pytest.approx(np.nanmean(coded))


def test_predictions_that_point_the_wrong_way_are_not_used():
    f, coded, pi, group, _ = sampled()
    wrong, flat = estimate_share(1 - f, coded, pi, group), estimate_share(f * 0 + 0.5, coded, pi, group)
    assert wrong == flat


def test_predictions_shifted_by_a_constant_give_the_same_share():
    # λ (mean of f over all rows − over coded rows) doesn't see a shift: a bias of the classifier is taken out whole.
    f, coded, pi, group, _ = sampled()
    a, b = estimate_share(f * 0.5, coded, pi, group), estimate_share(f * 0.5 + 0.4, coded, pi, group)
    np.testing.assert_allclose([a.estimate, a.low, a.high], [b.estimate, b.low, b.high], rtol=1e-10)


def test_good_predictions_shorten_the_interval_and_bad_ones_hardly_lengthen_it():
    f, coded, pi, group, _ = sampled()
    alone = estimate_share(f * 0, coded, pi, group)
    good = estimate_share(f, coded, pi, group)
    noise = estimate_share(np.random.default_rng(0).random(len(f)), coded, pi, group)
    assert good.high - good.low < 0.8 * (alone.high - alone.low)
    assert noise.high - noise.low <= 1.05 * (alone.high - alone.low)


def test_a_corpus_that_is_coded_whole_has_no_interval():
    f, _, _, group, y = sampled(n=8)
    got = estimate_share(f, y, np.ones(8), group)
    assert (got.estimate, got.low, got.high) == (y.mean(),) * 3
    assert (got.method, got.labels_needed) == ("every row is coded", 0)
    weighted = estimate_share([0.5, 0.5], [1.0, 0.0], [1.0, 1.0], ["a", "b"], weights=[3.0, 1.0])
    assert weighted.estimate == 0.75


def test_the_interval_closes_as_pi_approaches_one():
    f, _, _, group, y = sampled(n=400)
    widths = []
    for chance in (0.5, 0.9, 0.99):
        known = np.arange(400) < 400 * chance
        got = estimate_share(f * 0, np.where(known, y, NO), np.full(400, chance), group)
        widths.append(got.high - got.low)
    assert widths[0] > 2 * widths[1] > 4 * widths[2] > 0


def test_a_pi_of_one_where_rows_are_left_is_no_census():
    coded = [1.0, 0.0, 0.0, 0.0] * 10 + [NO] * 40
    got = estimate_share([0.3] * 80, coded, [1.0] * 80, range(80))
    assert got.estimate == 0.25
    assert 0.1 < got.low < 0.25 < got.high < 0.5


def test_rows_that_came_in_large_groups_count_for_less():
    _, coded, pi, group, _ = sampled()
    known = np.flatnonzero(~np.isnan(coded))
    order = known[np.argsort(coded[known], kind="stable")]
    together = group.copy()
    together[order] = 10_000 + np.arange(len(order)) // 5  # five alike in each story
    apart = estimate_share(np.full(600, 0.5), coded, pi, group)
    grouped = estimate_share(np.full(600, 0.5), coded, pi, together)
    assert grouped.estimate == apart.estimate
    assert grouped.high - grouped.low > 1.7 * (apart.high - apart.low)  # √5 = 2.2, less the degrees that differ


@pytest.mark.parametrize(
    ("n", "hits", "why"),
    [
        (9, 3, "no number (under 10 coded)"),
        (29, 9, "coded sample alone (under 30 coded)"),
        (60, 4, "coded sample alone (under 5 coded with the class)"),
        (60, 56, "coded sample alone (under 5 coded without the class)"),
        (60, 20, "corrected predictions"),
    ],
)
def test_where_codes_are_few_the_coded_sample_stands_alone_or_there_is_no_number(n, hits, why):
    y = np.array([1.0] * hits + [0.0] * (n - hits) + [NO] * 300)
    f = np.where(np.nan_to_num(y) == 1, 0.9, 0.1)
    got = estimate_share(f, y, np.full(n + 300, 0.2), np.arange(n + 300))
    assert got.method.startswith(why)
    assert got.n_coded == n
    assert math.isnan(got.low) == math.isnan(got.estimate) == (n < 10)


def test_few_groups_keep_the_predictions_out_and_one_group_gives_no_number():
    y = np.array([1.0, 0.0] * 20 + [NO] * 100)
    f = np.where(np.nan_to_num(y) == 1, 0.9, 0.1)
    group = np.r_[np.arange(40) % 14, 100 + np.arange(100)]
    assert estimate_share(f, y, [0.3] * 140, group).method == "coded sample alone (under 15 groups coded)"
    group[:40] = 7
    one = estimate_share(f, y, [0.3] * 140, group)
    assert (one.method, one.labels_needed) == ("no number (all codes in one group)", 1)


def test_labels_needed_are_those_to_a_number_and_then_to_a_half_width():
    assert estimate_share([0.5] * 100, [1.0] * 4 + [NO] * 96, [0.1] * 100, range(100)).labels_needed == 6
    assert estimate_share([0.5] * 7, [1.0] * 4 + [NO] * 3, [0.1] * 7, range(7)).labels_needed == 3  # there are no more
    # Half as wide: four times the rows, less what a finite corpus saves: 1 / (1/10⁶ + (1/100 − 1/10⁶)/4) = 399.9.
    assert more_labels(0.10, 100, 1_000_000, 0.05) == 300
    assert more_labels(0.10, 100, 200, 0.05) == 160 - 100  # 1 / (1/200 + (1/100 − 1/200)/4)
    assert more_labels(0.04, 100, 200, 0.05) == 0


def test_coding_as_many_more_as_said_brings_the_half_width():
    f, coded, pi, group, y = sampled(n=4000, chance=0.03)
    first = estimate_share(f, coded, pi, group)
    assert first.labels_needed > 0
    chance = (first.n_coded + first.labels_needed) / 4000
    more = np.random.default_rng(9).random(4000) < chance
    second = estimate_share(f, np.where(more, y, NO), np.full(4000, chance), group)
    assert (second.high - second.low) / 2 == pytest.approx(0.05, rel=0.25)


def test_the_order_of_rows_and_the_names_of_groups_and_strata_change_nothing():
    f, coded, pi, group, _ = sampled()
    group, stratum = group // 3, np.where(f > 0.5, "high", "low")
    first = estimate_share(f, coded, pi, group, stratum=stratum)
    order = np.random.default_rng(4).permutation(len(f))
    names = np.array([f"story {999 - g}" for g in group])
    strata = np.where(stratum == "high", "zz", "aa")
    again = estimate_share(f[order], coded[order], pi[order], names[order], stratum=strata[order])
    assert again.method == first.method
    np.testing.assert_allclose(
        [again.estimate, again.low, again.high], [first.estimate, first.low, first.high], rtol=1e-9
    )


def test_pi_is_read_on_coded_rows_alone_and_another_scale_of_weights_changes_nothing():
    f, coded, pi, group, _ = sampled()
    without = np.where(np.isnan(coded), NO, pi)
    assert estimate_share(f, coded, without, group) == estimate_share(f, coded, pi, group)
    a, b = (estimate_share(f, coded, pi, group, weights=np.full(len(f), w)) for w in (1.0, 7.0))
    assert a.low == pytest.approx(b.low)


def test_a_row_with_weight_two_is_the_row_twice():
    f, coded, pi, group, _ = sampled(n=300)
    weights = np.where(group % 3 == 0, 2.0, 1.0)
    times = np.repeat(np.arange(300), weights.astype(int))
    a = estimate_share(f, coded, pi, group, weights=weights)
    b = estimate_share(f[times], coded[times], pi[times], group[times])
    assert a.estimate == pytest.approx(b.estimate)


def test_a_wider_level_gives_wider_limits_and_the_fit_can_be_asked_for_any():
    f, coded, pi, group, _ = sampled()
    fit = fit_share(f, coded, pi, group)
    assert fit.limits(0.95) == (fit.result.low, fit.result.high)
    assert fit.limits(0.99)[0] < fit.result.low < fit.result.high < fit.limits(0.99)[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pi": [0.0, 0.5, 0.5]}, r"pi = 0.0 in row 0 is not in \(0, 1\]; every coded row needs it"),
        ({"pi": [0.5, 1.5, 0.5]}, "pi = 1.5 in row 1"),
        ({"pi": [NO, 0.5, 0.5]}, "pi = nan in row 0"),
        ({"coded": [1.0, 2.0, NO]}, "coded = 2.0 in row 1 is not 1, 0 or NaN"),
        ({"predicted": [0.1, NO, 0.2]}, "predicted = nan in row 1 is not a probability"),
        ({"predicted": [0.1, 0.2, 34.0]}, "predicted = 34.0 in row 2"),
        ({"weights": [1.0, 0.0, 1.0]}, "weights = 0.0 in row 1"),
        ({"group": ["a", "b"]}, r"group has shape \(2,\), predicted \(3,\)"),
        ({"stratum_totals": {"a": 3}}, "stratum_totals without stratum"),
        ({"stratum": ["a", "a", "b"], "stratum_totals": {"a": 3}}, "stratum 'b' has no total"),
        ({"stratum": ["a", "a", "a"], "stratum_totals": {"a": 3, "c": 1}}, "no row is in stratum 'c'"),
        ({"stratum": ["a", "a", "a"], "stratum_totals": {"a": 0}}, "stratum_totals = 0.0 in row 0"),
        ({"level": 95}, "level = 95"),
        ({"half_width": 0.0}, "half_width = 0.0"),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(change, message):
    given = {"predicted": [0.1, 0.2, 0.3], "coded": [1.0, 0.0, NO], "pi": [0.5, 0.5, NO], "group": ["a", "b", "c"]}
    with pytest.raises(ValueError, match=message) as caught:
        estimate_share(**(given | change))
    assert "\n" not in str(caught.value)


def plain(values, chance=0.2):
    """A sample of rows that are groups of their own, with their parts."""
    n = len(values)
    sample = coded_sample(np.full(n, chance), np.arange(n), np.zeros(n, int), np.ones(n), np.array([n / chance]))
    return sample, sample.parts(np.asarray(values, dtype=float))


def test_lambda_is_the_regression_of_codes_on_predictions_and_its_noise_is_paid_for():
    rng = np.random.default_rng(6)
    f = rng.random(80)
    y = (rng.random(80) < f) * 1.0
    (sample, of_y), (_, of_f) = plain(y), plain(f)
    found = tuned_power(sample, of_y, of_f)
    slope = np.cov(y, f)[0, 1] / np.var(f, ddof=1)
    groups = (of_f**2).sum() ** 2 / (of_f**4).sum()
    assert found.tuned == pytest.approx(slope)
    assert found.ratio == pytest.approx((1 - np.corrcoef(y, f)[0, 1] ** 2) * (1 + 2 / groups))
    assert tuned_power(sample, of_y, -of_f) == Power(0.0, 1.0)
    assert tuned_power(sample, of_y, 0.1 * of_f).tuned == 1.0  # no more than 1, however timid the predictions


def test_heavy_groups_leave_few_degrees_of_freedom():
    # Ten sums of 1 and one of 10: V = 110. At p = ½ only S²/V − 1/G counts: 10 · (1/110 − 1/11)² + (100/110 − 1/11)².
    sample, _ = plain([0.0] * 11)
    spread = 10 * (1 / 110 - 1 / 11) ** 2 + (100 / 110 - 1 / 11) ** 2
    assert sample.freedom(np.array([1.0] * 10 + [10.0]), 0.5) == pytest.approx(2 / spread)
    assert sample.freedom(np.array([1.0, -1.0] * 5 + [1.0]), 0.5) == 10.0  # all alike: groups − strata


def test_few_hits_of_equal_weight_leave_more_degrees_than_their_squares_alone_would():
    sample, parts = plain([1.0] * 3 + [0.0] * 97)
    assert sample.freedom(parts, 0.03) > 1.5 * sample.freedom(parts, 0.5)


def test_what_may_hide_in_a_stratum_without_hits_is_that_worked_out_by_hand():
    # 20 rows, π = .2, weight 5 each, no hit: p = .5/21, times Σ w² (1 − π) / W² = 20 · 25 · .8 / 100².
    sample, _ = plain([0.0] * 20)
    variance, moved = sample.unseen(np.zeros(20))
    assert moved == pytest.approx(0.5 / 21)
    assert variance == pytest.approx(0.5 / 21 * (20.5 / 21) * 20 * 25 * 0.8 / 100**2)


def test_predictions_are_used_only_where_they_shorten_the_limits_of_one_and_the_same_share():
    # They know the one-row stories and nothing of a few large ones, which then make up the error: few degrees are left.
    used = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        group = np.r_[np.arange(120), 200 + np.arange(60) // 15, 300 + np.arange(600)]
        y = np.r_[rng.random(120) < 0.3, np.repeat(rng.random(4) < 0.5, 15), rng.random(600) < 0.3] * 1.0
        f = np.where(group >= 200, 0.4, 0.1 + 0.6 * y)
        coded = np.where(group < 300, y, NO)
        own, alone = (fit_share(p, coded, np.full(780, 0.2), group) for p in (f, f * 0))
        reach, reach_alone = (t.ppf(0.975, fit.degrees) ** 2 * fit.variance for fit in (own, alone))
        assert reach <= reach_alone * (1 + 1e-12)
        used += own.result.method.startswith("corrected")
    assert 0 < used < 60
