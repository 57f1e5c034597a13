"""How much of the coverage has each class: everywhere, by outlet, by week, by both? One table with valid limits.

Where codes can't correct the predictions (there are none, or nobody knows with which chances they were drawn) the rows
hold the naive share alone, and `method` says that it is predicted and uncorrected.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.coverage.differences import contrasts
from newsangle.coverage.estimate import ENOUGH_CODED, FittedShare, fit_share
from newsangle.coverage.shares import UNCORRECTED, week_of
from newsangle.coverage.trends import estimate_trend
from newsangle.stats.multiple import holm

Ints = npt.NDArray[np.int64]

PUBLISHED, ORIGINAL = "published", "original"
SHARE_COLUMNS = [
    "task", "class", "slice", "key", "outlet", "week", "count", "target", "estimate", "low", "high", "method",
    "n_coded", "labels_needed", "naive", "n",
]  # fmt: skip
CONTRAST_COLUMNS = ["task", "class", "target", "first", "second", "difference", "low", "high", "p", "p_holm"]
TREND_COLUMNS = ["task", "class", "target", "outlet", "slope", "low", "high", "p", "p_holm", "method", "n_coded"]


@dataclass(frozen=True)
class TaskShares:
    """Of one task: shares (`SHARE_COLUMNS`), contrasts between outlets and trends by week (empty without codes)."""

    table: pd.DataFrame
    contrasts: pd.DataFrame
    trends: pd.DataFrame


def task_shares(task: str, rows: pd.DataFrame, classes: Sequence[str]) -> TaskShares:
    """How much of the coverage has each class, in every slice, and what differs?

    `rows`, one a passage (or passage × target): p_<class> (cross-fitted, calibrated), coded (a class or missing), pi,
    group, article_id, outlet, date, target (missing without targets), and stratum where the codes were drawn by
    strata. Shares of every target apart.

    Slices: `all`; `outlet`, weeks pooled; `week` (its Monday), outlets pooled; `outlet_week`. Rows without outlet or
    date are left out of the slices that need them. `count`: `published`, everything counts, copies too; `original`,
    one article a syndication group, the first published of the whole corpus (undated last, then by article_id): where
    an outlet only ran what others wrote first, it has no original passages. `naive`: mean probability. `n`: rows of the
    cell. `labels_needed` (null where codes can't help): see `ShareEstimate`; a cell without a number says how many
    codes are missing.

    Contrasts: every pair of outlets with 30 coded rows, all copies, Holm over the pairs of a class (and target).
    Trends: slope per week of all outlets together (`outlet` missing) and of each, all copies, Holm over those of a
    class (and target).
    """
    cells = _Cells(rows, classes)
    records, pairs, slopes = [], [], []
    for target, mine in cells.targets():
        for name in classes:
            for count, counted in ((PUBLISHED, mine), (ORIGINAL, mine[cells.first[mine]])):
                fits: dict[str, FittedShare] = {}
                for slice_name, outlet, week, inside in cells.slices(counted):
                    values, fit = cells.share(name, inside)
                    key = ", ".join(part for part in (outlet, week) if part) or "all"
                    about = (task, name, slice_name, key, outlet, week, count, target)
                    records.append((*about, *values, cells.naive(name, inside), len(inside)))
                    if slice_name == "outlet" and fit is not None and fit.result.n_coded >= ENOUGH_CODED:
                        fits[str(outlet)] = fit
                if count == PUBLISHED and cells.codes_help:
                    pairs.append(contrasts(fits, cells.group).assign(task=task, target=target, **{"class": name}))
                    slopes.append(_trends(cells, name, mine).assign(task=task, target=target, **{"class": name}))
    table = pd.DataFrame(records, columns=SHARE_COLUMNS).astype({"labels_needed": "Int64"})
    return TaskShares(table, _stacked(pairs, CONTRAST_COLUMNS), _stacked(slopes, TREND_COLUMNS))


def _stacked(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    full = [table for table in tables if len(table)]
    return pd.concat(full, ignore_index=True)[columns] if full else pd.DataFrame(columns=columns)


class _Cells:
    """The rows as arrays, and the cells that they fall into."""

    def __init__(self, rows: pd.DataFrame, classes: Sequence[str]) -> None:
        coded = rows["coded"].notna().to_numpy()
        self.chance = {c: rows[f"p_{c}"].to_numpy(dtype=np.float64) for c in classes}
        self.code = {c: np.where(coded, (rows["coded"] == c).to_numpy(), np.nan) for c in classes}
        self.coded = coded
        self.pi = rows["pi"].to_numpy(dtype=np.float64)
        self.codes_help = bool(coded.any()) and not np.isnan(self.pi[coded]).any()
        self.group = np.unique(rows["group"].astype(str).to_numpy(dtype=object), return_inverse=True)[1]
        self.outlet = _names(rows["outlet"])
        weeks = week_of(rows["date"])
        self.week = np.array([None if pd.isna(w) else f"{w:%Y-%m-%d}" for w in weeks], dtype=object)
        days = (weeks - weeks.min()).dt.days.to_numpy(dtype=np.float64)
        self.weeks_on = days / 7
        self.target = _names(rows["target"])
        known = "stratum" in rows.columns and bool(rows["stratum"].notna().all())
        self.stratum = np.unique(rows["stratum"].astype(str), return_inverse=True)[1] if known else None
        self.first = _first_published(rows)

    def targets(self) -> Iterator[tuple[str | None, Ints]]:
        """Each target with its rows; everything under None where the task has no targets."""
        names = sorted({t for t in self.target if t is not None})
        for name in names or [None]:
            yield name, np.flatnonzero(np.array([t == name for t in self.target], dtype=bool))

    def slices(self, rows: Ints) -> Iterator[tuple[str, str | None, str | None, Ints]]:
        """Each cell of each slice: slice, outlet, week, rows."""
        yield "all", None, None, rows
        outlets, weeks = (sorted({v for v in by if v is not None}) for by in (self.outlet, self.week))
        by_outlet = {o: rows[self.outlet[rows] == o] for o in outlets}
        by_week = {w: rows[self.week[rows] == w] for w in weeks}
        yield from (("outlet", o, None, found) for o, found in by_outlet.items() if len(found))
        yield from (("week", None, w, found) for w, found in by_week.items() if len(found))
        for o, found in by_outlet.items():
            cells = ((w, found[self.week[found] == w]) for w in weeks)
            yield from (("outlet_week", o, w, inside) for w, inside in cells if len(inside))

    def share(
        self, name: str, rows: Ints
    ) -> tuple[tuple[float, float, float, str, int, int | None], FittedShare | None]:
        """Estimate, limits, method, n_coded, labels_needed, and the fit (its rows those of the whole table)."""
        if not self.codes_help or not len(rows):
            why = self._why_not() if len(rows) else "no number (no passages)"
            return (math.nan, math.nan, math.nan, why, int(self.coded[rows].sum()), None), None
        stratum = None if self.stratum is None else self.stratum[rows]
        fit = fit_share(
            self.chance[name][rows], self.code[name][rows], self.pi[rows], self.group[rows], stratum=stratum
        )
        fit = replace(fit, rows=rows[fit.rows])
        r = fit.result
        return (r.estimate, r.low, r.high, r.method, r.n_coded, r.labels_needed), fit

    def _why_not(self) -> str:
        return f"{UNCORRECTED} (the codes have no pi)" if self.coded.any() else f"{UNCORRECTED} (no codes)"

    def naive(self, name: str, rows: Ints) -> float:
        """The mean probability."""
        return float(self.chance[name][rows].mean()) if len(rows) else math.nan


def _names(column: pd.Series) -> npt.NDArray[np.object_]:
    """The column's names, None where there is none."""
    return np.array([None if pd.isna(value) else str(value) for value in column], dtype=object)


def _trends(cells: _Cells, name: str, rows: Ints) -> pd.DataFrame:
    dated = rows[~np.isnan(cells.weeks_on[rows])]
    outlets = sorted({o for o in cells.outlet[dated] if o is not None})
    records = []
    for outlet in [None, *outlets]:
        inside = dated if outlet is None else dated[cells.outlet[dated] == outlet]
        if not len(inside):
            continue
        t = estimate_trend(
            cells.weeks_on[inside],
            cells.chance[name][inside],
            cells.code[name][inside],
            cells.pi[inside],
            cells.group[inside],
            stratum=None if cells.stratum is None else cells.stratum[inside],
        )
        records.append((outlet, t.slope, t.low, t.high, t.p, t.method, t.n_coded))
    table = pd.DataFrame(records, columns=["outlet", "slope", "low", "high", "p", "method", "n_coded"])
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=np.float64)))


def _first_published(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows belong to the first article of their syndication group?"""
    articles = rows[["group", "article_id", "date"]].drop_duplicates("article_id")
    ordered = articles.sort_values(["date", "article_id"], na_position="last", kind="stable")
    first = set(ordered.drop_duplicates("group")["article_id"])
    return rows["article_id"].isin(first).to_numpy()
