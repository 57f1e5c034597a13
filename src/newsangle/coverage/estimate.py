"""Which share of the corpus has a class, with limits that hold whatever the classifier's errors?

Predictions alone are biased and codes alone are few; together they are neither. The mean prediction over the whole
corpus is corrected by the mean error on the coded rows, which were drawn with known chances.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from newsangle.coverage.binomial import korn_graubard
from newsangle.coverage.checks import Rows, checked_rows
from newsangle.coverage.sample import Sample, coded_sample

Array = npt.NDArray[np.float64]

LEAST_CODED = 10  # under this there is no number at all
ENOUGH_CODED = 30  # under this, and where either kind has fewer than ENOUGH_OF_EACH, the coded sample stands alone
ENOUGH_OF_EACH = 5
ENOUGH_GROUPS = 15
HALF_WIDTH = 0.05


@dataclass(frozen=True)
class ShareEstimate:
    """The share of a finite corpus, between which limits it lies, and how that was found.

    estimate, low, high: shares in [0, 1], all NaN where there is no number. `method` says how, and why not otherwise.
    `labels_needed`: where there is a number, how many more rows must be coded, of the kind coded so far, for limits
    that are `half_width` to either side (0: they are); where there is none, how many until there is one.
    """

    estimate: float
    low: float
    high: float
    method: str
    n_coded: int
    labels_needed: int


@dataclass(frozen=True)
class FittedShare:
    """An estimate with what a comparison needs: its error as a sum of parts, one a coded row (at `rows` of the input).

    `variance` is of the estimate, `effective` the rows of a simple random sample with that variance, `degrees` those of
    freedom; `sample` is None where there is no number or no error.
    """

    result: ShareEstimate
    rows: npt.NDArray[np.int64]
    parts: Array
    sample: Sample | None
    variance: float
    effective: float
    degrees: float

    def limits(self, level: float) -> tuple[float, float]:
        """The limits at another level."""
        if self.sample is None:
            return self.result.low, self.result.high
        return korn_graubard(self.result.estimate, self.effective, n=self.sample.n, df=self.degrees, level=level)


def estimate_share(
    predicted: npt.ArrayLike,
    coded: npt.ArrayLike,
    pi: npt.ArrayLike,
    group: Sequence[Any] | npt.NDArray[Any],
    weights: npt.ArrayLike | None = None,
    stratum: Sequence[Any] | npt.NDArray[Any] | None = None,
    stratum_totals: Mapping[Any, float] | None = None,
    *,
    level: float = 0.95,
    half_width: float = HALF_WIDTH,
) -> ShareEstimate:
    """Which (weighted) share of these rows has the class, and between which limits?

    One entry a row of the finite corpus, or of a cell of it: `predicted`, the probability of the class by a calibrated
    model that saw no code of the row's fold, coded or not; `coded`, 1, 0 or NaN; `pi`, the chance that the row came to
    be coded, read on coded rows; `group`, what enters the sample together (article, syndication group); `weights`, what
    a row counts (default 1). `stratum` names the strata that the sample was drawn from; the codes' weights are
    calibrated to their totals, `stratum_totals` (default: the rows' own).

    Estimate: λ · mean of f over the rows + mean of Y − λ f over the coded rows, weights 1/π (DSL, Egami et al. 2023;
    PPI++, Angelopoulos et al. 2023), λ in [0, 1] being the one that makes the variance smallest; its own noise is paid
    for by a longer interval, and where nothing is gained λ is 0: the coded sample alone. Predictions that were right
    wherever it was checked leave the errors open that so few codes can miss. Variance: linearised, over
    groups, without what a census leaves to no chance (`Sample.covariance`). Limits: `korn_graubard`.

    Under 30 coded rows, under 5 with or without the class, or under 15 groups, the coded sample stands alone; under 10
    coded rows, or with all in one group, there is no number. Where every row is coded the share is known. The limits
    cover which rows were drawn to be coded; not whether the codes are right, nor stories that were never collected.

    Raises ValueError, one line, for lengths that differ, predictions outside [0, 1], codes that aren't 0 or 1, `pi` of
    a coded row missing or outside (0, 1], negative weights, strata without a total, level or half_width outside (0, 1).

    >>> coded = [1, 0] * 20 + [float("nan")] * 60
    >>> print(estimate_share([0.5] * 100, coded, [0.4] * 100, range(100)).method)
    coded sample alone (the predictions don't help)
    """
    return fit_share(
        predicted, coded, pi, group, weights, stratum, stratum_totals, level=level, half_width=half_width
    ).result


def fit_share(
    predicted: npt.ArrayLike,
    coded: npt.ArrayLike,
    pi: npt.ArrayLike,
    group: Sequence[Any] | npt.NDArray[Any],
    weights: npt.ArrayLike | None = None,
    stratum: Sequence[Any] | npt.NDArray[Any] | None = None,
    stratum_totals: Mapping[Any, float] | None = None,
    *,
    level: float = 0.95,
    half_width: float = HALF_WIDTH,
) -> FittedShare:
    """`estimate_share` with its parts, for comparisons."""
    rows = checked_rows(predicted, coded, pi, group, weights, stratum, stratum_totals, level, half_width)
    n = len(rows.coded)
    if n == len(rows.predicted) and n:
        share = float(np.average(rows.y, weights=rows.weights))
        return _certain(rows, ShareEstimate(share, share, share, "every row is coded", n, 0))
    if n < LEAST_CODED:
        missing = min(LEAST_CODED, len(rows.predicted)) - n
        return _certain(rows, _none(f"no number (under {LEAST_CODED} coded)", n, missing))
    if rows.group.max() == 0:
        return _certain(rows, _none("no number (all codes in one group)", n, 1))
    sample = coded_sample(rows.pi, rows.group, rows.stratum[rows.coded], rows.weights[rows.coded], rows.totals)
    y, f = rows.y, rows.predicted[rows.coded]
    why = _guard(y, sample)
    left = 1.0 - float(rows.weights[rows.coded].sum() / rows.weights.sum())
    found = _alone(sample, y, left, why or "the predictions don't help")
    if not why:
        corrected = _corrected(sample, y, f, _mean_by_stratum(rows))
        found = corrected if corrected and corrected.squared_reach < found.squared_reach else found
    result = ShareEstimate(found.share, math.nan, math.nan, found.how, n, 0)
    fit = FittedShare(result, rows.coded, found.parts, sample, found.variance, found.effective, found.degrees)
    low, high = fit.limits(level)
    needed = more_labels((high - low) / 2, n, len(rows.predicted), half_width)
    return replace(fit, result=replace(result, low=low, high=high, labels_needed=needed))


@dataclass(frozen=True)
class _Candidate:
    """One way to the share. `smooth`: the share with what may hide in it, which the variance belongs to.

    `squared_reach`: t² V, how long the limits are, whatever the share comes out as.
    """

    share: float
    smooth: float
    parts: Array
    variance: float
    degrees: float
    how: str

    @property
    def squared_reach(self) -> float:
        return float(stdtrit(self.degrees, 0.975)) ** 2 * self.variance

    @property
    def effective(self) -> float:
        return self.smooth * (1 - self.smooth) / self.variance if self.variance > 0 else math.inf


def _alone(sample: Sample, y: Array, left: float, why: str) -> _Candidate:
    """The coded sample without predictions; `left` is the share of the rows' weight that wasn't coded.

    No credit for a variance that a small sample shows by chance below that of as many independent rows, nor for a π of
    1 where rows are left.
    """
    share, parts = min(max(sample.mean(y), 0.0), 1.0), sample.parts(y)
    hidden, moved = sample.unseen(y)
    smooth = share + moved
    least = smooth * (1 - smooth) * left / sample.n
    variance = max(sample.covariance(parts, parts) + hidden, least)
    return _Candidate(share, smooth, parts, variance, sample.freedom(parts, share), f"coded sample alone ({why})")


def _corrected(sample: Sample, y: Array, f: Array, mean: float) -> _Candidate | None:
    """The predictions, corrected by the coded rows; `mean` is theirs over the corpus. None where λ would be 0."""
    own, of_f = sample.parts(y), sample.parts(f)
    power = tuned_power(sample, own, of_f)
    if not power.tuned:
        return None
    share = min(max(sample.mean(y) + power.tuned * (mean - sample.mean(f)), 0.0), 1.0)
    parts = own - power.tuned * of_f
    hidden, moved = sample.unseen(y)
    # What is hidden shrinks with what the predictions explain, or a perfect classifier would gain nothing.
    variance = (sample.covariance(own, own) + hidden) * power.ratio
    variance = max(variance, sample.unseen_errors(y, f, sample.weight / sample.totals.sum()))
    edge = 0.5 / (sample.n + 1)
    smooth = min(max(share + moved, edge), 1 - edge)
    degrees = max(sample.freedom(parts, share) - 1.0, 1.0)
    return _Candidate(share, smooth, parts, variance, degrees, f"corrected predictions (λ = {power.tuned:.2f})")


@dataclass(frozen=True)
class Power:
    """How far to trust the predictions (`tuned`, λ) and what that does to the variance (`ratio`, below 1 if any)."""

    tuned: float
    ratio: float


def tuned_power(sample: Sample, y: Array, f: Array) -> Power:
    """Which λ in [0, 1] makes the variance of Y − λ f smallest, and by how much, its own noise paid for?

    y, f: parts of codes and predictions. λ was found on the very rows whose variance it lowers: the variance left is
    raised by 1 + 2 / (groups that make up the variance of f), the price in-sample and out-of-sample of one fitted
    number. Where that eats the gain, λ is 0.
    """
    own = sample.covariance(f, f)
    left = (1.0 - sample.most) * sample.by_group(f) ** 2
    without = sample.covariance(y, y)
    if not own > 0 or not without > 0 or not left.sum() > 0:
        return Power(0.0, 1.0)
    tuned = min(max(sample.covariance(y, f) / own, 0.0), 1.0)
    groups = float(left.sum() ** 2 / (left**2).sum())
    rest = y - tuned * f
    ratio = max(sample.covariance(rest, rest), 0.0) / without * (1.0 + 2.0 / groups)
    return Power(tuned, ratio) if tuned > 0 and ratio < 1 else Power(0.0, 1.0)


def more_labels(half: float, n: int, rows: int, wanted: float) -> int:
    """How many more rows must be coded until limits that lie `half` away lie `wanted` away?

    The variance falls as 1/n − 1/N, N the rows there are, as long as further rows are drawn like those so far.
    """
    if not half > wanted:
        return 0
    inverse = 1 / rows + (1 / n - 1 / rows) * (wanted / half) ** 2
    return min(math.ceil(1 / inverse - 1e-9), rows) - n


def _guard(y: Array, sample: Sample) -> str | None:
    """Why must the coded sample stand alone? None where it needn't."""
    hits = int(y.sum())
    if sample.n < ENOUGH_CODED:
        return f"under {ENOUGH_CODED} coded"
    if hits < ENOUGH_OF_EACH:
        return f"under {ENOUGH_OF_EACH} coded with the class"
    if sample.n - hits < ENOUGH_OF_EACH:
        return f"under {ENOUGH_OF_EACH} coded without the class"
    return f"under {ENOUGH_GROUPS} groups coded" if sample.n_groups < ENOUGH_GROUPS else None


def _mean_by_stratum(rows: Rows) -> float:
    """The mean prediction of the corpus: strata's means, weighted by the totals given."""
    sums = np.bincount(rows.stratum, rows.weights * rows.predicted, len(rows.totals))
    own = np.bincount(rows.stratum, rows.weights, len(rows.totals))
    return float((rows.totals * sums / own).sum() / rows.totals.sum())


def _none(why: str, n: int, missing: int) -> ShareEstimate:
    return ShareEstimate(math.nan, math.nan, math.nan, why, n, missing)


def _certain(rows: Rows, result: ShareEstimate) -> FittedShare:
    return FittedShare(result, rows.coded, np.zeros(len(rows.coded)), None, 0.0, math.inf, math.inf)
