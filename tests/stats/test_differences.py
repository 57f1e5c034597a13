import math

import numpy as np
import pytest
from scipy.stats import binomtest

from newsangle.stats.bootstrap import bootstrap_interval
from newsangle.stats.classification import accuracy, group_confusions, macro_f1
from newsangle.stats.differences import exact_mcnemar, paired_tests


def test_mcnemar_is_the_binomial_test_on_the_rows_that_only_one_has_right():
    for a, b in [(0, 1), (0, 6), (3, 9), (12, 12), (40, 21)]:
        assert exact_mcnemar(a, b) == pytest.approx(binomtest(a, a + b, 0.5).pvalue)
        assert exact_mcnemar(a, b) == exact_mcnemar(b, a)
    assert exact_mcnemar(0, 0) == 1.0


def test_a_pair_by_hand():
    # Rows coded 0 0 1 1; the first says 0 0 1 0, the second 1 0 0 0. Accuracy 3/4 and 1/4.
    coded = np.array([0, 0, 1, 1])
    (test,) = paired_tests(
        coded,
        {"a": np.array([0, 0, 1, 0]), "b": np.array([1, 0, 0, 0])},
        ["w", "x", "y", "z"],
        2,
        metric=accuracy,
    )
    assert test.difference == pytest.approx(0.5)
    assert (test.only_first, test.only_second) == (2, 0)
    assert test.mcnemar_p == pytest.approx(0.5)  # 2 · (1/2)²
    assert (test.n, test.n_groups) == (4, 4)
    # A draw of four rows shows no difference where only the two rows without one are drawn: (1/2)⁴, twice that.
    assert test.p == pytest.approx(2 / 16, abs=0.012)
    assert test.p_holm == test.p


def test_limits_are_those_of_the_bootstrap_of_the_difference():
    rng = np.random.default_rng(3)
    coded, one, other = (rng.integers(3, size=300) for _ in range(3))
    groups = [str(g) for g in rng.integers(80, size=300)]
    (test,) = paired_tests(coded, {"one": one, "other": other}, groups, 3, n_draws=2000, seed=5)
    both = np.stack([group_confusions(coded, p, groups, 3) for p in (one, other)], axis=1)

    def difference(sums):
        tables = sums.reshape(-1, 2, 3, 3)
        return macro_f1(tables[:, 0]) - macro_f1(tables[:, 1])

    interval = bootstrap_interval(both.reshape(len(both), -1), difference, seed=5)
    assert (test.low, test.high) == pytest.approx((interval.low, interval.high))


def test_swapping_two_classifiers_turns_the_sign_alone():
    rng = np.random.default_rng(4)
    coded, one, other = (rng.integers(2, size=200) for _ in range(3))
    groups = [str(g) for g in range(200)]
    (forth,) = paired_tests(coded, {"a": one, "b": other}, groups, 2)
    (back,) = paired_tests(coded, {"b": other, "a": one}, groups, 2)
    assert back.difference == pytest.approx(-forth.difference)
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))
    assert (back.p, back.smallest) == (forth.p, pytest.approx(forth.smallest))
    assert (back.only_first, back.only_second) == (forth.only_second, forth.only_first)


def test_equal_classifiers_are_never_told_apart():
    coded = np.arange(30) % 3
    (test,) = paired_tests(coded, {"a": coded, "b": coded.copy()}, [str(i) for i in range(30)], 3)
    assert (test.difference, test.p, test.mcnemar_p) == (0.0, 1.0, 1.0)
    assert math.isnan(test.smallest)  # 0 would say that any difference had been seen


def test_all_pairs_are_compared_and_holm_counts_them():
    rng = np.random.default_rng(0)
    coded = rng.integers(2, size=400)
    worse = np.where(rng.random(400) < 0.4, 1 - coded, coded)
    worst = np.where(rng.random(400) < 0.5, 1 - coded, coded)
    tests = paired_tests(coded, {"a": coded, "b": worse, "c": worst}, [str(i) for i in range(400)], 2)
    assert [(t.first, t.second) for t in tests] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert tests[0].p == pytest.approx(2 / 10_001)
    assert tests[0].p_holm == pytest.approx(3 * tests[0].p)
    assert all(t.p_holm >= t.p and t.mcnemar_p_holm >= t.mcnemar_p for t in tests)


def test_one_group_gives_no_interval_but_the_difference():
    (test,) = paired_tests(np.array([0, 1]), {"a": np.array([0, 1]), "b": np.array([0, 0])}, ["g", "g"], 2)
    assert test.difference > 0
    assert all(math.isnan(x) for x in (test.low, test.high, test.p, test.p_holm, test.smallest))


def test_rows_of_different_number_are_refused():
    with pytest.raises(ValueError, match="one of each a row"):
        paired_tests(np.array([0, 1]), {"a": np.array([0])}, ["g", "h"], 2)


def _clustered(rng, edge):
    """Two classifiers on 60 stories of one to six passages; the second is right with `edge` less chance."""
    sizes = rng.integers(1, 7, size=60)
    groups = np.repeat(np.arange(60), sizes)
    hard = rng.normal(size=60)[groups]
    coded = rng.integers(2, size=len(groups))
    chance = 1 / (1 + np.exp(-(0.9 + 1.2 * hard)))
    one = np.where(rng.random(len(groups)) < chance, coded, 1 - coded)
    tilt = rng.normal(scale=0.15, size=60)[groups]  # stories that suit one of them
    other = np.where(rng.random(len(groups)) < np.clip(chance - edge + tilt, 0, 1), coded, 1 - coded)
    return coded, {"one": one, "other": other}, [str(g) for g in groups]


@pytest.mark.slow
def test_equally_good_classifiers_are_told_apart_in_five_of_a_hundred_samples():
    false = 0
    for trial in range(1000):
        coded, predicted, groups = _clustered(np.random.default_rng(trial), 0.0)
        (test,) = paired_tests(coded, predicted, groups, 2, metric=accuracy, n_draws=600, seed=trial)
        false += test.p <= 0.05
    assert 0.03 <= false / 1000 <= 0.075  # Monte Carlo error .7 points; 60 groups are a little few


@pytest.mark.slow
def test_the_smallest_difference_is_seen_four_times_in_five():
    def test_of(trial, loss):
        rng = np.random.default_rng([trial, 1])
        coded, predicted, groups = _clustered(np.random.default_rng(trial), 0.0)
        right = predicted["other"] == coded
        lost = right & (rng.random(len(coded)) < loss / right.mean())  # of all rows, as many as `loss` says
        predicted["other"] = np.where(lost, 1 - coded, predicted["other"])
        return paired_tests(coded, predicted, groups, 2, metric=accuracy, n_draws=600, seed=trial)[0]

    smallest = float(np.mean([test_of(trial, 0.1).smallest for trial in range(200)]))
    seen = np.mean([test_of(trial, smallest).p <= 0.05 for trial in range(1000, 1500)])
    assert 0.74 <= seen <= 0.88
