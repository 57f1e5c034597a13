"""How much of the coverage has each class, as the classifier sees it? Predicted shares: not yet corrected.

Predicted shares are biased by the classifier's own errors, whatever the interval says: the interval here covers which
stories happened to be published (bootstrap over syndication groups), not the errors. Say so beside every number.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.stats.bootstrap import Interval, bootstrap_interval

UNCORRECTED = "predicted, uncorrected"


def week_of(dates: pd.Series) -> pd.Series:
    """Which week does each date lie in? The week's Monday (ISO 8601), NaT for no date."""
    days = pd.to_datetime(dates).dt.normalize()
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D")


def predicted_shares(
    membership: npt.NDArray[np.float64],
    groups: Sequence[str],
    classes: Sequence[str],
    by: pd.Series | None = None,
    *,
    weights: npt.NDArray[np.float64] | None = None,
    seed: int = 0,
    n_draws: int = 1000,
) -> pd.DataFrame:
    """Which share of the rows has each class, in each cell of `by` (one cell "all" without it)?

    `membership` (rows × classes, rows sum to 1): calibrated probabilities, whose mean is less biased than a count of
    the likeliest classes (Bella et al. 2010), or 0 and 1 for rules and codes. `weights`: what each row counts (1/π for
    coded rows of a sample; default 1). Returns key, frame, share (0 … 1), low, high (95 %, see `_interval`),
    n (rows), method; cells in sorted order, classes in the order given; rows whose `by` is missing are left out.
    """
    key = pd.Series(["all"] * len(membership) if by is None else list(by))
    weight = np.ones(len(membership)) if weights is None else weights
    group_names = np.asarray(groups, dtype=str)
    records = []
    for name, rows in key.groupby(key, sort=True).groups.items():
        inside = rows.to_numpy()
        _, group = np.unique(group_names[inside], return_inverse=True)
        sums = np.zeros((group.max() + 1, len(classes) + 1))
        columns = np.column_stack([membership[inside], np.ones(len(inside))]) * weight[inside, None]
        np.add.at(sums, group, columns)
        total = sums.sum(axis=0)  # all columns added in the same order: a class that every row has gets exactly 1
        share = total[:-1] / total[-1]
        for i, label in enumerate(classes):
            interval = _interval(sums[:, [i, -1]], float(share[i]), n_draws, seed)
            records.append((name, label, float(share[i]), interval.low, interval.high, len(inside), interval.method))
    return pd.DataFrame(records, columns=["key", "frame", "share", "low", "high", "n", "method"])


def _interval(sums: npt.NDArray[np.float64], share: float, n_draws: int, seed: int) -> Interval:
    """Bootstrap over groups; where no row (or every row) has the class, every draw says so too, and the exact binomial
    interval of as many draws as there are groups takes its place (Clopper and Pearson 1934)."""
    if share in (0.0, 1.0):
        bound = 0.025 ** (1 / len(sums))
        low, high = (0.0, 1 - bound) if share == 0.0 else (bound, 1.0)
        return Interval(low, high, f"Clopper–Pearson on {len(sums)} groups")
    return bootstrap_interval(sums, lambda s: s[:, 0] / s[:, 1], n_draws=n_draws, seed=seed)


def mean_shares(weights: npt.NDArray[np.float64], by: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    """How large is each topic's mean share in each cell of `by`?

    `weights`: rows × topics; rows with NaN, and rows whose `by` is missing, are left out. Returns topics × cells.
    """
    table = pd.DataFrame(np.asarray(weights), columns=list(columns)).assign(_key=by.to_numpy())
    kept = table.loc[table["_key"].notna().to_numpy() & ~np.isnan(weights).any(axis=1)]
    return kept.groupby("_key", sort=True).mean().T.rename_axis(index="topic", columns=None)
