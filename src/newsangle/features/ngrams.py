"""Which n-grams does each text hold, and how are they weighted by what a fold may know?

N-grams are counted once over all texts. What a model *learns* from text (which n-grams exist, how rare they are) is
then read from the rows that it may see: choosing the columns and document frequencies of those rows gives the very
matrix that a vectoriser fitted on those rows alone would give, at the price of slicing a sparse matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

TOKEN_PATTERN = r"(?u)\b\w\w+\b"


@dataclass(frozen=True)
class NgramCounts:
    """Counts of n-grams: `matrix` (texts × terms, CSR, int64) and `terms` (sorted, one a column)."""

    matrix: sp.csr_matrix
    terms: npt.NDArray[np.object_]


@dataclass(frozen=True)
class TfidfWeights:
    """What was learned from the rows in sight: `columns` of the count matrix that stay, and their `idf`."""

    columns: npt.NDArray[np.int64]
    idf: npt.NDArray[np.float64]


def count_ngrams(
    texts: Sequence[str],
    *,
    analyzer: Literal["word", "char", "char_wb"] = "word",
    n: Sequence[int] = (1, 2),
    min_df: int = 1,
    token_pattern: str = TOKEN_PATTERN,
) -> NgramCounts:
    """Which n-grams does each text hold, and how often? Lowercased, no stop words, terms in sorted order.

    `char` counts characters of the whole text, across words; `char_wb` of one word and the blanks beside it.
    `min_df` drops n-grams in fewer texts; it is safe for any later subset whose own minimum is at least as high.
    """
    vectorizer = CountVectorizer(analyzer=analyzer, ngram_range=tuple(n), min_df=1, token_pattern=token_pattern)
    try:
        matrix = sp.csr_matrix(vectorizer.fit_transform(texts), dtype=np.int64)
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        return NgramCounts(sp.csr_matrix((len(texts), 0), dtype=np.int64), np.array([], dtype=object))
    keep = np.flatnonzero(document_frequency(matrix) >= min_df)
    return NgramCounts(matrix[:, keep], vectorizer.get_feature_names_out()[keep])


def count_known(
    texts: Sequence[str],
    terms: Sequence[str],
    *,
    analyzer: Literal["word", "char_wb"] = "word",
    n: Sequence[int] = (1, 2),
    token_pattern: str = TOKEN_PATTERN,
) -> sp.csr_matrix:
    """How often does each text hold each of these n-grams? (texts × terms, CSR, int64), others aren't counted."""
    if not len(terms):
        return sp.csr_matrix((len(texts), 0), dtype=np.int64)
    vectorizer = CountVectorizer(
        analyzer=analyzer, ngram_range=tuple(n), vocabulary=list(terms), token_pattern=token_pattern
    )
    return sp.csr_matrix(vectorizer.transform(texts), dtype=np.int64)


def document_frequency(matrix: sp.csr_matrix) -> npt.NDArray[np.int64]:
    """In how many texts does each term occur? Shape (terms,)."""
    return np.bincount(matrix.indices[matrix.data > 0], minlength=matrix.shape[1]).astype(np.int64)


def fit_tfidf(counts: NgramCounts, rows: npt.NDArray[np.int64], *, min_df: int = 2) -> TfidfWeights:
    """Which terms and inverse document frequencies do these rows teach? (smoothed idf: ln((1+n)/(1+df)) + 1)

    Equal to scikit-learn's TfidfVectorizer(min_df=…, sublinear_tf=True) fitted on the same texts alone.
    """
    df = document_frequency(counts.matrix[rows])
    columns = np.flatnonzero(df >= min_df)
    return TfidfWeights(columns, np.log((1 + len(rows)) / (1 + df[columns])) + 1)


def apply_tfidf(counts: NgramCounts, rows: npt.NDArray[np.int64], weights: TfidfWeights) -> sp.csr_matrix:
    """What is each row's TF-IDF vector? (rows × terms kept; (1 + ln tf)·idf, length 1; terms not kept drop out)"""
    return weigh(counts.matrix[rows][:, weights.columns], weights.idf)


def weigh(counts: sp.csr_matrix, idf: npt.NDArray[np.float64]) -> sp.csr_matrix:
    """What do counts (texts × terms) weigh? (1 + ln tf)·idf, each row brought to length 1; an empty row stays empty."""
    part = counts.astype(np.float64)
    part.data = (1 + np.log(part.data)) * idf[part.indices]
    return part if 0 in part.shape else sp.csr_matrix(normalize(part, copy=False))
