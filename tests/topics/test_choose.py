"""Which number of topics does the one-standard-error rule choose?"""

import numpy as np
import pytest

from newsangle.topics.choose import one_standard_error

TOKENS = np.full(4, 10.0)


def test_the_error_of_the_difference_is_worked_out_by_hand():
    # Losses per group of ten tokens. K = 10: 21, 19, 21, 19, K = 20: 20, 20, 20, 18. Per token 2.0 and 1.95.
    # Differences 1, −1, 1, 1; their sum 2 over 40 tokens is 0.05; residuals 0.5, −1.5, 0.5, 0.5, squares add up to 3;
    # variance 4/3 · 3 / 40² = 0.0025, error 0.05: just within one standard error.
    found = one_standard_error({20: [20, 20, 20, 18], 10: [21, 19, 21, 19]}, TOKENS)
    assert found.n_topics == (10, 20)
    assert found.excess == pytest.approx([0.05, 0.0])
    assert found.error == pytest.approx([0.05, 0.0])
    assert found.best == 20
    farther = one_standard_error({20: [20, 20, 20, 18], 10: [21.1, 19.1, 21.1, 19.1]}, TOKENS)
    assert (found.best, farther.chosen) == (20, 20)


def test_the_spread_over_seeds_adds_to_the_error_by_hand():
    # Each seed shifts all groups alike: the groups' differences have no spread. K = 5 is 22 ± 1 in 2 seeds per group:
    # per token 2.1 and 2.3, variance of the mean 0.02 / 2 = 0.01; K = 9 always 20.
    found = one_standard_error({5: [[21] * 4, [23] * 4], 9: [[20] * 4, [20] * 4]}, TOKENS)
    assert found.excess[0] == pytest.approx(0.2)
    assert found.error[0] == pytest.approx(0.1)
    assert found.chosen == 9
    # The best one's seeds differ as much: 0.01 more, √0.02.
    both = one_standard_error({5: [[21] * 4, [23] * 4], 9: [[19] * 4, [21] * 4]}, TOKENS)
    assert both.error[0] == pytest.approx(0.02**0.5)


def test_what_is_hard_for_every_number_of_topics_does_not_widen_the_error():
    rng = np.random.default_rng(0)
    hard = rng.gamma(1.0, 100.0, size=50)
    tokens = np.full(50, 30.0)
    found = one_standard_error({10: hard + 1.0, 20: hard}, tokens)
    assert found.error[0] == pytest.approx(0.0, abs=1e-9)
    assert found.chosen == 20


def test_one_number_chooses_itself_and_equals_choose_the_smallest():
    assert one_standard_error({7: [1, 2, 3, 4]}, TOKENS).chosen == 7
    assert one_standard_error({8: [1, 2, 3, 4], 4: [1, 2, 3, 4], 6: [9, 9, 9, 9]}, TOKENS).chosen == 4


def test_the_order_of_groups_and_candidates_changes_nothing():
    rng = np.random.default_rng(3)
    losses, tokens = rng.gamma(9.0, size=(3, 5, 40)), rng.integers(5, 50, size=40)
    order = rng.permutation(40)
    one = one_standard_error(dict(zip((5, 9, 14), losses, strict=True)), tokens)
    other = one_standard_error(dict(zip((14, 9, 5), losses[::-1, ::-1][:, :, order], strict=True)), tokens[order])
    assert one.chosen == other.chosen
    assert one.error == pytest.approx(other.error)


def test_the_error_is_that_of_simulated_samples_of_groups():
    """600 sets of 80 groups: the standard deviation of the excess is what one set says on average."""
    rng = np.random.default_rng(11)
    excess, error = [], []
    for _ in range(600):
        tokens = rng.integers(20, 200, size=80)
        base = tokens * rng.normal(8.0, 1.0, size=80)
        worse = base + tokens * rng.normal(0.03, 0.2, size=80)
        found = one_standard_error({1: worse, 2: base}, tokens)
        sign = 1 if found.best == 2 else -1
        excess.append(sign * (found.excess[0] if found.best == 2 else found.excess[1]))
        error.append(found.error.max())
    assert np.mean(error) == pytest.approx(np.std(excess), rel=0.1)


def test_losses_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="K = 5"):
        one_standard_error({5: [1.0, 2.0]}, TOKENS)
    with pytest.raises(ValueError, match="finite"):
        one_standard_error({5: [1.0, np.nan, 1.0, 1.0]}, TOKENS)
    with pytest.raises(ValueError, match="at least one of each"):
        one_standard_error({}, TOKENS)
