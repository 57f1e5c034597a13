"""How far would a number move if other stories had been drawn? Percentile bootstrap over whole groups."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]

_CELLS_AT_ONCE = 4_000_000  # resampled group numbers held at a time: about 50 MB
_MOST_UNDEFINED = 0.05  # above this share of draws without a value, the limits are undefined too


@dataclass(frozen=True)
class Interval:
    """Between which limits lies the number, and how were they found?

    low, high: in the units of the number; NaN when no interval exists, and `method` then says why.
    """

    low: float
    high: float
    method: str


def check_level(level: float) -> float:
    """Return the confidence level; ValueError unless 0 < level < 1."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level = {level}: use a share between 0 and 1, such as 0.95")
    return level


def bootstrap_interval(
    totals: Any,
    statistic: Callable[[Floats], npt.NDArray[Any]],
    *,
    n_draws: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Which limits hold `level` of the numbers that resampled groups give?

    totals: n_groups × m sums; each group (a syndication group, an article) adds its vector of sums, such as
    (hits, tokens). A draw takes n_groups groups with replacement and adds their vectors; `statistic` maps draws × m
    sums to one number per draw. Limits are the (1 ± level) / 2 quantiles (Efron 1979; groups as units: Davison and
    Hinkley 1997, §3.8). Only for statistics that are smooth functions of sums: not for maxima, nor for coherence,
    whose bootstrap is biased (use `grouped_jackknife`). With fewer than about 20 groups the interval is too short.

    A draw where the statistic is not finite is dropped, and `method` counts them; more than 5 % of these, or fewer than
    two groups, give NaN limits and the reason. The same seed gives the same limits, whatever the number of threads.
    Raises ValueError for totals that aren't a finite n_groups × m table, n_draws < 1, or a bad level.

    >>> bootstrap_interval([[2.0, 4.0], [3.0, 6.0], [5.0, 10.0]], lambda sums: sums[:, 0] / sums[:, 1])
    Interval(low=0.5, high=0.5, method='group bootstrap, 2000 draws')
    """
    check_level(level)
    n_groups = len(_table(totals, n_draws))
    if n_groups < 2:
        return Interval(float("nan"), float("nan"), f"no interval: {n_groups} group(s), a bootstrap needs at least 2")
    values = bootstrap_values(totals, statistic, n_draws=n_draws, seed=seed)
    defined = values[np.isfinite(values)]
    undefined = n_draws - len(defined)
    if undefined > _MOST_UNDEFINED * n_draws:
        reason = f"no interval: the number is undefined in {undefined} of {n_draws} draws"
        return Interval(float("nan"), float("nan"), reason)
    low, high = np.quantile(defined, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    method = f"group bootstrap, {n_draws} draws" + (f", {undefined} undefined" if undefined else "")
    return Interval(float(low), float(high), method)


def bootstrap_values(
    totals: Any, statistic: Callable[[Floats], npt.NDArray[Any]], *, n_draws: int = 2000, seed: int = 0
) -> Floats:
    """Which numbers do resampled groups give? One per draw, as in `bootstrap_interval`; not finite where undefined.

    Equal seeds and numbers of groups give equal draws, so values of two statistics may be subtracted: paired draws.
    """
    sums = _table(totals, n_draws)
    return np.concatenate([_evaluate(statistic, draws) for draws in _resample(sums, n_draws, seed)])


def _table(totals: Any, n_draws: int) -> Floats:
    sums = np.asarray(totals, dtype=np.float64)
    if sums.ndim != 2 or not np.isfinite(sums).all():
        raise ValueError(f"totals have shape {sums.shape}: expected a finite table of groups × sums")
    if n_draws < 1:
        raise ValueError(f"n_draws = {n_draws}: use at least 1, better 2000")
    return sums


def _resample(sums: Floats, n_draws: int, seed: int) -> list[Floats]:
    """Draws × m sums in blocks. A sparse product adds in a fixed order; a BLAS product would depend on threads."""
    rng = np.random.default_rng(seed)
    n_groups = len(sums)
    at_once = max(1, _CELLS_AT_ONCE // n_groups)
    blocks = []
    for start in range(0, n_draws, at_once):
        n = min(at_once, n_draws - start)
        drawn = rng.integers(n_groups, size=n * n_groups)
        pointer = np.arange(n + 1, dtype=np.int64) * n_groups
        # A group drawn twice stands twice in its row; the product adds it twice.
        counts = sparse.csr_array((np.ones(len(drawn)), drawn, pointer), shape=(n, n_groups))
        blocks.append(counts @ sums)
    return blocks


def _evaluate(statistic: Callable[[Floats], npt.NDArray[Any]], draws: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0 is an undefined draw, counted by the caller
        values = np.asarray(statistic(draws), dtype=np.float64)
    if values.shape != (len(draws),):
        raise ValueError(f"statistic returned shape {values.shape} for {len(draws)} draws: return one number per draw")
    return values
