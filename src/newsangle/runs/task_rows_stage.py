"""The stage on the rows of a task: codes, folds, strata, the split that is reported and what its sides share; read once
for the models, for what combines them, and for the checks."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.labels.codes import join_codes, read_table, row_strata
from newsangle.runs.task_units import TaskUnits, coded_units, read_rows, reporting_split
from newsangle.stance.domain import domain_arrays, learn_domain
from newsangle.stats.splits import Fold, Split, SplitName

Part = Mapping[str, Any]
Files = Mapping[str, Path]
Upstream = Mapping[str, dict[str, Any]]
Values = Mapping[str, Any]

_TRAIN, _TEST = 1, 2


def task_rows_stage(part: Part, files: Files, upstream: Upstream) -> dict[str, Any]:
    """The rows that a task predicts; with codes, everything about them that no model has a say in.

    `rows`: `fold` and `together` beside the columns of `TaskUnits.rows`, `stratum` and `voice` where there are any;
    `codes`, `taught`; `split_sides` (folds of the split × rows: 1 in sight, 2 predicted) and `split`; `leaks`; the
    domain (`domain_…`).
    """
    task = part["task"]
    rows = read_rows(part, files, upstream["corpus"]["passages"])
    if task["labels"] is None:
        return {"rows": rows}
    units = coded_units(part, files, rows)
    split, leaks = reporting_split(units, task, part["seed"])
    listed = files.get("rows", files.get("frame"))
    strata = row_strata(units.rows, listed, target_column=task["target_column"]) if listed else None
    known = units.coded | (units.taught >= 0)
    domain = learn_domain(units.rows["text"].tolist(), known, units.folds)
    sides = [np.where(fold.train, _TRAIN, 0) + np.where(fold.test, _TEST, 0) for fold in split.folds]
    table = units.rows.assign(
        fold=units.folds,
        together=units.together,
        stratum=None if strata is None else strata.to_numpy(),
        voice=_voices(units.rows, files["labels"], task),
    )
    return {
        "rows": table,
        "codes": units.codes,
        "taught": units.taught,
        "split": {"name": split.name, "folds": [fold.name for fold in split.folds]},
        "split_sides": np.array(sides, dtype=np.int8),
        "leaks": asdict(leaks),
        "domain_terms": list(domain.terms),
        **{f"domain_{name}": array for name, array in domain_arrays(domain).items()},
    }


def _voices(rows: pd.DataFrame, labels: Path, task: Mapping[str, Any]) -> list[Any] | None:
    """Who voices each coded row, where the annotation file tells."""
    column = task["labels"]["voice_column"]
    if column is None:
        return None
    listed = sorted(set(read_table(labels, [column])[column]))
    bare = rows.drop(columns=["coded", "pi", "taught"])
    joined = join_codes(bare, labels, column=column, classes=listed, target_column=task["target_column"])
    return list(joined["coded"])


def stored_units(name: str, task: Mapping[str, Any], values: Values) -> TaskUnits:
    """The coded rows of a task, as its stage stored them."""
    rows = values["rows"]
    targets = rows["target"].tolist() if task["targets"] else None
    together, folds = (rows[column].to_numpy(dtype=np.int64) for column in ("together", "fold"))
    return TaskUnits(name, rows, values["codes"], values["taught"], together, folds, targets)


def stored_split(values: Values) -> Split:
    """The split that the scores are of, as the rows' stage stored it."""
    name: SplitName = values["split"]["name"]
    sides = values["split_sides"]
    folds = [Fold(n, side == _TRAIN, side == _TEST) for n, side in zip(values["split"]["folds"], sides, strict=True)]
    return Split(name, tuple(folds))


def weights_of(units: TaskUnits) -> npt.NDArray[np.float64] | None:
    """What each coded row counts: 1/π, or None where that isn't known of all."""
    pi = units.rows["pi"].to_numpy(dtype=np.float64)
    return None if np.isnan(pi[units.coded]).any() else 1 / pi
