"""Which topics do articles share? Latent Dirichlet allocation, fast and with the same bytes on any thread count."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from newsangle.shards import N_SHARDS, threads
from newsangle.topics.counts import Floats, check_counts, check_n_terms, check_training
from newsangle.topics.foldin import N_ITER
from newsangle.topics.lda_fit import RELAX, Fit, Learned, Shards, canonical_order, cells_of, padded


class LDA(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Which topics do articles share, and how much of each does an article hold?

    n_topics: K. n_iter: steps of expectation–maximisation on the counts, over-relaxed; after the first 35 steps (70 %
    of fewer than 50) each token's own share is left out (CVB0), which keeps many topics from learning the articles by
    heart. K = 50: 50 steps are enough, K = 200: 70. refine: sweeps of Gibbs sampling from there, φ averaged over them:
    slower, the best held-out perplexity. alpha: article–topic prior, one number for all topics or "learn" (one per
    topic). eta: topic–term prior, or "learn" (learned while refining). seed_words: {topic name: words}: the first
    topics, pulled towards these words by pseudo-counts (then `fit` needs `terms`); a seed word that isn't a term is a
    UserWarning. n_jobs: threads; never changes a byte of the result, nor does the order of the articles.

    After `fit`: components_ (topics × terms, rows sum to 1), alpha_ (per topic), eta_, topic_names_ (None without a
    name), seed_hits_ ({name: {word: tokens in the corpus}}), n_features_in_.
    Time grows with cells × K × n_iter (refine: tokens × K); memory is about 4 · n · (V + 2 D) + 38 · cells bytes, n = K
    rounded up to 16; refine adds 8 · n · V + 12 · tokens.
    Source: Blei, Ng and Jordan (2003); Asuncion, Welling, Smyth and Teh (2009); Minka (2000) for α; Jagarlamudi,
    Daumé and Udupa (2012) for seed words.
    """

    has_word_distributions = True

    def __init__(
        self,
        n_topics: int,
        n_iter: int = 50,
        alpha: Learned = "learn",
        eta: Learned = "learn",
        refine: int = 0,
        seed_words: Mapping[str, Sequence[str]] | None = None,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.n_topics = n_topics
        self.n_iter = n_iter
        self.alpha = alpha
        self.eta = eta
        self.refine = refine
        self.seed_words = seed_words
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: None = None, *, terms: Sequence[str] | None = None) -> Self:
        """Learn topics from articles × terms counts; empty articles change nothing.

        terms: the word of each column, needed for seed words only.
        Raises ValueError for bad counts, no token at all, K above the number of articles with a token, bad options.
        """
        counts, n_topics = check_training(X, self.n_topics)
        self._check_options()
        counts = counts[canonical_order(counts)]
        seeds = self._find_seeds(counts, n_topics, terms)
        with threads(self.n_jobs) as run:
            fit = Fit(counts, n_topics, self.alpha, self.eta, self.seed, seeds, run)
            fit.expect_and_maximise(self.n_iter)
            if self.refine:
                self.components_ = fit.refined(self.refine)
            else:
                self.components_ = fit.components()
                fit.learn_alpha_once()
        self.alpha_ = fit.alpha[:n_topics].astype(np.float64)
        self.eta_ = float(fit.eta)
        self.topic_names_ = [*(self.seed_words or {}), *[None] * (n_topics - len(self.seed_words or {}))]
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any, n_iter: int = N_ITER) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an article without a known term), with the learned α.

        For comparing models use `fold_in`, which treats all models alike.
        """
        from newsangle.topics.lda_kernels import SCRATCH_ROWS, aligned, fold_in

        check_is_fitted(self)
        counts = check_counts(X)
        check_n_terms(counts, self.components_.shape[1])
        if n_iter < 1:
            raise ValueError(f"n_iter = {n_iter}: use at least 1 step")
        n = padded(self.components_.shape[0])
        flat, alpha, out = aligned(counts.shape[1] * n), aligned(n), aligned(counts.shape[0] * n)
        terms, theta = flat.reshape(-1, n), out.reshape(-1, n)
        terms[:, : len(self.alpha_)], alpha[: len(self.alpha_)] = self.components_.T, self.alpha_
        scratch = aligned(N_SHARDS * SCRATCH_ROWS * n).reshape(N_SHARDS, -1)
        starts, columns, data = cells_of(counts)
        with threads(self.n_jobs) as run:
            Shards.of(starts).run(
                run,
                lambda shard, first, last: fold_in(
                    starts, columns, data, flat, alpha, n_iter, np.float32(RELAX), first, last, out, scratch[shard], n
                ),
            )
        shares = theta[:, : len(self.alpha_)].astype(np.float64)
        shares[np.diff(starts) == 0] = np.nan
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def fit_transform(self, X: Any, y: None = None, *, terms: Sequence[str] | None = None) -> Floats:
        """`fit`, then `transform` of the same articles."""
        return self.fit(X, terms=terms).transform(X)

    def _check_options(self) -> None:
        for name, least in (("n_iter", 1), ("refine", 0), ("seed", 0), ("n_jobs", 1)):
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
                raise ValueError(f"{name} = {value!r}: use a whole number of at least {least}")
        for name in ("alpha", "eta"):
            value = getattr(self, name)
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            # The tables are float32: beyond these limits a prior would be 0 or infinite there.
            if not (isinstance(value, str) and value == "learn") and not (number and 1e-30 <= value <= 1e30):
                raise ValueError(f'{name} = {value!r}: use a number above 0, or "learn" (1e-30 to 1e30)')

    def _find_seeds(
        self, counts: sparse.csr_matrix, n_topics: int, terms: Sequence[str] | None
    ) -> list[tuple[int, int]]:
        """(term, topic) of every seed word that is a term; sets seed_hits_."""
        self.seed_hits_: dict[str, dict[str, int]] = {}
        if not self.seed_words:
            return []
        if terms is None or len(terms) != counts.shape[1]:
            raise ValueError("seed_words need fit(X, terms=…), the word of each column")
        if not isinstance(self.seed_words, Mapping):
            raise ValueError(f"seed_words = {self.seed_words!r}: pass a dictionary, {{name of the topic: its words}}")
        for name, words in self.seed_words.items():
            if isinstance(words, str):
                raise ValueError(f"seed_words of {name} = {words!r} is one text: pass a list of words")
        if len(self.seed_words) > n_topics:
            raise ValueError(f"seed_words name {len(self.seed_words)} topics, n_topics = {n_topics}: raise n_topics")
        column_of = {str(term): column for column, term in enumerate(terms)}
        tokens = np.asarray(counts.sum(axis=0)).ravel()
        found, unknown = [], []
        for topic, (name, words) in enumerate(self.seed_words.items()):
            self.seed_hits_[name] = {}
            for word in dict.fromkeys(words):
                column = column_of.get(word)
                self.seed_hits_[name][word] = 0 if column is None else int(tokens[column])
                if column is None:
                    unknown.append(f"{name}: {word}")
                else:
                    found.append((column, topic))
        if unknown:
            warnings.warn(f"{len(unknown)} seed words are not in the vocabulary: {', '.join(unknown)}", stacklevel=3)
        return found
