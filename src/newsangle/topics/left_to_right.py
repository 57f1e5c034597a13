"""How likely are whole articles under an LDA's topics? The left-to-right evaluator, unbiased in the likelihood."""

import hashlib
from typing import Any

import numpy as np

from newsangle.topics.counts import check_counts, check_distributions, check_n_terms
from newsangle.topics.heldout import Completion

N_PARTICLES, N_MOVES = 20, 20


def left_to_right(
    components: Any,
    X: Any,
    alpha: Any = 0.1,
    *,
    n_particles: int = N_PARTICLES,
    n_moves: int | None = N_MOVES,
    seed: int = 0,
) -> Completion:
    """How likely are articles under these topics, θ integrated out? log p(article | φ, α) per article, in nats.

    components: topics × terms (word distributions), as they are: nothing is smoothed. X: articles × terms, counts.
    alpha: the Dirichlet prior of θ, one number or one per topic (`LDA.alpha_`). Higher is better; an article that holds
    a term without probability in any topic gets −inf. All tokens are scored, so never compare with
    `document_completion`, which reads half of them first; and only LDA's θ has a Dirichlet prior: for NMF use that one.

    Tokens are added one by one. `n_particles` assignments of topics to the earlier tokens say how likely the next one
    is; before each step `n_moves` of the earlier tokens, drawn at random, are assigned anew by Gibbs sampling (None:
    all of them, which is quadratic in the article's length); after it particles are drawn in proportion to how likely
    they found the token. The mean of the likelihood (not of its logarithm) over seeds is exact for any number of
    particles and moves; the logarithm is on average too low, the less the more particles: about half the variance that
    it shows over seeds. Time grows with tokens × n_particles × n_moves × topics.

    Each article's random numbers depend on (seed, its own terms and counts) alone: on no other article and no order.
    Raises ValueError for rows that are no distributions, a wrong number of terms, alpha ≤ 0 or n_particles < 1.
    Source: Wallach, Murray, Salakhutdinov and Mimno (2009), algorithm 3; Buntine (2009); drawing the particles again is
    from Gilks and Berzuini (2001), and is what makes averaging over particles at each token unbiased.
    """
    from newsangle.topics.left_to_right_kernel import article_log_likelihood

    counts = check_counts(X)
    phi = check_distributions(components)
    check_n_terms(counts, phi.shape[1])
    prior = np.asarray(alpha, dtype=np.float64)
    prior = np.full(len(phi), float(prior)) if prior.ndim == 0 else prior.ravel()
    if prior.shape != (len(phi),) or not (np.isfinite(prior).all() and (prior > 0).all()):
        raise ValueError(f"alpha = {alpha}: use one number above 0, or one for each of {len(phi)} topics")
    if n_particles < 1 or (n_moves is not None and n_moves < 0):
        raise ValueError(f"n_particles = {n_particles}, n_moves = {n_moves}: use at least 1 and 0")
    by_term = np.ascontiguousarray(phi.T)
    log_likelihood = np.zeros(counts.shape[0])
    tokens = np.asarray(counts.sum(axis=1)).ravel().astype(np.int64)
    held, held_before = np.zeros((2, n_particles, len(phi)))
    weights, chances, parents = np.empty(len(phi)), np.empty(n_particles), np.empty(n_particles, dtype=np.int64)
    impossible = by_term.max(axis=1) == 0
    for article, (start, stop) in enumerate(zip(counts.indptr[:-1], counts.indptr[1:], strict=True)):
        terms, n = counts.indices[start:stop].astype(np.int64), counts.data[start:stop].astype(np.int64)
        if impossible[terms].any():
            log_likelihood[article] = -np.inf
            continue
        content = hashlib.blake2b(f"left to right {seed}".encode(), digest_size=16)
        content.update(np.stack([terms, n]).astype("<i8").tobytes())
        key = int.from_bytes(content.digest(), "little")
        # Counts know no order; the estimate is unbiased for any, so one is drawn.
        order = np.argsort(np.random.Philox(key=key).random_raw(int(n.sum())), kind="stable")
        words = np.repeat(terms, n)[order]
        topics, topics_before = np.zeros((2, n_particles, len(words)), dtype=np.int64)
        log_likelihood[article] = article_log_likelihood(
            words, by_term, prior, n_particles, -1 if n_moves is None else n_moves,
            np.array([key & (2**64 - 1)], dtype=np.uint64), topics, held, weights, chances, parents, topics_before,
            held_before,
        )  # fmt: skip
    return Completion(log_likelihood, tokens)
