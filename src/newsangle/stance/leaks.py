"""What does a model already know of the rows that it will be tested on? Asked before anything is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from newsangle.corpus.shingles import shingle_sets
from newsangle.errors import DataError
from newsangle.stats.splits import Fold, Split, shared_groups

WORDS = 8
_MOST_PAIRS = 5


@dataclass(frozen=True)
class SharedPair:
    """Two rows, one predicted and one learned from, and how many sequences of eight words they have in common."""

    test_id: str
    train_id: str
    shared: int


@dataclass(frozen=True)
class LeakReport:
    """What do training and test rows of a split have in common? Counts over all its folds.

    tested: rows predicted; shared_groups: groups on both sides (0, or the split leaks); shared_8grams: distinct
    sequences of eight words on both sides; tested_with_8gram: test rows that hold one; near_copies: test rows at
    least half of whose sequences stand in one training row; worst: the pairs that share most, each once;
    same_outlet: test rows whose outlet taught, too; same_days: test rows between the first and last day of their
    training rows.
    """

    split: str
    tested: int
    shared_groups: int
    shared_8grams: int
    tested_with_8gram: int
    near_copies: int
    worst: tuple[SharedPair, ...]
    same_outlet: int
    same_days: int


def refuse_shared_groups(split: Split, kinds: Mapping[str, Sequence[str]], place: str) -> None:
    """Raises DataError, in one line, if any group stands on both sides of a fold.

    `kinds`: the rows' groups by what they are called ("syndication group", "article"); `place`: whose split it is.
    """
    for kind, names in kinds.items():
        for fold in split.folds:
            both = shared_groups(fold, names)
            if both:
                more = f" and {len(both) - 1} more" if len(both) > 1 else ""
                raise DataError(
                    f"{place}: the {split.name} split leaks: {kind} {both[0]!r}{more} is both in training and in test "
                    f"of fold {fold.name}; nothing was trained, split whole groups"
                )


def leak_report(
    split: Split,
    ids: Sequence[str],
    texts: Sequence[str],
    groups: Sequence[str],
    outlets: Sequence[str | None],
    dates: npt.NDArray[np.datetime64],
    *,
    words: int = WORDS,
) -> LeakReport:
    """What do both sides of a split share: groups, sequences of eight words, outlets, days?

    Two rows with one id (a passage with two targets) may be on both sides only in `random`. Texts are compared case and
    punctuation aside. Nothing here is an error; `refuse_shared_groups` stops what is one.
    """
    counted = shingle_sets(texts, words)
    sets = counted.shared
    days = np.asarray(dates, dtype="datetime64[D]")
    place = np.array([o if isinstance(o, str) else "" for o in outlets], dtype=str)
    grams: set[int] = set()
    names: set[str] = set()
    pairs: list[tuple[int, int, int]] = []
    touched = copies = same_outlet = same_days = 0
    for fold in split.folds:
        names |= set(shared_groups(fold, groups))
        learned, asked = sets[np.flatnonzero(fold.train)], sets[np.flatnonzero(fold.test)]
        known = np.bincount(learned.indices, minlength=sets.shape[1]) > 0
        common = asked[:, known]
        grams |= set(np.flatnonzero(known)[np.unique(common.indices)].tolist())
        touched += int((np.diff(common.indptr) > 0).sum())
        found, near = _pairs(common, learned[:, known], counted.sizes[fold.test], fold)
        pairs += found
        copies += near
        taught = set(place[fold.train].tolist()) - {""}
        same_outlet += sum(o in taught for o in place[fold.test].tolist())
        same_days += _between(days[fold.test], days[fold.train])
    ordered = sorted(pairs, key=lambda p: (-p[0], ids[p[1]], ids[p[2]]))
    worst = list({frozenset(pair[1:]): pair for pair in reversed(ordered)}.values())[::-1][:_MOST_PAIRS]
    return LeakReport(
        split.name,
        int(split.tested(len(ids)).sum()),
        len(names),
        len(grams),
        touched,
        copies,
        tuple(SharedPair(ids[a], ids[b], n) for n, a, b in worst),
        same_outlet,
        same_days,
    )


def _pairs(
    asked: sparse.csr_array, learned: sparse.csr_array, sizes: npt.NDArray[np.int64], fold: Fold
) -> tuple[list[tuple[int, int, int]], int]:
    """The pairs of a fold that share most, and how many test rows have half or more of their sequences in one row."""
    product = (asked @ learned.T).tocoo()
    tests, trains = np.flatnonzero(fold.test), np.flatnonzero(fold.train)
    near = len(np.unique(product.row[2 * product.data >= sizes[product.row]]))
    order = np.lexsort((product.col, product.row, -product.data))[: 4 * _MOST_PAIRS]
    return [(int(product.data[i]), int(tests[product.row[i]]), int(trains[product.col[i]])) for i in order], near


def _between(asked: npt.NDArray[np.datetime64], learned: npt.NDArray[np.datetime64]) -> int:
    learned = learned[~np.isnat(learned)]
    if not len(learned):
        return 0
    return int(((asked >= learned.min()) & (asked <= learned.max())).sum())
