"""Our LDA's steps are those of the formulas: written out in numpy, and counted by hand."""

import numpy as np
import pytest
from scipy import sparse

from newsangle.shards import threads
from newsangle.topics import lda_fit
from newsangle.topics.lda import LDA


def by_definition(counts, fit, n_iter, alpha, eta):
    """The steps in 64-bit floats, one matrix of cells × topics at a time; from where `fit` starts."""
    article, term = counts.nonzero()
    n = np.asarray(counts[article, term], dtype=float).ravel()[:, None]
    start = fit.terms.reshape(-1, fit.n)[:, : fit.n_topics].astype(float)
    n_wk, n_dk = start - eta, fit.held.reshape(-1, fit.n)[:, : fit.n_topics].astype(float)
    plain = round(0.7 * n_iter)
    n_k = (n_wk + eta).sum(axis=0)

    def expected(step, prior):
        weight = (n_dk[article] + prior) * (n_wk[term] + eta) / n_k
        share = weight / weight.sum(axis=1, keepdims=True)
        if step >= plain:  # the token's own share leaves both counts, to first order
            own = share / (n_dk[article] + prior) + share / (n_wk[term] + eta)
            weight = weight * np.maximum(1e-3, 1 - own)
            share = weight / weight.sum(axis=1, keepdims=True)
        return n * share

    for step in range(n_iter):
        prior = alpha + max(0.0, 1 - step / plain) * (1.0 - alpha)  # from 1 down to alpha while the steps are plain
        relax = 1.0 if step == n_iter - 1 else 1.95
        for counted, rows in ((n_dk, article), (n_wk, term)):
            whole = np.zeros_like(counted)
            np.add.at(whole, rows, expected(step, prior))
            counted[:] = np.maximum(counted + relax * (whole - counted), 1e-3 * whole)
        n_k = (n_wk + eta).sum(axis=0)
    return n_wk + eta, n_dk


@pytest.mark.parametrize("n_iter", [2, 4, 6])  # more, and rounding in 32 bits grows beyond the tolerance
def test_the_steps_are_those_of_the_formulas(planted, n_iter):
    counts = sparse.csr_matrix(planted.counts[:60])
    with threads(1) as run:
        expected, fitted = (lda_fit.Fit(counts, 4, 0.1, 0.05, 0, [], run) for _ in range(2))
        terms, held = by_definition(counts, expected, n_iter, 0.1, 0.05)
        fitted.expect_and_maximise(n_iter)
    assert fitted.terms.reshape(-1, fitted.n)[:, :4] == pytest.approx(terms, rel=2e-3, abs=2e-3)
    assert fitted.held.reshape(-1, fitted.n)[:, :4] == pytest.approx(held, rel=2e-3, abs=2e-3)


def test_refining_averages_the_counts_of_the_sweeps_after_the_first_fifth(planted, monkeypatch):
    from newsangle.topics import lda_kernels

    count, sweeps = lda_kernels.count_terms, []

    def counted(starts, tokens, topics, *rest):
        if rest[5] == 0:  # the first range of terms: once a sweep
            sweeps.append(topics.copy())
        count(starts, tokens, topics, *rest)

    monkeypatch.setattr(lda_kernels, "count_terms", counted)
    counts = sparse.csr_matrix(planted.counts[:40])
    counts = counts[lda_fit.canonical_order(counts)]
    found = LDA(3, 5, eta=0.5, refine=10).fit(counts).components_
    assert len(sweeps) == 11  # the first draws where the tokens start
    words = np.repeat(counts.indices, counts.data)
    tables = np.zeros((11, 3, 200))
    for table, topics in zip(tables, sweeps, strict=True):
        np.add.at(table, (topics, words), 1)
    average = tables[3:].mean(axis=0) + 0.5
    assert found == pytest.approx(average / average.sum(axis=1, keepdims=True), rel=1e-4)


def test_a_word_of_more_tokens_than_float32_can_count_does_not_stop_growing():
    from newsangle.topics.lda_kernels import aligned, count_terms

    n_tokens, n = 2**24 + 2, 16
    tokens = np.broadcast_to(np.int64(0), n_tokens)
    terms, summed, totals = aligned(n), np.zeros(n), np.zeros(n)
    count_terms(
        np.array([0, n_tokens]), tokens, np.zeros(1, np.int32), terms, summed, np.zeros(n, np.float32),
        np.zeros(1, np.int32), True, 0, 1, totals, n,
    )  # fmt: skip
    assert summed[0] == terms[0] == totals[0] == n_tokens


def test_a_learned_eta_moves_every_count_and_the_totals_with_it(planted):
    with threads(1) as run:
        fit = lda_fit.Fit(sparse.csr_matrix(planted.counts), 5, 0.1, "learn", 0, [(3, 1)], run)
        fit.expect_and_maximise(10)
        before, terms = fit.eta, fit.terms.reshape(-1, fit.n).astype(float)
        fit._learn_eta()
    after = fit.terms.reshape(-1, fit.n).astype(float)
    assert abs(fit.eta - before) > 0.01
    assert after[:, :5] - terms[:, :5] == pytest.approx(np.full((200, 5), fit.eta - before), abs=1e-3)
    assert (after[:, 5:] == 0).all()
    assert fit.totals == pytest.approx(after.sum(axis=0), abs=0.05)


def test_shares_are_folded_in_with_the_learned_alpha(planted):
    model = LDA(5, 10, refine=20).fit(planted.counts)
    assert model.alpha_.min() > 0.15  # far from the 0.1 where learning starts
    counts = planted.counts[:20].astype(float)
    counts[3] = 0
    counts[3, 7] = 1  # one token: the prior says most
    held = np.ones((20, 5))
    for _ in range(100):
        weight = held[:, :, None] * model.components_[None]
        held = model.alpha_ + (weight / weight.sum(axis=1, keepdims=True) * counts[:, None, :]).sum(axis=2)
    expected = held / held.sum(axis=1, keepdims=True)
    assert model.transform(counts) == pytest.approx(expected, abs=1e-4)
