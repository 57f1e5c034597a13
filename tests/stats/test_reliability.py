"""Brier score, calibration error and reliability bins: worked by hand, and on probabilities known to be true."""

import numpy as np
import pytest

from newsangle.stats.reliability import brier_rows, calibration_error, expected_error, reliability_bins


def drawn(n, seed, sharpen=1.0):
    """True probabilities of three classes, codes drawn from them, and what a classifier says that is too sure."""
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet([1.0, 1.0, 2.0], size=n)
    codes = (rng.random(n)[:, None] > truth.cumsum(axis=1)).sum(axis=1)
    said = truth**sharpen
    return said / said.sum(axis=1, keepdims=True), codes


def test_the_brier_score_of_three_rows_by_hand():
    # (0.2² + 0.1² + 0.1²), a sure and right row, a sure and wrong one.
    p = np.array([[0.8, 0.1, 0.1], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_allclose(brier_rows(p, np.array([0, 1, 2])), [0.06, 0.0, 2.0])


def test_the_brier_score_agrees_with_scikit_learns_for_two_classes():
    from sklearn.metrics import brier_score_loss

    rng = np.random.default_rng(1)
    p, codes = rng.random(50), rng.integers(0, 2, 50)
    ours = brier_rows(np.column_stack([1 - p, p]), codes).mean()
    assert ours == pytest.approx(2 * brier_score_loss(codes, p))  # theirs counts one class


def test_the_calibration_error_of_four_rows_by_hand():
    # Two bins of two rows. Class 1: bin 0 has mean 0.15 and share 0.5, bin 1 mean 0.85 and share 1: (0.35 + 0.15) / 2.
    # Class 0 mirrors it, with the same gaps.
    p1 = np.array([0.1, 0.2, 0.8, 0.9])
    p, codes = np.column_stack([1 - p1, p1]), np.array([0, 1, 1, 1])
    assert calibration_error(p, codes, n_bins=2) == pytest.approx(0.25)
    # A row that stands for three: bin 0 has mean (3·0.1 + 0.2)/4 and share 1/4, by weight 4 of 6.
    weights = np.array([3.0, 1.0, 1.0, 1.0])
    expected = (4 * abs(0.125 - 0.25) + 2 * abs(0.85 - 1.0)) / 6
    assert calibration_error(p, codes, weights, n_bins=2) == pytest.approx(expected)


def test_true_probabilities_err_as_much_as_expected_and_sure_ones_more():
    true, codes = drawn(2000, 2)
    assert calibration_error(true, codes) == pytest.approx(expected_error(true), rel=0.35)
    sure, codes = drawn(2000, 2, sharpen=3.0)
    assert calibration_error(sure, codes) > 3 * expected_error(sure)


def test_nothing_to_score_is_no_number():
    assert np.isnan(calibration_error(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)))
    assert np.isnan(expected_error(np.zeros((0, 2))))


def test_bins_hold_equal_numbers_and_the_intervals_of_true_probabilities_mostly_hold_the_diagonal():
    true, codes = drawn(1600, 3)
    bins = reliability_bins(true, codes, [str(i) for i in range(1600)], n_bins=8)
    assert [b.label for b in bins] == [c for c in range(3) for _ in range(8)]
    assert all(b.n == 200 for b in bins)
    inside = [b.interval.low <= b.predicted <= b.interval.high for b in bins]
    assert np.mean(inside) > 0.8
    sure, codes = drawn(1600, 3, sharpen=3.0)
    outside = reliability_bins(sure, codes, [str(i) for i in range(1600)], n_bins=8)
    assert np.mean([b.interval.low <= b.predicted <= b.interval.high for b in outside]) < 0.6


def test_the_order_of_rows_changes_nothing():
    p, codes = drawn(300, 4)
    order = np.random.default_rng(0).permutation(300)
    assert calibration_error(p, codes) == pytest.approx(calibration_error(p[order], codes[order]), abs=1e-12)
