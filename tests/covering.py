"""Which combinations of settings are tried? All pairs of values, then as many triples as there is room for."""

import itertools
from collections.abc import Mapping, Sequence

Row = dict[str, str]


def covering_rows(axes: Mapping[str, Sequence[str]], *, at_least: int) -> list[Row]:
    """Rows, one value an axis: first every pair of values of two axes is in some row, then triples.

    Greedy: each row starts from a combination that is missing and takes, axis by axis, the value that covers most of
    what is missing; of equals the one that was used least, and of those the first: the same rows each time.
    """
    pairs, triples = _combinations(axes, 2), _combinations(axes, 3)
    used = {(axis, value): 0 for axis, values in axes.items() for value in values}
    place = {pair: number for number, pair in enumerate(used)}
    rows: list[Row] = []
    while pairs or (triples and len(rows) < at_least):
        row = dict(min(pairs or triples, key=lambda c: (sum(used[p] for p in c), sorted(place[p] for p in c))))
        for axis in axes:
            if axis not in row:
                tried = {value: row | {axis: value} for value in axes[axis]}
                gain = {v: (_new(new, pairs), _new(new, triples), -used[axis, v]) for v, new in tried.items()}
                row[axis] = max(gain, key=lambda value: gain[value])
        rows.append({axis: row[axis] for axis in axes})
        for pair in row.items():
            used[pair] += 1
        pairs -= _covered(row, 2)
        triples -= _covered(row, 3)
    return rows


def _combinations(axes: Mapping[str, Sequence[str]], size: int) -> set[frozenset[tuple[str, str]]]:
    return {
        frozenset(zip(names, values, strict=True))
        for names in itertools.combinations(axes, size)
        for values in itertools.product(*(axes[name] for name in names))
    }


def _covered(row: Row, size: int) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(c) for c in itertools.combinations(row.items(), size)}


def _new(row: Row, missing: set[frozenset[tuple[str, str]]]) -> int:
    """How many missing combinations would this row cover?"""
    return len(_covered(row, len(next(iter(missing)))) & missing) if missing else 0
