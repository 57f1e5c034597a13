import math

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from newsangle.topics.foldin import fold_in, smooth
from newsangle.topics.heldout import document_completion, split_tokens, unigram_completion


def test_the_perplexity_of_one_topic_is_worked_out_by_hand():
    # One topic with p = (3/4, 1/4). Articles of one term each: (0, 6) scores three tokens of term 1 and (4, 0) two of
    # term 0, so log-likelihood = 3 log 1/4 + 2 log 3/4 and perplexity = exp(-that / 5).
    completion = document_completion([[0.75, 0.25]], [[0, 6], [4, 0]], smoothing=0.0)
    assert completion.tokens.tolist() == [3, 2]
    assert completion.log_likelihood == pytest.approx([3 * math.log(1 / 4), 2 * math.log(3 / 4)])
    assert completion.perplexity == pytest.approx(math.exp(-(3 * math.log(1 / 4) + 2 * math.log(3 / 4)) / 5))


def test_smoothing_is_a_share_of_the_uniform_distribution():
    # 0.9 * 1 + 0.1 / 2 = 0.95 and 0.1 / 2 = 0.05: two scored tokens of a term the topic gives 0 have log 0.05 each.
    assert smooth([[1.0, 0.0]], 0.1) == pytest.approx(np.array([[0.95, 0.05]]))
    assert document_completion([[1.0, 0.0]], [[0, 4]], smoothing=0.1).perplexity == pytest.approx(1 / 0.05)


def test_one_topic_is_the_smoothed_unigram_model(planted):
    train, held_out = planted.counts[:200], planted.counts[200:]
    totals = train.sum(axis=0)
    one_topic = document_completion([totals / totals.sum()], held_out, seed=4)
    assert unigram_completion(totals, held_out, seed=4).perplexity == pytest.approx(one_topic.perplexity, rel=1e-12)
    # and by the formula on the scored halves, without any of our fold-in
    scored = np.asarray(split_tokens(held_out, seed=4)[1].sum(axis=0)).ravel()
    p = 0.99 * totals / totals.sum() + 0.01 / len(totals)
    assert one_topic.perplexity == pytest.approx(math.exp(-(scored * np.log(p)).sum() / scored.sum()))


def test_the_true_topics_beat_the_unigram_model_and_spoiled_topics(planted):
    true = document_completion(planted.phi, planted.counts).perplexity
    blurred = document_completion(0.5 * planted.phi + 0.5 * planted.phi.mean(axis=0), planted.counts).perplexity
    unigram = unigram_completion(planted.counts.sum(axis=0), planted.counts).perplexity
    assert true < 0.9 * blurred < blurred < unigram


def test_the_halves_add_up_and_the_read_half_gets_the_odd_token():
    X = np.array([[3, 0, 2], [1, 0, 0], [0, 0, 0], [2, 2, 3]])
    read, scored = split_tokens(X)
    assert (read + scored).toarray().tolist() == X.tolist()
    assert read.sum(axis=1).ravel().tolist() == [[3, 1, 0, 4]]


def test_a_cell_is_split_as_hypergeometric():
    # Of an article (6, 4), five tokens are read: E[read of term 0] = 5 · 6/10 = 3, variance = 5 · .6 · .4 · 5/9 = 2/3.
    draws = np.array([split_tokens([[6, 4]], seed=seed)[0][0, 0] for seed in range(3000)])
    assert draws.mean() == pytest.approx(3.0, abs=4 * math.sqrt(2 / 3 / 3000))
    assert draws.var() == pytest.approx(2 / 3, rel=0.1)


def test_the_split_of_an_article_depends_on_no_other_article(planted):
    X = planted.counts[:20]
    whole = split_tokens(X, seed=1)[0].toarray()
    assert (split_tokens(X[::-1], seed=1)[0].toarray()[::-1] == whole).all()
    assert (split_tokens(X[7:8], seed=1)[0].toarray() == whole[7:8]).all()
    assert (split_tokens(X, seed=2)[0].toarray() != whole).any()


def test_stored_zeros_and_the_order_of_the_columns_in_memory_do_not_matter():
    messy = sparse.csr_matrix((np.array([2, 0, 3]), np.array([2, 1, 0]), np.array([0, 3])), shape=(1, 3))
    tidy = [[3, 0, 2]]
    assert (split_tokens(messy)[0].toarray() == split_tokens(tidy)[0].toarray()).all()


