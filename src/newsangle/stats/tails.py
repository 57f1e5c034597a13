"""How surprising is a difference between two sides, when whole groups may fall on one or the other?

Two answers that guard each other, both as z values (1.96: p = 0.05): `student_z` for an estimate with a standard error
from few groups, `randomisation_z` for sums that hang on few groups, where no standard error can be trusted.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVELS = 5  # of a group, 0, ¼, ½, ¾ or all lies on a side


def two_sided_p(z: Floats) -> Floats:
    """How often would chance give a z as far from 0? 2Φ(−|z|), at least 1e-300."""
    from scipy.special import ndtr

    return np.maximum(2.0 * ndtr(-np.abs(z)), 1e-300)


def student_z(t: Floats, df: Floats) -> Floats:
    """Which normal z has the same p value as this t with `df` > 0 degrees of freedom? Sign as t; infinite t stays.

    Wallace's formula (1959): within 0.02 for df ≥ 4, where t.sf itself would be 0 still finite.

    >>> float(student_z(np.array([2.776]), np.array([4.0]))[0].round(2))
    1.96
    """
    with np.errstate(invalid="ignore"):
        z = (8 * df + 1) / (8 * df + 3) * np.sqrt(df * np.log1p(t * t / df))
    return np.asarray(np.copysign(z, t))


def part_weights(parts: Floats, sizes: Floats) -> Floats:
    """How likely is it that 0, ¼, ½, ¾ or all of a group lies on the side? Five weights, sum 1.

    parts: which part of each group lies on the side; sizes: how much each group weighs. A part between two of the five
    is shared out between them, so that the mean stays exactly what it is and the spread grows a little.

    >>> part_weights(np.array([0.0, 1.0, 0.375]), np.array([1.0, 1.0, 2.0])).tolist()
    [0.25, 0.25, 0.25, 0.0, 0.25]
    """
    place = np.clip(np.asarray(parts, dtype=np.float64), 0.0, 1.0) * (LEVELS - 1)
    below = np.minimum(place.astype(np.int64), LEVELS - 2)
    over = place - below
    weights = np.bincount(below, weights=sizes * (1 - over), minlength=LEVELS)
    weights[1:] += np.bincount(below, weights=sizes * over, minlength=LEVELS)[:-1]
    return np.asarray(weights / weights.sum())


def randomisation_z(
    residuals: Floats,
    starts: npt.NDArray[np.int64],
    observed: Floats,
    weights: Floats,
    *,
    rest_sum: Floats,
    rest_squares: Floats,
    step: float,
) -> Floats:
    """How far out is a side's excess if each group had fallen on that side by lot?

    One test each i: groups have residuals residuals[starts[i]:starts[i + 1]] (what they hold minus what their size lets
    expect; all groups together sum to 0), and of each a part falls on the side, drawn with `weights` (`part_weights` of
    all groups: mostly 0 or 1, between for a story with copies on both sides). observed[i]: the sum of what lies on the
    side. Groups too many and too small to be listed contribute rest_sum[i] (sum of their residuals) and rest_squares[i]
    (of their squares), to second order. step: one step of the sum (1 for counts, 0 for anything smooth): half of it is
    taken off.

    The tail is Barndorff-Nielsen's r* of the saddlepoint approximation (Robinson 1982; Davison and Hinkley 1988): good
    for five groups and at p = 1e-12, where draws can't go; for sums of few steps its p is up to four times too large.
    Sign as observed. Raises ValueError for a side that is empty or everything.
    """
    from newsangle.stats.tails_kernel import saddlepoints

    chance = float(weights @ np.linspace(0, 1, LEVELS))
    if not 0.0 < chance < 1.0:
        raise ValueError(f"the side has {chance:.0%} of everything: it needs a part between 0 and 1")
    values = (residuals, observed, rest_sum, rest_squares, weights)
    return np.asarray(saddlepoints(*(np.ascontiguousarray(v, np.float64) for v in values), starts, 0.5 * step))
