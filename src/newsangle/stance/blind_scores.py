"""What do models say about rows whose folds they never saw? Scores of every setting that is tried, fold by fold.

For each set of folds left out, terms, document frequencies, LSA, topics and classifiers are learned from the other
folds alone. One fold left out gives the scores that are reported. Two left out give the inner scores: the model without
folds j and k predicts both, so that within "everything but fold k" each fold j has been predicted blind. What a model
says depends on no other model: models may be scored one by one, or all at once with what they read in common.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from newsangle.errors import DataError
from newsangle.features.design import TaskText
from newsangle.stance.fit import Scored, Variant, fit_and_score
from newsangle.stance.readings import Sources, View
from newsangle.stats.splits import Split

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LeftOut = tuple[int, ...]
_INNER = 3


@dataclass(frozen=True)
class Dealt:
    """Rows dealt to folds: `codes` (class numbers, −1 where not coded), `lessons` (the codes, and those that are only
    learned from), `folds` (0 … n−1, whole groups), `n_classes`."""

    codes: Ints
    lessons: Ints
    folds: Ints
    n_classes: int

    @property
    def n_folds(self) -> int:
        """How many folds are there?"""
        return int(self.folds.max()) + 1

    def seen(self, left_out: LeftOut) -> npt.NDArray[np.bool_]:
        """Which rows are in sight when these folds are left out?"""
        return ~np.isin(self.folds, left_out)

    def wanted(self, left_out: LeftOut) -> list[Ints]:
        """The rows to score, by fold: all rows of one fold left out, the coded rows of each of two."""
        everybody = len(left_out) == 1
        return [np.flatnonzero((self.folds == k) & (everybody | (self.codes >= 0))) for k in left_out]

    def views(self, outer: Iterable[int]) -> list[LeftOut]:
        """Which folds are left out, one by one and by twos, to predict each of the `outer` folds?"""
        chosen = set(outer)
        pairs = combinations(range(self.n_folds), 2)
        return [*((k,) for k in sorted(chosen)), *(pair for pair in pairs if chosen & set(pair))]


@dataclass(frozen=True)
class Step:
    """One fold to predict: its rows (`test`), and the coded rows that models for it are chosen on (`known`)."""

    test: Ints
    known: Ints


@dataclass(frozen=True)
class BlindScores:
    """What the variants of one model say in one step.

    once (variants × test rows × classes): by the model that missed the fold. twice (variants × known rows × classes):
    by the model that missed the fold and the row's own. A class not seen in training is NaN. `once_scale`,
    `twice_scale` (variants × rows): the spread of the centred scores of that model's training rows.
    """

    once: Array
    once_scale: Array
    twice: Array
    twice_scale: Array


def deal(codes: Ints, folds: Ints, n_classes: int, taught: Ints | None = None) -> Dealt:
    """Rows with what they teach: their codes, elsewhere `taught` (class numbers, −1 for nothing).

    Raises ValueError for fewer than three folds with codes (two are left out at a time).
    """
    n_folds = int(folds.max()) + 1
    with_codes = len(np.unique(folds[codes >= 0]))
    if with_codes < 3:
        raise ValueError(f"{with_codes} of {n_folds} folds hold codes; at least 3 must, as two are left out at a time")
    return Dealt(codes, codes if taught is None else np.where(codes >= 0, codes, taught), folds, n_classes)


def deal_split(split: Split, codes: Ints, folds: Ints, n_classes: int, taught: Ints | None = None) -> list[Dealt]:
    """For each fold of a split, its training rows dealt to three inner folds, and all others to a last one.

    Raises DataError where the training rows of a fold have codes in fewer than three parts.
    """
    dealt = []
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
        dealt.append(deal(seen, inner, n_classes, None if taught is None else np.where(fold.train, taught, -1)))
    return dealt


def fold_step(dealt: Dealt, k: int) -> Step:
    """The step of cross-validation that predicts fold k from all others."""
    return Step(np.flatnonzero(dealt.folds == k), np.flatnonzero((dealt.folds != k) & (dealt.codes >= 0)))


def fold_steps(dealt: Dealt) -> list[Step]:
    """The steps of cross-validation, one a fold."""
    return [fold_step(dealt, k) for k in range(dealt.n_folds)]


def split_steps(split: Split, dealt: Sequence[Dealt]) -> list[Step]:
    """The steps of a split, dealt by `deal_split`."""
    return [
        Step(np.flatnonzero(fold.test), np.flatnonzero(one.codes >= 0))
        for fold, one in zip(split.folds, dealt, strict=True)
    ]


def split_views(dealt: Dealt) -> list[LeftOut]:
    """Which inner folds are left out to predict one fold of a split, dealt by `deal_split`?"""
    return dealt.views([_INNER])


def lsa_rows(text: TaskText, dealt: Dealt, left_out: LeftOut) -> Array:
    """LSA coordinates of the rows that models without these folds read: those with lessons in sight, then those to
    score. Learned from all rows in sight; `score_folds` takes them by the folds left out."""
    seen = dealt.seen(left_out)
    train = np.flatnonzero(seen & (dealt.lessons >= 0))
    with threadpool_limits(limits=1):  # more threads would move the last digits
        return np.asarray(View(Sources(text), seen, train, np.concatenate(dealt.wanted(left_out))).part("lsa"))


def score_folds(
    sources: Sources,
    dealt: Dealt,
    tried: Mapping[str, Sequence[Variant]],
    seed: int,
    *,
    lsa: Mapping[LeftOut, Array] | None = None,
) -> dict[str, list[BlindScores]]:
    """Scores by model for each of `fold_steps`. `tried`: the variants of each; `lsa`: from `lsa_rows`, if learned."""
    return _score(sources, dealt, range(dealt.n_folds), tried, seed, lsa or {})


def score_split(
    sources: Sources,
    split: Split,
    dealt: Sequence[Dealt],
    tried: Mapping[str, Sequence[Variant]],
    seed: int,
    *,
    lsa: Sequence[Mapping[LeftOut, Array]] | None = None,
) -> dict[str, list[BlindScores]]:
    """Scores by model for each of `split_steps`."""
    found: dict[str, list[BlindScores]] = {m: [] for m in tried}
    for i, (fold, one) in enumerate(zip(split.folds, dealt, strict=True)):
        wanted = fold.test[one.folds == _INNER]  # rows left out are scored beside those to predict, and dropped
        for m, [scores] in _score(sources, one, [_INNER], tried, seed, lsa[i] if lsa else {}).items():
            kept = BlindScores(scores.once[:, wanted], scores.once_scale[:, wanted], scores.twice, scores.twice_scale)
            found[m].append(kept)
    return found


def _score(
    sources: Sources,
    dealt: Dealt,
    outer: Sequence[int],
    tried: Mapping[str, Sequence[Variant]],
    seed: int,
    lsa: Mapping[LeftOut, Array],
) -> dict[str, list[BlindScores]]:
    every = [variant for variants in tried.values() for variant in variants]
    with threadpool_limits(limits=1):  # more threads would move the last digits
        scored = {
            left: fit_and_score(
                sources, dealt.lessons, dealt.seen(left), dealt.wanted(left), every, seed, lsa=lsa.get(left)
            )
            for left in dealt.views(outer)
        }
    return {m: [_collected(dealt, k, scored, variants) for k in outer] for m, variants in tried.items()}


def _collected(
    dealt: Dealt, k: int, scored: Mapping[LeftOut, Mapping[Variant, Scored]], variants: Sequence[Variant]
) -> BlindScores:
    """The scores of one fold's step, rows in order."""
    step, n = fold_step(dealt, k), len(variants)
    place = np.full(len(dealt.codes), -1, dtype=np.int64)
    place[step.known] = np.arange(len(step.known))
    once, once_scale = np.full((n, len(step.test), dealt.n_classes), np.nan), np.ones((n, len(step.test)))
    twice, twice_scale = np.full((n, len(step.known), dealt.n_classes), np.nan), np.ones((n, len(step.known)))
    for i, variant in enumerate(variants):
        alone = scored[k,][variant]
        once[i][:, alone.classes], once_scale[i] = alone.parts[0], alone.scale
        for j in range(dealt.n_folds):
            if j != k:
                pair = scored[min(j, k), max(j, k)][variant]
                rows = place[np.flatnonzero((dealt.folds == j) & (dealt.codes >= 0))]
                twice[i][np.ix_(rows, pair.classes)] = pair.parts[0 if j < k else 1]
                twice_scale[i, rows] = pair.scale
    return BlindScores(once, once_scale, twice, twice_scale)
