"""Which topics does an article hold, given fixed topics? One answer for every model."""

from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from newsangle.topics.counts import Floats, check_counts, check_distributions, check_n_terms

SMOOTHING = 0.01
N_ITER = 40
RELAX, LEAST = 1.95, 1e-3  # over-relaxation, and the share of a plain step that it leaves at least


def smooth(components: Any, smoothing: float = SMOOTHING) -> Floats:
    """Mix every topic with the uniform distribution: (1 − ε) φ + ε / V, so that no term has probability zero.

    Sparse models (NMF) give exact zeros, for which a single unlucky token would make the log-likelihood −∞.
    """
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(f"smoothing = {smoothing}: use a share of the uniform distribution in [0, 1)")
    phi = check_distributions(components)
    return np.asarray((1.0 - smoothing) * phi + smoothing / phi.shape[1])


def fold_in(
    components: Any, X: Any, *, alpha: float = 0.1, n_iter: int = N_ITER, smoothing: float = SMOOTHING
) -> Floats:
    """Which share of each article belongs to each topic? n_articles × n_topics, rows sum to 1.

    θ maximises Σ_w n_w log Σ_k θ_k φ_kw + α Σ_k log θ_k: a Dirichlet(1 + α) prior. For α > 0 the maximum is unique,
    so `n_iter` over-relaxed EM steps from the uniform θ reach it whatever model made φ (after 40 steps θ is off by
    under 0.001 on news articles), and an article's answer never depends on its neighbours. φ is smoothed first, see
    `smooth`.
    An article without a known term gets a row of NaN: nothing is known about it. Without smoothing a term that no topic
    can give says nothing on θ and is passed over.

    Raises ValueError for components that are no distributions, a wrong number of terms, alpha < 0 or n_iter < 1.
    """
    counts = check_counts(X)
    phi = check_distributions(components)
    check_n_terms(counts, phi.shape[1])
    return fold_in_checked(smooth(phi, smoothing), counts, alpha=alpha, n_iter=n_iter)


def fold_in_checked(phi: Floats, counts: sparse.csr_matrix, *, alpha: float, n_iter: int) -> Floats:
    """`fold_in` for φ that is smoothed already and counts that are checked already."""
    if not 0 <= alpha < np.inf:
        raise ValueError(f"alpha = {alpha}: use a finite number of at least 0")
    if n_iter < 1:
        raise ValueError(f"n_iter = {n_iter}: use at least 1 step")
    n_topics = phi.shape[0]
    by_term = np.ascontiguousarray(phi.T)
    possible = by_term.max(axis=1) > 0  # all, where φ is smoothed
    if not possible.all():
        counts = counts.copy()
        counts.data[~possible[counts.indices]] = 0
        counts.eliminate_zeros()
    shares = np.full((counts.shape[0], n_topics), np.nan)
    # One article at a time: its φ columns stay in cache, four times as fast as sparse blocks of articles.
    with threadpool_limits(limits=1):
        for article, (start, stop) in enumerate(zip(counts.indptr[:-1], counts.indptr[1:], strict=True)):
            if start == stop:
                continue
            n = counts.data[start:stop]
            term_given_topic = by_term[counts.indices[start:stop]]
            topic_by_term = term_given_topic.T
            total = n.sum() + n_topics * alpha
            theta = np.full(n_topics, 1.0 / n_topics)
            for step in range(n_iter):
                plain = (alpha + theta * (topic_by_term @ (n / (term_given_topic @ theta)))) / total
                # The first and the last step are plain ones; the last makes the shares sum to 1.
                ahead = 0 < step < n_iter - 1
                theta = np.maximum(theta + RELAX * (plain - theta), LEAST * plain) if ahead else plain
            shares[article] = theta
    return shares
