"""Can a share be estimated from these rows? Arrays of one length, or one line that says what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Checked input: `predicted`, `weights`, `stratum` (numbers) of every row; of the coded rows their positions
    (`coded`), codes `y`, `pi` and `group` (numbers); `totals` of the strata."""

    predicted: Array
    weights: Array
    stratum: Ints
    totals: Array
    coded: Ints
    y: Array
    pi: Array
    group: Ints


def checked_rows(
    predicted: npt.ArrayLike,
    coded: npt.ArrayLike,
    pi: npt.ArrayLike,
    group: Sequence[Any] | npt.NDArray[Any],
    weights: npt.ArrayLike | None,
    stratum: Sequence[Any] | npt.NDArray[Any] | None,
    stratum_totals: Mapping[Any, float] | None,
    level: float,
    half_width: float,
) -> Rows:
    """The rows as arrays, numbered. Raises ValueError (see `estimate_share`)."""
    for name, value in (("level", level), ("half_width", half_width)):
        if not 0.0 < value < 1.0:
            raise ValueError(f"{name} = {value}: use a share between 0 and 1")
    f, codes, chance = (np.asarray(values, dtype=np.float64) for values in (predicted, coded, pi))
    weight = np.ones(len(f)) if weights is None else np.asarray(weights, dtype=np.float64)
    units = np.asarray(group)
    named = {"coded": codes, "pi": chance, "group": units, "weights": weight}
    if stratum is not None:
        named["stratum"] = np.asarray(stratum)
    for name, values in named.items():
        if values.shape != f.shape or f.ndim != 1:
            raise ValueError(f"{name} has shape {values.shape}, predicted {f.shape}: give one value a row")
    _check(~((f >= 0) & (f <= 1)), f, "predicted", "a probability in [0, 1]; every row needs one")
    _check(~(np.isnan(codes) | (codes == 0) | (codes == 1)), codes, "coded", "1, 0 or NaN (not coded)")
    known = ~np.isnan(codes)
    _check(known & ~((chance > 0) & (chance <= 1)), chance, "pi", "in (0, 1]; every coded row needs it")
    _check(~(np.isfinite(weight) & (weight > 0)), weight, "weights", "a positive number; leave out what doesn't count")
    at = np.flatnonzero(known)
    number = _numbers(units[at])
    strata, totals = _strata(weight, named.get("stratum"), stratum_totals)
    return Rows(f, weight, strata, totals, at, codes[at], chance[at], number)


def _check(wrong: npt.NDArray[np.bool_], values: Array, name: str, needed: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"{name} = {values[row]} in row {row} is not {needed}")


def _numbers(values: npt.NDArray[Any]) -> Ints:
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _strata(weight: Array, stratum: npt.NDArray[Any] | None, given: Mapping[Any, float] | None) -> tuple[Ints, Array]:
    """The number of each row's stratum, and the strata's totals."""
    if stratum is None:
        if given is not None:
            raise ValueError("stratum_totals without stratum: say which stratum each row belongs to")
        return np.zeros(len(weight), dtype=np.int64), np.array([weight.sum()])
    names, number = np.unique(stratum, return_inverse=True)
    if given is None:
        return number.astype(np.int64), np.bincount(number, weight, len(names)).astype(np.float64)
    lost = [name for name in given if name not in set(names.tolist())]
    if lost:
        raise ValueError(f"stratum_totals: no row is in stratum {lost[0]!r}; give its rows, or leave it out")
    missing = [name for name in names.tolist() if name not in given]
    if missing:
        raise ValueError(f"stratum_totals: stratum {missing[0]!r} has no total; give one for each stratum")
    totals = np.array([float(given[name]) for name in names.tolist()])
    _check(~(np.isfinite(totals) & (totals > 0)), totals, "stratum_totals", "a positive number")
    return number.astype(np.int64), totals
