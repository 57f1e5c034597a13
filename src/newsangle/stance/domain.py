"""Is a new passage like those that the classifier learned from? Two distances, the limits those of known passages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.ngrams import count_known, count_ngrams, document_frequency, weigh

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WITHIN = 0.975  # of known passages lie within each limit, so that hardly one in twenty known ones is called strange
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Domain:
    """What the classifier learned from, and how far known passages lie from the rest of it.

    terms: every word of the passages it saw; idf: their inverse document frequencies; coded (coded passages × terms):
    TF-IDF rows of length 1. unseen_limit, distance_limit: what 97.5 % of the passages stay within, each judged by the
    passages of other folds alone.
    """

    terms: tuple[str, ...]
    idf: Array
    coded: sp.csr_matrix
    unseen_limit: float
    distance_limit: float


@dataclass(frozen=True)
class Outside:
    """How strange is each passage? unseen: share of its words that no known passage holds, 0 … 1. distance: 1 − cosine
    to the nearest coded passage, 0 … 1. strange: beyond either limit. A passage without words is strange, its numbers
    are NaN."""

    unseen: Array
    distance: Array
    strange: npt.NDArray[np.bool_]


def learn_domain(texts: Sequence[str], coded: npt.NDArray[np.bool_], folds: Ints) -> Domain:
    """What are known passages like? texts: all that the classifier saw; coded: those it has codes of; folds: whole
    groups, so that a story's copies and neighbours don't make it look known. Raises ValueError without a coded text.
    """
    if not coded.any():
        raise ValueError("no coded passage: there is nothing to be like")
    counts = count_ngrams(texts, n=(1, 1))
    n = len(texts)
    idf = np.log((1 + n) / (1 + document_frequency(counts.matrix))) + 1
    rows = weigh(counts.matrix, idf)
    unseen, distance = np.full(n, np.nan), np.full(n, np.nan)
    for fold in np.unique(folds):
        here, others = folds == fold, folds != fold
        known = document_frequency(counts.matrix[others]) > 0
        inside = counts.matrix[here]
        unseen[here] = _share(inside @ (~known).astype(np.int64), inside)
        if (others & coded).any():
            distance[here] = _distance(rows[here], rows[others & coded])
    limits = [
        float(np.quantile(x[np.isfinite(x)], WITHIN)) if np.isfinite(x).any() else 1.0 for x in (unseen, distance)
    ]
    return Domain(tuple(str(t) for t in counts.terms), idf, rows[coded], *limits)


def outside(domain: Domain, texts: Sequence[str]) -> Outside:
    """How far does each text lie from what the classifier knows?"""
    known = count_known(texts, domain.terms, n=(1, 1))
    every = count_ngrams(texts, n=(1, 1)).matrix
    total = np.asarray(every.sum(axis=1)).ravel()
    held = np.asarray(known.sum(axis=1)).ravel()
    unseen = _share(total - held, every)
    distance = _distance(weigh(known, domain.idf), domain.coded)
    distance[total == 0] = np.nan
    strange = ~((unseen <= domain.unseen_limit) & (distance <= domain.distance_limit))  # NaN is beyond every limit
    return Outside(unseen, distance, strange)


def domain_arrays(domain: Domain) -> dict[str, npt.NDArray[Any]]:
    """The numbers of a domain, for storage; its terms are stored beside them."""
    return {
        "idf": domain.idf,
        "data": domain.coded.data,
        "indices": domain.coded.indices,
        "indptr": domain.coded.indptr,
        "limits": np.array([domain.unseen_limit, domain.distance_limit]),
    }


def domain_of(arrays: Mapping[str, npt.NDArray[Any]], terms: Sequence[str]) -> Domain:
    """The domain that `domain_arrays` stored."""
    shape = (len(arrays["indptr"]) - 1, len(terms))
    coded = sp.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
    return Domain(tuple(terms), arrays["idf"], coded, float(arrays["limits"][0]), float(arrays["limits"][1]))


def _share(part: npt.NDArray[Any], counts: sp.csr_matrix) -> Array:
    total = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    share = np.full(len(total), np.nan)
    np.divide(np.asarray(part, dtype=np.float64).ravel(), total, out=share, where=total > 0)
    return share


def _distance(rows: sp.csr_matrix, coded: sp.csr_matrix) -> Array:
    """1 − the largest cosine; a row without known words is at 1."""
    nearest = np.zeros(rows.shape[0])
    across = sp.csr_matrix(coded.T)
    for start in range(0, rows.shape[0], ROWS_AT_ONCE):
        products = sp.csr_matrix(rows[start : start + ROWS_AT_ONCE] @ across)
        nearest[start : start + ROWS_AT_ONCE] = products.max(axis=1).toarray().ravel() if products.nnz else 0.0
    return np.asarray(1.0 - np.minimum(nearest, 1.0))
