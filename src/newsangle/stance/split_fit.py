"""What does each model, and the one chosen among them, say about rows left out by outlet or by period?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.errors import DataError
from newsangle.features.design import TaskText
from newsangle.stance.crossfit import SELECTED, Metric, cross_fit
from newsangle.stats.classification import macro_f1
from newsangle.stats.splits import Split

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_INNER = 3


def split_fit(
    text: TaskText,
    codes: Ints,
    split: Split,
    folds: Ints,
    *,
    n_classes: int,
    models: Sequence[str],
    rule_scores: Array | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    taught: Ints | None = None,
    seed: int = 0,
    metric: Metric = macro_f1,
) -> dict[str, Ints]:
    """Class numbers by model, `selected` among them; −1 where no fold of the split predicts the row.

    For each fold the choice is made within its training rows, by cross-validation over three parts of the group
    `folds` (0 … n−1). Rows that the fold leaves out are neither learned from nor seen. `taught`, `metric`: as for
    `cross_fit`. Raises DataError where the training rows of a fold have codes in fewer than three parts.
    """
    predicted = {m: np.full(len(codes), -1, dtype=np.int64) for m in [*models, SELECTED]}
    for fold in split.folds:
        # Left-out rows share the last fold with those to predict: no code, no word of theirs reaches a model.
        inner = np.where(fold.train, folds % _INNER, _INNER)
        seen = np.where(fold.train, codes, -1)
        if len(np.unique(inner[seen >= 0])) < _INNER:
            n = int((seen >= 0).sum())
            raise DataError(
                f"the {split.name} split has only {n} codes to predict {fold.name} from, too few to choose a model; "
                "use split = group, or code more"
            )
        fit = cross_fit(
            text,
            seen,
            inner,
            n_classes=n_classes,
            models=models,
            rule_scores=rule_scores,
            options=options,
            taught=None if taught is None else np.where(fold.train, taught, -1),
            seed=seed,
            metric=metric,
        )
        for model, numbers in predicted.items():
            numbers[fold.test] = fit.predicted[model][fold.test]
    return predicted
