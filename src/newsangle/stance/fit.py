"""What do models say that learned from some rows alone? One split of the rows, every variant of every model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from newsangle.stance.classifiers import CLASSIFIERS, Classifier, MajorityClassifier, all_classes, raw_scores
from newsangle.stance.linear import LinearModel, average, centred
from newsangle.stance.readings import MOST_IN_SPAN, OWN, Sources, View

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Variant:
    """A model with the options that it is made with, as sorted pairs."""

    model: str
    options: tuple[tuple[str, Any], ...]

    @property
    def row(self) -> Classifier:
        """Its row of the table."""
        return CLASSIFIERS[self.model]


@dataclass(frozen=True)
class Scored:
    """What a variant says of the rows to predict: scores (rows × classes seen) for each part asked for.

    `classes`: those seen in training; `scale`: the spread of the centred scores of the training rows, which makes
    members of an average comparable.
    """

    parts: tuple[Array, ...]
    classes: Ints
    scale: float


def base_models(models: Iterable[str]) -> list[str]:
    """Which models have to be fitted, for these models and the members of those that are averages?"""
    found: dict[str, None] = {}
    for m in models:
        found |= dict.fromkeys(CLASSIFIERS[m].members or (m,))
    return list(found)


def variants_of(model: str, options: Options) -> list[Variant]:
    """Which settings of a model are tried? Those of its grid, but for options that are given. Empty for averages."""
    row, given = CLASSIFIERS[model], dict(options.get(model, {}))
    if row.members:
        return []
    free = {name: values for name, values in row.grid.items() if name not in given}
    return [
        Variant(model, tuple(sorted((given | dict(zip(free, values, strict=True))).items())))
        for values in product(*free.values())
    ]


def fit_and_score(
    sources: Sources,
    codes: Ints,
    seen: npt.NDArray[np.bool_],
    wanted: Sequence[Ints],
    variants: Sequence[Variant],
    seed: int,
    *,
    lsa: Array | None = None,
) -> dict[Variant, Scored]:
    """Scores of the wanted rows by each variant that learned from the rows in sight alone.

    `wanted`: the rows of each fold left out. Folds are scored one by one: the last digits of a matrix product depend on
    how many rows it has, and how many rows one fold has coded must not show in another's scores. `lsa`: LSA coordinates
    of the rows that teach, then of those wanted, where they were learned before.
    """
    train = np.flatnonzero(seen & (codes >= 0))
    view = View(sources, seen, train, np.concatenate([*wanted, np.array([], dtype=np.int64)]), lsa)
    ends = np.cumsum([0, *(len(part) for part in wanted)])
    slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    out = {}
    for variant in variants:
        estimator = make(variant, codes[train], seed)
        weight = _by_target(variant, view, codes[train])
        if _in_span(variant.row, len(train), estimator):
            known, put = view.in_span(variant.row)
            _fit(estimator, known, codes[train], weight)
            parts = [raw_scores(estimator, put(s)) if s.stop > s.start else _none(estimator) for s in slices]
        else:
            n = len(train)
            known = view.read(variant.row, 0, n)
            _fit(estimator, known, codes[train], weight)
            rest = view.read(variant.row, n)
            parts = [raw_scores(estimator, rest[s]) if s.stop > s.start else _none(estimator) for s in slices]
        scale = float(centred(raw_scores(estimator, known)).std()) or 1.0
        out[variant] = Scored(tuple(parts), np.asarray(estimator.classes_, dtype=np.int64), scale)
    return out


def make(variant: Variant, codes: Ints, seed: int) -> BaseEstimator:
    """The estimator to fit; where the codes are of one class only, one that says that class."""
    row = variant.row
    if row.make is None:
        raise TypeError(f"{variant.model} is an average of {', '.join(row.members)}; fit those")
    if len(np.unique(codes)) == 1 and row.reads != ("rules",):
        return MajorityClassifier()  # there is nothing to tell apart
    options = dict(variant.options)
    if row.by_target == "only":
        options["balanced"] = False  # classes are weighed within each target instead, see `_by_target`
    return row.make(seed, **options)


def _by_target(variant: Variant, view: View, codes: Ints) -> Array | None:
    """Weights of training rows where each target has a model of its own: its classes count alike, and so do its rows.

    Weighing classes over all targets together would make a class rare in one target rarer than it is in another.
    """
    targets = view.sources.text.targets
    balanced = dict(variant.options).get("balanced", True)
    if variant.row.by_target != "only" or targets is None or not balanced:
        return None
    mine = targets[view.train]
    _, cell, size = np.unique(np.column_stack([mine, codes]), axis=0, return_inverse=True, return_counts=True)
    n_classes = np.array([len(np.unique(codes[mine == t])) for t in mine])
    n_rows = np.array([(mine == t).sum() for t in mine])
    return np.asarray(n_rows / (n_classes * size[np.ravel(cell)]), dtype=np.float64)


def _fit(estimator: BaseEstimator, X: Any, codes: Ints, weight: Array | None) -> None:
    if weight is None or isinstance(estimator, MajorityClassifier):
        estimator.fit(X, codes)
    else:
        estimator.fit(X, codes, sample_weight=weight)


def scores_of(members: Sequence[Scored], part: int, n_classes: int, *, is_average: bool) -> Array:
    """Scores of one part in columns of all classes; of one model, or of the average of several."""
    one = members[0]
    raw = vote([m.parts[part] for m in members], [m.scale for m in members]) if is_average else one.parts[part]
    return all_classes(raw, one.classes, n_classes)


def vote(scores: Sequence[Array], scales: Sequence[Any]) -> Array:
    """The mean of the members' centred scores (rows × classes seen), each divided by its scale (one, or rows × 1)."""
    scaled = [centred(raw) / scale for raw, scale in zip(scores, scales, strict=True)]
    return np.asarray(sum(scaled[1:], scaled[0]) / len(scaled))


