"""How far would a number move if other stories had been drawn? Delete-a-block jackknife."""

import math
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from newsangle.stats.bootstrap import Interval, check_level


def grouped_jackknife(leave_one_out: Any, estimate: float, level: float = 0.95) -> Interval:
    """Which limits lie around the estimate, judged by how it changes when one block is left out?

    leave_one_out: the number without block 1, 2 … B, where a block is a set of whole syndication groups; blocks should
    be about equally large. estimate: the number on everything, B the number of blocks. A curved statistic leans to one
    side on few stories, by (B − 1) (mean of θ₍ᵢ₎ − estimate), as the jackknife sees it (Quenouille 1956). The limits
    lie a margin below and above both the estimate and the estimate without that bias.
    Variance (B − 1) / B · Σ (θ₍ᵢ₎ − mean)², Student's t with B − 1 degrees of freedom (Tukey 1958; Kott 2001 for
    blocks). Right for smooth statistics, where a percentile bootstrap would be biased (coherence); wrong for medians.

    Fewer than two blocks, or a number that isn't finite, give NaN limits and the reason in `method`.
    Raises ValueError for a leave_one_out that isn't one-dimensional, or a bad level.

    >>> interval = grouped_jackknife([2.5, 2.0, 1.5], 2.0)  # the values 1, 2, 3: standard error 1 / sqrt(3)
    >>> round((interval.high - 2.0) / 4.302653, 6)  # t(0.975, 2 degrees of freedom) = 4.302653
    0.57735
    """
    values = np.asarray(leave_one_out, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"leave_one_out has shape {values.shape}: expected one number per block")
    check_level(level)
    n = len(values)
    if n < 2:
        return Interval(math.nan, math.nan, f"no interval: {n} block(s), a jackknife needs at least 2")
    undefined = int((~np.isfinite(values)).sum())
    if undefined or not math.isfinite(estimate):
        where = f"without {undefined} of {n} blocks" if undefined else "on all the data"
        return Interval(math.nan, math.nan, f"no interval: the number is undefined {where}")
    standard_error = math.sqrt((n - 1) / n * float(((values - values.mean()) ** 2).sum()))
    margin = float(student_t.ppf((1.0 + level) / 2.0, n - 1)) * standard_error
    unbiased = float(estimate) - (n - 1) * (float(values.mean()) - float(estimate))
    low, high = min(unbiased, float(estimate)) - margin, max(unbiased, float(estimate)) + margin
    return Interval(low, high, f"grouped jackknife, {n} blocks")
