"""Which classifiers can be compared? One function and one row of `CLASSIFIERS` each, all with the same protocol.

Every classifier is a scikit-learn estimator whose `class_scores` (rows × classes, any scale) decide by their largest
column. What it reads is one of four inputs: nothing, the keyword rules' scores, the words' part of the TF-IDF matrix,
or all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

Array = npt.NDArray[np.float64]


class MajorityClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """What if every row got the most frequent class? The first floor; its scores are the log class shares."""

    def fit(self, X: Any, y: npt.NDArray[np.int64]) -> "MajorityClassifier":
        """Learn the class shares of `y`; `X` is not read."""
        self.classes_, counts = np.unique(y, return_counts=True)
        self.log_share_ = np.log(counts / counts.sum())
        return self

    def decision_function(self, X: Any) -> Array:
        """Log class shares, the same for each row of `X`: shape (rows, classes)."""
        check_is_fitted(self)
        return np.tile(self.log_share_, (X.shape[0], 1))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The most frequent class of the training codes, for each row of `X`."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])


class RuleClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What would the keyword rules of the config say? Learns nothing; `X` holds the rules' scores, a class a column."""

    def fit(self, X: Array, y: npt.NDArray[np.int64]) -> "RuleClassifier":
        """Nothing is learned; the number of classes is that of the columns of `X`."""
        self.classes_ = np.arange(X.shape[1])
        return self

    def decision_function(self, X: Array) -> Array:
        """The scores themselves: shape (rows, classes)."""
        check_is_fitted(self)
        return np.asarray(X, dtype=np.float64)

    def predict(self, X: Array) -> npt.NDArray[Any]:
        """The class with the highest score."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])


def majority(seed: int) -> BaseEstimator:
    """The most frequent class of the training codes: the floor of every table."""
    return MajorityClassifier()


def keyword_rules(seed: int) -> BaseEstimator:
    """The keyword rules of the config, untrained: the floor that a trained model has to beat."""
    return RuleClassifier()


def complement_nb(seed: int, *, alpha: float = 0.3) -> BaseEstimator:
    """Complement naive Bayes on TF-IDF (Rennie et al. 2003): made for unequal classes, no tuning to speak of."""
    return ComplementNB(alpha=alpha)


def logreg(seed: int, *, C: float = 1.0, balanced: bool = True) -> BaseEstimator:
    """Multinomial logistic regression, classes weighted inversely to their frequency unless `balanced` is false."""
    return LogisticRegression(C=C, class_weight="balanced" if balanced else None, max_iter=2000, tol=1e-6)


def linear_svc(seed: int, *, C: float = 0.3, balanced: bool = True) -> BaseEstimator:
    """Linear support vector machine (one against the rest), classes weighted like in `logreg`."""
    weight = "balanced" if balanced else None
    return LinearSVC(C=C, class_weight=weight, random_state=seed, max_iter=20_000, tol=1e-6)


@dataclass(frozen=True)
class Classifier:
    """A row of the table: how to make the estimator, what it reads, whether it is a floor rather than a model, and
    whether it is linear with a squared penalty, so that it may be fitted in the span of its rows (`rowspace`)."""

    make: Callable[..., BaseEstimator]
    reads: Literal["nothing", "rules", "words", "tfidf"]
    floor: bool = False
    in_span: bool = False


CLASSIFIERS: dict[str, Classifier] = {
    "majority": Classifier(majority, "nothing", floor=True),
    "keyword_rules": Classifier(keyword_rules, "rules", floor=True),
    "complement_nb": Classifier(complement_nb, "words"),
    "logreg": Classifier(logreg, "tfidf", in_span=True),
    "linear_svc": Classifier(linear_svc, "tfidf", in_span=True),
}


def class_scores(estimator: BaseEstimator, X: Any, n_classes: int) -> Array:
    """How strongly does a fitted classifier lean to each class? Shape (rows, n_classes), columns in class order.

    A class that the training rows didn't hold gets a score one unit below the row's lowest: never chosen.
    """
    if hasattr(estimator, "decision_function"):
        raw = np.asarray(estimator.decision_function(X), dtype=np.float64)
    else:
        raw = np.asarray(estimator.predict_log_proba(X), dtype=np.float64)
    classes = np.asarray(estimator.classes_, dtype=np.int64)
    if raw.ndim == 1:  # scikit-learn's two-class decision: one column, positive for the second class
        raw = np.column_stack([-raw, raw])
    if len(classes) == 1:
        raw = np.zeros((X.shape[0], 1))
    out = np.repeat(raw.min(axis=1, keepdims=True) - 1.0, n_classes, axis=1)
    out[:, classes] = raw
    return out
