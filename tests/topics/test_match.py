import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from newsangle.topics.match import argmax_agreement, match_topics, resample_groups, stability, topic_distances


def test_the_distance_of_a_coin_and_a_sure_thing_is_worked_out_by_hand():
    # p = (1, 0), q = (1/2, 1/2), m = (3/4, 1/4): H(m) = 0.811278 bits, (H(p) + H(q)) / 2 = 0.5: sqrt(0.311278).
    assert topic_distances([[1.0, 0.0]], [[0.5, 0.5]])[0, 0] == pytest.approx(0.5579230, abs=1e-6)


def test_distances_agree_with_scipy(planted):
    other = planted.phi[::-1] * 0.7 + 0.3 / planted.phi.shape[1]
    expected = [[jensenshannon(p, q, base=2) for q in other] for p in planted.phi]
    assert topic_distances(planted.phi, other) == pytest.approx(np.array(expected), abs=1e-7)


def test_topics_without_a_common_word_are_at_distance_one_and_equal_ones_at_zero():
    assert topic_distances(np.eye(3), np.eye(3)) == pytest.approx(1 - np.eye(3))


def test_a_permutation_is_undone(planted):
    order = np.array([3, 0, 4, 1, 2])
    permutation, distances = match_topics(planted.phi, planted.phi[order])
    assert (planted.phi[order][permutation] == planted.phi).all()
    assert distances == pytest.approx(np.zeros(5), abs=1e-6)


def test_the_matching_has_the_smallest_total_distance_where_greed_would_fail():
    a = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])
    b = np.array([[0.1, 0.9, 0.0], [0.0, 0.6, 0.4]])
    total = match_topics(a, b)[1].sum()
    distances = topic_distances(a, b)
    assert total == pytest.approx(min(distances.trace(), distances[0, 1] + distances[1, 0]))


def test_equal_runs_are_perfectly_stable_and_one_broken_topic_is_found(planted):
    same = stability([planted.phi, planted.phi[::-1], planted.phi])
    assert same.mean == pytest.approx(0.0, abs=1e-6)
    broken = planted.phi.copy()
    broken[2] = 1 / broken.shape[1]
    result = stability([planted.phi, broken, planted.phi])
    assert result.worst.argmax() == 2
    assert result.worst[[0, 1, 3, 4]] == pytest.approx(np.zeros(4), abs=1e-6)
    distance = topic_distances(planted.phi[2:3], broken[2:3])[0, 0]
    # Topic 2 is broken in one of the two other runs, and in two of the three pairs of runs, one of five topics.
    assert result.typical[2] == pytest.approx(distance / 2)
    assert result.mean == pytest.approx(2 / 3 * distance / 5)


def test_what_cannot_be_matched_is_refused():
    with pytest.raises(ValueError, match="3 topics against 2"):
        match_topics(np.eye(3), np.eye(3)[:2])
    with pytest.raises(ValueError, match="no word distribution"):
        match_topics([[0.6, -0.8]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="3 terms against 2"):
        match_topics(np.eye(3), np.eye(2))
    with pytest.raises(ValueError, match="at least 2"):
        stability([np.eye(3)])


def test_only_the_first_run_is_compared_where_it_is_the_whole(planted):
    broken = planted.phi[::-1] * 0.5 + 0.5 / 200
    far = planted.phi * 0.2 + 0.8 / 200
    runs = [planted.phi, broken, far]
    whole, pairs = stability(runs, reference_only=True), stability(runs)
    assert len(whole.by_pair) == 2
    assert len(pairs.by_pair) == 3
    assert whole.mean == pytest.approx(whole.by_pair.mean())
    assert whole.distances == pytest.approx(pairs.distances)
    assert whole.found(below=float(whole.by_pair.mean())).tolist() == [1] * 5


def test_agreement_is_one_whatever_topics_are_called_and_about_zero_by_chance():
    rng = np.random.default_rng(4)
    theta = rng.dirichlet(np.full(4, 0.3), size=400)
    other = rng.dirichlet(np.full(4, 0.3), size=400)
    same, chance, again = argmax_agreement([theta, theta[:, [2, 0, 3, 1]], other])
    assert same == pytest.approx(1.0)
    assert abs(chance) < 0.05
    assert again == pytest.approx(chance)


def test_articles_without_shares_are_left_out_of_the_agreement():
    a = np.array([[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan]])
    assert argmax_agreement([a, a[:, ::-1]]) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="same articles"):
        argmax_agreement([a, a[:2]])


def test_a_bootstrap_sample_takes_groups_whole_and_knows_no_order_of_articles():
    groups = [f"g{i // 2}" for i in range(40)]
    rows = resample_groups(groups, 5)
    times = np.bincount(rows, minlength=40)
    assert (times[::2] == times[1::2]).all()
    assert times.sum() == 40
    assert times.max() > 1
    order = np.random.default_rng(0).permutation(40)
    turned = resample_groups([groups[i] for i in order], 5)
    assert (np.bincount(order[turned], minlength=40) == times).all()
    assert resample_groups(groups, 6).tolist() != rows.tolist()


def test_groups_are_drawn_equally_often():
    times = np.zeros(30)
    for seed in range(400):
        times += np.bincount(resample_groups([str(i) for i in range(30)], seed), minlength=30)
    # 400 draws of mean 1 and variance 29/30 each: within 4 standard deviations of 400.
    assert np.abs(times - 400).max() < 4 * np.sqrt(400 * 29 / 30)
