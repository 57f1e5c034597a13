"""How good are predicted classes? Metrics on confusion matrices, so that one count serves every metric and draw.

A confusion tensor has shape (…, C, C): `[…, i, j]` is the (weighted) number of units coded i and predicted j.
Every metric maps it to shape (…): a whole bootstrap is one call.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def _ratio(top: Array, bottom: Array) -> Array:
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    return np.asarray(np.divide(top, bottom, out=out, where=bottom > 0))


def precision(confusion: Array) -> Array:
    """What share of the units predicted as each class is coded so? Shape (…, C); NaN where none is predicted."""
    return _ratio(np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=-2))


def recall(confusion: Array) -> Array:
    """What share of the units coded as each class is found? Shape (…, C); NaN where none is coded."""
    return _ratio(np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=-1))


def f1(confusion: Array) -> Array:
    """How well is each class found (harmonic mean of precision and recall)? Shape (…, C), higher is better.

    2·TP / (coded + predicted): 0 where a coded class is never predicted, NaN where it is neither coded nor predicted.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def accuracy(confusion: Array) -> Array:
    """What share of the units is right? Shape (…); compare only at equal class shares; higher is better."""
    return _ratio(np.trace(confusion, axis1=-2, axis2=-1), confusion.sum(axis=(-2, -1)))


def macro_f1(confusion: Array) -> Array:
    """How well are the classes found when each counts the same? Mean of `f1` over classes; higher is better.

    Classes neither coded nor predicted are left out (a bootstrap draw can lose a rare one); NaN if all are.
    """
    per_class = f1(confusion)
    defined = ~np.isnan(per_class)
    return _ratio(np.where(defined, per_class, 0.0).sum(axis=-1), defined.sum(axis=-1).astype(np.float64))


METRICS: dict[str, Callable[[Array], Array]] = {"macro_f1": macro_f1, "accuracy": accuracy}
CLASS_METRICS: dict[str, Callable[[Array], Array]] = {"precision": precision, "recall": recall, "f1": f1}


def group_confusions(
    coded: npt.NDArray[np.int64],
    predicted: npt.NDArray[np.int64],
    groups: Sequence[str],
    n_classes: int,
    weights: Array | None = None,
) -> Array:
    """What does each group add to the confusion matrix? Shape (groups, C, C), groups in sorted order of their names.

    `coded` and `predicted` are class numbers; `weights` (default 1) are design weights 1/π. Sums over any set of
    groups give that set's confusion matrix. Raises ValueError for numbers outside 0 … n_classes − 1: rows that are not
    coded (−1) would count as the last class.
    """
    for name, numbers in (("coded", coded), ("predicted", predicted)):
        if len(numbers) and not (np.min(numbers) >= 0 and np.max(numbers) < n_classes):
            raise ValueError(f"{name} holds {np.min(numbers)} … {np.max(numbers)}; classes are 0 … {n_classes - 1}")
    _, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    out = np.zeros((int(index.max()) + 1 if len(index) else 0, n_classes, n_classes))
    np.add.at(out, (index, coded, predicted), 1.0 if weights is None else weights)
    return out
