"""Which passages should be coded next so that shares are known within a half-width? A stratified probability sample.

**How old and new codes combine.** New rows are drawn among those without a drawn code, each with its fraction g. Given
the old codes, old rows (each counting once) and new rows (each counting 1/g) give an unbiased total; so do the old
codes alone, each counting w = 1/π, brought to add up to the frame. A mixture λ · old alone + (1 − λ) · both is unbiased
for every λ that is fixed by the frame, and one column of weights says it: `pi` becomes 1 / (λw + 1 − λ) for an old row
and g / (1 − λ) for a new one. λ = m / (m + n) in each outlet: n new rows, and m rows that would tell as much as the old
codes do, spread over outlets as their rows are; never above 1 − g, so `pi` never exceeds 1. λ is 0 where old rows have
no π, and on request: then old codes speak for themselves alone, which is right however they were chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from newsangle.errors import DataError
from newsangle.labels.precision import SampleFrame, sample_frame
from newsangle.labels.strata import strata, systematic

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Z = 1.959963984540054  # 95 % of a normal distribution
_GRID = 300
ALL = "all"


@dataclass(frozen=True)
class Plan:
    """A sample that was drawn.

    `drawn`: positions of the new rows; `pi`: one a row of the task, the combined inclusion probability of drawn and of
    coded rows, NaN elsewhere; `stratum`: one a row, a number that tells a coder nothing of the prediction.
    `cells`: key (`all` or outlet), class, share expected (0 … 1), coded, half_width_now, half_width_planned (NaN under
    10 codes), more (new codes that this cell would need to reach the half-width asked, wherever they fall; NaN where
    none was asked). `mixed`: is λ above 0 anywhere?
    """

    drawn: Ints
    pi: Floats
    stratum: list[str]
    cells: pd.DataFrame
    mixed: bool


def plan_codes(
    rows: pd.DataFrame,
    classes: Sequence[str],
    *,
    n: int | None = None,
    half_width: float | None = None,
    outlet_half_width: float | None = None,
    wanted: Sequence[str] = (),
    n_periods: int = 4,
    seed: int = 0,
    old_alone: bool = False,
) -> Plan:
    """Which rows are drawn so that shares are within `half_width` (95 %), and within `outlet_half_width` by outlet?

    `rows`: outlet, date, group, target, predicted, p_CLASS, coded, pi; `wanted`: the classes that count (all, if none
    is named). With `n` so many rows are drawn instead. Strata are outlet × period × predicted class (× target).
    Neyman's rule, with a minimum: a stratum is drawn at a rate that grows with the spread √Σ p(1−p) that the model
    expects in it, but at no less than half of the mean rate. Half-widths are those of the error of a share of this
    finite corpus estimated from the codes alone, given the model's probabilities; intervals that also count other
    stories as possible are wider, a classifier's help makes them narrower. `old_alone`: old codes count for themselves
    alone (see above). Raises DataError where too few rows are left to draw from, and for old codes of another frame.
    """
    if (n is None) == (half_width is None and outlet_half_width is None):
        raise ValueError("give either n or a half-width")
    stratum = strata(rows, n_periods)
    rng = np.random.default_rng(seed)
    frame = sample_frame(rows, classes, wanted, stratum, old_alone)
    free = int(frame.fresh.sum())
    if n is not None and not 1 <= n <= free:
        raise DataError(f"{n} passages can't be drawn: {free} of {len(rows)} have no drawn code; ask for 1 to {free}")
    asked = [c for c in classes if not wanted or c in wanted]
    grid, half = _curves(frame, _GRID if n is None else 0)
    rate = np.zeros(len(frame.outlets))
    if n is None:
        which = [list(classes).index(c) for c in asked]
        if half_width is not None:
            rate[:] = grid[_first(half[:, 0][:, which].max(axis=1), half_width)]
        if outlet_half_width is not None:
            for i in range(len(rate)):
                rate[i] = max(rate[i], grid[_first(half[:, 1 + i][:, which].max(axis=1), outlet_half_width)])
        n = frame.size(rate)
    else:
        rate[:] = 1.0
    g = _exactly(frame, rate, n)
    mixed = frame.share_of_old(g)
    shuffled = rng.permutation(len(rows))
    candidates = shuffled[frame.fresh[shuffled]]
    order = candidates[np.argsort(frame.number[candidates], kind="stable")]
    drawn = systematic(g[frame.number], order, rng) if n else np.empty(0, dtype=np.int64)
    pi = np.full(len(rows), np.nan)
    pi[drawn] = g[frame.number[drawn]] / (1 - mixed[frame.number[drawn]])
    lam = mixed[frame.number[frame.old.rows]]
    pi[frame.old.rows] = np.minimum(1.0, 1 / (lam * frame.old.weight + 1 - lam))
    cells = _cells(frame, g, grid, half, half_width, outlet_half_width)
    code = rng.permutation(len(set(stratum)))  # the names hold the predicted class, and who codes must not see it
    named = [f"s{code[k]:04d}" for k in frame.number]
    return Plan(drawn, pi, named, cells.loc[cells["class"].isin(asked)], bool((mixed > 0).any()))


def _curves(frame: SampleFrame, n_rates: int) -> tuple[Floats, Floats]:
    """Half-widths over a grid of rates common to all outlets: (rates,), (rates × (1 + outlets) × classes).

    The first rate is 0: the old codes alone.
    """
    top = 1 / float(frame.spread.min())
    least = top * 0.1 / max(float(frame.fresh_size.sum()), 1.0)
    grid = np.concatenate([[0.0], np.geomspace(least, top, n_rates)])
    half = np.empty((len(grid), 1 + len(frame.outlets), len(frame.classes)))
    half[0] = _now(frame)
    for i, rate in enumerate(grid[1:], start=1):
        half[i] = _Z * np.sqrt(frame.variances(frame.fraction(np.full(len(frame.outlets), rate))))
    return grid, half


def _now(frame: SampleFrame) -> Floats:
    """Half-widths of the old codes alone; infinite in a cell with fewer than 10 of them."""
    n_cells = 1 + len(frame.outlets)
    if frame.effective == 0:
        return np.full((n_cells, len(frame.classes)), np.inf)
    g = np.zeros(len(frame.stratum_outlet))
    half = _Z * np.sqrt(frame.variances(g, np.ones(len(g))))
    half[frame.coded().sum(axis=1) < 10] = np.inf
    return np.asarray(half)


def _first(half: Floats, wanted: float) -> int:
    """The first point of the grid where the half-width is reached; the last one codes everything."""
    reached = np.flatnonzero(half <= wanted)
    return int(reached[0]) if len(reached) else len(half) - 1


def _exactly(frame: SampleFrame, rate: Floats, n: int) -> Floats:
    """Fractions that add up to n rows, rates in the proportions given."""
    if n == 0:
        return np.zeros(len(frame.stratum_outlet))

    def excess(factor: float) -> float:
        return float((frame.fraction(rate * factor) * frame.fresh_size).sum()) - n

    if n >= frame.fresh_size.sum():
        return np.ones(len(frame.stratum_outlet))
    most = 1 / float(frame.spread.min()) / float(rate[rate > 0].min())
    return frame.fraction(rate * brentq(excess, 0.0, most, xtol=1e-14, rtol=1e-14))


def _cells(
    frame: SampleFrame, g: Floats, grid: Floats, half: Floats, overall: float | None, by_outlet: float | None
) -> pd.DataFrame:
    planned = _Z * np.sqrt(frame.variances(g)) if g.any() else half[0]
    coded = frame.coded()
    records = []
    for i, key in enumerate([ALL, *frame.outlets]):
        aim = overall if i == 0 else by_outlet
        for j, label in enumerate(frame.classes):
            more = float("nan")
            if aim is not None:
                best = grid[_first(half[:, i, j], aim)]
                inside = (np.arange(len(frame.outlets)) == i - 1) | (i == 0)
                more = float(frame.size(best * inside))
            records.append((key, label, frame.expected[i, j], int(coded[i, j]), half[0, i, j], planned[i, j], more))
    names = ["key", "class", "share", "coded", "half_width_now", "half_width_planned", "more"]
    table = pd.DataFrame(records, columns=names)
    return table.replace([np.inf], np.nan)
