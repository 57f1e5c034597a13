"""Which topics separate outlets, periods or frames? Differences of mean shares, tested over whole stories."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from newsangle.coverage.contrast import Contrast
from newsangle.coverage.sides import draw_groups, take_sides, welch_df
from newsangle.stats.multiple import benjamini_hochberg
from newsangle.stats.tails import draw_lots, randomisation_z, student_z, two_sided_p

Floats = npt.NDArray[np.float64]


def contrast_topics(
    shares: Floats,
    topics: Sequence[str],
    sides: Sequence[str | None],
    groups: Sequence[str],
    *,
    compare: Sequence[str] | None = None,
    min_side_groups: int = 10,
    n_draws: int = 1000,
    seed: int = 0,
) -> Contrast:
    """To which topics does each side give more room than the other, or than all others, and is that more than chance?

    `shares` (documents × topics, 0 … 1; rows with NaN are left out). The other arguments, z, p and q are those of
    `newsangle.coverage.contrast.contrast`, the difference taking the place of the log-odds.

    Columns of `.table`: topic; side, against; difference (share on `side` − share against, −1 … 1) with low and high
    (95 %); z, p, q; share, share_against (means over documents); n_groups (of both sides together).

    Topic shares sum to 1: where one side gives more room to a topic, it must give less to others. Raises ValueError for
    inputs of unequal length or sides that can't be compared (see `take_sides`).
    """
    values = np.asarray(shares, dtype=np.float64)
    if values.shape != (len(sides), len(topics)):
        raise ValueError(f"shares are {values.shape}: give {len(sides)} sides × {len(topics)} topics")
    unknown = set(np.flatnonzero(np.isnan(values).any(axis=1)).tolist())
    kept_sides = [None if i in unknown else side for i, side in enumerate(sides)]
    setup = take_sides(kept_sides, groups, compare, min_side_groups)
    # Documents of a group are added in an order of their own values: the order of the input changes no last digit.
    kept = values[setup.rows]
    order = np.lexsort((*kept.T[::-1], setup.side, setup.group))
    kept, side_of, group_of = kept[order], setup.side[order], setup.group[order]
    drawn = sp.csr_matrix(draw_groups(setup.n_groups, n_draws, seed).T)
    parts = []
    for side, against in setup.pairs:
        ours, theirs = (_sums(kept[own], group_of[own], setup.n_groups) for own in (side_of == side, side_of != side))
        mean, mean_against = (s[:, 1:].sum(axis=0) / s[:, 0].sum() for s in (ours, theirs))
        difference = mean - mean_against
        with np.errstate(divide="ignore", invalid="ignore"):
            ours_drawn, theirs_drawn = drawn @ ours, drawn @ theirs
            near, far = (d[:, 1:] / d[:, :1] for d in (ours_drawn, theirs_drawn))
        filled = np.isfinite(near).all(axis=1) & np.isfinite(far).all(axis=1)
        near, far = near[filled], far[filled]
        n, n_others = (int((s[:, 0] > 0).sum()) for s in (ours, theirs))
        small = min(n, n_others)
        error = np.sqrt((near - far).var(axis=0, ddof=1) * small / (small - 1))
        df = welch_df(near.var(axis=0), far.var(axis=0), np.full(len(topics), n), np.full(len(topics), n_others))
        with np.errstate(divide="ignore", invalid="ignore"):
            z = student_z(np.where(difference == 0, 0.0, difference / error), df)
        z = np.copysign(np.minimum(np.abs(z), np.abs(_lot(ours, theirs))), difference)
        half = 1.959964 * np.maximum(error, np.abs(difference) / np.maximum(np.abs(z), 1.0))
        part = pd.DataFrame(
            {
                "topic": list(topics),
                "side": setup.names[side],
                "against": setup.opponent(against),
                "difference": difference,
                "low": difference - half,
                "high": difference + half,
                "z": z,
                "p": two_sided_p(z),
                "q": np.nan,
                "share": mean,
                "share_against": mean_against,
                "n_groups": setup.n_groups,
            }
        )
        parts.append(part.sort_values(["z", "topic"], ascending=[False, True], kind="stable"))
    table = pd.concat(parts, ignore_index=True)
    table["q"] = benjamini_hochberg(table["p"].to_numpy())
    method = (
        f"the smaller of: difference over its error, bootstrap over {setup.n_groups} syndication groups, {n_draws} "
        "draws, t tails; randomisation of groups over sides, saddlepoint"
    )
    return Contrast(table, setup.names, setup.groups_of, setup.left_out, len(table), method)


def _sums(values: Floats, group: npt.NDArray[np.int64], n_groups: int) -> Floats:
    """Documents and sums of shares of each group: groups × (1 + topics)."""
    sums = np.zeros((n_groups, values.shape[1] + 1))
    np.add.at(sums, group, np.column_stack([np.ones(len(values)), values]))
    return sums


def _lot(ours: Floats, theirs: Floats) -> Floats:
    """z of each topic if each group had fallen on the side by lot, with the side's part of the documents as chance."""
    both = ours + theirs
    size, n_topics = both[:, 0], both.shape[1] - 1
    rate = both[:, 1:].sum(axis=0) / size.sum()
    residuals = both[:, 1:] - size[:, None] * rate
    observed = (ours[:, 1:] - ours[:, :1] * rate).sum(axis=0)
    lots = draw_lots(ours[:, 0] / size, size, size.astype(np.int64))
    return randomisation_z(
        np.ascontiguousarray(residuals.T).ravel(),
        np.tile(lots.kind, n_topics),
        np.arange(n_topics + 1, dtype=np.int64) * len(size),
        observed,
        lots,
        rest_sum=np.zeros(n_topics),
        rest_variance=np.zeros(n_topics),
        step=0.0,
    )
