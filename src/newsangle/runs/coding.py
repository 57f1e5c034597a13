"""What is there to code? A task's rows with text, what the run's model and the rules say of them, and codes so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.corpus.fetch import file_sha256
from newsangle.corpus.sources import fetch_source
from newsangle.errors import ConfigError, DataError
from newsangle.labels.codes import join_codes, task_rows
from newsangle.labels.rules import rules_of
from newsangle.runs.config import TaskConfig
from newsangle.runs.experiment import CONFIG_NAME, Experiment, load_experiment
from newsangle.runs.flow import run_experiment
from newsangle.runs.folder import MANIFEST, Run, load_run
from newsangle.runs.identity import input_files
from newsangle.runs.plan import plan
from newsangle.runs.stages import STAGES
from newsangle.runs.store import Store, store_folder


@dataclass(frozen=True)
class Coding:
    """One task of one run, ready to be coded.

    `rows`: passage_id, article_id, start, end, target, outlet, date, group, text, predicted, p_CLASS, `rule` (the
    keyword rules' class, None without rules), and from the annotation file as it is now `coded`, `pi`, `taught`.
    `column`, `target_column`: the columns of its sheets; `file`: the annotation file, None where the config has none.
    """

    run: Run
    name: str
    task: TaskConfig
    rows: pd.DataFrame
    column: str
    target_column: str | None
    file: Path | None

    @property
    def classes(self) -> list[str]:
        """The classes of the task."""
        return list(self.task.classes)


def find_run(where: Path, runs: Path) -> Run:
    """Which run is meant? A run folder, or an experiment, which is run first where it isn't up to date."""
    if (where / MANIFEST).exists():
        return load_run(where)
    if (where / CONFIG_NAME).exists() or where.suffix == ".toml":
        return run_experiment(where, runs=runs)
    return load_run(where)


def choose_task(run: Run, name: str | None) -> str:
    """Which task? The one named, or the only one there is. Raises ConfigError."""
    tasks: list[str] = sorted(run.config.get("tasks", {}))
    told = f"{run.path}: has the tasks {', '.join(tasks)}" if tasks else f"{run.path}: has no task, so nothing to code"
    if name is not None and name in tasks:
        return name
    if name is None and len(tasks) == 1:
        return tasks[0]
    wrong = f"; {name} is none of them" if name is not None else ""
    raise ConfigError(f"{told}{wrong}{'; name one with --task' if tasks else ''}")


def load_coding(where: Path, task: str | None = None, *, runs: Path, experiment: Path | None = None) -> Coding:
    """Everything that planning, queueing and exchanging codes of one task needs.

    `where`: a run or an experiment; `experiment`: the folder that the run came from, if it isn't `experiments/NAME` or
    `where`. The run's config is taken, overrides included. Raises ConfigError and DataError, also where articles or
    frames have changed since the run; the annotation file may have: codes are read as they are now.
    """
    run = find_run(where, runs)
    name = choose_task(run, task)
    folder = experiment or _folder(run, where)
    resolved = replace(load_experiment(run.path / CONFIG_NAME), name=run.manifest["experiment"], folder=folder)
    config = resolved.points[0][1].tasks[name]
    _check_inputs(resolved, run, config)
    passages = _passages(resolved)
    rows_file = resolved.file(config.rows.file) if config.rows is not None else None
    rows = task_rows(passages, rows_file, target_column=config.target_column)
    said = run.predictions.loc[run.predictions["task"] == name]
    columns = ["passage_id", "target", "predicted", *(f"p_{c}" for c in config.classes)]
    key = ["passage_id", "target"]
    rows = _with_target(rows).merge(_with_target(said[columns]), on=key, how="left", validate="one_to_one")
    if rows["predicted"].isna().any() or len(rows) != len(said):
        raise DataError(f"{run.path}: its {len(said)} predictions are not of the {len(rows)} rows there are; run again")
    rows["target"] = rows["target"].astype(object).where(rows["target"] != "", None)
    rows["rule"] = _rule(config, rows)
    file = resolved.file(config.labels.file) if config.labels is not None else None
    column = config.labels.column if config.labels is not None else name
    if file is None:
        rows = rows.assign(coded=None, pi=np.nan, taught=None)
    else:
        rows = join_codes(rows, file, column=column, classes=config.classes, target_column=config.target_column)
    return Coding(run, name, config, rows, column, config.target_column, file)


def _with_target(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(target=table["target"].astype(object).where(table["target"].notna(), ""))


def _folder(run: Run, where: Path) -> Path:
    if not (where / MANIFEST).exists() and ((where / CONFIG_NAME).exists() or where.suffix == ".toml"):
        return where if where.is_dir() else where.parent
    found = Path("experiments") / str(run.manifest["experiment"])
    if not found.is_dir():
        raise DataError(f"{run.path}: its experiment isn't in {found}; name its folder with --experiment")
    return found


def _check_inputs(experiment: Experiment, run: Run, task: TaskConfig) -> None:
    """Are articles and frames those of the run? Raises DataError."""
    labels = {t.labels.file for _, c in experiment.points for t in c.tasks.values() if t.labels is not None}
    rows = {task.rows.file} if task.rows is not None else set()
    stated: Mapping[str, str] = run.manifest["inputs"]
    for name, path in input_files(experiment).items():
        if name not in labels - rows and stated.get(name) != file_sha256(path):
            raise DataError(f"{path}: is not the file that {run.path} was made from; run the experiment again")


def _passages(experiment: Experiment) -> pd.DataFrame:
    job = plan(experiment, {name: fetch_source(name) for name in experiment.sources})[0].corpus
    store = Store(store_folder())
    found: dict[str, Any] = store.load(job.key) if store.has(job.key) else STAGES["corpus"](job.part, job.files, {})
    passages: pd.DataFrame = found["passages"]
    return passages


def _rule(config: TaskConfig, rows: pd.DataFrame) -> list[str | None]:
    task = config.model_dump(mode="json")
    rules = rules_of(task)
    if rules is None:
        return [None] * len(rows)
    targets = rows["target"].tolist() if config.targets else None
    scores = rules.scores(rows["text"].tolist(), config.classes, targets)
    return [config.classes[k] for k in scores.argmax(axis=1)]