def fit_linear(
    view: View, codes: Ints, members: Sequence[Variant], seed: int, *, is_average: bool
) -> tuple[list[BaseEstimator], LinearModel | None]:
    """The model that the view's training rows with these codes teach, as weights on the columns of the design.

    Beside it the fitted estimators; those of linear models have the weights of everything that they read, whether they
    were fitted on it or in the span of their rows. None for the linear model where there is nothing to weigh: the
    majority, the keyword rule, codes of one class.
    """
    estimators, linear, scales = [], [], []
    n = len(view.train)
    for variant in members:
        known = view.read(variant.row, 0, n)
        estimator = make(variant, codes, seed)
        weight = _by_target(variant, view, codes)
        if _in_span(variant.row, n, estimator):
            put, basis = view.in_span(variant.row)[0], view.basis(variant.row)
            _fit(estimator, put, codes, weight)
            scales.append(float(centred(raw_scores(estimator, put)).std()) or 1.0)
            estimator.coef_ = np.asarray((known.T @ (basis @ estimator.coef_.T)).T)
            estimator.n_features_in_ = known.shape[1]
        else:
            _fit(estimator, known, codes, weight)
            scales.append(float(centred(raw_scores(estimator, known)).std()) or 1.0)
        estimators.append(estimator)
        if hasattr(estimator, "coef_") or hasattr(estimator, "feature_log_prob_"):
            linear.append(_as_linear(estimator, variant.row, view))
    if len(linear) < len(members):
        return estimators, None
    return estimators, average(linear, scales) if is_average else linear[0]


def _in_span(row: Classifier, n: int, estimator: BaseEstimator) -> bool:
    return row.in_span and n <= MOST_IN_SPAN and not isinstance(estimator, MajorityClassifier)


def _as_linear(estimator: BaseEstimator, row: Classifier, view: View) -> LinearModel:
    """The weights of a fitted estimator on the columns of the design."""
    n_columns, n_words = view.design.matrix.shape[1], view.design.n_words
    if hasattr(estimator, "feature_log_prob_"):
        coef = np.zeros((len(estimator.classes_), n_columns))
        coef[:, :n_words] = estimator.feature_log_prob_
        return LinearModel(coef, np.zeros(len(coef)), log_normalised=True)
    coef, intercept = np.asarray(estimator.coef_), np.asarray(estimator.intercept_)
    if len(coef) == 1:  # scikit-learn keeps the second of two classes
        coef, intercept = np.vstack([-coef, coef]), np.concatenate([-intercept, intercept])
    own = row.by_target if view.sources.text.targets is not None else "no"
    n_targets = view.sources.text.n_targets
    repeats = {"no": 1, "too": 1 + n_targets, "only": n_targets}[own]
    folded: list[Array] = [np.zeros((len(coef), n_columns)) for _ in range(repeats)]
    latent: list[Array] = []
    topics = None
    start = 0
    for part in row.reads:
        width = view.width(part)
        for i in range(repeats):
            piece = coef[:, start : start + width] * (OWN if own == "too" and i > 0 else 1.0)
            start += width
            if part == "topics":
                topics = piece
            elif part == "lsa":
                latent.append(piece)
            else:
                folded[i][:, :width] += piece
    directions = view.lsa.directions if latent else None
    if own == "no":
        return LinearModel(folded[0], intercept, None, directions, latent[0] if latent else None, None, topics)
    common, rest = (0, 1) if own == "too" else (None, 0)
    return LinearModel(
        folded[0] if common == 0 else np.zeros_like(folded[0]),
        intercept,
        np.stack(folded[rest:]),
        directions,
        None if not latent else latent[0] if common == 0 else np.zeros_like(latent[0]),
        np.stack(latent[rest:]) if latent else None,
    )


def _none(estimator: BaseEstimator) -> Array:
    return np.zeros((0, len(estimator.classes_)))
