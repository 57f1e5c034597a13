"""Do two runs find the same topics? Matching by Jensen–Shannon distance, stability over runs, agreement on articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_mutual_info_score

from newsangle.topics.counts import Floats, check_distributions

SAME_BELOW = 0.5  # two topics nearer than this are shown under one name; see docs/methods.md

_AT_ONCE = 1024  # terms at a time: what is computed stays in the processor's cache


@dataclass(frozen=True)
class Stability:
    """How far apart are the same topics of several runs? Jensen–Shannon distances in [0, 1], lower is more stable.

    mean: over all compared pairs of runs and all matched topics; by_pair: the mean of each pair. distances: other runs
    × topics of the first run, to the match. `stability` = 1 − mean is the number that is reported: higher is better.
    """

    mean: float
    by_pair: Floats
    distances: Floats

    @property
    def typical(self) -> Floats:
        """Per topic of the first run: mean distance to its match in the other runs."""
        return np.asarray(self.distances.mean(axis=0))

    @property
    def worst(self) -> Floats:
        """Per topic of the first run: largest distance to its match in the other runs."""
        return np.asarray(self.distances.max(axis=0))

    def found(self, below: float = SAME_BELOW) -> npt.NDArray[np.int64]:
        """Per topic of the first run: in how many of the other runs is its match nearer than `below`?"""
        return np.asarray((self.distances < below).sum(axis=0), dtype=np.int64)


def topic_distances(a: Any, b: Any) -> Floats:
    """How different is each topic of a from each topic of b? Square root of the Jensen–Shannon divergence to base 2.

    a, b: topics × terms over one vocabulary, rows are word distributions. 0: the same, 1: no word in common. A metric
    (Endres and Schindelin 2003). Raises ValueError for other rows or another number of terms.
    """
    first = check_distributions(a)
    second = check_distributions(b)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"{first.shape[1]} terms against {second.shape[1]}: match topics over one vocabulary")
    divergence = np.zeros((len(first), len(second)))
    for start in range(0, first.shape[1], _AT_ONCE):
        p, q = first[:, start : start + _AT_ONCE], second[:, start : start + _AT_ONCE]
        divergence -= (_entropy(p)[:, None] + _entropy(q)[None, :]) / 2
        for k, row in enumerate(p):
            divergence[k] += _entropy((row + q) / 2)
    return np.asarray(np.sqrt(np.clip(divergence / np.log(2.0), 0.0, 1.0)))


def _entropy(rows: Floats) -> Floats:
    """−Σ p log p along the last axis, faster than scipy's `entr`; 0 log 0 = 0."""
    return np.asarray(-(rows * np.log(np.maximum(rows, np.finfo(np.float64).tiny))).sum(axis=-1))


def match_topics(a: Any, b: Any) -> tuple[npt.NDArray[np.int64], Floats]:
    """Which topic of b is topic k of a? (permutation, distances): b[permutation[k]] matches a[k] at distances[k].

    The one-to-one matching with the smallest total distance (Hungarian method). Raises ValueError unless a and b have
    equally many topics; `name_topics` matches runs with different numbers of topics.

    >>> permutation, distances = match_topics([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]])
    >>> permutation.tolist(), distances.tolist()
    ([1, 0], [0.0, 0.0])
    """
    distances = topic_distances(a, b)
    if distances.shape[0] != distances.shape[1]:
        raise ValueError(
            f"{distances.shape[0]} topics against {distances.shape[1]}: match runs with equally many topics"
        )
    rows, permutation = linear_sum_assignment(distances)
    return permutation.astype(np.int64), np.asarray(distances[rows, permutation])


def stability(components_list: Sequence[Any], *, reference_only: bool = False) -> Stability:
    """How stable are the topics over runs (seeds, or samples of articles)? See `Stability`; use at least 5 runs.

    components_list: one topics × terms per run; per-topic numbers speak of the first. reference_only: compare the first
    with each other run only, not all pairs; for article samples, of which the first run is the whole.
    Compare only at equal K and one vocabulary: many small topics move more than few large ones.
    Raises ValueError for fewer than two runs or runs that can't be matched.
    Source: Greene, O'Callaghan and Cunningham (2014) for matching by the Hungarian method.
    """
    if len(components_list) < 2:
        raise ValueError(f"{len(components_list)} run(s): stability compares at least 2, better 5")
    pairs = list(combinations(range(len(components_list)), 2))
    if reference_only:
        pairs = [pair for pair in pairs if pair[0] == 0]
    matched = [match_topics(components_list[one], components_list[other])[1] for one, other in pairs]
    from_first = np.stack([distances for (one, _), distances in zip(pairs, matched, strict=True) if one == 0])
    by_pair = np.array([distances.mean() for distances in matched])
    return Stability(float(by_pair.mean()), by_pair, from_first)


def argmax_agreement(doc_topics_list: Sequence[Any]) -> Floats:
    """Do runs sort the articles alike, each into its largest topic? Adjusted mutual information of each pair of runs.

    doc_topics_list: one articles × topics per run, for the same articles; the numbers of topics may differ. 1: the same
    partition whatever the topics are called, 0: no more agreement than by chance; higher is better. An article without
    shares (NaN) in either run is left out. Raises ValueError for fewer than two runs or different articles.
    Source: Vinh, Epps and Bailey (2010).

    >>> argmax_agreement([[[0.9, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.6, 0.4]]]).tolist()
    [1.0]
    """
    shares = [np.asarray(one, dtype=np.float64) for one in doc_topics_list]
    if len(shares) < 2 or any(one.ndim != 2 or len(one) != len(shares[0]) for one in shares):
        shapes = ", ".join(str(one.shape) for one in shares)
        raise ValueError(f"shapes {shapes}: pass at least two runs of articles × topics, for the same articles")
    values = []
    for one, other in combinations(shares, 2):
        known = ~(np.isnan(one).any(axis=1) | np.isnan(other).any(axis=1))
        largest = one[known].argmax(axis=1), other[known].argmax(axis=1)
        values.append(float(adjusted_mutual_info_score(*largest)) if known.any() else float("nan"))
    return np.array(values)


def resample_groups(groups: Sequence[Any], seed: int) -> npt.NDArray[np.int64]:
    """Which articles are in one bootstrap sample? Row numbers, in order; a group drawn twice stands there twice.

    groups: syndication group of each article: copies of one story come and go together. As many groups are drawn, with
    replacement, as there are. The draw depends on the seed and the set of group names, not on the order of articles;
    it is made from raw Philox words, which numpy promises not to change.
    """
    labels = np.asarray([str(group) for group in groups])
    names, group_of = np.unique(labels, return_inverse=True)
    words = np.random.Philox(key=seed).random_raw(len(names))
    # The high half of the word times n, shifted: an index below n, off from uniform by less than n / 2^32.
    drawn = ((words >> np.uint64(32)) * np.uint64(len(names))) >> np.uint64(32)
    times = np.bincount(drawn.astype(np.int64), minlength=len(names))
    return np.repeat(np.arange(len(labels)), times[group_of])
