"""Is this matrix what a topic model can read: articles × terms, whole non-negative numbers?"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]

MOST = 2.0**31  # tokens of one term in one article: more is no count, and would not fit what reads it


def check_counts(X: Any) -> sparse.csr_matrix:
    """Return a copy of X as canonical CSR float64: sorted columns, no stored zeros, no duplicates.

    X: articles × terms, sparse or dense.
    Raises ValueError for NaN, infinite, negative, fractional or absurdly large cells (from 2^31), and for a matrix
    without a column.
    """
    counts = sparse.csr_matrix(X, dtype=np.float64, copy=True)
    counts.sum_duplicates()
    counts.sort_indices()
    counts.eliminate_zeros()
    cells = counts.data
    faulty = ~np.isfinite(cells) | (cells < 0) | (cells != np.floor(cells)) | (cells >= MOST)
    if faulty.any():
        cell = int(np.flatnonzero(faulty)[0])
        row = int(np.searchsorted(counts.indptr, cell, side="right")) - 1
        raise ValueError(
            f"row {row}, column {counts.indices[cell]} holds {cells[cell]}: "
            "a document-term matrix holds term counts (0, 1, 2 …, below 2^31); pass counts, not weights"
        )
    if counts.shape[1] == 0:
        raise ValueError("the document-term matrix has no terms: lower min_df or check the texts")
    return counts


def check_training(X: Any, n_topics: object) -> tuple[sparse.csr_matrix, int]:
    """Return the articles that aren't empty, and the number of topics; what every `fit` asks first.

    Raises ValueError for bad counts, no token at all, or a number of topics that isn't a whole number between 1 and the
    number of articles with a token.
    """
    counts = check_counts(X)
    counts = counts[np.diff(counts.indptr) > 0]
    n_articles = counts.shape[0]
    if n_articles == 0:
        raise ValueError("no article holds a term: check the texts, the stop words and min_df")
    if not isinstance(n_topics, int | np.integer) or isinstance(n_topics, bool) or n_topics < 1:
        raise ValueError(f"n_topics = {n_topics!r}: use a whole number of topics, at least 1")
    if n_topics > n_articles:
        raise ValueError(f"n_topics = {n_topics} exceeds the {n_articles} articles with a term: ask for fewer topics")
    return counts, int(n_topics)


def check_n_terms(counts: sparse.csr_matrix, n_terms: int) -> None:
    """ValueError unless the matrix has the terms that the topics were learned on."""
    if counts.shape[1] != n_terms:
        raise ValueError(f"the matrix has {counts.shape[1]} terms, the topics {n_terms}: use one vocabulary for both")


def check_distributions(components: Any) -> Floats:
    """Return topics × terms as float64; ValueError unless each row is a word distribution (sums to 1 within 1e-6)."""
    phi = np.asarray(components, dtype=np.float64)
    if phi.ndim != 2 or 0 in phi.shape:
        raise ValueError(f"components have shape {phi.shape}: expected topics × terms")
    bad = ~np.isfinite(phi).all(axis=1) | (phi < 0).any(axis=1) | ~np.isclose(phi.sum(axis=1), 1.0, rtol=0, atol=1e-6)
    if bad.any():
        raise ValueError(
            f"components row {int(np.flatnonzero(bad)[0])} is no word distribution (non-negative, sum 1): "
            "signed loadings such as LSI's have no perplexity and no topic shares"
        )
    return phi


def heaviest(weights: Floats, n: int) -> npt.NDArray[np.int64]:
    """Which n columns hold the largest numbers of each row, largest first, equal ones in the order of the columns?

    The columns of a stable sort, without sorting them all. No number may be NaN.
    """
    found = np.empty((len(weights), n), dtype=np.int64)
    for row, values in enumerate(weights):
        least = np.partition(values, len(values) - n)[len(values) - n]
        candidates = np.flatnonzero(values >= least)
        found[row] = candidates[np.argsort(-values[candidates], kind="stable")[:n]]
    return found
