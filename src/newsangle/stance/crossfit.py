"""What does each model say about each row, never having seen a code or a word of the row's fold?

Folds hold whole syndication groups. For each set of folds left out, terms, document frequencies, LSA, topics and
classifiers are learned from the other folds alone. One fold left out gives the predictions that are reported. Two left
out give the inner scores: the model without folds j and k predicts both, so that within "everything but fold k" each
fold j has been predicted blind; on those the options of each model and the model for fold k are chosen, and its
probabilities calibrated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits

from newsangle.features.design import Design, TaskText
from newsangle.stance.calibration import Calibration, fit_calibration
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.fit import Scored, Variant, base_models, fit_and_score, fit_linear, scores_of, variants_of
from newsangle.stance.linear import LinearModel
from newsangle.stance.readings import Sources, TopicShares, View
from newsangle.stats.classification import group_confusions, macro_f1

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Metric = Callable[[Array], Array]
SELECTED = "selected"


@dataclass(frozen=True)
class FinalModel:
    """The model for new articles: learned from every code and every row, with what it takes to apply it.

    `estimator`: the fitted one, or the first member of an average; `linear`: the whole model as weights on the columns
    of the design, None for the majority and the keyword rule; `options` by (member) model.
    """

    name: str
    estimator: BaseEstimator
    design: Design
    calibration: Calibration
    linear: LinearModel | None = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class CrossFit:
    """Cross-fitted predictions of every row by every model, and of the one chosen inside each fold.

    `predicted` (rows,) class numbers and `probability` (rows × classes) by model name, `selected` among them;
    `chosen`: the model chosen for each fold; `inner`: the metric that the choice for a fold was made on, by model.
    `options`: by model and fold, the options that inner cross-validation chose (of an average: by member).
    """

    predicted: dict[str, Ints]
    probability: dict[str, Array]
    chosen: tuple[str, ...]
    inner: dict[str, tuple[float, ...]]
    final: FinalModel
    options: dict[str, tuple[Mapping[str, Mapping[str, Any]], ...]] = field(default_factory=dict)


def cross_fit(
    text: TaskText,
    codes: Ints,
    folds: Ints,
    *,
    n_classes: int,
    models: Sequence[str],
    rule_scores: Array | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    weights: Array | None = None,
    taught: Ints | None = None,
    seed: int = 0,
    topic_shares: TopicShares | None = None,
    metric: Metric = macro_f1,
) -> CrossFit:
    """What does each model say about each row without having seen its fold, and which model should be believed?

    `codes`: class number, −1 where not coded; `folds`: 0 … n_folds−1 for every row, whole groups. Choices are by
    `metric` of the inner predictions (a function of confusion tensors, higher is better): first the options of each
    model's grid (those in `options` stay as given), then the model; floors (majority, keyword rules) are candidates
    only where nothing else is listed; ties go to what is listed first. `weights` (1/π, read on coded rows) calibrate
    the probabilities to the frame that the codes were sampled from; the predicted classes don't depend on them.
    `taught`: class number of rows that are only learned from (the training pool), −1 elsewhere; models are neither
    chosen nor calibrated on them.
    `topic_shares`: from a mask of the rows in sight to topic shares of all rows (rows × topics) that learned from those
    rows alone; for models that read topics. Where the codes in sight are of one class only, every model but the rules
    says that class. Raises ValueError for fewer than three folds (two are left out at a time) and where two folds hold
    all the codes.
    """
    n_folds = int(folds.max()) + 1
    with_codes = len(np.unique(folds[codes >= 0]))
    if with_codes < 3:
        raise ValueError(f"{with_codes} of {n_folds} folds hold codes; at least 3 must, as two are left out at a time")
    lessons = codes if taught is None else np.where(codes >= 0, codes, taught)
    sources = Sources(text, rule_scores, topic_shares)
    tried = {m: variants_of(m, options or {}) for m in base_models(models)}
    every = [variant for variants in tried.values() for variant in variants]
    coded = [np.flatnonzero((folds == k) & (codes >= 0)) for k in range(n_folds)]
    with threadpool_limits(limits=1):  # more threads would move the last digits
        single = [
            fit_and_score(sources, lessons, folds != k, [np.flatnonzero(folds == k)], every, seed)
            for k in range(n_folds)
        ]
        pairs = {
            (j, k): fit_and_score(sources, lessons, (folds != j) & (folds != k), [coded[j], coded[k]], every, seed)
            for j, k in combinations(range(n_folds), 2)
        }
        inner = _Inner(codes, lessons, folds, coded, pairs, tried, n_classes, metric)
        predicted = {m: np.empty(len(codes), dtype=np.int64) for m in [*models, SELECTED]}
        probability = {m: np.empty((len(codes), n_classes)) for m in [*models, SELECTED]}
        outer = {m: np.empty((len(codes), n_classes)) for m in models}
        values: dict[str, list[float]] = {m: [] for m in models}
        used: dict[str, list[Mapping[str, Mapping[str, Any]]]] = {m: [] for m in models}
        chosen = []
        for k in range(n_folds):
            here, known = folds == k, (folds != k) & (codes >= 0)
            for m in models:
                members = inner.choose(m, k)
                blind = inner.blind(m, members, k)[known]
                scores = _scores([single[k][v] for v in members], 0, n_classes, m)
                outer[m][here] = scores
                values[m].append(inner.value(blind, codes[known]))
                used[m].append({v.model: dict(v.options) for v in members})
                predicted[m][here] = scores.argmax(axis=1)
                calibration = fit_calibration(blind, codes[known], n_classes, _of(weights, known))
                probability[m][here] = calibration.probabilities(scores)
            best = _best(models, {m: values[m][k] for m in models})
            chosen.append(best)
            predicted[SELECTED][here] = predicted[best][here]
            probability[SELECTED][here] = probability[best][here]
        final = _final_model(sources, inner, single, outer, models, weights, seed)
    return CrossFit(
        predicted,
        probability,
        tuple(chosen),
        {m: tuple(v) for m, v in values.items()},
        final,
        {m: tuple(v) for m, v in used.items()},
    )


@dataclass(frozen=True)
class _Inner:
    """The predictions of models that missed two folds, and what is chosen on them."""

    codes: Ints
    lessons: Ints
    folds: Ints
    coded: Sequence[Ints]
    pairs: Mapping[tuple[int, int], Mapping[Variant, Scored]]
    tried: Mapping[str, Sequence[Variant]]
    n_classes: int
    metric: Metric

    def choose(self, model: str, k: int) -> list[Variant]:
        """The variants that fold k's codes and texts had no say in choosing: one, or one a member of an average."""
        return [self._best_variant(m, k) for m in CLASSIFIERS[model].members or (model,)]

    def _best_variant(self, model: str, k: int) -> Variant:
        variants = self.tried[model]
        if len(variants) == 1:
            return variants[0]
        known = (self.folds != k) & (self.codes >= 0)
        return max(variants, key=lambda v: self.value(self.blind(model, [v], k)[known], self.codes[known]))

    def blind(self, model: str, members: Sequence[Variant], k: int) -> Array:
        """Scores of each coded row outside of fold k by the model without its fold and fold k; NaN elsewhere."""
        out = np.full((len(self.codes), self.n_classes), np.nan)
        for j, rows in enumerate(self.coded):
            if j != k and len(rows):
                scored = self.pairs[min(j, k), max(j, k)]
                out[rows] = _scores([scored[v] for v in members], 0 if j < k else 1, self.n_classes, model)
        return out

    def value(self, scores: Array, codes: Ints) -> float:
        """The metric of what these scores decide."""
        confusion = group_confusions(codes, scores.argmax(axis=1), ["all"] * len(codes), self.n_classes).sum(axis=0)
        return float(self.metric(confusion))


