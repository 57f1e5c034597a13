"""What does one plainly fitted model say about rows that it never saw, whatever the split, labels and words it reads?

`cross_fit` chooses and calibrates; here one model is fitted once a fold, so that splits, training labels and masked
words can be compared at a price that every run can pay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TaskText
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.fit import Variant, fit_and_score, scores_of
from newsangle.stance.readings import Sources
from newsangle.stats.splits import Split

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_OF_TEXT = {"words", "tfidf"}  # parts that depend on the text alone: no rules, no topics, nothing of other passages


def plain_model(models: Sequence[str]) -> str | None:
    """With which of its models is a task checked? `logreg` where it is listed, else the first that reads text."""
    able = [
        m
        for m in models
        if CLASSIFIERS[m].reads and set(CLASSIFIERS[m].reads) <= _OF_TEXT and CLASSIFIERS[m].by_target == "no"
    ]
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
    sources, n_texts = Sources(text, None, None), text.blocks[0].counts.matrix.shape[0]
    variant = Variant(model, tuple(sorted((options or {}).items())))
    for fold in split.folds:
        train, test = np.flatnonzero(fold.train & (labels >= 0)), np.flatnonzero(fold.test & wanted)
        if not len(train) or not len(test):
            continue
        known, seen = np.full(n_texts, -1, dtype=np.int64), np.zeros(n_texts, dtype=np.bool_)
        known[own[train]], seen[own[np.flatnonzero(fold.train)]] = labels[train], True
        scored = fit_and_score(sources, known, seen, [texts[test] for texts in read], [variant], seed)[variant]
        for i, result in enumerate(out):
            result[test] = scores_of([scored], i, n_classes, is_average=False)
    return out


def decided(scores: Array) -> Ints:
    """The class with the largest score, −1 where there are none."""
    known = np.flatnonzero(~np.isnan(scores).any(axis=1))
    out = np.full(len(scores), -1, dtype=np.int64)
    out[known] = scores[known].argmax(axis=1)
    return out
