"""Which options has one model in each fold, and what does it say of each row? From its blind scores alone.

Options and probabilities for a fold are chosen and calibrated on the coded rows outside of it, each scored by a model
that saw neither of the two folds. Nothing here is learned from text, and no model knows of another: an average is made
of the scores of its members.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from newsangle.stance.blind_scores import BlindScores, Step
from newsangle.stance.calibration import fit_calibration
from newsangle.stance.classifiers import CLASSIFIERS, all_classes
from newsangle.stance.fit import Variant, vote
from newsangle.stats.classification import group_confusions

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Metric = Callable[[Array], Array]
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Member:
    """A model that scores rows itself: its variants, and what they say in each step."""

    variants: Sequence[Variant]
    scores: Sequence[BlindScores]


@dataclass(frozen=True)
class StepFit:
    """What one model says in one step: `scores` (test rows × classes), the metric of its inner scores, its options by
    (member) model, and the inner scores (known rows × classes) with their codes."""

    scores: Array
    inner: float
    options: Options
    blind: Array
    codes: Ints


@dataclass(frozen=True)
class ModelFit:
    """One model in cross-validation: of every row its class number, probabilities and scores (rows × classes) by the
    model that missed its fold; by fold the metric of the inner scores and the options; and for the model for new
    articles, the metric of `scores` over all codes and the options that do best there."""

    predicted: Ints
    probability: Array
    scores: Array
    inner: tuple[float, ...]
    options: tuple[Options, ...]
    value: float
    final_options: Options


def fit_step(model: str, members: Mapping[str, Member], step: Step, i: int, codes: Ints, metric: Metric) -> StepFit:
    """What does a model say in step `i`, with the options that do best on the coded rows outside of its fold?

    `members`: by (member) model; `codes`: class numbers of all rows. Ties go to the option listed first.
    """
    truth, is_average = codes[step.known], bool(CLASSIFIERS[model].members)
    chosen: list[tuple[BlindScores, int]] = []
    options = {}
    for m in CLASSIFIERS[model].members or (model,):
        variants, scores = members[m].variants, members[m].scores[i]
        best = 0
        if len(variants) > 1:
            told = [
                _all_columns([x], [s], is_average=False) for x, s in zip(scores.twice, scores.twice_scale, strict=True)
            ]
            best = _first_best([metric_of(t, truth, metric) for t in told])
        chosen.append((scores, best))
        options[m] = dict(variants[best].options)
    blind = _all_columns([s.twice[v] for s, v in chosen], [s.twice_scale[v] for s, v in chosen], is_average=is_average)
    once = _all_columns([s.once[v] for s, v in chosen], [s.once_scale[v] for s, v in chosen], is_average=is_average)
    return StepFit(once, metric_of(blind, truth, metric), options, blind, truth)


def fit_model(
    model: str,
    members: Mapping[str, Member],
    steps: Sequence[Step],
    codes: Ints,
    n_classes: int,
    *,
    weights: Array | None,
    metric: Metric,
) -> ModelFit:
    """What does one model say of every row in cross-validation? `members`: by (member) model; `steps`: `fold_steps`.

    `codes`: class number, −1 where not coded; `weights` (1/π, read on coded rows) calibrate the probabilities.
    """
    predicted = np.empty(len(codes), dtype=np.int64)
    probability, scores = np.empty((len(codes), n_classes)), np.empty((len(codes), n_classes))
    inner, options = [], []
    with threadpool_limits(limits=1):  # more threads would move the last digits
        for i, step in enumerate(steps):
            fit = fit_step(model, members, step, i, codes, metric)
            calibration = fit_calibration(fit.blind, fit.codes, n_classes, _of(weights, step.known))
            scores[step.test], predicted[step.test] = fit.scores, fit.scores.argmax(axis=1)
            probability[step.test] = calibration.probabilities(fit.scores)
            inner.append(fit.inner)
            options.append(fit.options)
    coded = np.flatnonzero(codes >= 0)
    value, final = metric_of(scores[coded], codes[coded], metric), {}
    for m in CLASSIFIERS[model].members or (model,):
        best = _first_best([metric_of(s[coded], codes[coded], metric) for s in _once(members[m], steps, scores.shape)])
        final[m] = dict(members[m].variants[best].options)
    return ModelFit(predicted, probability, scores, tuple(inner), tuple(options), value, final)


def metric_of(scores: Array, codes: Ints, metric: Metric) -> float:
    """The metric (of confusion tensors, higher is better) of what these scores (rows × classes) decide."""
    confusion = group_confusions(codes, scores.argmax(axis=1), ["all"] * len(codes), scores.shape[1]).sum(axis=0)
    return float(metric(confusion))


def best_model(models: Sequence[str], values: Mapping[str, float]) -> str:
    """The model with the largest value; floors count where nothing else is listed, ties go to what is listed first."""
    candidates = [m for m in models if not CLASSIFIERS[m].floor] or list(models)
    return max(candidates, key=lambda m: values[m])


def _once(member: Member, steps: Sequence[Step], shape: tuple[int, ...]) -> list[Array]:
    """The scores of every row by each variant of a model."""
    out = []
    for v in range(len(member.variants)):
        scores = np.empty(shape)
        for step, told in zip(steps, member.scores, strict=True):
            scores[step.test] = _all_columns([told.once[v]], [told.once_scale[v]], is_average=False)
        out.append(scores)
    return out


def _all_columns(scores: Sequence[Array], scales: Sequence[Array], *, is_average: bool) -> Array:
    """Scores with a column for every class, of one model or of the average of several; rows whose models have seen the
    same classes are taken together."""
    known = ~np.isnan(scores[0])
    out = np.empty(known.shape)
    for classes in np.unique(known, axis=0):
        rows, columns = np.flatnonzero((known == classes).all(axis=1)), np.flatnonzero(classes)
        cells = np.ix_(rows, columns)
        raw = scores[0][cells]
        if is_average:
            raw = vote([s[cells] for s in scores], [s[rows, None] for s in scales])
        out[rows] = all_classes(raw, columns, known.shape[1])
    return out


def _first_best(values: Sequence[float]) -> int:
    return max(range(len(values)), key=values.__getitem__)


def _of(weights: Array | None, rows: Ints) -> Array | None:
    return None if weights is None else weights[rows]
