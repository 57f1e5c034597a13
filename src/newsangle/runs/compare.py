"""Do the classifiers of several runs differ beyond chance? The rows that all of them coded alike, paired."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from newsangle.errors import DataError
from newsangle.runs.folder import Run
from newsangle.runs.wording import number, p_value, signed
from newsangle.stance.crossfit import SELECTED
from newsangle.stats.differences import Ints, PairedTest, paired_tests
from newsangle.stats.folds import merge_groups

ROW = ["article_id", "start", "end", "target"]


def compare_runs(runs: Sequence[Run], *, model: str = SELECTED, seed: int = 0) -> list[dict[str, Any]]:
    """Which of these runs classifies better, task by task? `model`: which model of each run.

    Rows are matched by article, offsets and target; only those that both runs of a pair hold with the same code are
    compared: `n`, with `left_out` for those that one run lacks or that are coded otherwise. Rows are kept together that
    any of the runs holds together. Holm over all pairs of a task. Returns task, first, second and the fields of
    `stats.differences.PairedTest`, with `left_out` and the `splits` of the runs. Raises DataError for fewer than two
    runs, runs with no task in common, a model that a run doesn't have, and no coded row in common.
    """
    if len(runs) < 2:
        raise DataError(f"{len(runs)} run: name at least two to compare (newsangle list runs)")
    tables = {_name(run, runs): _table(run, model) for run in runs}
    if len(tables) < len(runs):
        raise DataError("a run is named twice; name different runs")
    tasks = sorted({task for table in tables.values() for task in table["task"]})
    compared = []
    for task in tasks:
        parts = {name: table.loc[table["task"] == task] for name, table in tables.items()}
        parts = {name: part for name, part in parts.items() if len(part)}
        if len(parts) > 1:
            splits = {
                name: run.config["tasks"][task]["split"]
                for name, run in zip(tables, runs, strict=True)
                if name in parts
            }
            compared += [found | {"splits": splits} for found in _task(task, parts, seed)]
    if not compared:
        raise DataError(f"{', '.join(tables)}: no task in common with codes; compare runs of the same tasks")
    return compared


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


def comparison_text(compared: Sequence[dict[str, Any]]) -> str:
    """The comparison as lines of plain text, with how to read it."""
    heads = ("task", "first", "second", "macro-F1 difference [95%]", "p (Holm)", "could be seen", "McNemar p", "n")
    rows = [heads, *(_line(found["task"], found["test"]) for found in compared)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    left_out = {found["task"]: found["left_out"] for found in compared if found["left_out"]}
    notes = [
        f"{task}: {n} coded rows are not in all runs, or coded otherwise there: left out"
        for task, n in left_out.items()
    ]
    for task, splits in {found["task"]: found["splits"] for found in compared}.items():
        if len(set(splits.values())) > 1:
            told = ", ".join(f"{name} by {split}" for name, split in splits.items())
            notes.append(f"{task}: the runs were split differently ({told}): the difference is also one of the splits")
    how = (
        "Positive: the first is better. Could be seen: the true difference that this test finds four times in five, "
        "before Holm."
    )
    return "\n".join([*lines, "", *notes, how])


def _line(task: str, test: PairedTest) -> tuple[str, ...]:
    if np.isnan(test.p):
        told, p = f"{signed(test.difference)} (one group only)", "–"
    else:
        told = f"{signed(test.difference)} [{signed(test.low)}, {signed(test.high)}]"
        p = p_value(test.p_holm).removeprefix("= ")
    mcnemar = p_value(test.mcnemar_p_holm).removeprefix("= ")
    return task, test.first, test.second, told, p, number(test.smallest), mcnemar, str(test.n)
