"""Which tables of shares does a run's folder hold? The estimates of all tasks, rounded, in columns of one kind."""

from collections.abc import Sequence

import pandas as pd

from newsangle.coverage.share_table import CONTRAST_COLUMNS, SHARE_COLUMNS, TREND_COLUMNS
from newsangle.runs.records import rounded
from newsangle.runs.results import PointResult

SHARES, CONTRASTS, TRENDS = "shares.parquet", "share_contrasts.parquet", "share_trends.parquet"
_NUMBERS = ("estimate", "low", "high", "naive", "difference", "slope", "p", "p_holm")
_COUNTS = ("n_coded", "labels_needed", "n")


def share_tables(point: PointResult) -> dict[str, pd.DataFrame]:
    """Shares, contrasts between outlets and trends by week, by name of the file; empty tables keep their columns."""
    estimates = [task.estimates for task in point.tasks.values()]
    return {
        SHARES: _joined([e.table for e in estimates], SHARE_COLUMNS),
        CONTRASTS: _joined([e.contrasts for e in estimates], CONTRAST_COLUMNS),
        TRENDS: _joined([e.trends for e in estimates], TREND_COLUMNS),
    }


def _joined(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    out = {}
    for name in columns:
        values = [value for table in tables for value in table[name]]
        if name in _COUNTS:
            out[name] = pd.Series(values, dtype="Int64")
        elif name in _NUMBERS:
            out[name] = pd.Series([rounded(value) for value in values], dtype="float64")
        else:
            out[name] = pd.Series([None if pd.isna(value) else str(value) for value in values], dtype="str")
    return pd.DataFrame(out)
