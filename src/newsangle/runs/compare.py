"""Do the classifiers of several runs differ beyond chance? The rows that all of them coded alike, paired."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from newsangle.errors import DataError
from newsangle.runs.folder import Run
from newsangle.runs.wording import number, p_value, signed
from newsangle.stance.crossfit import SELECTED
from newsangle.stats.differences import Ints, PairedTest, paired_tests
from newsangle.stats.folds import merge_groups

BY_MODEL = "predictions_by_model.parquet"
DIGITS = 3  # with two, 0.82 and 0.84 can be 0.03 apart
ROW = ["article_id", "start", "end", "target"]


def compare_runs(runs: Sequence[Run], *, model: str = SELECTED, seed: int = 0) -> list[dict[str, Any]]:
    """Which of these runs classifies better, task by task? `model`: which model of each run.

    Rows are matched by article, offsets and target; only those that both runs of a pair hold with the same code are
    compared: `n`, with `left_out` for those that one run lacks or that are coded otherwise. Rows are kept together that
    any of the runs holds together. Holm over all pairs of a task. Returns task, first, second and the fields of
    `stats.differences.PairedTest`, with `left_out` and the `splits` of the runs. Raises DataError for fewer than two
    runs, runs with no task in common, a model that a run doesn't have, and no coded row in common.
    """
    compared, untested = paired_runs(runs, model=model, seed=seed)
    if not compared:
        raise DataError("; ".join(untested))
    return compared


def paired_runs(runs: Sequence[Run], *, model: str = SELECTED, seed: int = 0) -> tuple[list[dict[str, Any]], list[str]]:
    """The same, with what could not be tested and why in place of an error where no task can be."""
    names = run_names(runs)
    compared: list[dict[str, Any]] = []
    untested = [
        f"{name}: was written before runs kept what each model said of each row; run it again"
        for name, run in zip(names, runs, strict=True)
        if BY_MODEL not in run.manifest["files"]
    ]
    tables = {
        name: _table(run, model) for name, run in zip(names, runs, strict=True) if BY_MODEL in run.manifest["files"]
    }
    for task in sorted({task for table in tables.values() for task in table["task"]}):
        parts = {name: table.loc[table["task"] == task] for name, table in tables.items()}
        parts = {name: part for name, part in parts.items() if len(part)}
        if len(parts) < 2:
            untested.append(f"task {task}: only {', '.join(parts)} has it with codes; nothing to test it against")
            continue
        splits = {
            name: run.config["tasks"][task]["split"] for name, run in zip(names, runs, strict=True) if name in parts
        }
        try:
            compared += [found | {"splits": splits} for found in _task(task, parts, seed)]
        except DataError as error:
            untested.append(str(error))
    if not compared and not untested:
        untested.append(f"{', '.join(names)}: no task in common with codes; compare runs of the same tasks")
    return compared, untested


def run_names(runs: Sequence[Run]) -> list[str]:
    """What are these runs called beside each other? Raises DataError for one run alone, and for one named twice."""
    if len(runs) < 2:
        raise DataError(f"{len(runs)} run: name at least two to compare (newsangle list runs)")
    names = [_name(run, runs) for run in runs]
    if len(set(names)) < len(names):
        raise DataError("a run is named twice; name different runs")
    return names


def _table(run: Run, model: str) -> pd.DataFrame:
    table: pd.DataFrame = run.predictions_by_model
    found: pd.DataFrame = table.loc[table["model"] == model].assign(target=lambda t: t["target"].fillna(""))
    if not len(found) and len(table):
        have = ", ".join(dict.fromkeys(table["model"]))
        raise DataError(f"{run.path}: has no model {model!r}; it has {have}")
    return found


def _task(task: str, parts: dict[str, pd.DataFrame], seed: int) -> list[dict[str, Any]]:
    common: pd.DataFrame | None = None
    for i, part in enumerate(parts.values()):
        named = part[[*ROW, "coded", "predicted", "together"]]
        named = named.rename(columns={"predicted": f"predicted{i}", "together": f"together{i}"})
        common = named if common is None else common.merge(named, on=[*ROW, "coded"], validate="one_to_one")
    if common is None or not len(common):
        raise DataError(f"task {task}: {', '.join(parts)} have no row in common that is coded alike")
    common = common.sort_values(ROW, kind="stable")
    columns = ["coded", *(f"predicted{i}" for i in range(len(parts)))]
    classes = sorted({str(c) for name in columns for c in common[name]})
    number_of = {c: i for i, c in enumerate(classes)}
    numbers: list[Ints] = [np.array([number_of[c] for c in common[name]], dtype=np.int64) for name in columns]
    together = merge_groups(*[common[f"together{i}"].tolist() for i in range(len(parts))])
    predicted = dict(zip(parts, numbers[1:], strict=True))
    tests = paired_tests(numbers[0], predicted, [str(g) for g in together], len(classes), seed=seed)
    most = max(len(part) for part in parts.values())
    return [{"task": task, "test": test, "left_out": most - len(common)} for test in tests]


def _name(run: Run, runs: Sequence[Run]) -> str:
    """Experiment and run, the shorter where that tells them apart."""
    experiment, identity = str(run.manifest["experiment"]), str(run.manifest["id"])
    return identity[:12] if len({r.manifest["experiment"] for r in runs}) == 1 else f"{experiment}/{identity[:12]}"


def test_cells(found: dict[str, Any]) -> dict[str, str]:
    """One test as text: task, first, second, difference, p, what could be seen, McNemar's p, n, and what to know."""
    test: PairedTest = found["test"]
    if np.isnan(test.p):
        told, p = f"{signed(test.difference, DIGITS)} (one group only)", "–"
    else:
        told = f"{signed(test.difference, DIGITS)} [{signed(test.low, DIGITS)}, {signed(test.high, DIGITS)}]"
        p = p_value(test.p_holm).removeprefix("= ")
    note = ""
    if len(set(found["splits"].values())) > 1:
        how = ", ".join(f"{name} by {split}" for name, split in found["splits"].items())
        note = f"{found['task']}: the runs were split differently ({how}): the difference is also one of the splits"
    return {
        **{"task": found["task"], "first": test.first, "second": test.second, "difference": told, "p": p},
        **{"seen": number(test.smallest, DIGITS), "mcnemar": p_value(test.mcnemar_p_holm).removeprefix("= ")},
        **{"n": str(test.n), "left_out": str(found["left_out"]), "note": note},
    }


def comparison_text(compared: Sequence[dict[str, Any]], names: Mapping[str, str] | None = None) -> str:
    """The tests as lines of plain text, with how to read them. `names`: what the runs are called in the table."""
    heads = ("task", "first", "second", "macro-F1 difference [95%]", "p (Holm)", "could be seen", "McNemar p", "n")
    tests = [test_cells(found) for found in compared]
    for test in tests:
        test |= {side: (names or {}).get(test[side], test[side]) for side in ("first", "second")}
    columns = ("task", "first", "second", "difference", "p", "seen", "mcnemar", "n")
    rows = [heads, *(tuple(test[name] for name in columns) for test in tests)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    left_out = {found["task"]: found["left_out"] for found in compared if found["left_out"]}
    notes = [
        f"{task}: {n} coded rows are not in all runs, or coded otherwise there: left out"
        for task, n in left_out.items()
    ]
    notes += dict.fromkeys(test["note"] for test in tests if test["note"])
    how = (
        "Positive: the first is better; of unrounded scores. Could be seen: the true difference that this "
        "test finds four times in five, before Holm."
    )
    return "\n".join([*lines, "", *notes, how])
