"""Which outlets differ beyond chance? Differences of shares with limits, p, and Holm's correction over all pairs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.coverage.estimate import FittedShare
from newsangle.stats.multiple import holm

_SMALLEST_P = 1e-12


@dataclass(frozen=True)
class Difference:
    """First share minus second, its limits and its two-sided p; all NaN where either share has no number."""

    difference: float
    low: float
    high: float
    p: float


def difference(
    a: FittedShare, b: FittedShare, groups: Sequence[object] | npt.NDArray[Any], *, level: float = 0.95
) -> Difference:
    """How much larger is share a than share b, and could that be chance?

    The limits are made of the two shares' own (MOVER: Zou and Donner 2008), so they fit them and stay in [−1, 1];
    stories that both tell (the same entry of `groups`, one a row of the whole input, which a.rows and b.rows point
    into) make the errors correlate. p is 1 − the largest level at which the limits leave out 0.
    """
    gap = a.result.estimate - b.result.estimate
    if math.isnan(gap):
        return Difference(math.nan, math.nan, math.nan, math.nan)
    alike = _correlation(a, b, groups)
    low, high = _limits(a, b, gap, alike, level)
    if gap == 0:
        return Difference(gap, low, high, 1.0)

    def holds_zero(p: float) -> bool:
        limits = _limits(a, b, gap, alike, 1 - p)
        return limits[0] <= 0 <= limits[1]

    # Smaller p, wider limits: halve the logarithm's interval until it is known to a millionth.
    few, many = math.log(_SMALLEST_P), 0.0
    if not holds_zero(_SMALLEST_P):
        return Difference(gap, low, high, 0.0)
    while many - few > 1e-6:
        middle = (few + many) / 2
        few, many = (middle, many) if holds_zero(math.exp(middle)) else (few, middle)
    return Difference(gap, low, high, math.exp(many))


def _limits(a: FittedShare, b: FittedShare, gap: float, alike: float, level: float) -> tuple[float, float]:
    (a_low, a_high), (b_low, b_high) = a.limits(level), b.limits(level)
    p, q = a.result.estimate, b.result.estimate
    below = (p - a_low) ** 2 + (b_high - q) ** 2 - 2 * alike * (p - a_low) * (b_high - q)
    above = (a_high - p) ** 2 + (q - b_low) ** 2 - 2 * alike * (a_high - p) * (q - b_low)
    return gap - math.sqrt(max(below, 0.0)), gap + math.sqrt(max(above, 0.0))


def _correlation(a: FittedShare, b: FittedShare, groups: Sequence[object] | npt.NDArray[Any]) -> float:
    """Of the errors of both shares, from the groups that they have in common."""
    if a.sample is None or b.sample is None:
        return 0.0
    names = np.asarray(groups)
    sums = []
    for one, sample in ((a, a.sample), (b, b.sample)):
        numbered = np.unique(names[one.rows])
        whole = sample.by_group(one.parts)
        sums.append(dict(zip(numbered.tolist(), zip(whole.tolist(), sample.most.tolist(), strict=True), strict=True)))
    shared = sorted(set(sums[0]) & set(sums[1]))
    together = math.fsum(sums[0][g][0] * sums[1][g][0] * (1 - max(sums[0][g][1], sums[1][g][1])) for g in shared)
    scale = math.sqrt(a.variance * b.variance)
    return min(max(together / scale, -1.0), 1.0) if scale > 0 else 0.0


def contrasts(
    fits: Mapping[str, FittedShare], groups: Sequence[object] | npt.NDArray[Any], *, level: float = 0.95
) -> pd.DataFrame:
    """Which of these shares differ? One row a pair with numbers on both sides, in the order given.

    Columns: first, second, difference (first − second), low, high (of that pair alone), p, p_holm (over all pairs of
    the table: Holm 1979). Limits at `level` don't allow for the number of pairs; p_holm does.
    """
    rows = []
    for first, second in combinations(fits, 2):
        found = difference(fits[first], fits[second], groups, level=level)
        if not math.isnan(found.difference):
            rows.append((first, second, found.difference, found.low, found.high, found.p))
    table = pd.DataFrame(rows, columns=["first", "second", "difference", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=np.float64)))
