"""Does a share rise or fall from week to week? The slope over the whole corpus, with errors clustered on groups."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from newsangle.coverage.checks import checked_rows
from newsangle.coverage.estimate import ENOUGH_CODED, ENOUGH_GROUPS, ENOUGH_OF_EACH, Power, tuned_power
from newsangle.coverage.sample import coded_sample

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trend:
    """Change of the share per unit of time, its limits and two-sided p; NaN with a reason in `method` where none."""

    slope: float
    low: float
    high: float
    p: float
    method: str
    n_coded: int


def estimate_trend(
    time: npt.ArrayLike,
    predicted: npt.ArrayLike,
    coded: npt.ArrayLike,
    pi: npt.ArrayLike,
    group: Sequence[Any] | npt.NDArray[Any],
    weights: npt.ArrayLike | None = None,
    stratum: Sequence[Any] | npt.NDArray[Any] | None = None,
    *,
    level: float = 0.95,
) -> Trend:
    """By how much does the share change per unit of `time` (one finite number a row, such as the week's number)?

    The slope of the straight line through the corpus's passages (0 or 1 each, least squares): that of λ f over all rows
    plus that of Y − λ f over the coded rows, weighted by 1/π. It describes this corpus and this span; a line may be a
    poor picture of it. Standard error: linearised, over groups (Liang and Zeger 1986), t with groups − 2 degrees of
    freedom or fewer (Satterthwaite). No number under 30 coded rows, 5 of either kind, 15 groups, or at one time only.
    Other arguments, and what raises ValueError, as in `estimate_share`.
    """
    rows = checked_rows(predicted, coded, pi, group, weights, stratum, None, level, 0.5)
    when = np.asarray(time, dtype=np.float64)
    if when.shape != rows.predicted.shape or not np.isfinite(when).all():
        raise ValueError(f"time has shape {when.shape}: give one finite number for each of {len(rows.predicted)} rows")
    n, y, x = len(rows.coded), rows.y, when[rows.coded]
    hits = int(y.sum())
    few = n < ENOUGH_CODED or min(hits, n - hits) < ENOUGH_OF_EACH or rows.group.max() + 1 < ENOUGH_GROUPS
    if few or np.ptp(x) == 0:
        why = "too few coded" if few else "coded rows of one time only"
        return Trend(math.nan, math.nan, math.nan, math.nan, f"no number ({why})", n)
    sample = coded_sample(rows.pi, rows.group, rows.stratum[rows.coded], rows.weights[rows.coded], rows.totals)
    f = rows.predicted[rows.coded]
    parts_y, parts_f = (_parts(x, values, sample.weight) for values in (y, f))
    # What may hide in strata without hits lengthens the slope's limits as it does a share's.
    level_parts = sample.parts(y)
    known = sample.covariance(level_parts, level_parts)
    alone = sample.covariance(parts_y, parts_y) * (1.0 + sample.unseen(y)[0] / known if known > 0 else 1.0)
    power = tuned_power(sample, parts_y, parts_f)
    spread = max(alone * power.ratio, sample.unseen_errors(y, f, _leverage(x, sample.weight)))
    if not (power.tuned and spread < alone):
        power, spread = Power(0.0, 1.0), alone
    rest = y - power.tuned * f
    slope = power.tuned * _line(when, rows.predicted, rows.weights)[1] + _line(x, rest, sample.weight)[1]
    parts = parts_y - power.tuned * parts_f
    degrees = max(sample.freedom(parts, 0.5) - 1.0, 1.0)  # a slope's variance doesn't follow from the slope
    error = math.sqrt(max(spread, 0.0))
    how = f"corrected predictions (λ = {power.tuned:.2f})" if power.tuned else "coded sample alone"
    if error == 0:
        return Trend(slope, slope, slope, 1.0 if slope == 0 else 0.0, how, n)
    reach = float(stdtrit(degrees, (1 + level) / 2)) * error
    return Trend(slope, slope - reach, slope + reach, 2 * float(stdtr(degrees, -abs(slope) / error)), how, n)


def _line(x: Array, y: Array, w: Array) -> tuple[float, float]:
    """Level at the mean of x, and slope, of the weighted least-squares line."""
    middle, level = np.average(x, weights=w), np.average(y, weights=w)
    return float(level), float((w * (x - middle) * (y - level)).sum() / (w * (x - middle) ** 2).sum())


def _parts(x: Array, values: Array, w: Array) -> Array:
    """What does each coded row add to the error of the slope?"""
    level, slope = _line(x, values, w)
    return _leverage(x, w) * (values - level - slope * (x - np.average(x, weights=w)))


def _leverage(x: Array, w: Array) -> Array:
    """How far does each coded row move the slope by 1 more?"""
    away = x - np.average(x, weights=w)
    return np.asarray(w * away / (w * away**2).sum())
