"""Into which strata does a sample fall? Outlet × period × predicted class, and how the classes are spread in each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_PRIOR_ROWS = 5.0  # a small stratum is taken for as mixed as the whole until it holds several times this


def periods(dates: pd.Series, n_periods: int) -> list[str]:
    """In which of `n_periods` periods with about equally many rows does each date lie? Named by the first day.

    A day is never in two periods, so there may be fewer; rows without a date are `undated`.

    >>> periods(pd.Series(pd.to_datetime(["2031-03-01", "2031-03-01", "2031-03-09", None])), 2)
    ['2031-03-01', '2031-03-01', '2031-03-09', 'undated']
    """
    days = pd.to_datetime(dates).dt.normalize()
    known = np.sort(days.dropna().to_numpy())
    if not len(known):
        return ["undated"] * len(days)
    starts = np.unique(known[[min(-(-len(known) * i // n_periods), len(known) - 1) for i in range(n_periods)]])
    place = np.searchsorted(starts, days.to_numpy(), side="right") - 1
    names = [str(start)[:10] for start in starts]
    return ["undated" if pd.isna(day) else names[i] for day, i in zip(days, place, strict=True)]


def strata(rows: pd.DataFrame, n_periods: int = 4) -> list[str]:
    """Which stratum is each row of? `outlet / first day of the period / predicted class`, then the target if any."""
    outlet = [name if isinstance(name, str) else "(unknown)" for name in rows["outlet"]]
    parts = [outlet, periods(rows["date"], n_periods), rows["predicted"].tolist()]
    if rows["target"].notna().any():
        parts.append(rows["target"].tolist())
    return [" / ".join(cells) for cells in zip(*parts, strict=True)]


def class_chances(rows: pd.DataFrame, classes: Sequence[str], number: Ints) -> Floats:
    """How are the classes spread in each stratum, as far as is known? Shape (strata, classes).

    The mean of the calibrated probabilities, drawn a little towards the mean of all rows. `number`: each row's stratum.
    Without probabilities (a rule alone) every class may be ½, the widest there is: no sheet is then too small.
    """
    chances = rows[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64)
    n_strata = int(number.max()) + 1
    if np.isnan(chances).any():
        return np.full((n_strata, len(classes)), 0.5)
    sums = np.zeros((n_strata, len(classes)))
    np.add.at(sums, number, chances)
    size = np.bincount(number, minlength=n_strata)[:, None]
    return np.asarray((sums + _PRIOR_ROWS * chances.mean(axis=0)) / (size + _PRIOR_ROWS))


def systematic(fraction: Floats, order: Ints, rng: np.random.Generator) -> Ints:
    """Which rows are drawn, each with exactly its own probability? Row numbers, sorted.

    A random start and equal steps along the sum of the probabilities, rows in `order` (Madow 1949): rows that stand
    together are drawn in proportion, and the number drawn is the sum of `fraction`, rounded up or down at random.
    """
    edges = np.cumsum(fraction[order])
    steps = np.floor(edges - rng.random())
    hit = steps > np.concatenate([[-1.0], steps[:-1]])
    return np.sort(order[hit])
