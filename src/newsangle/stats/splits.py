"""Which rows may a model learn from, and which does it predict? Four ways to split, as data.

A split is a list of folds, each a mask of the rows in sight and a mask of the rows to predict. `group` is the honest
default for more stories like these; `outlet` asks about an outlet never seen, `time` about next week. `random` lets
copies of one story, and passages of one article, stand on both sides: it only shows how optimistic that is.
Except in `random`, no group is ever on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from newsangle.stats.folds import merge_groups

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
SplitName = Literal["random", "group", "outlet", "time"]


@dataclass(frozen=True)
class Fold:
    """One step of a split: its name, the rows in sight (`train`) and the rows to predict (`test`), as masks."""

    name: str
    train: Bools
    test: Bools


@dataclass(frozen=True)
class Split:
    """A split by name: its folds, none where it isn't possible, and then the `reason`.

    Every row is tested at most once; rows in neither mask of a fold are left out of it.
    """

    name: SplitName
    folds: tuple[Fold, ...]
    reason: str | None = None

    def tested(self, n: int) -> Bools:
        """Which of the `n` rows does some fold predict? All False where there are no folds."""
        out = np.zeros(n, dtype=np.bool_)
        for fold in self.folds:
            out |= fold.test
        return out

    def of_rows(self, rows: Bools) -> "Split":
        """The same split on some of its rows, in their order; folds without rows to learn from or to predict go."""
        parts = [Fold(f.name, f.train[rows], f.test[rows]) for f in self.folds]
        return Split(self.name, tuple(f for f in parts if f.train.any() and f.test.any()), self.reason)


def split_of_folds(numbers: Ints, name: SplitName = "group") -> Split:
    """The split where each fold number is predicted from all the others, as `group_folds` deals them."""
    values = np.unique(numbers).tolist()
    return Split(name, tuple(Fold(str(k), numbers != k, numbers == k) for k in values))


def random_split(n: int, *, n_folds: int = 5, seed: int = 0) -> Split:
    """Rows dealt at random, whatever belongs together. Never a result: it only shows how optimistic it is.

    Raises ValueError for fewer than two folds or fewer rows than folds.
    """
    if n_folds < 2 or n < n_folds:
        raise ValueError(f"{n} rows can't fill {n_folds} folds; at least 2 folds, a row each")
    return split_of_folds(np.random.default_rng([seed, n_folds]).permutation(n) % n_folds, "random")


def outlet_split(outlets: Sequence[str | None], groups: Sequence[str] | Ints) -> Split:
    """Each outlet predicted by a model that read none of its rows, nor any copy of its stories elsewhere.

    Rows of groups that the held-out outlet shares with others are left out of training. Rows without an outlet (None)
    are used in no fold: they could be the held-out outlet's.
    """
    names, group = _as_text(outlets), merge_groups([str(g) for g in groups])
    _same_length(len(names), len(group))
    known = names != ""
    listed = sorted(set(names[known].tolist()))
    if len(listed) < 2:
        told = f"only one outlet ({listed[0]})" if listed else "no row has an outlet"
        return Split("outlet", (), f"not possible: {told}, so none can be left out")
    folds = [Fold(name, known & ~_of_groups(group, names == name), names == name) for name in listed]
    return Split("outlet", tuple(folds))


def time_split(
    dates: Sequence[object] | npt.NDArray[np.datetime64],
    groups: Sequence[str] | Ints,
    *,
    gap_days: int = 7,
    n_folds: int = 5,
    counted: Bools | None = None,
) -> Split:
    """Each period predicted by a model that read only what came before it, with `gap_days` whole days in between.

    The first period to be predicted starts when, with the gap, 1/`n_folds` of the `counted` rows (default: all; hand in
    the coded ones) lie before it; what follows is cut at day borders into `n_folds` − 1 periods with about as many
    counted rows each. Rows of a group that the period holds are left out of training, whenever they appeared. Rows
    without a date (NaT) are used in no fold.
    With gap_days = 7 a period that starts on the 20th is predicted from rows of the 12th and earlier.
    Raises ValueError for a negative gap or fewer than two folds.
    """
    if gap_days < 0 or n_folds < 2:
        raise ValueError(f"gap_days = {gap_days}, n_folds = {n_folds}: use a gap of 0 or more and at least 2 folds")
    day = np.asarray(dates, dtype="datetime64[D]")
    group = merge_groups([str(g) for g in groups])
    _same_length(len(day), len(group))
    known = ~np.isnat(day)
    number = np.where(known, day.astype(np.int64), 0)
    weighed = known if counted is None else known & counted
    if not weighed.any():
        return Split("time", (), "not possible: no row has a date")
    folds = []
    starts = _period_starts(number[weighed], gap_days, n_folds)
    for i, start in enumerate(starts):
        test = known & (number >= start)
        if i + 1 < len(starts):
            test &= number < starts[i + 1]
        train = known & (number < start - gap_days) & ~_of_groups(group, test)
        if (train & weighed).any() and (test & weighed).any():
            folds.append(Fold(str(np.datetime64(start, "D")), train, test))
    if not folds:
        return Split("time", (), f"not possible: too few days to keep {gap_days} between training and test")
    return Split("time", tuple(folds))


def shared_groups(fold: Fold, groups: Sequence[str] | npt.NDArray[np.str_]) -> list[str]:
    """Which groups stand on both sides of a fold? Their names, sorted; empty where nothing leaks."""
    names = np.asarray(groups, dtype=str)
    return sorted(set(names[fold.train].tolist()) & set(names[fold.test].tolist()))


def _period_starts(days: Ints, gap_days: int, n_folds: int) -> list[int]:
    """First days of the periods to be predicted; a day is never cut, so there can be fewer than asked for, or none."""
    ordered = np.sort(days)
    first = int(ordered[(len(ordered) - 1) // n_folds]) + gap_days + 1
    later = ordered[ordered >= first]
    if not len(later):
        return []
    n = n_folds - 1
    return sorted({first, *(int(later[len(later) * k // n]) for k in range(1, n))})


def _of_groups(group: Ints, rows: Bools) -> Bools:
    return np.isin(group, group[rows])


def _as_text(values: Sequence[str | None]) -> npt.NDArray[np.str_]:
    return np.array([v if isinstance(v, str) else "" for v in values], dtype=str)


def _same_length(a: int, b: int) -> None:
    if a != b:
        raise ValueError(f"{a} rows have {b} groups; give one a row")
