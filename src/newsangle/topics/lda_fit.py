"""How are topics learned from counts? The state of one fit of `LDA` and the steps that move it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import digamma

from newsangle.shards import N_SHARDS, Run, shard_bounds
from newsangle.topics.counts import Floats
from newsangle.topics.splitmix import splitmix

Learned = float | Literal["learn"]
Float32 = npt.NDArray[np.float32]

BLOCK_BYTES = 8 << 20  # articles of one block: their rows stay in the cache while the terms pass by
LANES = 16  # as in lda_lanes, which isn't imported here: numba takes a second
LEAST_BLOCK = 1024  # articles
RELAX = 1.95  # over-relaxation: 1 is plain EM, at 2 it stops converging
PLAIN_STEPS, PLAIN_SHARE = 35, 0.7  # steps before the tokens' own shares are taken out: plain ones stop gaining at 30
ALPHA = 0.1  # where learning starts, and what "learn" uses as long as nothing is learned
ETA_SCALE = 0.2  # the same for η = 0.2 / √K: more topics are sparser ones
ALPHA_START = 1.0  # α of the first step; it falls to its value while the steps are plain (annealing)
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
        return cls(shard_bounds(cells))

    def run(self, run: Run, work: Callable[[int, int, int], None]) -> None:
        """work(shard, first row, last row + 1) for every shard; the shards write different rows."""
        starts, ends = self.bounds[:-1].tolist(), self.bounds[1:].tolist()
        run(lambda job: work(*job), zip(range(N_SHARDS), starts, ends, strict=True))


class Fit:
    """The state of one fit: flat float32 tables (see lda_kernels), moved by its methods."""

    def __init__(
        self, counts: sparse.csr_matrix, n_topics: int, alpha: Learned, eta: Learned, seed: int,
        seeds: list[tuple[int, int]], run: Run,
    ) -> None:  # fmt: skip
        from newsangle.topics.lda_kernels import SCRATCH_ROWS, aligned

        self.run, self.seed, self.n_topics, self.n = run, seed, n_topics, padded(n_topics)
        self.n_articles, self.n_terms = counts.shape
        self.learn_alpha, self.learn_eta = alpha == "learn", eta == "learn"
        self.eta = ETA_SCALE / n_topics**0.5 if eta == "learn" else float(eta)
        self.alpha = self._row(ALPHA if alpha == "learn" else float(alpha))
        self.by_article = cells_of(counts)
        self.by_term = blocks_of(counts, max(LEAST_BLOCK, BLOCK_BYTES // (4 * self.n)))
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
        from newsangle.topics.lda_kernels import aligned

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
        from newsangle.topics.lda_kernels import aligned, update_articles, update_terms

        partial = aligned(self.terms.size if len(self.by_term) > 1 else 1)
        sums = np.zeros((N_SHARDS, self.n))
        starts, columns, data = self.by_article
        plain = min(PLAIN_STEPS, round(PLAIN_SHARE * n_iter))
        alpha, start = self.alpha.copy(), np.maximum(self.alpha, self._row(ALPHA_START))
        for step in range(n_iter):
            collapsed = step >= plain
            relax = np.float32(1.0 if step == n_iter - 1 else RELAX)
            inverse = self._inverse()
            self.alpha[:] = alpha + np.float32(max(0.0, 1 - step / max(plain, 1))) * (start - alpha)

            def articles(shard: int, first: int, last: int) -> None:
                update_articles(
                    starts, columns, data, self.terms, self.held, self.articles, self.alpha, inverse, relax,  # noqa: B023
                    collapsed, first, last, self.scratch[shard], self.n,  # noqa: B023
                )  # fmt: skip

            self.article_shards.run(self.run, articles)
            for number, block in enumerate(self.by_term):

                def terms(shard: int, first: int, last: int) -> None:
                    update_terms(
                        *block, self.terms, self.articles, self.prior.reshape(-1), self.prior_of, inverse, relax,  # noqa: B023
                        collapsed, partial, number == 0, number == len(self.by_term) - 1, first, last,  # noqa: B023
                        sums[shard], self.scratch[shard], self.n,
                    )  # fmt: skip

                self.term_shards.run(self.run, terms)
            self.totals = sums.sum(axis=0)
        self.alpha[:] = alpha

    def _learn_alpha(self, steps: int) -> None:
        """Up to `steps` of Minka's fixed point, which is slow where α is large; enough when nothing moves by 1 %."""
        from newsangle.topics.lda_kernels import alpha_terms

        for _ in range(steps):
            sums = np.zeros((N_SHARDS, self.n_topics + 1))
            alpha = self.alpha[: self.n_topics].astype(np.float64)
            self.article_shards.run(
                self.run,
                lambda shard, first, last: alpha_terms(
                    self.held, alpha, self.n_topics, self.n, first, last, sums[shard]  # noqa: B023
                ),
            )  # fmt: skip
            total = sums.sum(axis=0)
            self.alpha[: self.n_topics] = np.maximum(alpha * total[:-1] / total[-1], LEAST_ALPHA)
            if (np.abs(self.alpha[: self.n_topics] - alpha) < 0.01 * alpha).all():
                return

    def learn_alpha_once(self) -> None:
        """α from the expected counts, once at the end: learned on the way it makes topics flat (K = 200: + 0.3 %)."""
        if self.learn_alpha:
            self._learn_alpha(steps=5)

    def components(self) -> Floats:
        """topics × terms: (N_wk + η_wk) / N_k."""
        weights = self.terms.reshape(self.n_terms, self.n)[:, : self.n_topics].T.astype(np.float64)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def refined(self, sweeps: int) -> Floats:
        """topics × terms after Gibbs sweeps, N_wk averaged over those after the burn-in."""
        from newsangle.topics.lda_kernels import count_terms, sample

        words = np.repeat(self.counts.indices, self.counts.data.astype(np.int64)).astype(np.int32)
        starts = np.concatenate([[0], np.cumsum(self.counts.sum(axis=1).A1.astype(np.int64))])
        by_term = np.argsort(words, kind="stable").astype(np.int64)
        term_starts = np.concatenate([[0], np.cumsum(np.bincount(words, minlength=self.n_terms))])
        topics = np.zeros(len(words), np.int32)
        summed, sums = np.zeros(self.terms.size), np.zeros((N_SHARDS, self.n))
        prior, kept = self.prior.reshape(-1), 0  # a view: follows a learned η
        for sweep in range(sweeps + 1):  # the first draws the topics from the expected counts
            inverse, key = self._inverse(), np.uint64(int(self.seed) * 0x9E3779B97F4A7C15 + sweep & (1 << 64) - 1)
            self.article_shards.run(
                self.run,
                lambda shard, first, last: sample(
                    starts, words, topics, self.terms, self.held, self.alpha, inverse, key, sweep == 0,  # noqa: B023
                    first, last, self.n_topics, self.scratch[shard], self.n,
                ),
            )  # fmt: skip
            if sweep % SWEEPS_TO_LEARN == SWEEPS_TO_LEARN - 1 and self.learn_alpha:
                self._learn_alpha(steps=20)
            keep = sweep > BURN_IN * sweeps
            self.term_shards.run(
                self.run,
                lambda shard, first, last: count_terms(
                    term_starts, by_term, topics, self.terms, summed, prior, self.prior_of, keep,  # noqa: B023
                    first, last, sums[shard], self.n,
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


def padded(n_topics: int) -> int:
    """Floats of one row: n_topics rounded up to whole vectors."""
    return -(-n_topics // LANES) * LANES


def cells_of(counts: sparse.csr_matrix) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Float32]:
    return counts.indptr.astype(np.int64), counts.indices.astype(np.int32), counts.data.astype(np.float32)


def canonical_order(counts: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    """The articles in the order of a hash of their cells: shuffled articles are the same corpus, and the same bytes.

    Articles that hash alike are alike (or one in 10^19), and then their order changes nothing.
    """
    hashed = splitmix(counts.indices.astype(np.uint64) << np.uint64(32) ^ counts.data.astype(np.uint64))
    return np.argsort(splitmix(np.add.reduceat(hashed, counts.indptr[:-1])), kind="stable")


def blocks_of(counts: sparse.csr_matrix, n_articles: int) -> list[tuple[Any, Any, Any]]:
    """The cells by term, one block of n_articles articles after another; article numbers stay those of the corpus."""
    blocks = []
    for first in range(0, counts.shape[0], n_articles):
        starts, columns, data = cells_of(counts[first : first + n_articles].tocsc())
        blocks.append((starts, columns + np.int32(first), data))
    return blocks
