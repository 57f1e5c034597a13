"""Who is compared with whom? Documents on sides, in syndication groups, and draws of these groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sides:
    """The documents that are compared.

    rows: which documents lie on a side. side (rows): number of the side in `names`. group (rows): number of the
    syndication group. n_groups: how many groups. groups_of: groups with a document on each side. pairs: (side,
    opponent) as printed, `None` for all others together; only sides with enough groups. left_out: side = reason.
    """

    names: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    side: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    n_groups: int
    groups_of: tuple[int, ...]
    pairs: tuple[tuple[int, int | None], ...]
    left_out: dict[str, str]

    def opponent(self, against: int | None) -> str:
        """How is the other side of a pair called?"""
        return "all others" if against is None else self.names[against]

    def total(self, rows: sp.csr_matrix, side: int | None = None) -> sp.csr_matrix:
        """Sum the documents of each group (groups × columns), of one side or of all. Sums of counts are exact."""
        inside = np.arange(len(self.rows)) if side is None else np.flatnonzero(self.side == side)
        shape = (self.n_groups, len(inside))
        member = sp.csr_matrix((np.ones(len(inside)), (self.group[inside], np.arange(len(inside)))), shape=shape)
        return sp.csr_matrix(member @ rows[inside])


def take_sides(
    sides: Sequence[str | None],
    groups: Sequence[str],
    compare: Sequence[str] | None,
    min_side_groups: int,
) -> Sides:
    """Which documents lie on which side, and which sides can be compared?

    `compare`: the sides, in the order of the result (default: all, sorted); documents on none of them, or on `None`,
    are left out. Two sides are compared with each other, more each with all others. A side with fewer than
    `min_side_groups` groups has no rows of its own, but stays among the others. Raises ValueError for fewer than two
    sides that can be compared, a side that no document lies on, one that is named twice, or `min_side_groups` < 2.
    """
    if len(sides) != len(groups):
        raise ValueError(f"{len(sides)} sides for {len(groups)} groups: give one of each a document")
    if min_side_groups < 2:
        raise ValueError(f"min_side_groups = {min_side_groups}: one story tells nothing of others; use at least 2")
    known = sorted({s for s in sides if s is not None})
    names = list(known if compare is None else compare)
    if len(set(names)) < len(names):
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} is named twice; name each side once")
    absent = [name for name in names if name not in known]
    if absent:
        raise ValueError(f"no document lies on side {absent[0]!r}; there are {', '.join(known) or 'none'}")
    if len(names) < 2:
        lie = f"documents lie on one side only, {names[0]}" if names else "no document lies on any side"
        raise ValueError(f"{lie}; two are needed")
    number = {name: i for i, name in enumerate(names)}
    of_all = np.array([number.get(s, -1) if s is not None else -1 for s in sides], dtype=np.int64)
    rows = np.flatnonzero(of_all >= 0)
    side = of_all[rows]
    _, group = np.unique(np.asarray(groups, dtype=str)[rows], return_inverse=True)
    group = group.astype(np.int64)
    groups_of = tuple(len(np.unique(group[side == i])) for i in range(len(names)))
    left_out = {
        name: f"only {n} syndication groups, {min_side_groups} are needed"
        for name, n in zip(names, groups_of, strict=True)
        if n < min_side_groups
    }
    able = [i for i, name in enumerate(names) if name not in left_out]
    pairs: list[tuple[int, int | None]] = [(0, 1)] if len(names) == 2 else [(i, None) for i in able]
    n_groups = int(group.max()) + 1
    if not able or (len(names) == 2 and left_out):
        told = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise ValueError(f"too few stories to compare ({told})")
    return Sides(tuple(names), rows, side, group, n_groups, groups_of, tuple(pairs), left_out)


def draw_groups(n_groups: int, n_draws: int, seed: int) -> Floats:
    """How often is each group in each bootstrap sample of as many groups? Shape (groups, draws), whole numbers."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n_groups, size=(n_draws, n_groups))
    flat = (drawn + np.arange(n_draws)[:, None] * n_groups).ravel()
    counts = np.bincount(flat, minlength=n_draws * n_groups).reshape(n_draws, n_groups)
    return np.ascontiguousarray(counts.T, dtype=np.float64)


def welch_df(va: Floats, vb: Floats, na: Floats, nb: Floats) -> Floats:
    """How many degrees of freedom has the difference of two independent parts? (Welch 1947; Satterthwaite 1946)

    va, vb: variances of the parts; na, nb: how many groups, in effect, each comes from. At least 1.
    """
    parts = va**2 / np.maximum(na - 1, 1) + vb**2 / np.maximum(nb - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = (va + vb) ** 2 / parts
    return np.asarray(np.where(np.isfinite(df), np.maximum(df, 1.0), 1.0))
