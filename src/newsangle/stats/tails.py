"""How surprising is a difference between two sides, when whole groups may fall on one or the other?

Two answers that guard each other, both as z values (1.96: p = 0.05): `student_z` for an estimate with a standard error
from few groups, `randomisation_z` for sums that hang on few groups, where no standard error can be trusted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVELS = 5  # of a group, 0, ¼, ½, ¾ or all lies on a side


def two_sided_p(z: Floats) -> Floats:
    """How often would chance give a z as far from 0? 2Φ(−|z|), at least 1e-300."""
    from scipy.special import ndtr

    return np.asarray(np.maximum(2.0 * ndtr(-np.abs(z)), 1e-300))


def student_z(t: Floats, df: Floats) -> Floats:
    """Which normal z has the same p value as this t with `df` > 0 degrees of freedom? Sign as t; infinite t stays.

    Wallace's formula (1959): within 2 % for df ≥ 4, and finite where the p value itself would be 0.

    >>> float(student_z(np.array([2.776]), np.array([4.0]))[0].round(2))  # exactly: 1.96
    1.95
    """
    with np.errstate(invalid="ignore"):
        z = (8 * df + 1) / (8 * df + 3) * np.sqrt(df * np.log1p(t * t / df))
    return np.asarray(np.copysign(z, t))


@dataclass(frozen=True)
class Lots:
    """How is it drawn which part of a group lies on the side?

    kind (groups): which row of `weights` a group draws from. weights (kinds × 5): the chances of 0, ¼, ½, ¾ and all of
    the group; every row has the same mean, the side's part of everything. spread (kinds): variances of the part.
    """

    kind: npt.NDArray[np.int64]
    weights: Floats
    spread: Floats


def draw_lots(parts: Floats, sizes: Floats, members: npt.NDArray[np.int64]) -> Lots:
    """How likely is it that 0, ¼, ½, ¾ or all of a group lies on the side? As seen, among groups as large.

    parts: which part of each group lies on the side; sizes: how much it weighs; members: of how many documents it
    consists. Groups of 1, 2, 3–4, 5–8 … documents are seen apart: a single article lies here or there, ten passages may
    be divided. A part between two of the five levels is shared out between them, which widens the spread a little; then
    all or nothing is mixed in until each kind has the mean of all. Raises ValueError for a side that is empty or
    everything.
    """
    levels = np.linspace(0, 1, LEVELS)
    chance = float(parts @ sizes / sizes.sum())
    if not 0.0 < chance < 1.0:
        raise ValueError(f"the side has {chance:.0%} of everything: it needs a part between 0 and 1")
    _, kind = np.unique(np.ceil(np.log2(np.maximum(members, 1))), return_inverse=True)
    place = np.clip(parts, 0.0, 1.0) * (LEVELS - 1)
    below = np.minimum(place.astype(np.int64), LEVELS - 2)
    over = place - below
    weights = np.zeros((int(kind.max()) + 1, LEVELS))
    np.add.at(weights, (kind, below), sizes * (1 - over))
    np.add.at(weights, (kind, below + 1), sizes * over)
    held = weights.sum(axis=1, keepdims=True)
    weights = np.where(held > 0, weights / np.where(held > 0, held, 1.0), np.eye(LEVELS)[0])
    mean = weights @ levels
    up = mean < chance
    mixed = np.where(up, (chance - mean) / np.where(up, 1 - mean, 1.0), 1 - chance / np.where(up, 1.0, mean))
    weights = weights * (1 - mixed)[:, None]
    weights[np.arange(len(weights)), np.where(up, LEVELS - 1, 0)] += mixed
    return Lots(kind.astype(np.int64), weights, weights @ levels**2 - (weights @ levels) ** 2)


def randomisation_z(
    residuals: Floats,
    kinds: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    observed: Floats,
    lots: Lots,
    *,
    rest_sum: Floats,
    rest_variance: Floats,
    step: float,
) -> Floats:
    """How far out is a side's excess if each group had fallen on that side by lot?

    One test each i: groups have residuals residuals[starts[i]:starts[i + 1]] (what they hold minus what their size lets
    expect; all groups together sum to 0) and kinds (rows of `lots.weights`, from which the part on the side is drawn).
    observed[i]: the sum of what lies on the side. Groups too many and too small to be listed contribute rest_sum[i]
    (sum of their residuals) and rest_variance[i] (sum of squared residual times spread), to second order. step: one
    step of the sum (1 for counts, 0 for anything smooth): half of it is taken off.

    The tail is Barndorff-Nielsen's r* of the saddlepoint approximation (Robinson 1982; Davison and Hinkley 1988): good
    for five groups and at p = 1e-12, where draws can't go; for sums of few steps its p is up to four times too large.
    Sign as observed.
    """
    from newsangle.stats.tails_kernel import saddlepoints

    values = (residuals, observed, rest_sum, rest_variance)
    r, seen, rest, variance = (np.ascontiguousarray(v, np.float64) for v in values)
    weights = np.ascontiguousarray(lots.weights)
    return np.asarray(saddlepoints(r, seen, rest, variance, kinds, weights, starts, 0.5 * step))
