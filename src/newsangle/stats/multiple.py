"""Which of many tests still count, when all of them were looked at? Adjusted p values."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p: npt.ArrayLike) -> Floats:
    """Below which level would each test stand, if not even one false finding is wanted? Holm's adjusted p values.

    p: raw p values in [0, 1], one family, any shape; NaN stands for a test that wasn't made, stays NaN and isn't
    counted. Rejecting where the result is ≤ 0.05 makes one false finding or more in at most 5 % of families, whatever
    the dependence. Not smaller than p. Raises ValueError for a p outside of [0, 1]. Source: Holm (1979).

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    found, kept, order = _sorted(p)
    n = len(order)
    stepped = np.minimum(np.maximum.accumulate((n - np.arange(n)) * kept[order]), 1.0)
    return _back(found, order, stepped)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Which share of false findings must be put up with to keep each test? Benjamini–Hochberg q values.

    p: as for `holm`. Keeping every test with q ≤ 0.05 leaves at most 5 % false findings among those kept, on average,
    for tests that are independent or positively dependent. Not smaller than p. Raises ValueError for a p outside of
    [0, 1]. Source: Benjamini and Hochberg (1995); adjusted values: Yekutieli and Benjamini (1999).

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    found, kept, order = _sorted(p)
    n = len(order)
    raised = kept[order] * (n / np.arange(1, n + 1))
    return _back(found, order, np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0))


def _sorted(p: npt.ArrayLike) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """All p values, those that aren't NaN, and the order of these."""
    found = np.asarray(p, dtype=np.float64)
    kept = found[~np.isnan(found)]
    if ((kept < 0) | (kept > 1)).any():
        raise ValueError(f"p = {kept[(kept < 0) | (kept > 1)][0]:g} is no p value; give numbers from 0 to 1")
    return found, kept, np.argsort(kept, kind="stable")


def _back(found: Floats, order: npt.NDArray[np.intp], values: Floats) -> Floats:
    adjusted = np.empty(len(order))
    adjusted[order] = values
    whole = np.full(found.shape, np.nan)
    whole[~np.isnan(found)] = adjusted
    return whole
