"""What does a fitted model add up, and why does it say what it says? One weight a class, term and target.

Every trained model here is linear in the n-gram weights of a row, LSA and averages included: LSA coordinates are sums
over words, an average is a sum over its members. So a score is exactly a sum of one contribution a term.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearModel:
    """Scores of the classes seen in training: x · coefᵀ + intercept for a row x of the design.

    `coef` (classes × columns of the design); `by_target` (targets × classes × columns) is added to it on the rows of
    that target; `topics` (classes × topics) weighs topic shares where they are read. `log_normalised`: log Σ exp of a
    row's scores is taken off (naive Bayes).
    """

    coef: Array
    intercept: Array
    by_target: Array | None = None
    topics: Array | None = None
    log_normalised: bool = False

    def weights(self, target: int | None = None) -> Array:
        """The weights that hold for a target's rows: classes × columns."""
        return self.coef if self.by_target is None or target is None else self.coef + self.by_target[target]

    def scores(self, X: Any, targets: npt.NDArray[np.int64] | None = None, topics: Array | None = None) -> Array:
        """Scores of rows of the design (sparse or dense): rows × classes. ValueError where something is missing."""
        out = np.asarray(X @ self.coef.T) + self.intercept
        if self.by_target is not None:
            if targets is None:
                raise ValueError("the model has weights by target; give the rows' targets")
            for t in np.unique(targets):
                out[targets == t] += np.asarray(X[targets == t] @ self.by_target[t].T)
        if self.topics is not None:
            if topics is None:
                raise ValueError("the model reads topic shares; give the rows' topics")
            out += topics @ self.topics.T
        if self.log_normalised:
            top = out.max(axis=1, keepdims=True)
            out -= top + np.log(np.exp(out - top).sum(axis=1, keepdims=True))
        return out


def centred(scores: Array) -> Array:
    """Scores less their mean over the classes: what of them decides."""
    return np.asarray(scores - scores.mean(axis=-1, keepdims=True))


def average(models: Sequence[LinearModel], scales: Sequence[float]) -> LinearModel:
    """The model whose scores are the mean of the members' centred scores, each divided by its scale."""
    members = [_scaled(decisive(m), s * len(models)) for m, s in zip(models, scales, strict=True)]
    return LinearModel(
        coef=_sum([m.coef for m in members]),
        intercept=_sum([m.intercept for m in members]),
        by_target=_sum_of_those([m.by_target for m in members]),
        topics=_sum_of_those([m.topics for m in members]),
    )


def decisive(model: LinearModel) -> LinearModel:
    """The same decisions, with weights less their mean over the classes: what speaks for a class, not for all."""
    own = model.by_target
    return LinearModel(
        coef=model.coef - model.coef.mean(axis=0),
        intercept=centred(model.intercept),
        by_target=None if own is None else own - own.mean(axis=1, keepdims=True),
        topics=None if model.topics is None else model.topics - model.topics.mean(axis=0),
    )


def _scaled(model: LinearModel, by: float) -> LinearModel:
    own, topics = model.by_target, model.topics
    return replace(
        model,
        coef=model.coef / by,
        intercept=model.intercept / by,
        by_target=None if own is None else own / by,
        topics=None if topics is None else topics / by,
    )


def _sum(parts: Sequence[Array]) -> Array:
    return np.asarray(sum(parts[1:], parts[0]))


def _sum_of_those(parts: Sequence[Array | None]) -> Array | None:
    there = [part for part in parts if part is not None]
    return _sum(there) if there else None
