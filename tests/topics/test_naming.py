"""Do topics keep their names when seed, number of topics, order or vocabulary change?"""

import numpy as np
import pytest

from newsangle.topics.naming import canonical_topic_order, distinctive_words, name_topics

TERMS = [f"w{i:03d}" for i in range(200)]


def test_a_word_that_is_heavy_everywhere_loses_to_the_topics_own():
    # Three candidates each: "said" is the heaviest in both topics but half as exclusive; in topic 0 the ranks by φ are
    # said 1, tank 2/3, army 1/3 and by exclusivity said 1/3, tank and army 1 (only topic 0 has them):
    # said 2/(1 + 3) = 0.5, tank 2/(1.5 + 1) = 0.8, army 2/(3 + 1) = 0.5; the heavier of the equal ones is said.
    phi = [[0.5, 0.3, 0.2, 0.0, 0.0], [0.5, 0.0, 0.0, 0.3, 0.2]]
    words = distinctive_words(phi, ["said", "tank", "army", "goal", "team"], n_words=2, n_candidates=3)
    assert words == [["tank", "said"], ["goal", "said"]]


def test_names_survive_a_permutation_and_a_little_noise(planted):
    first = name_topics(planted.phi, TERMS)
    order = np.array([3, 0, 4, 1, 2])
    noisy = planted.phi[order] * 0.9 + 0.1 / 200
    again = name_topics(noisy, TERMS, first)
    assert again.ids == tuple(first.ids[k] for k in order)
    assert again.names == tuple(first.names[k] for k in order)
    assert (again.distances < 0.3).all()
    assert np.isnan(first.distances).all()


def test_names_survive_other_columns_and_other_words(planted):
    first = name_topics(planted.phi, TERMS)
    kept = np.random.default_rng(2).permutation(200)[:190]
    phi = np.column_stack([planted.phi[:, kept], np.full((5, 1), 0.001)])
    later = name_topics(phi / phi.sum(axis=1, keepdims=True), [*[TERMS[i] for i in kept], "new"], first)
    assert later.ids == first.ids


def test_with_more_topics_the_known_keep_their_names_and_the_new_get_their_own(planted):
    fresh = np.zeros((1, 200))
    fresh[0, [5, 65, 125, 185]] = 0.25
    known = name_topics(planted.phi[:4], TERMS)
    more = name_topics(np.vstack([fresh, planted.phi]), TERMS, known)
    assert more.ids[1:5] == known.ids
    assert len(set(more.ids)) == 6
    assert np.isnan(more.distances[[0, 5]]).all()
    fewer = name_topics(planted.phi[[2, 0]], TERMS, known)
    assert fewer.ids == (known.ids[2], known.ids[0])


def test_a_far_pair_never_breaks_a_near_one():
    # Greedy on the total, topic a would go to y (0.0 + anything): b matches y exactly, a is far from both.
    known = name_topics([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], ["x", "y", "z"], n_words=1)
    found = name_topics([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], ["x", "y", "z"], known, n_words=1)
    assert found.ids == ("z", "y")


def test_equal_words_make_two_ids_not_one():
    phi = [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]
    assert name_topics(phi, ["x", "y", "z"], n_words=2).ids == ("x-y", "x-y-2")


def test_an_id_does_not_depend_on_which_of_its_words_is_heaviest():
    assert name_topics([[0.6, 0.4]], ["x", "y"], n_words=2).ids == name_topics([[0.4, 0.6]], ["x", "y"], n_words=2).ids


def test_names_and_words_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 of them different"):
        name_topics([[0.5, 0.3, 0.2]], ["x", "y", "x"])
    with pytest.raises(ValueError, match="no word distribution"):
        name_topics([[0.5, -0.5]], ["x", "y"])
    with pytest.raises(ValueError, match="n_words = 0"):
        distinctive_words([[0.5, 0.5]], ["x", "y"], n_words=0)


def test_topics_stand_in_the_order_of_their_size_wherever_a_seed_put_them(planted):
    shares = np.array([0.1, 0.3, 0.2, 0.2, 0.2])
    order = canonical_topic_order(planted.phi, shares)
    assert order[0] == 1
    assert order[-1] == 0
    turned = np.array([4, 2, 0, 1, 3])
    again = canonical_topic_order(planted.phi[turned], shares[turned])
    assert (planted.phi[order] == planted.phi[turned][again]).all()
    rows = np.vstack([np.tile(shares, (3, 1)), np.full((1, 5), np.nan)])
    assert canonical_topic_order(planted.phi, rows).tolist() == order.tolist()


def test_without_shares_the_words_decide_the_order(planted):
    loadings = planted.phi - 0.01
    unknown = np.full((3, 5), np.nan)
    turned = np.array([4, 2, 0, 1, 3])
    one, other = canonical_topic_order(loadings, unknown), canonical_topic_order(loadings[turned], unknown)
    assert (loadings[one] == loadings[turned][other]).all()


def test_a_given_name_is_kept_and_no_other_topic_takes_it(planted):
    known = name_topics(planted.phi, TERMS, given=["wars", None, None, None, None])
    assert known.ids[0] == known.names[0] == "wars"
    assert all("-" in topic_id for topic_id in known.ids[1:])
    # Topic 3 is given the name that topic 0 had; topic 0 may not keep it, and gets a new one.
    later = name_topics(planted.phi, TERMS, known, given=[None, None, None, "wars", None])
    assert later.ids[3] == "wars"
    assert later.ids[0] not in known.ids
    assert [later.ids[k] for k in (1, 2, 4)] == [known.ids[k] for k in (1, 2, 4)]
    with pytest.raises(ValueError, match="no name twice"):
        name_topics(planted.phi, TERMS, given=["a", "a", None, None, None])
