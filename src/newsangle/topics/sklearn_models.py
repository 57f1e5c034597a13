"""Which topics do scikit-learn's NMF and LDA find? Threads fixed, so that the same seed gives the same bytes."""

import warnings
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from newsangle.topics.counts import Floats, check_training
from newsangle.topics.foldin import fold_in
from newsangle.topics.weighting import Weighting, inverse_document_frequency, weigh, word_distributions


class NmfTopics(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Which topics does non-negative matrix factorisation find?

    weighting: "tfidf" factors TF-IDF weights with squared loss (coordinate descent) and takes the topics back to word
    distributions (loadings ÷ idf): fast, the most coherent topics on news. "counts" factors the counts with
    Kullback–Leibler loss (multiplicative updates), which is PLSA: the better held-out perplexity, several times slower.
    max_iter: most iterations; `converged_` says whether they were enough (tolerance 1e-4). alpha: prior of the fold-in.
    The start is random and depends on the seed, so the spread over seeds shows how far the topics are an accident.

    After `fit`: components_ (topics × terms, rows sum to 1), n_iter_, converged_.
    Source: Lee and Seung (2001); Cichocki and Phan (2009).
    """

    has_word_distributions = True

    def __init__(
        self, n_topics: int, seed: int, *, weighting: Weighting = "tfidf", max_iter: int = 400, alpha: float = 0.1
    ) -> None:
        self.n_topics = n_topics
        self.seed = seed
        self.weighting = weighting
        self.max_iter = max_iter
        self.alpha = alpha

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn topics from articles × terms counts; empty articles change nothing. ValueError for bad counts or K."""
        counts, n_topics = check_training(X, self.n_topics)
        idf = inverse_document_frequency(counts, self.weighting)
        loss: dict[str, Any] = {} if self.weighting == "tfidf" else {"beta_loss": "kullback-leibler", "solver": "mu"}
        model = NMF(n_topics, init="random", random_state=self.seed, max_iter=self.max_iter, tol=1e-4, **loss)
        with warnings.catch_warnings(), threadpool_limits(limits=1):
            warnings.simplefilter("ignore", ConvergenceWarning)  # told by converged_
            model.fit(weigh(counts, idf, self.weighting))
        self.components_ = word_distributions(model.components_, idf)
        self.n_iter_ = int(model.n_iter_)
        self.converged_ = self.n_iter_ < self.max_iter
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an empty article): `fold_in`, the same for every model."""
        check_is_fitted(self)
        return fold_in(self.components_, X, alpha=self.alpha)


class SklearnLdaTopics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Which topics does scikit-learn's variational latent Dirichlet allocation find?

    alpha: document-topic prior, in training and fold-in. eta: topic-word prior. max_iter: passes over the articles.
    learning_method: "batch" (on a few thousand articles far better, by perplexity and NPMI) or "online" updates.
    The start is random and depends on the seed. One thread: with n_jobs=2 scikit-learn finds other topics.

    After `fit`: components_ (topics × terms, rows sum to 1; posterior means).
    Source: Blei, Ng and Jordan (2003); Hoffman, Blei and Bach (2010).
    """

    has_word_distributions = True

    def __init__(
        self,
        n_topics: int,
        seed: int,
        *,
        alpha: float = 0.1,
        eta: float = 0.05,
        max_iter: int = 20,
        learning_method: Literal["batch", "online"] = "batch",
    ) -> None:
        self.n_topics = n_topics
        self.seed = seed
        self.alpha = alpha
        self.eta = eta
        self.max_iter = max_iter
        self.learning_method = learning_method

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn topics from articles × terms counts; empty articles change nothing. ValueError for bad counts or K."""
        counts, n_topics = check_training(X, self.n_topics)
        model = LatentDirichletAllocation(
            n_topics,
            doc_topic_prior=self.alpha,
            topic_word_prior=self.eta,
            learning_method=self.learning_method,
            max_iter=self.max_iter,
            random_state=self.seed,
            n_jobs=1,
        )
        with threadpool_limits(limits=1):
            model.fit(counts)
        self.components_ = word_distributions(model.components_, np.ones(counts.shape[1]))
        self.n_features_in_ = counts.shape[1]
        return self

    def transform(self, X: Any) -> Floats:
        """Articles × topics, rows sum to 1 (NaN for an empty article): `fold_in`, the same for every model."""
        check_is_fitted(self)
        return fold_in(self.components_, X, alpha=self.alpha)
