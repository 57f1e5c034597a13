import numpy as np
import pytest

from newsangle.features.design import count_task_text
from newsangle.stance.calibration import Calibration, fit_calibration
from newsangle.stance.crossfit import cross_fit


def softmax(logits):
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def drawn(n, seed, n_classes=3, shift=(0.0, -1.0, 1.0)):
    """Scores, the probabilities that they truly stand for, and codes drawn from these."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, n_classes))
    truth = softmax(1.5 * scores + np.array(shift[:n_classes]))
    return scores, truth, (rng.random(n)[:, None] > truth.cumsum(axis=1)).sum(axis=1)


def test_a_calibration_is_the_softmax_of_its_line():
    # scores / 2 · slope + intercept = (1·2 + 0, 0 + ln 3) for scores (2, 0): probabilities e² : 3.
    calibration = Calibration(2.0, np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0.0, np.log(3)]))
    np.testing.assert_allclose(
        calibration.probabilities(np.array([[2.0, 0.0]])), [[np.e**2 / (np.e**2 + 3), 3 / (np.e**2 + 3)]]
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_known_probabilities_are_recovered_from_scores_and_codes(n_classes):
    scores, _, codes = drawn(6000, 1, n_classes)
    fresh, fresh_truth, _ = drawn(1000, 2, n_classes)
    found = fit_calibration(scores, codes, n_classes).probabilities(fresh)
    assert np.abs(found - fresh_truth).mean() < 0.015
    assert np.abs(found - fresh_truth).max() < 0.08
    assert np.abs(softmax(fresh) - fresh_truth).mean() > 0.05  # the scores alone would not do


def test_mean_probabilities_on_the_codes_are_the_class_shares():
    # The intercept isn't penalised: its equation says that mean probability and share of codes agree, class by class.
    scores, _, codes = drawn(500, 3)
    for weights in (None, np.random.default_rng(0).uniform(1, 9, size=500)):
        found = fit_calibration(scores, codes, 3, weights).probabilities(scores)
        share = np.average(np.eye(3)[codes], axis=0, weights=weights)
        np.testing.assert_allclose(np.average(found, axis=0, weights=weights), share, atol=1e-5)


def test_neither_the_scale_of_scores_nor_a_constant_added_to_a_class_matters():
    # A class weight in training shifts a class's score; a margin may be of any size. Both are undone.
    scores, truth, codes = drawn(4000, 4)
    plain = fit_calibration(scores, codes, 3).probabilities(scores)
    larger = fit_calibration(1000 * scores, codes, 3).probabilities(1000 * scores)
    np.testing.assert_allclose(larger, plain, atol=1e-6)
    shifted = scores + np.array([4.0, 0.0, -2.0])
    found = fit_calibration(shifted, codes, 3).probabilities(shifted)
    assert np.abs(found - truth).mean() < 0.02
    np.testing.assert_allclose(found, plain, atol=0.02)


def test_the_class_weights_of_a_classifier_are_undone():
    # One row in eight is of class 1, and its word stands in half of these and in a tenth of the others: a balanced
    # classifier calls far more of them class 1 than there are, its calibrated probabilities sum to the true share.
    rng = np.random.default_rng(5)
    codes = (rng.random(800) < 1 / 8).astype(np.int64)
    has = rng.random(800) < np.where(codes == 1, 0.5, 0.1)
    texts = [
        f"{'siren' if h else 'quiet'} {'rain' if r else 'sun'}" for h, r in zip(has, rng.random(800) < 0.5, strict=True)
    ]
    text = count_task_text(texts, word_ngrams=(1, 1), char_weight=0)
    fit = cross_fit(text, codes, np.arange(800) % 4, n_classes=2, models=["logreg"])
    assert (fit.predicted["logreg"] == 1).mean() - codes.mean() > 0.015
    assert fit.probability["logreg"][:, 1].mean() == pytest.approx(codes.mean(), abs=0.01)
    # One word tells all there is to tell: the probability is the share of class 1 among the rows with and without it.
    for rows in (has, ~has):
        assert fit.probability["logreg"][rows, 1].mean() == pytest.approx(codes[rows].mean(), abs=0.02)


def test_design_weights_give_the_probabilities_of_the_frame_not_of_the_sample():
    # Class 0 was coded at a third of the rate of the others: among the codes it is too rare, with 1/π it is right.
    scores, truth, codes = drawn(12_000, 6)
    pi = np.where(codes == 0, 0.3, 0.9)
    taken = np.random.default_rng(7).random(12_000) < pi
    naive = fit_calibration(scores[taken], codes[taken], 3).probabilities(scores)
    weighted = fit_calibration(scores[taken], codes[taken], 3, 1 / pi[taken]).probabilities(scores)
    assert np.abs(weighted - truth).mean() < 0.02
    assert truth[:, 0].mean() - naive[:, 0].mean() > 0.1
    assert weighted[:, 0].mean() == pytest.approx(truth[:, 0].mean(), abs=0.015)


def test_a_weight_of_two_is_the_row_twice():
    scores, _, codes = drawn(200, 8)
    double = fit_calibration(np.vstack([scores, scores[:50]]), np.concatenate([codes, codes[:50]]), 3)
    weighted = fit_calibration(scores, codes, 3, np.where(np.arange(200) < 50, 2.0, 1.0))
    # Weights are taken relative to their mean, so the ridge counts as on 200 rows instead of 250: not the same, near.
    np.testing.assert_allclose(weighted.probabilities(scores), double.probabilities(scores), atol=0.02)


@pytest.mark.parametrize("present", [[0, 2], [1, 2], [0, 1]])
def test_a_class_never_coded_gets_no_probability(present):
    scores, _, codes = drawn(300, 9)
    rows = np.isin(codes, present)
    found = fit_calibration(scores[rows], codes[rows], 3).probabilities(scores)
    absent = ({0, 1, 2} - set(present)).pop()
    assert (found[:, absent] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    # Of the two, the one with the higher score is the likelier: the columns are not mixed up.
    a, b = present
    strong = scores[:, b] - scores[:, a] > 2
    assert (found[strong, b] > found[strong, a]).all()


def test_a_single_class_is_certain():
    found = fit_calibration(np.zeros((4, 3)), np.array([1, 1, 1, 1]), 3).probabilities(np.ones((2, 3)))
    assert found.tolist() == [[0.0, 1.0, 0.0]] * 2


def test_scores_that_say_nothing_give_the_class_shares():
    found = fit_calibration(np.zeros((10, 2)), np.array([0] * 7 + [1] * 3), 2).probabilities(np.zeros((1, 2)))
    np.testing.assert_allclose(found, [[0.7, 0.3]], atol=1e-4)


def test_rows_sum_to_one_and_extreme_scores_do_not_overflow():
    scores, _, codes = drawn(300, 10)
    found = fit_calibration(scores, codes, 3).probabilities(np.vstack([scores, 1e6 * scores]))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
