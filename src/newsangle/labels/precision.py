"""How precise would shares be from old codes and a new sample? A frame as arrays, and variances before anyone codes.

All variances are those that the model's probabilities lead to expect, given the frame: of the error of a share of this
finite corpus, estimated from codes alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.errors import DataError
from newsangle.labels.strata import class_chances

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_LEAST_SPREAD = 0.5  # no stratum is drawn at less than half of the mean rate: the model may be wrong about it
_STRANGE = 2.0  # old weights that add up to less than half, or more than twice, the frame are of another frame


@dataclass(frozen=True)
class OldCodes:
    """Rows with a drawn code: positions, class numbers, weights (1/π, together the size of the frame), and per class
    the model's deviations from the shares over all and in the outlet, weighted, and its variances, weighted twice."""

    rows: Ints
    code: Ints
    weight: Floats
    group: Ints
    pair: Ints
    pair_outlet: Ints
    deviation: Floats
    deviation_in_outlet: Floats
    within: Floats


@dataclass(frozen=True)
class SampleFrame:
    """The rows of a task by outlet and stratum number; `fresh`: rows that may be drawn, `fresh_size` by stratum;
    `chances` (strata × classes) and `spread` (strata) as the model expects them; `expected` shares, all then outlets;
    `effective`: how many rows drawn in the new way would tell as much as the old codes, 0 where these stand alone."""

    classes: Sequence[str]
    outlets: Sequence[str]
    outlet: Ints
    number: Ints
    stratum_outlet: Ints
    fresh: npt.NDArray[np.bool_]
    fresh_size: Floats
    chances: Floats
    spread: Floats
    expected: Floats
    old: OldCodes
    effective: float

    def fraction(self, rate: Floats) -> Floats:
        """The fraction g of each stratum that is drawn, given each outlet's rate."""
        return np.asarray(np.minimum(1.0, rate[self.stratum_outlet] * self.spread))

    def size(self, rate: Floats) -> int:
        """How many rows do these rates draw?"""
        return int(np.ceil(round(float((self.fraction(rate) * self.fresh_size).sum()), 6)))

    def share_of_old(self, g: Floats) -> Floats:
        """λ of each stratum: what the old codes count beside the new ones."""
        rows = np.bincount(self.outlet, minlength=len(self.outlets)).astype(np.float64)
        old = self.effective * rows / rows.sum()
        new = np.bincount(self.stratum_outlet, weights=g * self.fresh_size, minlength=len(rows))
        whole = np.divide(old, old + new, out=np.zeros_like(old), where=old + new > 0)
        return np.asarray(np.minimum(whole[self.stratum_outlet], 1 - g))

    def variances(self, g: Floats, mixed: Floats | None = None) -> Floats:
        """Variance of each share: (1 + outlets) × classes, all outlets first. `mixed`: λ, if not that of g."""
        lam = self.share_of_old(g) if mixed is None else mixed
        counts = (1 - lam) * self.fresh_size > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(g < 1, (1 - lam) ** 2 * self.fresh_size * (1 - g) / g, 0.0)
        new = np.where(counts[:, None], part[:, None] * self.chances * (1 - self.chances), 0.0)
        total = np.zeros((1 + len(self.outlets), len(self.classes)))
        np.add.at(total, 1 + self.stratum_outlet, new)
        total[0] = new.sum(axis=0)
        total += self.old_variances(lam)
        rows = np.bincount(self.outlet, minlength=len(self.outlets)).astype(np.float64)
        return np.asarray(total / np.concatenate([[rows.sum()], rows])[:, None] ** 2)

    def old_variances(self, lam: Floats) -> Floats:
        """Of the old codes' part of the totals, linearised about the shares, groups as units (Särndal et al. 1992).

        Expected, not observed: a rare class that the old codes happen to lack isn't known to be absent.
        """
        old, n_classes = self.old, len(self.classes)
        total = np.zeros((1 + len(self.outlets), n_classes))
        if not len(old.rows):
            return total
        each = lam[self.number[old.rows]][:, None]
        groups = np.zeros((int(old.group.max()) + 1, n_classes))
        np.add.at(groups, old.group, each * old.deviation)
        pairs = np.zeros((len(old.pair_outlet), n_classes))
        np.add.at(pairs, old.pair, each * old.deviation_in_outlet)
        within = each**2 * old.within
        np.add.at(total, 1 + old.pair_outlet, pairs**2)
        np.add.at(total, 1 + self.outlet[old.rows], within)
        total[0] = (groups**2).sum(axis=0) + within.sum(axis=0)
        return total

    def coded(self) -> Ints:
        """How many old codes of each class has each cell? (1 + outlets) × classes."""
        table = np.zeros((1 + len(self.outlets), len(self.classes)), dtype=np.int64)
        np.add.at(table, (1 + self.outlet[self.old.rows], self.old.code), 1)
        table[0] = table[1:].sum(axis=0)
        return table


