"""Exclusivity, inverted RBO and flags: by hand, at their limits, and on topics that are junk by construction."""

import numpy as np
import pytest

from newsangle.topics.counts import heaviest
from newsangle.topics.quality import exclusivity, flag_topics, inverted_rbo, rank_biased_overlap


def test_exclusivity_is_worked_out_by_hand():
    # Topic 0, two top words: 0.6 / (0.6 + 0.2) = 0.75 and 0.3 / (0.3 + 0.3) = 0.5; mean 0.625.
    # Topic 1: its top words are columns 2 (0.5 / 0.6) and 1 (0.3 / 0.6).
    found = exclusivity([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]], n_words=2)
    assert found == pytest.approx([0.625, (0.5 / 0.6 + 0.5) / 2])


def test_equal_topics_have_exclusivity_one_over_k_and_topics_without_a_common_word_one():
    assert exclusivity(np.full((4, 20), 0.05)) == pytest.approx(np.full(4, 0.25))
    assert exclusivity(np.kron(np.eye(3), np.full((1, 10), 0.1))) == pytest.approx(np.ones(3))
    assert exclusivity([[0.5, 0.5]], n_words=2) == pytest.approx([1.0])


def test_a_word_that_is_more_anothers_counts_little_and_one_that_no_topic_holds_nothing():
    # Topic 1: words 0 and 1, shares .6 / 1.6 and .4 / .4; topic 2: word 0, share 1 / 1.6. Word 2 is nobody's.
    phi = [[0.6, 0.4, 0.0], [1.0, 0.0, 0.0]]
    assert exclusivity(phi, n_words=1) == pytest.approx([0.375, 0.625])
    assert exclusivity(phi, n_words=3) == pytest.approx([1.375 / 3, 0.625 / 3])


def test_exclusivity_follows_its_topic_when_topics_and_terms_are_shuffled(planted):
    order, columns = np.array([4, 2, 0, 1, 3]), np.random.default_rng(0).permutation(planted.phi.shape[1])
    assert exclusivity(planted.phi[order][:, columns]) == pytest.approx(exclusivity(planted.phi)[order])


def test_rank_biased_overlap_is_worked_out_by_hand():
    # a b c against b a d, p = 0.5: agreements 0, 1, 2/3. (1 − p) / p = 1:
    # 2/3 · 0.125 + 0 · 0.5 + 1 · 0.25 + 2/3 · 0.125 = 0.416667.
    assert rank_biased_overlap("abc", "bad", p=0.5) == pytest.approx(5 / 12)


def test_equal_lists_overlap_wholly_and_strangers_not_at_all():
    words = [f"w{i}" for i in range(25)]
    assert rank_biased_overlap(words, words) == pytest.approx(1.0)
    assert inverted_rbo([words, words, words]) == pytest.approx(0.0)
    assert inverted_rbo([words, [w.upper() for w in words]]) == 1.0
    assert np.isnan(inverted_rbo([words]))


def test_a_word_shared_at_the_top_costs_more_than_one_shared_at_the_bottom():
    assert inverted_rbo(["abcd", "aefg"]) < inverted_rbo(["abcd", "efgd"])
    assert inverted_rbo(["abcd", "aefg"]) == inverted_rbo(["aefg", "abcd"])


def test_lists_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="lists of 2 and 1 words"):
        rank_biased_overlap("ab", "a")
    with pytest.raises(ValueError, match="repeats a word"):
        rank_biased_overlap("aa", "ab")
    with pytest.raises(ValueError, match="p = 1"):
        rank_biased_overlap("ab", "ab", p=1.0)
    with pytest.raises(ValueError, match="n_words = 3"):
        exclusivity([[0.5, 0.5]], n_words=3)


def kinds(flags):
    return [sorted(reason.split(":")[0].split(" of topic")[0] for reason in flag.reasons) for flag in flags]


def test_nothing_speaks_against_the_topics_that_made_the_articles(planted):
    theta = np.random.default_rng(7).dirichlet(np.full(5, 0.2), size=300)
    flags = flag_topics(planted.phi, doc_topics=theta, term_counts=planted.counts.sum(axis=0))
    assert kinds(flags) == [[], [], [], [], []]


def test_a_copy_a_background_and_an_empty_topic_are_each_found_with_their_reason(planted):
    counts = planted.counts.sum(axis=0)
    phi = np.vstack([planted.phi, planted.phi[1] * 0.98 + 0.02 / 200, counts / counts.sum(), np.eye(200)[:1]])
    rng = np.random.default_rng(1)
    theta = rng.dirichlet(np.full(5, 0.2), size=300)
    # Topic 5 takes a third of what topic 1 held; topic 6 a fifth of every article; topic 7 stands in one article.
    theta = np.column_stack([theta, theta[:, 1] / 3, np.zeros((300, 2))])
    theta[:, 1] *= 2 / 3
    theta = np.where(np.arange(8) == 6, 0.2, 0.8 * theta)
    theta[9] = np.eye(8)[7]
    flags = flag_topics(phi, doc_topics=theta, term_counts=counts, article_lengths=np.full(300, 120.0))
    found = kinds(flags)
    assert found[:5] == [[], [], [], [], []]
    assert found[5] == ["duplicate"]
    assert flags[5].duplicate_of == 1
    assert flags[5].reasons[0].startswith("duplicate of topic 2 ")
    assert found[6] == ["background", "everywhere"]
    assert found[7] == ["few articles", "few tokens"]


def test_the_smaller_of_two_equal_topics_is_the_duplicate(planted):
    phi = np.vstack([planted.phi[:1], planted.phi[:1], planted.phi[1:2]])
    theta = np.tile([0.2, 0.5, 0.3], (50, 1))
    assert [f.duplicate_of for f in flag_topics(phi, doc_topics=theta)] == [1, None, None]
    assert [f.duplicate_of for f in flag_topics(phi)] == [None, 0, None]


def test_a_single_topic_is_not_called_background_and_low_coherence_is_said():
    [flag] = flag_topics([[0.5, 0.5]], doc_topics=np.ones((40, 1)), term_counts=[3, 3], coherence_z=[1.2])
    assert flag.reasons == ("incoherent: hardly above random words (z = 1.2)",)
    assert flag_topics([[0.5, 0.5]], coherence_z=[2.5])[0].reasons == ()


def test_an_article_without_shares_changes_no_flag(planted):
    theta = np.random.default_rng(7).dirichlet(np.full(5, 0.2), size=300)
    with_gap = np.vstack([theta, np.full((1, 5), np.nan)])
    assert flag_topics(planted.phi, doc_topics=theta) == flag_topics(planted.phi, doc_topics=with_gap)


def test_tables_that_do_not_fit_are_refused():
    phi = [[0.5, 0.5], [0.5, 0.5]]
    for given in ({"doc_topics": np.ones((3, 3))}, {"term_counts": [1, 2, 3]}, {"coherence_z": [1.0]}):
        with pytest.raises(ValueError, match=next(iter(given))):
            flag_topics(phi, **given)
    with pytest.raises(ValueError, match="article_lengths"):
        flag_topics(phi, doc_topics=np.full((3, 2), 0.5), article_lengths=[1.0])


def test_the_heaviest_columns_are_those_of_a_stable_sort_ties_included():
    weights = np.random.default_rng(0).integers(0, 6, (40, 30)) / 5.0
    for n in (1, 7, 30):
        assert (heaviest(weights, n) == np.argsort(-weights, axis=1, kind="stable")[:, :n]).all()
