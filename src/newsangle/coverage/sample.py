"""What does a coded sample say of the finite corpus, and how far off may it be? Weights, residuals and their variance.

An estimate is a weighted sum over coded rows; its error is that of the sum of `parts`, one a coded row: weight times
residual. Everything here is about such parts.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_IN_STRATUM = 10  # coded rows; a stratum with fewer is joined with others before weights are calibrated
UNSEEN = 0.5  # rows of either kind added to each stratum (Jeffreys) when its variance is looked at
UNSEEN_ERRORS = 2.25  # groups in error that a sample without one may hide: 2 · √2.25 = 3, the rule of three


@dataclass(frozen=True)
class Sample:
    """The coded rows of one cell of the corpus.

    pi, group, stratum: inclusion probability, number of the group (0 … n_groups−1, all of them coded), number of the
    stratum; `weight`: what each row stands for, calibrated so that each stratum adds up to `totals`; `most`: the
    largest π of each group.
    """

    pi: Array
    group: Ints
    stratum: Ints
    weight: Array
    totals: Array
    most: Array

    @property
    def n(self) -> int:
        """How many rows are coded?"""
        return len(self.pi)

    @property
    def n_groups(self) -> int:
        """In how many independent groups do they lie?"""
        return len(self.most)

    @property
    def degrees(self) -> float:
        """Degrees of freedom of a variance: groups − strata, at least 1."""
        return float(max(self.n_groups - len(self.totals), 1))

    def means(self, values: Array) -> Array:
        """The weighted mean of values of the coded rows in each stratum."""
        return np.bincount(self.stratum, self.weight * values, len(self.totals)) / self.totals

    def mean(self, values: Array) -> float:
        """The mean of the corpus as these values of the coded rows show it."""
        return float((self.totals * self.means(values)).sum() / self.totals.sum())

    def parts(self, values: Array) -> Array:
        """What does each coded row add to the error of that mean? Weight × (value − mean of its stratum) / total."""
        residual = values - self.means(values)[self.stratum]
        return np.asarray(self.weight * residual / self.totals.sum())

    def by_group(self, parts: Array) -> Array:
        """The sum of the parts of each group."""
        return np.bincount(self.group, parts, self.n_groups).astype(np.float64)

    def covariance(self, a: Array, b: Array) -> float:
        """How do the errors of two sums of parts vary together when another sample is drawn?

        Groups enter together, rows within them by chance: with q the chance of a group and π that of a row, the
        covariance is Σ_g (1 − q) A_g B_g + Σ_i (q − π) a_i b_i. q isn't known; the largest π of the group's coded rows
        stands for it: right where some rows of a group are certain once it is drawn, and otherwise on the safe side as
        long as rows of one group resemble each other. Nothing is left to chance where π = 1: a census has no error. A
        group that holds the share h of the weight pulls the mean towards itself; what it adds is divided by (1 − h)²,
        as leaving it out would show (jackknife; CR3 of Bell and McCaffrey 2002).
        """
        pull = self.by_group(self.weight) / self.totals.sum()
        with np.errstate(divide="ignore", invalid="ignore"):  # one group alone: no variance can be had
            added = (1.0 - self.most) * self.by_group(a) * self.by_group(b) / (1.0 - pull) ** 2
        return float(added.sum()) + float(((self.most[self.group] - self.pi) * a * b).sum())

    def freedom(self, parts: Array, share: float) -> float:
        """How many degrees of freedom has the effective sample size p (1 − p) / V of a share with these parts?

        2 over the squared coefficient of variation of V (Satterthwaite 1946), which the groups' influence gives (delta
        method). Where V follows from p, as in a simple random sample, it has no uncertainty of its own beyond p's, and
        the binomial limits hold that already; where few heavy groups make up V, it has. With the part of p taken off
        whole, limits were too short in simulations; with none of it, absurdly long where hits are few: a quarter is
        taken off. At least 1, at most `degrees`.
        """
        sums = self.by_group(parts)
        variance = float((sums**2).sum())
        if variance <= 0:
            return self.degrees
        binomial = share * (1.0 - share)
        turn = 0.25 * (1.0 - 2.0 * share) / binomial if binomial > 0 else 0.0
        influence = sums**2 / variance - 1.0 / self.n_groups - turn * sums
        spread = float((influence**2).sum())
        return min(self.degrees, max(2.0 / spread, 1.0)) if spread > 0 else self.degrees

    def unseen(self, hits: Array) -> tuple[float, float]:
        """How much variance, and how much of the share, hides where the sample saw few rows of one kind, or none?

        A stratum with no coded hit isn't one without hits: each is looked at as if it had `UNSEEN` more rows of either
        kind. First, the binomial variance that this adds, where it adds any, unequal weights and what a census leaves
        to no chance allowed for. Second, how the share would move: the share that the variance then belongs to.
        """
        strata = len(self.totals)
        n = np.bincount(self.stratum, minlength=strata).astype(np.float64)
        seen = np.clip(self.means(hits), 0.0, 1.0)
        smooth = (n * seen + UNSEEN) / (n + 2 * UNSEEN)
        more = np.maximum(smooth * (1 - smooth) - seen * (1 - seen), 0.0)
        open_to_chance = np.bincount(self.stratum, self.weight**2 * (1.0 - self.pi), strata)
        whole = self.totals.sum()
        return float((more * open_to_chance).sum() / whole**2), float((self.totals * (smooth - seen)).sum() / whole)

    def unseen_errors(self, y: Array, f: Array, leverage: Array) -> float:
        """Where no coded row that weighs is misread (y and f on two sides of ½): the variance of misreadings missed.

        Residuals are next to nothing then, and so is their variance; yet with no error in G groups up to 3/G of them
        may be wrong (Hanley and Lippman-Hand 1983), and a story that misleads the classifier does so as a whole.
        `leverage`: what an error of 1 in each coded row would move. 0 where the errors seen move as much as one of
        mean leverage would: the variance holds them. Errors in rows that hardly weigh say little of those that do.
        """
        reach = np.abs(leverage)
        seen = (reach[np.abs(y - f) > 0.5] ** 2).sum()
        if seen >= 0.99 * (reach**2).mean():  # not 1: with equal weights one error counts, whatever the last digits
            return 0.0
        return UNSEEN_ERRORS / self.n_groups * self.covariance(reach, reach)


def coded_sample(pi: Array, group: Ints, stratum: Ints, weights: Array, totals: Array) -> Sample:
    """The sample of these coded rows, weights w/π calibrated to the strata's totals (of w over the whole corpus).

    Strata with fewer than `LEAST_IN_STRATUM` coded rows are joined with each other, and, where that isn't enough, with
    the one that has most (the first of these).
    """
    counts = np.bincount(stratum, minlength=len(totals))
    few = counts < LEAST_IN_STRATUM
    if few.any() and not few.all():
        label = np.where(few, len(totals), np.arange(len(totals)))
        if counts[few].sum() < LEAST_IN_STRATUM:
            label[few] = int(np.argmax(counts))
        _, joined = np.unique(label, return_inverse=True)
    else:
        joined = np.zeros(len(totals), dtype=np.int64) if few.all() else np.arange(len(totals))
    stratum = joined[stratum]
    totals = np.bincount(joined, totals).astype(np.float64)
    weight = weights / pi
    weight = weight * (totals / np.bincount(stratum, weight, len(totals)))[stratum]
    most = np.zeros(int(group.max()) + 1)
    np.maximum.at(most, group, pi)
    return Sample(pi, group, stratum, weight, totals, most)
