"""What does each model say about each row, never having seen a code or a word of the row's fold, and which is best?

Folds hold whole syndication groups. `newsangle.stance.blind_scores` scores rows by models that missed one fold, or two;
on the latter `newsangle.stance.model_fit` chooses the options of each model and calibrates its probabilities; here the
model of each fold is chosen on them, and the model for new articles fitted. `cross_fit` does all of it at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits

from newsangle.features.design import Design, TaskText
from newsangle.stance.blind_scores import Dealt, deal, fold_steps, score_folds
from newsangle.stance.calibration import Calibration, fit_calibration
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.fit import Variant, base_models, fit_linear, variants_of
from newsangle.stance.linear import LinearModel
from newsangle.stance.model_fit import Member, Metric, ModelFit, best_model, fit_model
from newsangle.stance.readings import Sources, TopicShares, View
from newsangle.stats.classification import macro_f1

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
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
    dealt = deal(codes, folds, n_classes, taught)
    sources = Sources(text, rule_scores, topic_shares)
    tried = {m: variants_of(m, options or {}) for m in base_models(models)}
    scores = score_folds(sources, dealt, tried, seed)
    members = {m: Member(variants, scores[m]) for m, variants in tried.items()}
    steps = fold_steps(dealt)
    fits = {m: fit_model(m, members, steps, codes, n_classes, weights=weights, metric=metric) for m in models}
    return combine(fits, sources, dealt, weights=weights, seed=seed)


def combine(
    fits: Mapping[str, ModelFit], sources: Sources, dealt: Dealt, *, weights: Array | None = None, seed: int = 0
) -> CrossFit:
    """Which model should be believed in each fold, and for new articles? `fits`: by model, as the config lists them."""
    models = list(fits)
    chosen = tuple(best_model(models, {m: fits[m].inner[k] for m in models}) for k in range(dealt.n_folds))
    predicted, probability = {m: fits[m].predicted for m in models}, {m: fits[m].probability for m in models}
    predicted[SELECTED] = np.array([predicted[chosen[k]][i] for i, k in enumerate(dealt.folds)], dtype=np.int64)
    probability[SELECTED] = np.array([probability[chosen[k]][i] for i, k in enumerate(dealt.folds)])
    name = best_model(models, {m: fits[m].value for m in models})
    return CrossFit(
        predicted,
        probability,
        chosen,
        {m: fits[m].inner for m in models},
        _final_model(name, fits[name], sources, dealt, weights, seed),
        {m: fits[m].options for m in models},
    )


def _final_model(
    name: str, fit: ModelFit, sources: Sources, dealt: Dealt, weights: Array | None, seed: int
) -> FinalModel:
    """The model for new articles: best in the ordinary cross-validation over all codes, refitted on all of them.

    It is calibrated on the scores of each fold's own model, whose options may be others than its own.
    """
    coded = np.flatnonzero(dealt.codes >= 0)
    members = [Variant(m, tuple(sorted(options.items()))) for m, options in fit.final_options.items()]
    learned = np.flatnonzero(dealt.lessons >= 0)
    view = View(sources, np.ones(len(dealt.codes), dtype=np.bool_), learned, np.array([], dtype=np.int64))
    with threadpool_limits(limits=1):  # more threads would move the last digits
        estimators, linear = fit_linear(
            view, dealt.lessons[learned], members, seed, is_average=bool(CLASSIFIERS[name].members)
        )
        known = None if weights is None else weights[coded]
        calibration = fit_calibration(fit.scores[coded], dealt.codes[coded], dealt.n_classes, known)
    return FinalModel(name, estimators[0], view.design, calibration, linear, dict(fit.final_options))
