"""What does it take to apply a model in a year, without unpickling anything? Arrays and names."""

from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TARGET_INDICATOR, TaskText
from newsangle.stance.crossfit import FinalModel


def model_arrays(model: FinalModel, text: TaskText) -> tuple[dict[str, npt.NDArray[Any]], dict[str, list[str]]]:
    """The numbers of a fitted model, and the terms of each n-gram block.

    Arrays: `idf_<block>`; `block_weights`, one a block in the order of the terms; the calibration (`calibration_scale`,
    `_slope`, `_intercept`); the `classes` seen in training; for linear models `coef` and `intercept`, for naive Bayes
    `feature_log_prob` (columns: the word block alone), for the majority `log_share`. Columns of `coef`: the blocks in
    order ((1 + ln tf)·idf, rows of a block of length 1, times its weight), then, for tasks on targets, one column a
    target that is `target_indicator` on its rows. With two classes `coef` has one row, the score
    of the second class; the first's is its negative. Keyword rules live in the config and need no arrays of their own.
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
    learned_names = {"coef_": "coef", "intercept_": "intercept", "feature_log_prob_": "feature_log_prob"}
    for attribute, name in (learned_names | {"log_share_": "log_share"}).items():
        if hasattr(model.estimator, attribute):
            arrays[name] = np.asarray(getattr(model.estimator, attribute), dtype=np.float64)
    return arrays, terms
