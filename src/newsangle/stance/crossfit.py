"""What does each model say about each row, never having seen a code or a word of the row's fold?

Folds hold whole syndication groups. For each set of folds left out, terms, document frequencies and classifiers are
learned from the other folds alone. One fold left out gives the predictions that are reported. Two left out give the
inner scores: the model without folds j and k predicts both, so that within "everything but fold k" each fold j has
been predicted blind; the model for fold k is chosen, and its probabilities are calibrated, on those.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from newsangle.features.design import Design, TaskText, design_matrix
from newsangle.stance.calibration import Calibration, fit_calibration
from newsangle.stance.classifiers import CLASSIFIERS, MajorityClassifier, class_scores
from newsangle.stance.rowspace import RowSpace, row_space
from newsangle.stats.classification import group_confusions, macro_f1

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SELECTED = "selected"


@dataclass(frozen=True)
class FinalModel:
    """The model for new articles: learned from every code and every row, with what it takes to apply it."""

    name: str
    estimator: BaseEstimator
    design: Design
    calibration: Calibration


@dataclass(frozen=True)
class CrossFit:
    """Cross-fitted predictions of every row by every model, and of the one chosen inside each fold.

    `predicted` (rows,) class numbers and `probability` (rows × classes) by model name, `selected` among them;
    `chosen`: the model chosen for each fold; `inner`: macro-F1 that the choice for a fold was made on, by model.
    """

    predicted: dict[str, Ints]
    probability: dict[str, Array]
    chosen: tuple[str, ...]
    inner: dict[str, tuple[float, ...]]
    final: FinalModel


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
) -> CrossFit:
    """What does each model say about each row without having seen its fold, and which model should be believed?

    `codes`: class number, −1 where not coded; `folds`: 0 … n_folds−1 for every row, whole groups. The choice is by
    macro-F1 (higher is better) of the inner predictions; floors (majority, keyword rules) are candidates only where
    nothing else is listed; ties go to the model listed first. `weights` (1/π, read on coded rows) calibrate the
    probabilities to the frame that the codes were sampled from; the classes that are predicted don't depend on them.
    `taught`: class number of rows that are only learned from (the training pool), −1 elsewhere; models are neither
    chosen nor calibrated on them.
    Where the codes in sight are of one class only, every model but the rules says that class. Raises ValueError for
    fewer than three folds (two are left out at a time) and where two folds hold all the codes.
    """
    n_folds = int(folds.max()) + 1
    with_codes = len(np.unique(folds[codes >= 0]))
    if with_codes < 3:
        raise ValueError(f"{with_codes} of {n_folds} folds hold codes; at least 3 must, as two are left out at a time")
    lessons = codes if taught is None else np.where(codes >= 0, codes, taught)
    settings = _Settings(
        text, codes, lessons, n_classes, tuple(models), rule_scores, dict(options or {}), weights, seed
    )
    single = {k: _fit_and_score(settings, folds != k, [np.flatnonzero(folds == k)]) for k in range(n_folds)}
    pairs: dict[tuple[int, int], dict[str, Array]] = {}
    for j, k in combinations(range(n_folds), 2):
        both = [np.flatnonzero((folds == fold) & (codes >= 0)) for fold in (j, k)]
        pairs[j, k] = _fit_and_score(settings, (folds != j) & (folds != k), both)
    predicted = {m: np.empty(len(codes), dtype=np.int64) for m in [*models, SELECTED]}
    probability = {m: np.empty((len(codes), n_classes)) for m in [*models, SELECTED]}
    inner: dict[str, list[float]] = {m: [] for m in models}
    chosen = []
    for k in range(n_folds):
        here, known = folds == k, (folds != k) & (codes >= 0)
        for m in models:
            blind = np.full((len(codes), n_classes), np.nan)
            for j in range(n_folds):
                if j != k:
                    rows = (folds == j) & (codes >= 0)
                    blind[rows] = pairs[min(j, k), max(j, k)][m][rows]
            inner[m].append(_macro_f1(codes[known], blind[known].argmax(axis=1), n_classes))
            predicted[m][here] = single[k][m][here].argmax(axis=1)
            calibration = fit_calibration(blind[known], codes[known], n_classes, settings.weight(known))
            probability[m][here] = calibration.probabilities(single[k][m][here])
        best = _best(models, {m: inner[m][k] for m in models})
        chosen.append(best)
        predicted[SELECTED][here] = predicted[best][here]
        probability[SELECTED][here] = probability[best][here]
    scores = {m: np.where((folds == 0)[:, None], single[0][m], 0.0) for m in models}
    for k in range(1, n_folds):
        for m in models:
            scores[m][folds == k] = single[k][m][folds == k]
    final = _final_model(settings, scores)
    return CrossFit(predicted, probability, tuple(chosen), {m: tuple(v) for m, v in inner.items()}, final)


@dataclass(frozen=True)
class _Settings:
    text: TaskText
    codes: Ints
    lessons: Ints
    n_classes: int
    models: tuple[str, ...]
    rule_scores: Array | None
    options: dict[str, Mapping[str, Any]]
    weights: Array | None
    seed: int

    def make(self, model: str, codes: Ints) -> BaseEstimator:
        if len(np.unique(codes)) == 1 and CLASSIFIERS[model].reads != "rules":
            return MajorityClassifier()  # there is nothing to tell apart
        return CLASSIFIERS[model].make(self.seed, **self.options.get(model, {}))

    def weight(self, rows: npt.NDArray[Any]) -> Array | None:
        return None if self.weights is None else self.weights[rows]

    def views(self, design: Design, rows: Ints, split: int) -> Callable[[str], tuple[Any, Any]]:
        """What each model reads of the first `split` rows of the design (to learn) and of the others (to predict)."""
        matrix = design.matrix
        spans: list[RowSpace] = []

        def view(model: str) -> tuple[Any, Any]:
            row = CLASSIFIERS[model]
            if row.reads == "rules":
                if self.rule_scores is None:
                    raise ValueError(f"{model} reads rule scores, but none were given")
                return self.rule_scores[rows[:split]], self.rule_scores[rows[split:]]
            if row.in_span:
                if not spans:
                    spans.append(row_space(matrix[:split]))
                return spans[0].train, spans[0].project(matrix[split:])
            part = matrix[:, : design.n_words] if row.reads == "words" else matrix
            return part[:split], part[split:]

        return view


def _fit_and_score(settings: _Settings, seen: npt.NDArray[np.bool_], wanted: Sequence[Ints]) -> dict[str, Array]:
    """Scores of the wanted rows (NaN elsewhere) by each model that learned from the rows in sight alone.

    `wanted`: the rows of each fold left out. Folds are scored one by one: the last digits of a matrix product depend on
    how many rows it has, and how many rows one fold has coded must not show in another's scores.
    """
    train = np.flatnonzero(seen & (settings.lessons >= 0))
    rows = np.concatenate([train, *wanted])
    view = settings.views(design_matrix(settings.text, np.flatnonzero(seen), rows), rows, len(train))
    out = {m: np.full((len(settings.codes), settings.n_classes), np.nan) for m in settings.models}
    for model in settings.models:
        known, unknown = view(model)
        lessons = settings.lessons[train]
        estimator = settings.make(model, lessons).fit(known, lessons)
        start = 0
        for part in wanted:
            if len(part):
                out[model][part] = class_scores(estimator, unknown[start : start + len(part)], settings.n_classes)
            start += len(part)
    return out


def _final_model(settings: _Settings, scores: dict[str, Array]) -> FinalModel:
    """The model for new articles: best in the ordinary cross-validation over all codes, refitted on all of them."""
    coded = np.flatnonzero(settings.codes >= 0)
    truth = settings.codes[coded]
    values = {m: _macro_f1(truth, scores[m][coded].argmax(axis=1), settings.n_classes) for m in settings.models}
    name = _best(settings.models, values)
    learned = np.flatnonzero(settings.lessons >= 0)
    lessons = settings.lessons[learned]
    design = design_matrix(settings.text, np.arange(len(settings.codes)), learned)
    reads = CLASSIFIERS[name].reads
    matrix = settings.rule_scores[learned] if reads == "rules" and settings.rule_scores is not None else design.matrix
    estimator = settings.make(name, lessons).fit(matrix[:, : design.n_words] if reads == "words" else matrix, lessons)
    calibration = fit_calibration(scores[name][coded], truth, settings.n_classes, settings.weight(coded))
    return FinalModel(name, estimator, design, calibration)


def _macro_f1(coded: Ints, predicted: Ints, n_classes: int) -> float:
    confusion = group_confusions(coded, predicted, ["all"] * len(coded), n_classes).sum(axis=0)
    return float(macro_f1(confusion))


def _best(models: Sequence[str], values: Mapping[str, float]) -> str:
    candidates = [m for m in models if not CLASSIFIERS[m].floor] or list(models)
    return max(candidates, key=lambda m: values[m])
