"""What are a task's predictions worth? Every score with its interval over syndication groups, floors beside it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.runs.records import record, rounded
from newsangle.stance.crossfit import SELECTED, CrossFit
from newsangle.stats.bootstrap import bootstrap_interval
from newsangle.stats.classification import CLASS_METRICS, METRICS, group_confusions, macro_f1
from newsangle.stats.differences import paired_tests
from newsangle.stats.reliability import brier_rows, calibration_error, expected_error

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RULE = "keyword_rules"


def score_task(
    name: str, rows: pd.DataFrame, codes: Ints, fit: CrossFit, classes: list[str], split: str, seed: int
) -> list[dict[str, Any]]:
    """Records of each model on the coded rows: macro-F1 (as sampled and weighted by 1/π), accuracy, and per class
    precision, recall, F1; per target macro-F1; and the paired difference of `selected` to the keyword rule.

    A difference is positive where the selected model is better.
    """
    slices: list[tuple[str | None, npt.NDArray[np.bool_]]] = [(None, codes >= 0)]
    named: list[str] = sorted({t for t in rows["target"] if isinstance(t, str)})
    slices += [(t, (codes >= 0) & (rows["target"] == t).to_numpy()) for t in named]
    records = []
    for target, inside in slices:
        part, truth = rows.loc[inside], codes[inside]
        pi = part["pi"].to_numpy(dtype=np.float64)
        weights = None if np.isnan(pi).any() or not len(pi) else 1.0 / pi
        base: dict[str, Any] = {"task": name, "target": target, "split": split, "n": len(part), "seed": seed}
        if not len(part):
            reason = "no coded rows for this target"
            records += [record(**base, model=m, metric="macro_f1", value=None, reason=reason) for m in fit.predicted]
            continue
        tables = {
            m: group_confusions(truth, p[inside], part["together"].tolist(), len(classes))
            for m, p in fit.predicted.items()
        }
        for model, table in tables.items():
            for metric, function in METRICS.items():
                if target is None or metric == "macro_f1":
                    records.append(_scored(base, model, metric, table, function, seed))
            if target is not None:
                continue
            if weights is None:
                reason = "no inclusion probabilities (column pi) for these codes"
                records.append(record(**base, model=model, metric="macro_f1_weighted", value=None, reason=reason))
            else:
                weighted = group_confusions(
                    truth, fit.predicted[model][inside], part["together"].tolist(), len(classes), weights
                )
                records.append(_scored(base, model, "macro_f1_weighted", weighted, macro_f1, seed))
            for metric, per_class in CLASS_METRICS.items():
                for i, c in enumerate(classes):
                    records.append(_scored(base, model, f"{metric}[{c}]", table, _one_class(per_class, i), seed))
        if RULE in tables:
            records.append(_difference(base, tables[SELECTED], tables[RULE], seed))
    return records


def score_probabilities(name: str, rows: pd.DataFrame, codes: Ints, fit: CrossFit, seed: int) -> list[dict[str, Any]]:
    """Records of each model: do its probabilities mean what they say? Brier score and calibration error, of all codes.

    Probabilities are those of the folds of whole groups, whatever the split of the scores.
    """
    inside = codes >= 0
    part, truth = rows.loc[inside], codes[inside]
    pi = part["pi"].to_numpy(dtype=np.float64)
    weights = None if np.isnan(pi).any() else 1.0 / pi
    base: dict[str, Any] = {"task": name, "target": None, "split": "group", "n": len(part), "seed": seed}
    together = part["together"].tolist()
    return [
        found
        for model, probability in fit.probability.items()
        for found in _reliability(base, model, probability[inside], truth, together, weights)
    ]


def compare_models(rows: pd.DataFrame, codes: Ints, fit: CrossFit, n_classes: int, seed: int) -> list[dict[str, Any]]:
    """Which models differ beyond chance on the coded rows? One dict a pair, see `stats.differences.PairedTest`."""
    coded = codes >= 0
    predicted = {m: p[coded] for m, p in fit.predicted.items()}
    tests = paired_tests(codes[coded], predicted, rows.loc[coded, "together"].tolist(), n_classes, seed=seed)
    return [{k: rounded(v) if isinstance(v, float) else v for k, v in asdict(test).items()} for test in tests]


def predictions_by_model(rows: pd.DataFrame, codes: Ints, fit: CrossFit, classes: list[str]) -> pd.DataFrame:
    """What did each model say of each scored row? One row a model and coded row, classes by name."""
    coded = codes >= 0
    kept = rows.loc[coded, ["passage_id", "article_id", "start", "end", "target", "together", "coded"]]
    named = np.array(classes, dtype=object)
    parts = [kept.assign(model=model, predicted=named[p[coded]]) for model, p in fit.predicted.items()]
    return pd.concat(parts, ignore_index=True)


def _reliability(
    base: dict[str, Any],
    model: str,
    probability: Array,
    truth: Ints,
    groups: list[str],
    weights: Array | None,
) -> list[dict[str, Any]]:
    """Brier score with its interval, calibration error, and the error that true probabilities would have.

    Weighted by 1/π where there are weights: the probabilities are calibrated to the frame, not to the sample.
    """
    weight = np.ones(len(truth)) if weights is None else weights
    _, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    sums = np.zeros((int(group.max()) + 1, 2))
    np.add.at(sums, group, np.column_stack([weight * brier_rows(probability, truth), weight]))
    interval = bootstrap_interval(sums, lambda s: s[:, 0] / s[:, 1], seed=base["seed"])
    value = float(sums[:, 0].sum() / sums[:, 1].sum())
    limits: dict[str, Any] = {"low": interval.low, "high": interval.high, "interval": interval.method}
    error = calibration_error(probability, truth, weights)
    by_chance = expected_error(probability, weights, seed=base["seed"])
    # Resampled rows have larger calibration errors than the rows themselves: their quantiles would be no interval.
    none: dict[str, Any] = {"interval": "compare ece with ece_if_calibrated; no spread"}
    return [
        record(**base, model=model, metric="brier", value=value, **limits),
        record(**base, model=model, metric="ece", value=error, **none),
        record(**base, model=model, metric="ece_if_calibrated", value=by_chance, **none),
    ]


_UNDEFINED = {"precision": "the class is never predicted here", "recall": "the class is not coded here"}


def _one_class(per_class: Callable[[Array], Array], i: int) -> Callable[[Array], Array]:
    return lambda confusion: per_class(confusion)[..., i]


def _scored(
    base: dict[str, Any], model: str, metric: str, table: Array, function: Callable[[Array], Array], seed: int
) -> dict[str, Any]:
    shape = table.shape[1:]
    interval = bootstrap_interval(
        table.reshape(len(table), -1), lambda sums: function(sums.reshape(-1, *shape)), seed=seed
    )
    value = float(function(table.sum(axis=0)))
    return record(
        **base,
        model=model,
        metric=metric,
        value=value,
        low=interval.low,
        high=interval.high,
        interval=interval.method,
        reason=None
        if np.isfinite(value)
        else _UNDEFINED.get(metric.split("[")[0], "the class is neither coded nor predicted here"),
    )


def _difference(base: dict[str, Any], ours: Array, rule: Array, seed: int) -> dict[str, Any]:
    def difference(tables: Array) -> Array:
        return macro_f1(tables[..., 0, :, :]) - macro_f1(tables[..., 1, :, :])

    both = np.stack([ours, rule], axis=1)
    return _scored(base, SELECTED, "macro_f1_minus_keyword_rules", both, difference, seed)
