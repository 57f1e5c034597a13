"""How sure should one be, given a classifier's scores? Probabilities learned on rows that the classifier never saw."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """A map from scores to probabilities: softmax(scores / scale · slope + intercept), classes not seen get 0."""

    scale: float
    slope: Array
    intercept: Array

    def probabilities(self, scores: Array) -> Array:
        """Class probabilities of each row: shape (rows, classes), rows sum to 1."""
        logits = (scores / self.scale) @ self.slope + self.intercept
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_calibration(
    scores: Array, codes: npt.NDArray[np.int64], n_classes: int, weights: Array | None = None
) -> Calibration:
    """Which probabilities do these scores stand for? Multinomial logistic regression of code on score, unweighted.

    `scores` (rows × classes) must come from models that didn't see the rows; Platt scaling (Platt 1999) for several
    classes, with a ridge that keeps it tame on few rows. The class weights that a classifier trained with shift its
    scores; learning the intercept on the codes as they fall undoes that shift. `weights` (1/π for sampled rows) make
    the probabilities those of the whole frame, not of the sample.
    """
    scale = float(np.std(scores)) or 1.0
    present = np.unique(codes)
    slope, intercept = np.zeros((n_classes, n_classes)), np.full(n_classes, -np.inf)
    if len(present) == 1:
        intercept[present[0]] = 0.0
        return Calibration(scale, slope, intercept)
    relative = None if weights is None else weights / weights.mean()
    model = LogisticRegression(C=1.0, max_iter=2000, tol=1e-8).fit(scores / scale, codes, sample_weight=relative)
    if len(present) == 2:  # scikit-learn keeps one column for two classes
        slope[:, present[1]], intercept[present] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        slope[:, present], intercept[present] = model.coef_.T, model.intercept_
    return Calibration(scale, slope, intercept)
