"""How does a plan or a queue become a sheet? New rows to code in front, what was coded before behind them."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.errors import ConfigError
from newsangle.labels.codes import KEY, POOL, TRAINING
from newsangle.labels.plan import Plan
from newsangle.labels.sheet import row_names, sheet_rows, stack


def planned_sheet(
    rows: pd.DataFrame,
    plan: Plan,
    *,
    column: str,
    target_column: str | None = None,
    before: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """The sheet of a plan: drawn rows to code, in random order, then `before` (the annotation file) with its new `pi`.

    A drawn passage that is coded in the training pool already keeps its code and leaves that pool: it is drawn now.
    Other columns of `before` are kept as they are. Every number of `pi` is written with all of its digits.
    """
    pi = pd.Series([repr(float(value)) if np.isfinite(value) else "" for value in plan.pi])
    taught = rows["taught"].notna().to_numpy()
    new = np.array([i for i in plan.drawn if not taught[i]], dtype=np.int64)
    new = np.random.default_rng([seed, 1]).permutation(new)
    chosen = rows.iloc[new].reset_index(drop=True)
    stratum = [plan.stratum[i] for i in new]
    sheet = sheet_rows(chosen, column, target_column, pool="", pi=pi.iloc[new].tolist(), stratum=stratum)
    if before is None:
        return sheet
    place = _places(rows, before, target_column)
    old = before.assign(pi=[pi.iloc[i] for i in place])
    if POOL in old.columns:
        drawn = np.isin(place, plan.drawn)
        old[POOL] = old[POOL].where(~drawn, "")
        if "stratum" in old.columns:
            old["stratum"] = [plan.stratum[i] if d else s for i, d, s in zip(place, drawn, old["stratum"], strict=True)]
    return stack([sheet, old], column, target_column)


def queued_sheet(
    rows: pd.DataFrame,
    positions: npt.NDArray[np.int64],
    *,
    column: str,
    target_column: str | None = None,
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The sheet of a queue: the queued rows, `pool` = training and no `pi`, best first; then `before` as it is."""
    chosen = rows.iloc[positions].reset_index(drop=True)
    none = [""] * len(chosen)
    sheet = sheet_rows(chosen, column, target_column, pool=TRAINING, pi=none, stratum=none)
    return sheet if before is None else stack([sheet, before], column, target_column)


def fill_texts(sheet: pd.DataFrame, rows: pd.DataFrame, target_column: str | None) -> pd.DataFrame:
    """The sheet with the text of each of its passages, from the task's rows."""
    texts = rows["text"].tolist()
    return sheet.assign(text=[texts[i] for i in _places(rows, sheet, target_column)])


def _places(rows: pd.DataFrame, sheet: pd.DataFrame, target_column: str | None) -> npt.NDArray[np.int64]:
    """The position of each row of a sheet among the task's rows. Raises ConfigError for a row that isn't there."""
    names = rows.rename(columns={"target": target_column}) if target_column else rows
    keys = [*KEY, *([target_column] if target_column else [])]
    place = {key: i for i, key in enumerate(names[keys].itertuples(index=False, name=None))}
    found = [place.get(key, -1) for key in sheet[keys].itertuples(index=False, name=None)]
    if -1 in found:
        i = found.index(-1)
        name = row_names(sheet.iloc[[i]], target_column)[0]
        raise ConfigError(f"row {sheet['row'].iloc[i]} of the sheet, {name}, is no row of this task; name another run")
    return np.array(found, dtype=np.int64)
