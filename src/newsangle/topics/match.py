"""Do two runs find the same topics? Matching by Jensen–Shannon distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.special import entr

from newsangle.topics.counts import Floats, check_distributions


@dataclass(frozen=True)
class Stability:
    """How far apart are the same topics of several runs? Jensen–Shannon distances in [0, 1], lower is more stable.

    mean: over all pairs of runs and all matched topics. worst, typical: for each topic of the first run, the largest
    and the mean distance to its match in the other runs.
    """

    mean: float
    typical: Floats
    worst: Floats


def topic_distances(a: Any, b: Any) -> Floats:
    """How different is each topic of a from each topic of b? Square root of the Jensen–Shannon divergence to base 2.

    a, b: topics × terms over one vocabulary, rows are word distributions. 0: the same, 1: no word in common. A metric
    (Endres and Schindelin 2003). Raises ValueError for other rows or another number of terms.
    """
    first = check_distributions(a)
    second = check_distributions(b)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"{first.shape[1]} terms against {second.shape[1]}: match topics over one vocabulary")
    of_second = entr(second).sum(axis=1)
    divergence = np.stack([entr((row + second) / 2).sum(axis=1) - (entr(row).sum() + of_second) / 2 for row in first])
    return np.asarray(np.sqrt(np.clip(divergence / np.log(2.0), 0.0, 1.0)))


def match_topics(a: Any, b: Any) -> tuple[npt.NDArray[np.int64], Floats]:
    """Which topic of b is topic k of a? (permutation, distances): b[permutation[k]] matches a[k] at distances[k].

    The one-to-one matching with the smallest total distance (Hungarian method). Raises ValueError unless a and b have
    equally many topics.

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


def stability(components_list: Sequence[Any]) -> Stability:
    """How stable are the topics over runs (seeds, or samples of articles)? See `Stability`; use at least 5 runs.

    Raises ValueError for fewer than two runs or runs that can't be matched.
    """
    if len(components_list) < 2:
        raise ValueError(f"{len(components_list)} run(s): stability compares at least 2, better 5")
    matched = {
        pair: match_topics(*(components_list[run] for run in pair))[1]
        for pair in combinations(range(len(components_list)), 2)
    }
    from_first = np.stack([distances for (run, _), distances in matched.items() if run == 0])
    mean = float(np.mean([distances.mean() for distances in matched.values()]))
    return Stability(mean, from_first.mean(axis=0), from_first.max(axis=0))
