"""What does the report tell of corrected shares? Estimates in, rows of plain text out."""

from typing import Any

import pandas as pd

from newsangle.runs.results import TaskResult
from newsangle.runs.wording import estimate_with_interval, percent


def estimate_rows(task: TaskResult) -> list[dict[str, Any]]:
    """One row a class (and target): everything published, original reporting, the naive share, how it was found."""
    table = task.estimates.table
    table = table.loc[table["slice"] == "all"]
    originals = table.loc[table["count"] == "original"].to_dict("records")
    rows = []
    for r, original in zip(table.loc[table["count"] == "published"].to_dict("records"), originals, strict=True):
        rows.append(
            {
                "target": _target(task, r["target"]),
                "name": task.class_name(r["class"]),
                "n": r["n"],
                "n_coded": r["n_coded"],
                "published": estimate_with_interval(r),
                "original": estimate_with_interval(original),
                "naive": percent(r["naive"]),
                "method": r["method"],
                "labels_needed": f"{r['labels_needed']:,}",
            }
        )
    return rows


def week_grids(task: TaskResult) -> list[dict[str, Any]]:
    """Outlet × week, one table a class (the residual left out): the share with limits, or how many codes are missing.

    Empty for tasks on targets, and where there is no date or no outlet.
    """
    table = task.estimates.table
    cells = table.loc[(table["slice"] == "outlet_week") & (table["count"] == "published")]
    if task.config.targets or not len(cells):
        return []
    weeks, outlets = sorted(set(cells["week"])), sorted(set(cells["outlet"]))
    grids = []
    for label in task.config.classes:
        if label != task.config.residual:
            mine = cells.loc[cells["class"] == label].set_index(["outlet", "week"])
            found = {key: _cell(mine.loc[key]) for key in mine.index}
            rows = [{"outlet": o, "cells": [found.get((o, w)) for w in weeks]} for o in outlets]
            grids.append({"name": task.class_name(label), "weeks": weeks, "rows": rows})
    return grids


def _cell(row: Any) -> dict[str, Any]:
    told = {"n": int(row["n"]), "coded": int(row["n_coded"])}
    if row["estimate"] != row["estimate"]:
        return told | {"share": None, "missing": int(row["labels_needed"])}
    return told | {"share": estimate_with_interval(row), "missing": 0}


def contrast_rows(task: TaskResult, most: int = 12) -> dict[str, Any]:
    """Which outlets differ? The pairs with the smallest p, how many there are, how many pass Holm's correction."""
    table = task.estimates.contrasts
    table = table.loc[table["class"] != task.config.residual].sort_values("p", kind="stable")
    rows = [
        {
            "target": _target(task, r["target"]),
            "name": task.class_name(r["class"]),
            "pair": f"{r['first']} − {r['second']}",
            "difference": _points(r["difference"], r["low"], r["high"]),
            "p": _p(r["p"]),
            "p_holm": _p(r["p_holm"]),
            "sure": r["p_holm"] < 0.05,
        }
        for r in table.head(most).to_dict("records")
    ]
    return {"rows": rows, "pairs": len(table), "sure": int((table["p_holm"] < 0.05).sum())}


def trend_rows(task: TaskResult) -> list[dict[str, Any]]:
    """Does a share rise or fall? The slope over all outlets by class (and target), and of outlets that pass Holm."""
    table = task.estimates.trends
    table = table.loc[table["class"] != task.config.residual]
    kept = table.loc[table["outlet"].isna() | (table["p_holm"] < 0.05)]
    return [
        {
            "target": _target(task, r["target"]),
            "name": task.class_name(r["class"]),
            "outlet": r["outlet"] if isinstance(r["outlet"], str) else "all outlets",
            "slope": _points(r["slope"], r["low"], r["high"]) if r["slope"] == r["slope"] else f"– ({r['method']})",
            "p_holm": _p(r["p_holm"]),
            "n_coded": r["n_coded"],
        }
        for r in kept.to_dict("records")
    ]


def _target(task: TaskResult, target: Any) -> str:
    return "" if pd.isna(target) else task.target_name(str(target))


def _points(value: float, low: float, high: float) -> str:
    """A difference of shares in percentage points: "+3.1 [−0.4, +6.9]"."""
    told = [f"{100 * v:+z.1f}".replace("-", "−") for v in (value, low, high)]
    return f"{told[0]} [{told[1]}, {told[2]}]"


def _p(value: float) -> str:
    return "–" if value != value else "< 0.001" if value < 0.001 else f"{value:.3f}"
