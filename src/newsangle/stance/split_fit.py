"""What does each model, and the one chosen among them, say about rows left out by outlet or by period?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsangle.features.design import TaskText
from newsangle.stance.blind_scores import Step, deal_split, score_split, split_steps
from newsangle.stance.crossfit import SELECTED
from newsangle.stance.fit import base_models, variants_of
from newsangle.stance.model_fit import Member, Metric, StepFit, best_model, fit_step
from newsangle.stance.readings import Sources
from newsangle.stats.classification import macro_f1
from newsangle.stats.splits import Split

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    dealt = deal_split(split, codes, folds, n_classes, taught)
    sources = Sources(text, rule_scores)
    tried = {m: variants_of(m, options or {}) for m in base_models(models)}
    scores = score_split(sources, split, dealt, tried, seed)
    members = {m: Member(variants, scores[m]) for m, variants in tried.items()}
    steps = split_steps(split, dealt)
    fits = {m: [fit_step(m, members, step, i, codes, metric) for i, step in enumerate(steps)] for m in models}
    return combine_split({m: told_in_split(fits[m], steps, len(codes)) for m in models}, steps)


@dataclass(frozen=True)
class SplitFit:
    """One model in a split: of every row its class number, −1 where no fold predicts it; by fold the metric of the
    inner scores."""

    predicted: Ints
    inner: tuple[float, ...]


def told_in_split(fits: Sequence[StepFit], steps: Sequence[Step], n: int) -> SplitFit:
    """What one model says of `n` rows, from what it says in each step."""
    predicted = np.full(n, -1, dtype=np.int64)
    for fit, step in zip(fits, steps, strict=True):
        predicted[step.test] = fit.scores.argmax(axis=1)
    return SplitFit(predicted, tuple(fit.inner for fit in fits))


def combine_split(fits: Mapping[str, SplitFit], steps: Sequence[Step]) -> dict[str, Ints]:
    """Class numbers by model, and of the model chosen for each fold of the split."""
    models = list(fits)
    predicted = {m: fits[m].predicted for m in models}
    selected = np.full(len(next(iter(predicted.values()))), -1, dtype=np.int64)
    for i, step in enumerate(steps):
        best = best_model(models, {m: fits[m].inner[i] for m in models})
        selected[step.test] = predicted[best][step.test]
    return predicted | {SELECTED: selected}
