"""What does one plainly fitted model say about rows that it never saw, whatever the split, labels and words it reads?

`cross_fit` chooses and calibrates; here one model is fitted once a fold, so that splits, training labels and masked
words can be compared at a price that every run can pay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TaskText, design_matrix
from newsangle.stance.classifiers import CLASSIFIERS, MajorityClassifier, class_scores
from newsangle.stance.rowspace import row_space
from newsangle.stats.splits import Split

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_MOST_ROWS_IN_SPAN = 1_500  # the eigenvectors of more rows cost more than fitting on the n-grams themselves


def plain_model(models: Sequence[str]) -> str | None:
    """With which of its models is a task checked? `logreg` where it is listed, else the first that reads text."""
    able = [m for m in models if not CLASSIFIERS[m].floor and CLASSIFIERS[m].reads in ("words", "tfidf")]
    return "logreg" if "logreg" in able else next(iter(able), None)


def out_of_fold(
    text: TaskText,
    labels: Ints,
    split: Split,
    *,
    model: str,
    n_classes: int,
    wanted: npt.NDArray[np.bool_],
    learn: Ints | None = None,
    reads: Sequence[Ints] | None = None,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> list[Array]:
    """Class scores (rows × classes) of the `wanted` rows by a model that saw no label and no word of their fold.

    `labels`: what is learned, −1 where there is none. `learn`: which text of `text` each row teaches, `reads`: which it
    is predicted from (one result each); by default row i is text i. Masked passages are further texts of the same
    `text`. Rows that no fold predicts, or whose fold has nothing to learn from, are NaN. Where all labels in sight are
    of one class, that class is predicted.
    """
    own = np.arange(len(labels)) if learn is None else learn
    read = [np.arange(len(labels))] if reads is None else list(reads)
    out = [np.full((len(labels), n_classes), np.nan) for _ in read]
    for fold in split.folds:
        train, test = np.flatnonzero(fold.train & (labels >= 0)), np.flatnonzero(fold.test & wanted)
        if not len(train) or not len(test):
            continue
        rows = np.concatenate([own[train], *[texts[test] for texts in read]])
        design = design_matrix(text, own[np.flatnonzero(fold.train)], rows)
        matrix = design.matrix[:, : design.n_words] if CLASSIFIERS[model].reads == "words" else design.matrix
        if len(np.unique(labels[train])) == 1:
            estimator: Any = MajorityClassifier()
        else:
            estimator = CLASSIFIERS[model].make(seed, **(options or {}))
        known, unknown = matrix[: len(train)], matrix[len(train) :]
        if CLASSIFIERS[model].in_span and len(train) <= _MOST_ROWS_IN_SPAN:
            space = row_space(known)
            known, unknown = space.train, space.project(unknown)
        elif "tol" in estimator.get_params():
            estimator.set_params(tol=1e-4)  # half the time, the same decisions
        estimator.fit(known, labels[train])
        scores = class_scores(estimator, unknown, n_classes)
        for i, result in enumerate(out):
            result[test] = scores[i * len(test) : (i + 1) * len(test)]
    return out


def decided(scores: Array) -> Ints:
    """The class with the largest score, −1 where there are none."""
    known = np.flatnonzero(~np.isnan(scores).any(axis=1))
    out = np.full(len(scores), -1, dtype=np.int64)
    out[known] = scores[known].argmax(axis=1)
    return out
