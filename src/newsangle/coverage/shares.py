"""How much of the coverage has each class, as the classifier sees it? Counted predictions: not yet corrected.

Counting predictions is biased by the classifier's own errors, whatever the interval says: the interval here covers
which stories happened to be published (bootstrap over syndication groups), not the errors. Say so beside every number.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from newsangle.stats.bootstrap import bootstrap_interval

UNCORRECTED = "predicted, uncorrected"


def week_of(dates: pd.Series) -> pd.Series:
    """Which week does each date lie in? The week's Monday (ISO 8601), NaT for no date."""
    days = pd.to_datetime(dates).dt.normalize()
    return days - pd.to_timedelta(days.dt.weekday, unit="D")


def predicted_shares(
    predicted: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[str],
    by: Sequence[object] | pd.Series | None = None,
    *,
    seed: int = 0,
    n_draws: int = 1000,
) -> pd.DataFrame:
    """Which share of the rows is predicted as each class, in each cell of `by` (one cell "all" without it)?

    Returns key, frame, share (0 … 1), low, high (95 %, bootstrap over groups), n (rows), method; cells in sorted order,
    classes in the order given; rows whose `by` is missing are left out.
    """
    table = pd.DataFrame({"predicted": list(predicted), "group": list(groups)})
    table["key"] = "all" if by is None else list(by)
    table = table.loc[table["key"].notna()]
    records = []
    for key, cell in table.groupby("key", sort=True):
        _, group = np.unique(cell["group"].to_numpy(dtype=str), return_inverse=True)
        hits = np.stack([(cell["predicted"] == c).to_numpy(dtype=np.float64) for c in classes], axis=1)
        sums = np.zeros((group.max() + 1, len(classes) + 1))
        np.add.at(sums, group, np.column_stack([hits, np.ones(len(cell))]))
        for i, name in enumerate(classes):
            interval = bootstrap_interval(sums[:, [i, -1]], lambda s: s[:, 0] / s[:, 1], n_draws=n_draws, seed=seed)
            share = float(hits[:, i].mean())
            records.append((key, name, share, interval.low, interval.high, len(cell), interval.method))
    return pd.DataFrame(records, columns=["key", "frame", "share", "low", "high", "n", "method"])


def mean_shares(weights: np.ndarray, by: Sequence[object] | pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    """How large is each topic's mean share in each cell of `by`? (topics × cells; NaN rows of `weights` are left out)"""
    table = pd.DataFrame(np.asarray(weights), columns=list(columns)).assign(_key=list(by))
    kept = table.loc[table["_key"].notna() & ~np.isnan(weights).any(axis=1)]
    return kept.groupby("_key", sort=True).mean().T.rename_axis(index="topic", columns=None)
