"""How much of the coverage has each class, run beside run? Overall shares with limits, and no test."""

from collections.abc import Sequence
from typing import Any

from newsangle.coverage.shares import UNCORRECTED
from newsangle.runs.folder import Run
from newsangle.runs.records import record
from newsangle.runs.side_by_side import Row
from newsangle.runs.wording import estimate_with_interval, percent

SHARES = "shares.parquet"
ORIGINAL = "original"
UNTESTED = (
    "Not tested: runs mostly stand on the same articles and codes, so that whether limits overlap doesn't show whether "
    "runs differ."
)


def share_note(runs: Sequence[Run]) -> str:
    """How are these shares to be read?"""
    swept = any(run.config.get("vary") for run in runs)
    return UNTESTED + (" Of a sweep: its first point that could be computed." if swept else "")


def share_records(run: Run) -> list[dict[str, Any]]:
    """The shares over everything, of a sweep those of its first computed point, as metric records.

    `model` is the class; `slice` "all" counts what was published, "original" each syndication group once. Without
    corrected shares `reason` has what was predicted.
    """
    if SHARES not in run.manifest["files"]:
        return []
    table = run.shares
    return [_record(r) for r in table.loc[table["slice"] == "all"].to_dict("records")]


def _record(r: dict[str, Any]) -> dict[str, Any]:
    bare = str(r["method"]).startswith(UNCORRECTED)
    return record(
        task=r["task"],
        model=r["class"],
        metric="share",
        value=r["estimate"],
        low=r["low"],
        high=r["high"],
        interval=r["method"],
        n=int(r["n"]),
        target=r["target"] if isinstance(r["target"], str) else None,
        slice=ORIGINAL if r["count"] == ORIGINAL else "all",
        reason=f"{percent(r['naive'])} {r['method']}" if bare else r["method"],
    )


def share_rows(runs: Sequence[Run]) -> list[Row]:
    """The shares of these runs, what is the same of each in one row. `against`: in what the runs' shares differ."""
    rows: dict[tuple[str, str, str, str], list[dict[str, Any] | None]] = {}
    for i, run in enumerate(runs):
        for r in share_records(run):
            key = (r["task"], r["target"] or "", r["slice"], r["model"])
            rows.setdefault(key, [None] * len(runs))[i] = r
    return [Row(*key, "share", "", tuple(cells), _apart(key[0], cells, runs)) for key, cells in rows.items()]


def _apart(task: str, cells: Sequence[dict[str, Any] | None], runs: Sequence[Run]) -> str:
    made = [_made_of(run, task, cell) for run, cell in zip(runs, cells, strict=True) if cell is not None]
    return ", ".join(name for name, first in made[0].items() if any(other[name] != first for other in made[1:]))


def _made_of(run: Run, task: str, cell: dict[str, Any]) -> dict[str, Any]:
    corpus, settings = run.config["corpus"], run.config["tasks"].get(task, {})
    inputs = run.manifest.get("inputs", {})
    content = inputs.get(f"corpus {corpus['source']}" if corpus.get("source") else corpus.get("path", ""))
    return {
        "other classes": settings.get("classes"),
        "other articles": (content, corpus.get("columns"), corpus.get("filter"), cell["n"]),
    }


def share_cell(row: Row, position: int) -> str:
    """A share with its limits as one run has it: "16% [12, 21]"; a dash with why where it has none."""
    found = row.records[position]
    if found is None:
        return "–"
    if found["value"] is None:
        bare = found["interval"].startswith(UNCORRECTED)
        return found["reason"].partition(" (")[0] if bare else f"– ({found['reason']})"
    if found["low"] is None:
        return percent(found["value"])
    return estimate_with_interval({"estimate": found["value"], "low": found["low"], "high": found["high"]})


def share_label(row: Row) -> str:
    """The row's name beside its task: class, target, and whether copies are left out."""
    part = "original reporting" if row.slice == ORIGINAL else ""
    return ", ".join(text for text in (row.model, row.target, part) if text)