def _scores(members: Sequence[Scored], part: int, n_classes: int, model: str) -> Array:
    return scores_of(members, part, n_classes, is_average=bool(CLASSIFIERS[model].members))


def _final_model(
    sources: Sources,
    inner: _Inner,
    single: Sequence[Mapping[Variant, Scored]],
    outer: Mapping[str, Array],
    models: Sequence[str],
    weights: Array | None,
    seed: int,
) -> FinalModel:
    """The model for new articles: best in the ordinary cross-validation over all codes, refitted on all of them.

    It is calibrated on the scores of each fold's own model, whose options may be others than its own.
    """
    coded = np.flatnonzero(inner.codes >= 0)
    truth, n_classes = inner.codes[coded], inner.n_classes
    name = _best(models, {m: inner.value(outer[m][coded], truth) for m in models})
    members = []
    for m in CLASSIFIERS[name].members or (name,):
        values = []
        for v in inner.tried[m]:
            scores = np.empty((len(inner.codes), n_classes))
            for k, scored in enumerate(single):
                scores[inner.folds == k] = _scores([scored[v]], 0, n_classes, m)
            values.append(inner.value(scores[coded], truth))
        members.append(inner.tried[m][int(np.argmax(values))])
    learned = np.flatnonzero(inner.lessons >= 0)
    view = View(sources, np.ones(len(inner.codes), dtype=np.bool_), learned, np.array([], dtype=np.int64))
    estimators, linear = fit_linear(
        view, inner.lessons[learned], members, seed, is_average=bool(CLASSIFIERS[name].members)
    )
    calibration = fit_calibration(outer[name][coded], truth, n_classes, _of(weights, coded))
    chosen = {v.model: dict(v.options) for v in members}
    return FinalModel(name, estimators[0], view.design, calibration, linear, chosen)


def _of(weights: Array | None, rows: npt.NDArray[Any]) -> Array | None:
    return None if weights is None else weights[rows]


def _best(models: Sequence[str], values: Mapping[str, float]) -> str:
    candidates = [m for m in models if not CLASSIFIERS[m].floor] or list(models)
    return max(candidates, key=lambda m: values[m])
