"""Do probabilities mean what they say? Brier score, calibration error and reliability bins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsangle.stats.bootstrap import Interval, bootstrap_interval

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows with about the same probability of a class: the mean probability, and the share that is coded so."""

    label: int
    predicted: float
    coded: float
    interval: Interval
    n: int


def brier_rows(probability: Array, codes: Ints) -> Array:
    """How far are each row's probabilities from its code? Σ over classes of (p − 1[coded so])² (Brier 1950).

    0 for a sure and right row, 2 for a sure and wrong one; the mean over rows is the Brier score, lower is better.

    >>> brier_rows(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 1])).tolist()
    [0.5, 2.0]
    """
    return np.asarray(((probability - _one_hot(codes, probability.shape[1])) ** 2).sum(axis=1))


def calibration_error(probability: Array, codes: Ints, weights: Array | None = None, *, n_bins: int = 10) -> float:
    """How far are probabilities from shares? Expected calibration error, mean over classes; lower is better.

    Per class, rows are put into `n_bins` bins of equal size by their probability; the error is the mean over bins, by
    weight, of |mean probability − share coded so| (class-wise ECE: Kull 2019; equal-size bins: Nixon 2019). Even
    perfect probabilities have an error above 0 on few rows: compare with `expected_error`. NaN without rows.
    """
    if not len(codes):
        return float("nan")
    bins = _bins(probability, n_bins)
    return float(_errors(probability, _one_hot(codes, probability.shape[1])[None], bins, _weights(weights, codes))[0])


def expected_error(
    probability: Array, weights: Array | None = None, *, n_bins: int = 10, n_draws: int = 200, seed: int = 0
) -> float:
    """Which calibration error would these rows have if the probabilities were true? Mean over codes drawn from them.

    Rows are drawn one by one, though passages of one story err together: the true value is somewhat higher.
    """
    if not len(probability):
        return float("nan")
    rng = np.random.default_rng(seed)
    edges = probability.cumsum(axis=1)[None]
    n_classes = probability.shape[1]
    drawn = np.minimum((rng.random((n_draws, len(probability), 1)) > edges).sum(axis=2), n_classes - 1)
    one_hot = np.eye(n_classes)[drawn]
    return float(_errors(probability, one_hot, _bins(probability, n_bins), _weights(weights, drawn[0])).mean())


def reliability_bins(
    probability: Array,
    codes: Ints,
    groups: Sequence[str],
    weights: Array | None = None,
    *,
    n_bins: int = 8,
    seed: int = 0,
) -> list[ReliabilityBin]:
    """Of the rows with this probability of a class, how many are coded so? Bins of equal size, a class after another.

    Shares are weighted (1/π); intervals: bootstrap over groups, given the bins.
    """
    weight = _weights(weights, codes)
    one_hot = _one_hot(codes, probability.shape[1])
    _, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    out = []
    for label, bins in enumerate(_bins(probability, n_bins).T):
        for b in np.unique(bins):
            here = bins == b
            sums = np.zeros((int(group.max()) + 1, 2))
            np.add.at(sums, group[here], np.column_stack([weight * one_hot[:, label], weight])[here])
            sums = sums[sums[:, 1] > 0]
            interval = bootstrap_interval(sums, lambda s: s[:, 0] / s[:, 1], seed=seed)
            predicted = float((weight * probability[:, label])[here].sum() / weight[here].sum())
            share = float(sums[:, 0].sum() / sums[:, 1].sum())
            out.append(ReliabilityBin(label, predicted, share, interval, int(here.sum())))
    return out


def _weights(weights: Array | None, codes: Ints) -> Array:
    return np.ones(len(codes)) if weights is None else weights


def _one_hot(codes: Ints, n_classes: int) -> Array:
    return np.eye(n_classes)[codes]


def _bins(probability: Array, n_bins: int) -> Ints:
    """Bin of each row by its probability of each class (rows × classes): equal sizes, ties in the order of the rows."""
    n = len(probability)
    rank = probability.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray(rank * min(n_bins, n) // n, dtype=np.int64)


def _errors(probability: Array, one_hot: Array, bins: Ints, weight: Array) -> Array:
    """Calibration error of each draw of codes: one_hot (draws × rows × classes)."""
    total = np.zeros(len(one_hot))
    for label in range(probability.shape[1]):
        gap = weight * (probability[:, label] - one_hot[:, :, label])  # draws × rows
        membership = np.eye(int(bins[:, label].max()) + 1)[bins[:, label]]
        total += np.abs(gap @ membership).sum(axis=1) / weight.sum()
    return np.asarray(total / probability.shape[1])
