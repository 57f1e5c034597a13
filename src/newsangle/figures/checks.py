"""Can this table be drawn? If not: which figure, which column or row, and what would do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def check_table(
    table: pd.DataFrame, figure: str, *, key: Sequence[str], numbers: Sequence[str], others: Sequence[str] = ()
) -> pd.DataFrame:
    """Is this a long table with one row per `key`? A copy with `numbers` as float64 and rows numbered from 0.

    Raises ValueError: no rows; a column missing; two rows with one key; a key missing; a number that is infinite or
    no number at all. NaN is allowed: it means "no estimate", and is drawn as a dash, never as 0.
    """
    _not_empty(table, figure)
    wanted = [*key, *numbers, *others]
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise ValueError(f"{figure}: the table has no column {_listed(missing)}; it needs {_listed(wanted)}")
    found = table[wanted].reset_index(drop=True)
    for column in key:
        if found[column].isna().any():
            row = int(np.flatnonzero(found[column].isna())[0])
            raise ValueError(f"{figure}: {column} is missing in row {row}; name it or drop the row")
    twice = found.duplicated(list(key))
    if twice.any():
        where = ", ".join(f"{column} = {found[column].iloc[int(twice.to_numpy().argmax())]}" for column in key)
        raise ValueError(f"{figure}: two rows for {where}; give one row for each {' and '.join(key)}")
    for column in numbers:
        found[column] = _as_float(found[column], figure, column)
    return found


def check_matrix(table: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Is this a wide table of numbers with unique labels? A float64 copy.

    Raises ValueError: no rows or no columns; a label twice; a number that is infinite or no number at all.
    """
    _not_empty(table, figure)
    for axis, labels in (("row", table.index), ("column", table.columns)):
        if labels.has_duplicates:
            raise ValueError(
                f"{figure}: two {axis}s are called {labels[labels.duplicated()][0]}; make the names unique"
            )
    columns = [_as_float(table.iloc[:, j], figure, str(table.columns[j])) for j in range(table.shape[1])]
    return pd.DataFrame(np.column_stack(columns), index=table.index, columns=table.columns)


def check_shares(table: pd.DataFrame, figure: str, columns: Sequence[str]) -> None:
    """Are these shares, not percentages? A corrected share may leave [0, 1] a little; 34 is a percentage."""
    for column in columns:
        wrong = table.index[(table[column] > 1.5) | (table[column] < -0.5)]
        if len(wrong):
            value = table.loc[wrong[0], column]
            raise ValueError(f"{figure}: {column} = {value:g} in row {wrong[0]}; give shares between 0 and 1")


def _not_empty(table: pd.DataFrame, figure: str) -> None:
    if not table.shape[0] or not table.shape[1]:
        raise ValueError(f"{figure}: the table is empty ({table.shape[0]} rows, {table.shape[1]} columns); skip it")


def _as_float(column: "pd.Series[float]", figure: str, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    try:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{figure}: column {name} holds something that is no number ({error})") from error
    if np.isinf(numbers).any():
        raise ValueError(f"{figure}: column {name} is infinite in row {int(np.flatnonzero(np.isinf(numbers))[0])}")
    return numbers


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
