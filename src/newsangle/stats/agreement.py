"""Do coders who read the same units give the same codes, more often than chance would?

Krippendorff's alpha: 1 is agreement, 0 what chance gives, below 0 worse than chance. Any number of coders, with gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from newsangle.stats.bootstrap import Interval, bootstrap_interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha with its 95 % limits; NaN where there is none, and `method` then says why.

    `percent`: share of pairs of codes of one unit that are equal (0 … 1), chance not taken out. `n_units`: units with
    two codes or more; the others say nothing about agreement.
    """

    alpha: float
    low: float
    high: float
    method: str
    percent: float
    n_units: int


def coincidences(codes: Ints, n_classes: int) -> Floats:
    """How often do two coders pair class with class in each unit? Shape (units, classes, classes), symmetric.

    `codes`: units × coders, class numbers, −1 for no code. Each unit with m ≥ 2 codes adds m, spread over its ordered
    pairs; a unit with fewer adds nothing (Krippendorff 2011). Raises ValueError for other shapes and numbers.
    """
    table = np.asarray(codes)
    if table.ndim != 2 or (table.size and (table.min() < -1 or table.max() >= n_classes)):
        raise ValueError(f"codes of shape {table.shape}: expected units × coders of class numbers, −1 for no code")
    counts = np.stack([(table == c).sum(axis=1) for c in range(n_classes)], axis=1).astype(np.float64)
    per_unit = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(n_classes)
    pairs[:, diagonal, diagonal] -= counts
    pairs /= np.maximum(per_unit - 1, 1)[:, None, None]
    return np.where((per_unit >= 2)[:, None, None], pairs, 0.0)


def alpha_of(coincidence: Floats, level: Level = "nominal", values: Sequence[float] | None = None) -> Floats:
    """Krippendorff's alpha of summed coincidences (… × classes × classes): 1 − observed / expected disagreement.

    Two classes differ by 1 (nominal), by the squared number of codes that lie between them (ordinal, classes in
    order), or by the squared difference of their `values` (interval; default 0, 1, 2 …). NaN where all codes are equal.

    Two coders, ten units, 4 disagreements, 14 noughts and 6 ones (Krippendorff 2011): alpha 0.095.

    >>> round(float(alpha_of(np.array([[10.0, 4.0], [4.0, 2.0]]))), 3)
    0.095
    """
    table = np.asarray(coincidence, dtype=np.float64)
    per_class = table.sum(axis=-1)
    n = per_class.sum(axis=-1)
    distance = _distances(per_class, level, values)
    observed = (table * distance).sum(axis=(-2, -1))
    expected = (per_class[..., :, None] * per_class[..., None, :] * distance).sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan))


def _distances(per_class: Floats, level: Level, values: Sequence[float] | None) -> Floats:
    n_classes = per_class.shape[-1]
    if level == "nominal":
        return 1.0 - np.eye(n_classes)
    if level == "interval":
        place = np.arange(n_classes) if values is None else np.asarray(values, dtype=np.float64)
        return np.asarray((place[:, None] - place[None, :]) ** 2.0)
    # Ordinal: from the middle of one class's codes to the middle of the other's, all codes laid out in order.
    middle = np.cumsum(per_class, axis=-1) - per_class / 2
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)


def krippendorff_alpha(
    codes: Ints,
    n_classes: int,
    groups: Sequence[str],
    *,
    level: Level = "nominal",
    values: Sequence[float] | None = None,
    n_draws: int = 2000,
    seed: int = 0,
) -> Alpha:
    """Do the coders agree beyond chance, and how sure is that? Higher is better; 0.8 is the usual demand.

    `codes`: units × coders, −1 for no code; `groups`: what each unit belongs to (article or syndication group), drawn
    whole in the bootstrap. Don't compare alphas of other classes or other shares of classes: rare classes lower it.
    Without a single disagreement no draw holds one, and the limits are NaN: by the rule of three up to 3/n of the
    units may still be open to dispute. Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    units = coincidences(codes, n_classes)
    return _alpha(units, groups, level, values, n_draws, seed)


def class_alpha(codes: Ints, n_classes: int, which: int, groups: Sequence[str], *, seed: int = 0) -> Alpha:
    """Do the coders agree on what is, and what isn't, of one class? Nominal alpha of that class against all others."""
    told = np.where(np.asarray(codes) < 0, -1, (np.asarray(codes) == which).astype(np.int64))
    return _alpha(coincidences(told, 2), groups, "nominal", None, 2000, seed)


def _alpha(
    units: Floats, groups: Sequence[str], level: Level, values: Sequence[float] | None, n_draws: int, seed: int
) -> Alpha:
    if len(groups) != len(units):
        raise ValueError(f"{len(units)} units have {len(groups)} groups; give one a unit")
    shape, nan = units.shape[1:], float("nan")
    n_units = int((units.sum(axis=(1, 2)) > 0).sum())
    if not n_units:
        return Alpha(nan, nan, nan, "no alpha: no unit has two codes", nan, 0)
    whole = units.sum(axis=0)
    value = float(alpha_of(whole, level, values))
    percent = float(np.trace(whole) / whole.sum())
    if np.isnan(value):
        return Alpha(nan, nan, nan, "no alpha: all codes are of one class", percent, n_units)
    if percent == 1.0:
        limits = Interval(nan, nan, f"no interval: no disagreement in {n_units} units")
    else:
        _, group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        sums = np.zeros((group.max() + 1, shape[0] * shape[1]))
        np.add.at(sums, group, units.reshape(len(units), -1))
        limits = bootstrap_interval(
            sums, lambda s: alpha_of(s.reshape(-1, *shape), level, values), n_draws=n_draws, seed=seed
        )
    return Alpha(value, limits.low, limits.high, limits.method, percent, n_units)