def test_the_fold_in_reaches_the_maximum_that_a_general_optimiser_finds(planted):
    n, phi, alpha = planted.counts[0], smooth(planted.phi), 0.3

    def loss(logits):
        theta = np.exp(logits - logits.max())
        theta /= theta.sum()
        return -(n @ np.log(theta @ phi)) - alpha * np.log(theta).sum()

    best = minimize(loss, np.zeros(5), tol=1e-12).x
    expected = np.exp(best - best.max()) / np.exp(best - best.max()).sum()
    assert fold_in(planted.phi, [n], alpha=alpha, n_iter=2000)[0] == pytest.approx(expected, abs=1e-4)


def test_forty_steps_of_the_fold_in_are_enough(planted):
    shares, limit = (fold_in(planted.phi, planted.counts[:50], n_iter=n) for n in (40, 5000))
    assert np.abs(shares - limit).max() < 1e-3
    assert shares.sum(axis=1) == pytest.approx(np.ones(50))
    assert (shares > 0).all()


def test_with_much_prior_all_topics_share_alike_and_an_empty_article_has_no_shares():
    shares = fold_in([[0.9, 0.1], [0.1, 0.9]], [[5, 0], [0, 0]], alpha=1e9)
    assert shares[0] == pytest.approx([0.5, 0.5])
    assert np.isnan(shares[1]).all()


def test_without_smoothing_a_term_that_no_topic_gives_is_minus_infinity_and_moves_no_share():
    phi = [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]
    seen, impossible = [[3, 2, 0]], [[3, 2, 4]]
    assert fold_in(phi, impossible, smoothing=0.0).tolist() == fold_in(phi, seen, smoothing=0.0).tolist()
    assert np.isnan(fold_in(phi, [[0, 0, 4]], smoothing=0.0)).all()
    for article in ([0, 0, 4], [4, 0, 40]):
        done = document_completion(phi, [article, [4, 4, 0]], smoothing=0.0)
        assert done.log_likelihood[0] == -np.inf
        assert done.log_likelihood[1] == document_completion(phi, [[4, 4, 0]], smoothing=0.0).log_likelihood[0] > -20
        assert done.perplexity == np.inf


def test_threads_do_not_change_a_byte_of_the_evaluation():
    # Sums so long that BLAS would share them between threads and add in another order.
    rng = np.random.default_rng(0)
    phi = rng.dirichlet(np.full(30_000, 0.1), size=20)
    counts = rng.poisson(3.0, size=(2, 30_000))
    results = []
    for limit in (1, 2):
        with threadpool_limits(limits=limit):
            results.append(document_completion(phi, counts).log_likelihood.tobytes())
    assert results[0] == results[1]


def test_nothing_scored_is_not_a_number_rather_than_a_perfect_score():
    completion = document_completion([[0.5, 0.5]], [[1, 0], [0, 0]])
    assert completion.tokens.tolist() == [0, 0]
    assert math.isnan(completion.perplexity)


@pytest.mark.parametrize(
    ("components", "X", "options", "message"),
    [
        ([[1.0]], [[1]], {"alpha": float("inf")}, "alpha = inf"),
        ([[0.8, -0.6]], [[1, 1]], {}, "row 0 is no word distribution"),
        ([[0.5, 0.5], [0.5, 0.4]], [[1, 1]], {}, "row 1 is no word distribution"),
        ([[0.5, np.nan]], [[1, 1]], {}, "row 0 is no word distribution"),
        ([[0.5, 0.5]], [[1, 1, 1]], {}, "the matrix has 3 terms, the topics 2"),
        ([[0.5, 0.5]], [[1, 0.5]], {}, "row 0, column 1 holds 0.5"),
        ([[0.5, 0.5]], [[1, 1]], {"alpha": -1.0}, "alpha = -1.0"),
        ([[0.5, 0.5]], [[1, 1]], {"n_iter": 0}, "n_iter = 0"),
        ([[0.5, 0.5]], [[1, 1]], {"smoothing": 1.0}, "smoothing = 1.0"),
    ],
)
def test_what_cannot_be_scored_is_refused(components, X, options, message):
    with pytest.raises(ValueError, match=message):
        document_completion(components, X, **options)


@pytest.mark.parametrize("totals", [[0, 0], [1, -1], [1, np.nan]])
def test_a_unigram_model_without_counts_is_refused(totals):
    with pytest.raises(ValueError, match="term_counts"):
        unigram_completion(totals, [[1, 1]])
