"""What does it take to apply a model in a year, without unpickling anything? Arrays and names."""

from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TARGET_INDICATOR, TaskText
from newsangle.stance.crossfit import FinalModel
from newsangle.stance.linear import STORED


def model_arrays(model: FinalModel, text: TaskText) -> tuple[dict[str, npt.NDArray[Any]], dict[str, list[str]]]:
    """The numbers of a fitted model, and the terms of each n-gram block; `newsangle.stance.apply` reads them.

    Arrays: `idf_<block>`; `block_weights`, one a block in the order of the terms; the calibration (`calibration_scale`,
    `_slope`, `_intercept`); the `classes` seen in training. Every trained model, averages and LSA included, is then one
    sum: `coef` (classes seen × columns), `intercept` (classes seen). Where it reads LSA: `lsa_directions` (words × k),
    by which the word block's part of a row is multiplied and then brought to length 1, and `lsa_coef` (classes seen ×
    k). Where it weighs by target: `coef_by_target` (targets × classes seen × columns), `lsa_coef_by_target`, to be
    added on that target's rows. Where it reads topic shares: `topics_coef` (classes seen × topics). `log_normalised` is
    there for naive Bayes: take log Σ exp off each row's scores. The majority has `log_share` instead; keyword rules
    live in the config and need no arrays.
    Columns: the blocks in order ((1 + ln tf)·idf, rows of a block of length 1, times its weight), then, for tasks on
    targets, one column a target that is `target_indicator` on its rows.
    """
    arrays: dict[str, npt.NDArray[Any]] = {
        "calibration_scale": np.array([model.calibration.scale]),
        "calibration_slope": model.calibration.slope,
        "calibration_intercept": model.calibration.intercept,
        "classes": np.asarray(model.estimator.classes_, dtype=np.int64),
        "block_weights": np.array([block.weight for block in text.blocks]),
    }
    if text.targets is not None:
        arrays["target_indicator"] = np.array([TARGET_INDICATOR])
    terms = {}
    for block, learned in zip(text.blocks, model.design.weights, strict=True):
        arrays[f"idf_{block.name}"] = learned.idf
        terms[block.name] = [str(term) for term in block.counts.terms[learned.columns]]
    if hasattr(model.estimator, "log_share_"):
        arrays["log_share"] = np.asarray(model.estimator.log_share_, dtype=np.float64)
    linear = model.linear
    if linear is not None:
        weights = {name: getattr(linear, field) for field, name in STORED.items()}
        arrays |= {name: array for name, array in weights.items() if array is not None}
        if linear.directions is not None:
            arrays["lsa_directions"] = linear.directions.astype(np.float32)  # exact: they are no finer
        if linear.log_normalised:
            arrays["log_normalised"] = np.array([1])
    return arrays, terms