def sample_frame(
    rows: pd.DataFrame, classes: Sequence[str], wanted: Sequence[str], stratum: Sequence[str], old_alone: bool
) -> SampleFrame:
    """What is there to draw from? See `plan_codes` for the columns.

    Raises DataError where old codes weigh up to another frame: then `pi` isn't that of a sample of these rows.
    """
    _, number = np.unique(np.asarray(stratum, dtype=str), return_inverse=True)
    names = [name if isinstance(name, str) else "(unknown)" for name in rows["outlet"]]
    outlets, outlet = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    first = np.unique(number, return_index=True)[1]
    fresh = rows["coded"].isna().to_numpy()
    known = rows[[f"p_{c}" for c in classes]].to_numpy(dtype=np.float64)
    chances = class_chances(rows, classes, number)
    counted = [i for i, c in enumerate(classes) if not wanted or c in wanted]
    each = (chances * (1 - chances))[:, counted].sum(axis=1)
    fresh_size = np.bincount(number[fresh], minlength=len(first)).astype(np.float64)
    mean = float((np.sqrt(each) * fresh_size).sum() / max(fresh_size.sum(), 1))
    pi = rows["pi"].to_numpy(dtype=np.float64)[~fresh]
    alone = old_alone or not len(pi) or bool(np.isnan(pi).any())
    frame = SampleFrame(
        classes=classes,
        outlets=[str(name) for name in outlets],
        outlet=outlet,
        number=number,
        stratum_outlet=outlet[first],
        fresh=fresh,
        fresh_size=fresh_size,
        chances=chances,
        spread=np.maximum(np.sqrt(each), max(_LEAST_SPREAD * mean, 1e-9)),
        expected=np.array([known.mean(axis=0), *(known[outlet == i].mean(axis=0) for i in range(len(outlets)))]),
        old=_old_codes(rows, classes, np.where(np.isnan(known), 0.5, known), outlet, None if alone else pi),
        effective=0.0,
    )
    if alone:
        return frame
    before = frame.old_variances(np.ones(len(first)))[0][counted].sum()
    per_row = (fresh_size * frame.spread).sum() * (fresh_size * each / frame.spread).sum()
    return replace(frame, effective=float(per_row / before) if before > 0 else 0.0)


def _old_codes(rows: pd.DataFrame, classes: Sequence[str], known: Floats, outlet: Ints, pi: Floats | None) -> OldCodes:
    """`pi` None: each counts for itself alone."""
    old = np.flatnonzero(rows["coded"].notna().to_numpy())
    weight = np.ones(len(old))
    if pi is not None:
        weight = 1 / pi
        if not 1 / _STRANGE <= weight.sum() / len(rows) <= _STRANGE:
            raise DataError(
                f"the {len(old)} codes weigh up to {weight.sum():,.0f} rows (sum of 1/pi), there are {len(rows):,}: "
                "they are no sample of these rows; with --old-alone they count for themselves alone"
            )
        weight = weight * len(rows) / weight.sum()
    here = outlet[old]
    _, group = np.unique(rows["group"].astype(str).to_numpy()[old], return_inverse=True)
    pairs, pair = np.unique(here * (len(old) + 1) + group, return_inverse=True)
    chances = known[old]
    n_outlets = int(outlet.max()) + 1
    sums = np.zeros((n_outlets, chances.shape[1] + 1))
    np.add.at(sums, here, np.column_stack([chances, np.ones(len(old))]) * weight[:, None])
    by_outlet = sums[:, :-1] / np.maximum(sums[:, -1:], 1e-300)
    over_all = sums[:, :-1].sum(axis=0) / max(sums[:, -1].sum(), 1e-300)
    return OldCodes(
        rows=old,
        code=np.array([list(classes).index(c) for c in rows["coded"].to_numpy()[old]], dtype=np.int64),
        weight=weight,
        group=group.astype(np.int64),
        pair=pair.astype(np.int64),
        pair_outlet=(pairs // (len(old) + 1)).astype(np.int64),
        deviation=weight[:, None] * (chances - over_all),
        deviation_in_outlet=weight[:, None] * (chances - by_outlet[here]),
        within=weight[:, None] ** 2 * chances * (1 - chances),
    )
