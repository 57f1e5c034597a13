"""Which classifiers can be compared? One function and one row of `CLASSIFIERS` each, all with the same protocol.

Every classifier is a scikit-learn estimator whose `class_scores` (rows × classes, any scale) decide by their largest
column, or the average of several others. What it reads is told by its row: parts of the design
(`newsangle.stance.readings`), and whether each target gets columns of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


Part = Literal["rules", "words", "tfidf", "lsa", "topics"]


@dataclass(frozen=True)
class Classifier:
    """A row of the table.

    make: the estimator from a seed and options; None for the average of `members`, other rows of the table, whose
    scores count after each is brought to the same spread.
    reads: parts of the design side by side. by_target: whether each target has columns of its own, beside the common
    ones (`too`) or instead of them (`only`); without targets it says nothing.
    grid: values of options that are tried, in order; inner cross-validation decides, unless the config gives one.
    floor: a floor rather than a model. needs_targets: senseless in a task without targets.
    in_span: linear with a squared penalty, so that it may be fitted in the span of its rows (`rowspace`).
    """

    make: Callable[..., BaseEstimator] | None
    reads: tuple[Part, ...] = ()
    by_target: Literal["no", "too", "only"] = "no"
    grid: Mapping[str, Sequence[float]] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    floor: bool = False
    needs_targets: bool = False
    in_span: bool = False
    about: str = ""

    @property
    def told(self) -> str:
        """The model in one line: the first of its function's docstring, and what is special about the row."""
        if self.make is None:
            return f"average of {' and '.join(self.members)}: {self.about}"
        line = (self.make.__doc__ or "").strip().split("\n")[0]
        return f"{line} {self.about}".strip()


_C = {"C": (0.3, 1.0, 3.0)}
_LSA = "Reads LSA of the words, learned from coded and uncoded passages"

CLASSIFIERS: dict[str, Classifier] = {
    "majority": Classifier(majority, floor=True),
    "keyword_rules": Classifier(keyword_rules, ("rules",), floor=True),
    "complement_nb": Classifier(complement_nb, ("words",), grid={"alpha": (0.1, 0.3, 1.0)}),
    "logreg": Classifier(logreg, ("tfidf",), grid=_C, in_span=True),
    "linear_svc": Classifier(linear_svc, ("tfidf",), grid={"C": (0.1, 0.3, 1.0)}, in_span=True),
    "nb_svm": Classifier(None, members=("complement_nb", "linear_svc"), about="for topics of many documents"),
    "lsa": Classifier(logreg, ("lsa",), by_target="too", grid=_C, in_span=True, about=f"{_LSA}."),
    "average": Classifier(None, members=("logreg", "lsa"), about="for few codes"),
    "tfidf_lsa": Classifier(
        logreg, ("tfidf", "lsa"), by_target="too", grid=_C, in_span=True, about=f"{_LSA}, and the n-grams."
    ),
    "per_target": Classifier(
        logreg,
        ("tfidf",),
        by_target="only",
        grid=_C,
        needs_targets=True,
        in_span=True,
        about="One model a target, its classes weighted within the target.",
    ),
    "target_words": Classifier(
        logreg,
        ("tfidf",),
        by_target="too",
        grid=_C,
        needs_targets=True,
        in_span=True,
        about="Words weigh in common and by target.",
    ),
    "per_target_average": Classifier(
        None, members=("per_target", "target_words"), needs_targets=True, about="for stance with many codes a target"
    ),
}


def raw_scores(estimator: BaseEstimator, X: Any) -> Array:
    """How strongly does a fitted classifier lean to each class that it has seen? Shape (rows, classes seen)."""
    if len(estimator.classes_) == 1:
        return np.zeros((X.shape[0], 1))
    if hasattr(estimator, "decision_function"):
        raw = np.asarray(estimator.decision_function(X), dtype=np.float64)
    else:
        raw = np.asarray(estimator.predict_log_proba(X), dtype=np.float64)
    # scikit-learn's two-class decision is one column, positive for the second class
    return np.column_stack([-raw, raw]) if raw.ndim == 1 else raw


def all_classes(raw: Array, classes: Sequence[int] | npt.NDArray[np.int64], n_classes: int) -> Array:
    """Scores with a column for every class: one not seen in training is one below the row's lowest, never chosen."""
    out = np.repeat(raw.min(axis=1, keepdims=True) - 1.0, n_classes, axis=1)
    out[:, np.asarray(classes, dtype=np.int64)] = raw
    return out


def class_scores(estimator: BaseEstimator, X: Any, n_classes: int) -> Array:
    """How strongly does a fitted classifier lean to each class? Shape (rows, n_classes), columns in class order."""
    check_is_fitted(estimator)
    return all_classes(raw_scores(estimator, X), estimator.classes_, n_classes)
