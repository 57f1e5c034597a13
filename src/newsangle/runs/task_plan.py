"""Which jobs does a task need? Each has as its part of the config what its numbers depend on, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsangle.runs.config import TaskConfig
from newsangle.runs.jobs import Job
from newsangle.stance.classifiers import CLASSIFIERS
from newsangle.stance.fit import base_models
from newsangle.stance.out_of_fold import plain_model

LSA_PARTS = 4  # jobs that share the decompositions of one task: half of its time, so that processes can share it


@dataclass(frozen=True)
class TaskJobs:
    """The jobs of one task. `rows`: read once for all others; `task`: combines the models, which it needs; beside it
    the checks (where there are any), and on its predictions the shares and the files of its model."""

    rows: Job
    task: Job
    checks: Job | None
    shares: Job
    files: Job

    @property
    def all(self) -> list[Job]:
        """Those that a report is made of, the longest first; they need the others."""
        return [self.task, *([] if self.checks is None else [self.checks]), self.shares, self.files]


def plan_task(name: str, task: TaskConfig, files: Mapping[str, Path], corpus: Job, seed: int) -> TaskJobs:
    """The jobs of a task. `files`: labels, rows or the passages' frame, where it has them."""
    told = task.model_dump(mode="json")
    about = {"name": name, "seed": seed}
    # What only the report says about a task changes none of its numbers, nor does the name of a file.
    common = {key: told[key] for key in ("classes", "targets", "target_column")}
    common["labels"] = told["labels"] and {key: told["labels"][key] for key in ("column", "voice_column")}
    dealing = common | {key: told[key] for key in ("split", "gap_days", "folds")}
    rows = Job("task_rows", about | {"task": dealing}, dict(files), {"corpus": corpus}, f"{name}: rows and codes")
    ends = common | {key: told[key] for key in ("models", "rules", "text")}
    if task.labels is None:
        task_job = Job("task", about | {"task": ends}, needs={"rows": rows}, title=f"{name}: {_models(task)}, no codes")
        return _with_results(name, rows, task_job, None, common, about)
    read = {key: told[key] for key in ("targets", "target_column", "text")}
    listed = {key: path for key, path in files.items() if key == "rows"}
    text = Job("task_text", {"name": name, "task": read}, listed, {"corpus": corpus}, f"{name}: n-grams")
    needs = {"rows": rows, "text": text}
    needs |= _model_jobs(name, task, about, common, rows, text, on="folds")
    if task.split != "group":
        needs |= _model_jobs(name, task, about, common, rows, text, on="split")
    title = f"{name}: {_models(task)}, {task.folds} folds"
    checks = None
    plain = plain_model(task.models)
    if task.checks and plain is not None:
        checked = dealing | {key: told[key] for key in ("rules", "text")}
        checked |= {"models": [plain], "options": {plain: told["options"].get(plain, {})}}
        checks = Job(
            "task_checks",
            about | {"task": checked},
            needs={"rows": rows},
            title=f"{name}: other splits, masked keywords",
        )
    return _with_results(
        name, rows, Job("task", about | {"task": ends}, needs=needs, title=title), checks, common, about
    )


def _with_results(
    name: str, rows: Job, task: Job, checks: Job | None, common: Mapping[str, Any], about: Mapping[str, Any]
) -> TaskJobs:
    shares = Job("shares", {**about, "task": common}, needs={"task": task}, title=f"{name}: shares")
    files = Job("model_files", {}, needs={"task": task, "rows": rows}, title=f"{name}: files of the model")
    return TaskJobs(rows, task, checks, shares, files)


def _model_jobs(
    name: str, task: TaskConfig, about: Mapping[str, Any], common: Mapping[str, Any], rows: Job, text: Job, *, on: str
) -> dict[str, Job]:
    """A job for each model that the task lists, by the name under which the task needs it; members of averages are
    jobs of their own, and LSA is learned before for all models that read it."""
    told = task.model_dump(mode="json")
    split = "" if on == "folds" else f", {task.split} split"
    shared = {**about, "task": dict(common), "on": on}
    base = base_models(task.models)
    lsa = {}
    if any("lsa" in CLASSIFIERS[m].reads for m in base):
        n = LSA_PARTS
        for i in range(n):
            part = {key: value for key, value in shared.items() if key != "seed"} | {"share": i, "of": n}
            title = f"{name}: LSA{split}, part {i + 1} of {n}"
            lsa[f"lsa{i}"] = Job("task_lsa", part, needs={"rows": rows, "text": text}, title=title)
    jobs: dict[str, Job] = {}
    for m in [*base, *(m for m in task.models if m not in base)]:
        row = CLASSIFIERS[m]
        part = shared | {"model": m, "metric": task.metric, "options": told["options"].get(m, {})}
        if "rules" in row.reads:
            part["task"] = {**common, "rules": told["rules"]}
        if row.members:
            needs = {"rows": rows, **{f"member_{one}": jobs[one] for one in row.members}}
        else:
            needs = {"rows": rows, "text": text, **(lsa if "lsa" in row.reads else {})}
        jobs[m] = Job("task_model", part, needs=needs, title=f"{name}: {m}{split}")
    kind = "model" if on == "folds" else "split"
    return {f"{kind}_{m}": jobs[m] for m in task.models}


def _models(task: TaskConfig) -> str:
    return f"{len(task.models)} model{'' if len(task.models) == 1 else 's'}"
