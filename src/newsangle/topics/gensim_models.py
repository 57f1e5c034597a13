"""Which topics do gensim's LDA, NMF and LSI find? One process, threads fixed; gensim is imported only by `fit`."""

from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from newsangle.topics.counts import Floats, check_counts, check_n_terms, check_training
from newsangle.topics.foldin import fold_in
from newsangle.topics.weighting import Weighting, inverse_document_frequency, weigh, word_distributions


def _vocabulary(n_terms: int) -> dict[int, str]:
    # gensim wants a word per column; only the number of words matters to a fit.
    return {term: str(term) for term in range(n_terms)}


class GensimLdaTopics(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Which topics does gensim's online variational latent Dirichlet allocation find?

    alpha: document-topic prior, in training and fold-in. eta: topic-word prior. passes: over all articles.
    iterations: most inference steps per article. chunksize: articles per update; the order of articles matters.
    The start is random and depends on the seed. 64-bit floats.

    After `fit`: components_ (topics × terms, rows sum to 1).
    Source: Hoffman, Blei and Bach (2010); Řehůřek and Sojka (2010).
    """

    has_word_distributions = True

    def __init__(
        self,
        n_topics: int,
        seed: int,
        *,
        alpha: float = 0.1,
        eta: float = 0.05,
        passes: int = 20,
        iterations: int = 50,
        chunksize: int = 2000,
    ) -> None:
        self.n_topics = n_topics
        self.seed = seed
        self.alpha = alpha
        self.eta = eta
        self.passes = passes
        self.iterations = iterations
        self.chunksize = chunksize

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn topics from articles × terms counts; empty articles change nothing. ValueError for bad counts or K."""
        from gensim.matutils import Sparse2Corpus
        from gensim.models import LdaModel

        counts, n_topics = check_training(X, self.n_topics)
        with threadpool_limits(limits=1):
            model = LdaModel(
                Sparse2Corpus(counts, documents_columns=False),
                num_topics=n_topics,
                id2word=_vocabulary(counts.shape[1]),
                alpha=self.alpha,
                eta=self.eta,
                passes=self.passes,
                iterations=self.iterations,
                chunksize=self.chunksize,
                eval_every=None,
                random_state=self.seed,
                dtype=np.float64,
            )
            self.components_ = word_distributions(model.get_topics().astype(np.float64), np.ones(counts.shape[1]))
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an empty article): `fold_in`, the same for every model."""
        check_is_fitted(self)
        return fold_in(self.components_, X, alpha=self.alpha)


class GensimNmfTopics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Which topics does gensim's online non-negative matrix factorisation find?

    weighting: what is factored, always with squared loss; TF-IDF topics are taken back to word distributions (÷ idf),
    and were better than those of counts by held-out perplexity and by NPMI.
    passes: over all articles. chunksize: articles per update. kappa: step size. alpha: prior of the fold-in.

    After `fit`: components_ (topics × terms, rows sum to 1).
    Source: Zhao and Tan (2016), Online nonnegative matrix factorization with outliers.
    """

    has_word_distributions = True

    def __init__(
        self,
        n_topics: int,
        seed: int,
        *,
        weighting: Weighting = "tfidf",
        passes: int = 20,
        chunksize: int = 2000,
        kappa: float = 1.0,
        alpha: float = 0.1,
    ) -> None:
        self.n_topics = n_topics
        self.seed = seed
        self.weighting = weighting
        self.passes = passes
        self.chunksize = chunksize
        self.kappa = kappa
        self.alpha = alpha

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn topics from articles × terms counts; empty articles change nothing. ValueError for bad counts or K."""
        from gensim.models.nmf import Nmf

        counts, n_topics = check_training(X, self.n_topics)
        idf = inverse_document_frequency(counts, self.weighting)
        by_article = sparse.csc_matrix(weigh(counts, idf, self.weighting).T)
        with threadpool_limits(limits=1):
            model = Nmf(
                by_article,
                num_topics=n_topics,
                id2word=_vocabulary(counts.shape[1]),
                chunksize=self.chunksize,
                passes=self.passes,
                kappa=self.kappa,
                eval_every=None,
                random_state=self.seed,
            )
        self.components_ = word_distributions(model.get_topics(normalize=False).astype(np.float64), idf)
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an empty article): `fold_in`, the same for every model."""
        check_is_fitted(self)
        return fold_in(self.components_, X, alpha=self.alpha)


class GensimLsiTopics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Which directions does latent semantic indexing (gensim's randomised SVD) find?

    Signed directions, not distributions: no perplexity and no topic shares. weighting: what is decomposed. power_iters:
    steps that sharpen the SVD; the seed moves only its last digits, so a spread over seeds says nothing here.

    After `fit`: components_ (topics × terms, orthonormal rows, strongest first, largest absolute loading positive).
    Source: Deerwester et al. (1990); Halko, Martinsson and Tropp (2011).
    """

    has_word_distributions = False

    def __init__(self, n_topics: int, seed: int, *, weighting: Weighting = "tfidf", power_iters: int = 4) -> None:
        self.n_topics = n_topics
        self.seed = seed
        self.weighting = weighting
        self.power_iters = power_iters

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn directions from articles × terms counts; ValueError for bad counts or a matrix of rank under K."""
        from gensim.matutils import Sparse2Corpus
        from gensim.models import LsiModel

        counts, n_topics = check_training(X, self.n_topics)
        self.idf_ = inverse_document_frequency(counts, self.weighting)
        weighted = weigh(counts, self.idf_, self.weighting)
        with threadpool_limits(limits=1):
            model = LsiModel(
                # A stream, in one chunk: given a matrix, gensim 4.4 forgets the seed and differs from run to run.
                Sparse2Corpus(weighted, documents_columns=False),
                chunksize=counts.shape[0],
                num_topics=n_topics,
                id2word=_vocabulary(counts.shape[1]),
                power_iters=self.power_iters,
                random_seed=self.seed,
            )
        loadings = model.projection.u.T.astype(np.float64)
        if len(loadings) < n_topics:
            raise ValueError(f"n_topics = {n_topics}, but the articles span {len(loadings)} directions: ask for fewer")
        largest = np.abs(loadings).argmax(axis=1)
        self.components_ = np.ascontiguousarray(loadings * np.sign(loadings[np.arange(n_topics), largest])[:, None])
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """Articles × topics: signed projections of the weighted articles (NaN for an empty article)."""
        check_is_fitted(self)
        counts = check_counts(X)
        check_n_terms(counts, self.n_features_in_)
        projections = np.asarray(weigh(counts, self.idf_, self.weighting) @ self.components_.T)
        projections[np.diff(counts.indptr) == 0] = np.nan
        return projections
