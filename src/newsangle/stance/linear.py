"""What does a fitted model add up, and why does it say what it says? One weight a class, term and target.

Every trained model here is a sum over the words of a row, LSA and averages included: LSA coordinates are sums over
words, divided by the length of the row in LSA space, an average is a sum over its members. So a score is exactly a sum
of one contribution a term.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from newsangle.features.lsa import coordinates

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Field of a model: its name among the stored arrays.
STORED = {
    "coef": "coef",
    "intercept": "intercept",
    "by_target": "coef_by_target",
    "directions": "lsa_directions",
    "lsa": "lsa_coef",
    "lsa_by_target": "lsa_coef_by_target",
    "topics": "topics_coef",
}


@dataclass(frozen=True)
class LinearModel:
    """Scores of the classes seen in training: x · coefᵀ + z · lsaᵀ + intercept for a row x of the design.

    `coef` (classes × columns of the design); z: the row's words (its first columns) in the LSA `directions` (words ×
    k), brought to length 1, weighed by `lsa` (classes × k). `by_target` (targets × classes × columns) and
    `lsa_by_target` (targets × classes × k) are added to these on the rows of that target; `topics` (classes × topics)
    weighs topic shares where they are read. `log_normalised`: log Σ exp of a row's scores is taken off (naive Bayes).
    """

    coef: Array
    intercept: Array
    by_target: Array | None = None
    directions: Array | None = None
    lsa: Array | None = None
    lsa_by_target: Array | None = None
    topics: Array | None = None
    log_normalised: bool = False

    def scores(self, X: sp.csr_matrix, targets: Ints | None = None, topics: Array | None = None) -> Array:
        """Scores of rows of the design: rows × classes. ValueError where something is missing."""
        out = np.asarray(X @ self.coef.T) + self.intercept
        own = self.by_target is not None or self.lsa_by_target is not None
        if own and targets is None:
            raise ValueError("the model has weights by target; give the rows' targets")
        z = None if self.directions is None else coordinates(X[:, : len(self.directions)], self.directions)[0]
        if z is not None and self.lsa is not None:
            out += z @ self.lsa.T
        for t in np.unique(targets) if own and targets is not None else ():
            rows = targets == t
            if self.by_target is not None:
                out[rows] += np.asarray(X[rows] @ self.by_target[t].T)
            if z is not None and self.lsa_by_target is not None:
                out[rows] += z[rows] @ self.lsa_by_target[t].T
        if self.topics is not None:
            if topics is None:
                raise ValueError("the model reads topic shares; give the rows' topics")
            out += topics @ self.topics.T
        if self.log_normalised:
            top = out.max(axis=1, keepdims=True)
            out -= top + np.log(np.exp(out - top).sum(axis=1, keepdims=True))
        return out

    def contributions(
        self, X: sp.csr_matrix, wanted: Ints, targets: Ints | None = None, topics: Array | None = None
    ) -> tuple[sp.csr_matrix, Array]:
        """What does each column add to a row's score of its `wanted` class (numbered among those seen in training)?

        The score is that of the class less the mean over classes. Rows × columns, and what is added whatever the words:
        intercept and topic shares.
        """
        least = decisive(self)
        out = sp.csr_matrix(X, copy=True)
        offset = least.intercept[wanted]
        if least.topics is not None and topics is not None:
            offset = offset + (topics * least.topics[wanted]).sum(axis=1)
        n_words = 0 if self.directions is None else len(self.directions)
        length = np.ones(X.shape[0]) if self.directions is None else coordinates(X[:, :n_words], self.directions)[1]
        for i, c in enumerate(wanted):
            t = 0 if targets is None else int(targets[i])
            here = slice(out.indptr[i], out.indptr[i + 1])
            columns = out.indices[here]
            weights = least.coef[c, columns]
            if least.by_target is not None:
                weights = weights + least.by_target[t, c, columns]
            if self.directions is not None and least.lsa is not None:
                own = 0.0 if least.lsa_by_target is None else least.lsa_by_target[t, c]
                inside = columns < n_words
                weights[inside] += self.directions[columns[inside]] @ (least.lsa[c] + own) / length[i]
            out.data[here] *= weights
        return out, np.asarray(offset)


def centred(scores: Array) -> Array:
    """Scores less their mean over the classes: what of them decides."""
    return np.asarray(scores - scores.mean(axis=-1, keepdims=True))


def decisive(model: LinearModel) -> LinearModel:
    """The same decisions, with weights less their mean over the classes: what speaks for a class, not for all."""
    return replace(_changed(model, lambda w: w - w.mean(axis=-2, keepdims=True)), log_normalised=False)


def average(models: Sequence[LinearModel], scales: Sequence[float]) -> LinearModel:
    """The model whose scores are the mean of the members' centred scores, each divided by its scale."""
    members = [_divided(decisive(m), s * len(models)) for m, s in zip(models, scales, strict=True)]
    found: dict[str, Any] = {}
    for name in ("coef", "intercept", "by_target", "lsa", "lsa_by_target", "topics"):
        there = [getattr(m, name) for m in members if getattr(m, name) is not None]
        found[name] = np.asarray(sum(there[1:], there[0])) if there else None
    directions = [m.directions for m in members if m.directions is not None]
    return LinearModel(**found, directions=directions[0] if directions else None)


def _divided(model: LinearModel, by: float) -> LinearModel:
    changed = _changed(model, lambda w: w / by)
    return replace(changed, intercept=model.intercept / by)


def _changed(model: LinearModel, change: Callable[[Array], Array]) -> LinearModel:
    """The same with changed weights; of the intercept as a column of classes."""
    weights = {f.name: getattr(model, f.name) for f in fields(model) if f.name not in ("directions", "log_normalised")}
    weights["intercept"] = weights["intercept"][:, None]
    new: dict[str, Any] = {name: None if value is None else change(value) for name, value in weights.items()}
    new["intercept"] = np.ravel(new["intercept"])
    return replace(model, **new)
