"""How much does each term weigh in an article, and what word distribution follows from weighted topics?"""

from typing import Literal

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from newsangle.topics.counts import Floats

Weighting = Literal["tfidf", "counts"]


def check_weighting(weighting: str) -> None:
    """ValueError unless the weighting is one of ours."""
    if weighting not in ("tfidf", "counts"):
        raise ValueError(f'weighting = {weighting!r}: choose "tfidf" or "counts"')


def inverse_document_frequency(counts: sparse.csr_matrix, weighting: Weighting) -> Floats:
    """Weight per term: log((1 + n) / (1 + df)) + 1 for "tfidf", 1 for "counts"."""
    check_weighting(weighting)
    if weighting == "counts":
        return np.ones(counts.shape[1])
    return np.asarray(TfidfTransformer().fit(counts).idf_, dtype=np.float64)


def weigh(counts: sparse.csr_matrix, idf: Floats, weighting: Weighting) -> sparse.csr_matrix:
    """Articles × terms: counts × idf, each article scaled to length 1 ("tfidf"), or the counts themselves."""
    check_weighting(weighting)
    if weighting == "counts":
        return counts
    weighted = sparse.csr_matrix(counts @ sparse.diags_array(idf))
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0  # an empty article stays empty
    return sparse.csr_matrix(sparse.diags_array(1.0 / lengths) @ weighted)


def word_distributions(loadings: Floats, idf: Floats) -> Floats:
    """Topics × terms, rows sum to 1: non-negative loadings taken back from weighted space to counts (divided by idf).

    An article's weights are its counts × idf ÷ its length; a factor of them, divided by idf, is a factor of the counts.
    A topic that the model left empty (all zero) becomes the uniform distribution.
    """
    phi = loadings / idf
    empty = phi.sum(axis=1) <= 0
    phi[empty] = 1.0
    return np.asarray(phi / phi.sum(axis=1, keepdims=True), dtype=np.float64)
