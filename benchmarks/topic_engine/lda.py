"""Which topics do articles share? Latent Dirichlet allocation, fast and with the same bytes on any thread count."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import digamma
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from newsangle.topics.counts import Floats, check_counts, check_n_terms, check_training

Learned = float | Literal["learn"]
Float32 = npt.NDArray[np.float32]

N_SHARDS = 16  # ranges of rows; fixed, so that sums over them are added in one order whatever the threads
BLOCK_BYTES = 8 << 20  # articles of one block: their rows stay in the cache while the terms pass by
LEAST_BLOCK = 1024  # articles
RELAX = 1.9  # over-relaxation: 1 is plain EM, at 2 it stops converging
PLAIN_SHARE = 0.7  # of n_iter, before the tokens' own shares are taken out
ALPHA, ETA = 0.1, 0.02  # where learning starts, and what "learn" uses as long as nothing is learned
ALPHA_START = 0.5  # α of the first step; it falls to its value while the steps are plain (annealing)
LEAST_ALPHA = 1e-3
SWEEPS_TO_LEARN = 10
BURN_IN = 0.2  # of the refining sweeps, not averaged
SEED_WEIGHT = 0.5  # pseudo-counts of a seed word per token of it in the corpus


@dataclass(frozen=True)
class Shards:
    """Fixed ranges of rows of about equally many cells, worked on by up to n_jobs threads."""

    bounds: npt.NDArray[np.int64]

    @classmethod
    def of(cls, cells: npt.NDArray[np.int64]) -> "Shards":
        """cells: running number of cells before each row (indptr)."""
        goals = np.linspace(0, cells[-1], N_SHARDS + 1)
        bounds = np.searchsorted(cells, goals).astype(np.int64)
        bounds[0], bounds[-1] = 0, len(cells) - 1
        return cls(bounds)

    def run(self, pool: ThreadPoolExecutor | None, work: Callable[[int, int, int], None]) -> None:
        """work(shard, first row, last row + 1) for every shard; the shards write different rows."""
        jobs = list(enumerate(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True)))
        if pool is None:
            for shard, (first, last) in jobs:
                work(shard, first, last)
            return
        for done in [pool.submit(work, shard, first, last) for shard, (first, last) in jobs]:
            done.result()


class LDA(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Which topics do articles share, and how much of each does an article hold?

    n_topics: K. n_iter: steps of expectation–maximisation on the counts, over-relaxed; in the last third each token's
    own share is left out (CVB0), which is what keeps many topics from learning the articles by heart. refine: sweeps of
    Gibbs sampling from there, φ averaged over them: slower, the best held-out perplexity. alpha: article–topic prior,
    one number for all topics or "learn" (one per topic). eta: topic–term prior, or "learn" (learned while refining).
    seed_words: {topic name: words}: the first topics, pulled towards these words by pseudo-counts (then `fit` needs
    `terms`); a seed word that isn't a term is a UserWarning. n_jobs: threads; never changes a byte of the result.

    After `fit`: components_ (topics × terms, rows sum to 1), alpha_ (per topic), eta_, topic_names_ (None without a
    name), seed_hits_ ({name: {word: tokens in the corpus}}), n_features_in_.
    Time grows with cells × K × n_iter (refine: tokens × K); memory is about 4 · n · (V + 2 D) + 24 · cells bytes, n = K
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
        seeds = self._find_seeds(counts, n_topics, terms)
        with _threads(self.n_jobs) as pool:
            fit = _Fit(counts, n_topics, self.alpha, self.eta, self.seed, seeds, pool)
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

    def transform(self, X: Any, n_iter: int = 100) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an article without a known term), with the learned α.

        For comparing models use `fold_in`, which treats all models alike.
        """
        from lda_kernels import SCRATCH_ROWS, aligned, fold_in

        check_is_fitted(self)
        counts = check_counts(X)
        check_n_terms(counts, self.components_.shape[1])
        n = _padded(self.components_.shape[0])
        flat, alpha, out = aligned(counts.shape[1] * n), aligned(n), aligned(counts.shape[0] * n)
        terms, theta = flat.reshape(-1, n), out.reshape(-1, n)
        terms[:, : len(self.alpha_)], alpha[: len(self.alpha_)] = self.components_.T, self.alpha_
        scratch = aligned(N_SHARDS * SCRATCH_ROWS * n).reshape(N_SHARDS, -1)
        starts, columns, data = _cells(counts)
        with _threads(self.n_jobs) as pool:
            Shards.of(starts).run(
                pool,
                lambda shard, first, last: fold_in(
                    starts, columns, data, flat, alpha, n_iter, first, last, out, scratch[shard], n
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
            if value != "learn" and not (number and np.isfinite(value) and value > 0):
                raise ValueError(f'{name} = {value!r}: use a number above 0, or "learn"')

    def _find_seeds(
        self, counts: sparse.csr_matrix, n_topics: int, terms: Sequence[str] | None
    ) -> list[tuple[int, int]]:
        """(term, topic) of every seed word that is a term; sets seed_hits_."""
        self.seed_hits_: dict[str, dict[str, int]] = {}
        if not self.seed_words:
            return []
        if terms is None or len(terms) != counts.shape[1]:
            raise ValueError("seed_words need fit(X, terms=…), the word of each column")
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


class _Fit:
    """The state of one fit: flat float32 tables (see lda_kernels), moved by its methods."""

    def __init__(
        self, counts: sparse.csr_matrix, n_topics: int, alpha: Learned, eta: Learned, seed: int,
        seeds: list[tuple[int, int]], pool: ThreadPoolExecutor | None,
    ) -> None:  # fmt: skip
        from lda_kernels import SCRATCH_ROWS, aligned

        self.pool, self.seed, self.n_topics, self.n = pool, seed, n_topics, _padded(n_topics)
        self.n_articles, self.n_terms = counts.shape
        self.learn_alpha, self.learn_eta = alpha == "learn", eta == "learn"
        self.eta = ETA if eta == "learn" else float(eta)
        self.alpha = self._row(ALPHA if alpha == "learn" else float(alpha))
        self.by_article = _cells(counts)
        self.by_term = _blocks(counts, max(LEAST_BLOCK, BLOCK_BYTES // (4 * self.n)))
        per_term = np.bincount(counts.indices, minlength=self.n_terms)
        self.term_shards = Shards.of(np.concatenate([[0], np.cumsum(per_term)]))
        self.article_shards = Shards.of(self.by_article[0])
        tokens = np.asarray(counts.sum(axis=0)).ravel()
        self.prior_of = np.zeros(self.n_terms, np.int32)
        self.prior = np.zeros((1 + len({term for term, _ in seeds}), self.n), np.float32)
        self.prior[:, :n_topics] = self.eta
        self.terms = aligned(self.n_terms * self.n)
        self.held, self.articles = aligned(self.n_articles * self.n), aligned(self.n_articles * self.n)
        self.scratch = aligned(N_SHARDS * SCRATCH_ROWS * self.n).reshape(N_SHARDS, -1)
        terms = self.terms.reshape(-1, self.n)
        self._start(terms, tokens, seeds)
        for term, topic in seeds:
            if not self.prior_of[term]:
                self.prior_of[term] = self.prior_of.max() + 1
            self.prior[self.prior_of[term], topic] += SEED_WEIGHT * tokens[term]
        terms += self.prior[self.prior_of]
        self.totals = terms.sum(axis=0, dtype=np.float64)
        self.held.reshape(-1, self.n)[:, :n_topics] = np.asarray(counts.sum(axis=1)) / n_topics
        self.counts = counts

    def _row(self, value: float) -> Float32:
        from lda_kernels import aligned

        row = aligned(self.n)
        row[: self.n_topics] = value
        return row

    def _start(self, terms: Float32, tokens: Floats, seeds: list[tuple[int, int]]) -> None:
        """Every term nearly evenly over the topics, ± half at random (raw Philox words, fixed for good by numpy)."""
        raw = np.random.Philox(key=self.seed).random_raw(self.n_terms * self.n_topics)
        uniform = (raw >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
        terms[:, : self.n_topics] = (uniform.reshape(self.n_terms, self.n_topics) + np.float32(0.5)) / self.n_topics
        for term, topic in seeds:
            terms[term, topic] += 1.0
        terms *= tokens[:, None].astype(np.float32) / terms.sum(axis=1, keepdims=True)

    def _inverse(self) -> Float32:
        inverse = self._row(0.0)
        inverse[: self.n_topics] = 1.0 / self.totals[: self.n_topics]
        return inverse

    def expect_and_maximise(self, n_iter: int) -> None:
        """n_iter over-relaxed EM steps: articles given the terms, then terms given the articles."""
        from lda_kernels import aligned, update_articles, update_terms

        partial = aligned(self.terms.size if len(self.by_term) > 1 else 1)
        sums = np.zeros((N_SHARDS, self.n))
        starts, columns, data = self.by_article
        alpha, start = self.alpha.copy(), np.maximum(self.alpha, self._row(ALPHA_START))
        for step in range(n_iter):
            collapsed = step >= round(PLAIN_SHARE * n_iter)
            relax = np.float32(1.0 if step == n_iter - 1 else RELAX)
            inverse = self._inverse()
            self.alpha[:] = alpha + np.float32(max(0.0, 1 - step / (PLAIN_SHARE * n_iter))) * (start - alpha)

            def articles(shard: int, first: int, last: int) -> None:
                update_articles(
                    starts, columns, data, self.terms, self.held, self.articles, self.alpha, inverse, relax,  # noqa: B023
                    collapsed, first, last, self.scratch[shard], self.n,  # noqa: B023
                )  # fmt: skip

            self.article_shards.run(self.pool, articles)
            for number, block in enumerate(self.by_term):

                def terms(shard: int, first: int, last: int) -> None:
                    update_terms(
                        *block, self.terms, self.articles, self.prior.reshape(-1), self.prior_of, inverse, relax,  # noqa: B023
                        collapsed, partial, number == 0, number == len(self.by_term) - 1, first, last,  # noqa: B023
                        sums[shard], self.scratch[shard], self.n,
                    )  # fmt: skip

                self.term_shards.run(self.pool, terms)
            self.totals = sums.sum(axis=0)
        self.alpha[:] = alpha

    def _learn_alpha(self, steps: int = 3) -> None:
        from lda_kernels import alpha_terms

        for _ in range(steps):
            sums = np.zeros((N_SHARDS, self.n_topics + 1))
            alpha = self.alpha[: self.n_topics].astype(np.float64)
            self.article_shards.run(
                self.pool,
                lambda shard, first, last: alpha_terms(
                    self.held, alpha, self.n_topics, self.n, first, last, sums[shard]  # noqa: B023
                ),
            )  # fmt: skip
            total = sums.sum(axis=0)
            self.alpha[: self.n_topics] = np.maximum(alpha * total[:-1] / total[-1], LEAST_ALPHA)

    def learn_alpha_once(self) -> None:
        """α from the expected counts, once at the end: learned on the way it makes topics flat (K = 200: + 0.3 %)."""
        if self.learn_alpha:
            self._learn_alpha(steps=10)

    def components(self) -> Floats:
        """topics × terms: (N_wk + η_wk) / N_k."""
        weights = self.terms.reshape(self.n_terms, self.n)[:, : self.n_topics].T.astype(np.float64)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def refined(self, sweeps: int) -> Floats:
        """topics × terms after Gibbs sweeps, N_wk averaged over those after the burn-in."""
        from lda_kernels import count_terms, sample

        words = np.repeat(self.counts.indices, self.counts.data.astype(np.int64)).astype(np.int32)
        starts = np.concatenate([[0], np.cumsum(self.counts.sum(axis=1).A1.astype(np.int64))])
        by_term = np.argsort(words, kind="stable").astype(np.int64)
        term_starts = np.concatenate([[0], np.cumsum(np.bincount(words, minlength=self.n_terms))])
        topics = np.zeros(len(words), np.int32)
        summed, sums = np.zeros(self.terms.size), np.zeros((N_SHARDS, self.n))
        prior, kept = self.prior.reshape(-1), 0  # a view: follows a learned η
        for sweep in range(sweeps + 1):  # the first draws the topics from the expected counts
            inverse, key = self._inverse(), np.uint64(self.seed * 0x9E3779B97F4A7C15 + sweep & (1 << 64) - 1)
            self.article_shards.run(
                self.pool,
                lambda shard, first, last: sample(
                    starts, words, topics, self.terms, self.held, self.alpha, inverse, key, sweep == 0,  # noqa: B023
                    first, last, self.n_topics, self.scratch[shard], self.n,
                ),
            )  # fmt: skip
            if sweep % SWEEPS_TO_LEARN == SWEEPS_TO_LEARN - 1 and self.learn_alpha:
                self._learn_alpha(steps=2)
            keep = sweep > BURN_IN * sweeps
            self.term_shards.run(
                self.pool,
                lambda shard, first, last: count_terms(
                    term_starts, by_term, topics, self.terms, summed, prior, self.prior_of, keep,  # noqa: B023
                    first, last, sums[shard], self.scratch[shard], self.n,
                ),
            )  # fmt: skip
            self.totals = sums.sum(axis=0)
            kept += keep
            if sweep % SWEEPS_TO_LEARN == SWEEPS_TO_LEARN - 1 and self.learn_eta:
                self._learn_eta()
        self.terms[:] = summed / kept
        self.terms += self.prior[self.prior_of].reshape(-1)
        return self.components()

    def _learn_eta(self, steps: int = 3) -> None:
        """Minka's fixed point for one η; the counts are whole numbers, so a histogram of them is enough."""
        histogram = np.zeros(1, np.int64)
        terms = self.terms.reshape(self.n_terms, self.n)
        for first in range(0, self.n_terms, 4096):
            rows = slice(first, first + 4096)
            whole = np.rint(terms[rows] - self.prior[self.prior_of[rows]]).astype(np.int64)
            more = np.bincount(whole.ravel())
            histogram = np.pad(histogram, (0, max(0, len(more) - len(histogram))))
            histogram[: len(more)] += more
        sizes = np.flatnonzero(histogram)
        sizes = sizes[sizes > 0]
        per_topic = self.totals[: self.n_topics] - self.prior[self.prior_of].sum(axis=0)[: self.n_topics]
        eta = self.eta
        for _ in range(steps):
            gain = (histogram[sizes] * (digamma(sizes + eta) - digamma(eta))).sum()
            cost = self.n_terms * (digamma(per_topic + self.n_terms * eta) - digamma(self.n_terms * eta)).sum()
            eta = max(eta * gain / cost, 1e-4)
        shift = np.float32(eta) - np.float32(self.eta)
        self.prior[:, : self.n_topics] += shift
        terms[:, : self.n_topics] += shift
        self.totals[: self.n_topics] += np.float64(shift) * self.n_terms
        self.eta = eta


class _threads:
    """A pool of n_jobs threads, or None for one: then nothing leaves the calling thread."""

    def __init__(self, n_jobs: int) -> None:
        self.pool = ThreadPoolExecutor(n_jobs) if n_jobs > 1 else None

    def __enter__(self) -> ThreadPoolExecutor | None:
        return self.pool

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown()


def _padded(n_topics: int) -> int:
    return -(-n_topics // 16) * 16


def _cells(counts: sparse.csr_matrix) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Float32]:
    return counts.indptr.astype(np.int64), counts.indices.astype(np.int32), counts.data.astype(np.float32)


def _blocks(counts: sparse.csr_matrix, n_articles: int) -> list[tuple[Any, Any, Any]]:
    """The cells by term, one block of n_articles articles after another; article numbers stay those of the corpus."""
    blocks = []
    for first in range(0, counts.shape[0], n_articles):
        starts, columns, data = _cells(counts[first : first + n_articles].tocsc())
        blocks.append((starts, columns + np.int32(first), data))
    return blocks
