"""What would a run compute, and why? Beside the nearest run of its experiment, and each job beside its like there."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsangle.runs.compute import expected_files
from newsangle.runs.experiment import load_experiment
from newsangle.runs.folder import MANIFEST
from newsangle.runs.follow import REPORT
from newsangle.runs.forecast import Forecast
from newsangle.runs.identity import input_hashes, run_id
from newsangle.runs.jobs import Job
from newsangle.runs.nearest import nearest_run, told_changes
from newsangle.runs.options import check_options
from newsangle.runs.plan import plan
from newsangle.runs.progress import about
from newsangle.runs.remote_store import open_store
from newsangle.runs.run_log import past_keys, past_timings
from newsangle.runs.store import fault_of
from newsangle.runs.titles import wanted_jobs

_MOST = 4  # reasons in a line
# What a result is for: two that differ here were never the same thing with another setting.
_ROLES = {"name", "on", "sample"}
_Recipes = Mapping[str, Mapping[str, Any]]  # by key


@dataclass(frozen=True)
class PlannedRun:
    """Where the run will lie, whether it is there, and of each job why it has to be computed (None: it is stored).

    `beside`: the finished run of the same experiment that differs least, None where there is none; `changed`: in what.
    `seconds`: how long it would take with a process on each core; None where a kind of job was never timed.
    """

    folder: Path
    exists: bool
    jobs: tuple[tuple[Job, str | None], ...]
    beside: str | None = None
    changed: tuple[str, ...] = ()
    seconds: float | None = None


def planned_run(path: str | Path, overrides: Mapping[str, Any] | Sequence[str] = (), *, runs: str | Path) -> PlannedRun:
    """What would `run_experiment` with these arguments compute, and why? Nothing is fetched, computed or written.

    Compared is with what runs of the same experiment have computed, of the nearest one first. Raises ConfigError,
    DataError.
    """
    experiment = load_experiment(path, overrides)
    inputs = input_hashes(experiment)
    folder = Path(runs) / experiment.name / run_id(experiment, inputs)
    check_options(experiment)
    wanted = wanted_jobs(experiment, plan(experiment, expected_files(experiment)))
    exists = (folder / MANIFEST).exists()
    store = open_store()
    near = None if exists else nearest_run(experiment, inputs, folder.parent)
    logged = past_keys(store.root / "logs", experiment.name)  # of runs that failed or were removed, too
    nearest: dict[str, dict[str, Any]] = {}
    others: dict[str, dict[str, Any]] = {}
    for key in store.stored_keys():
        close = near is not None and key in near.objects
        if close or key[:12] in logged or (near is not None and key in near.others):
            recipe = store.recipe(key)
            if recipe is not None:
                (nearest if close else others)[key] = recipe
    found = []
    for key, job in wanted.items():
        reason: str | None = None
        if store.folder(key).exists():
            reason = None if fault_of(store.root, key) is None else "the stored result is damaged"
        elif store.recipe(key) is None:  # nor is it at the address, where there is one
            reason = _reason(job, nearest) or _reason(job, others) or "never computed"
        found.append((job, reason))
    beside, changed = (None, ()) if near is None else (near.run, tuple(told_changes(near.found)))
    missing = {job.key: job for job, reason in found if reason is not None}
    past = past_timings(store.root / "logs", experiment.name)
    seconds = None if exists else Forecast(missing, os.cpu_count() or 1, past, after=REPORT).left()
    return PlannedRun(folder, exists, tuple(found), beside, changed, seconds)


def plan_text(planned: PlannedRun) -> str:
    """The plan as lines of plain text."""
    missing = [job for job, reason in planned.jobs if reason is not None]
    state = "is there, nothing to do" if planned.exists else "not there yet"
    took = "" if planned.seconds is None else f", {about(planned.seconds)} with a process on each core"
    lines = [f"{planned.folder}: {state}; {len(planned.jobs)} results, {len(missing)} to compute{took}"]
    if planned.beside is not None:
        lines.append(f"  beside run {planned.beside}: {_listed(planned.changed, 2 * _MOST)}")
    elif not planned.exists:
        lines.append(f"  nothing to compare with: {planned.folder.parent} holds no finished run")
    lines += [
        f"  {'stored ' if reason is None else 'compute'}  {job.title}" + ("" if reason is None else f": {reason}")
        for job, reason in planned.jobs
    ]
    if not planned.exists:  # all else may be there, and then this tells why there is a new run
        alone = planned.beside is not None and not missing
        lines.append("  compute  figures and report" + (f": {_listed(planned.changed, _MOST)}" if alone else ""))
    return "\n".join(lines)


def _listed(reasons: Sequence[str], most: int) -> str:
    more = len(reasons) - most
    return "; ".join(reasons[:most]) + (f"; {more} more" if more > 0 else "")


def _reason(job: Job, stored: _Recipes) -> str | None:
    """Which parts of the key differ from those of the nearest of these results? None where none is like the job's."""
    nearest: tuple[int, list[str], str | None] | None = None
    for _, recipe in sorted(stored.items()):
        if recipe["stage"] != job.stage or _role(recipe) != _role(job.recipe):
            continue
        own, (n_others, others) = list(_differences(job, recipe)), _upstream(job, recipe)
        if nearest is None or len(own) + n_others < nearest[0]:
            nearest = (len(own) + n_others, own, others)
    if nearest is None:
        return None
    _, own, others = nearest
    return _listed(own, _MOST) if own else others or "names of the config in another order"


def _role(recipe: Mapping[str, Any]) -> dict[str, Any]:
    roles = _ROLES | {"model"} if recipe["stage"] == "task_model" else _ROLES
    return {name: value for name, value in recipe["part"].items() if name in roles}


def _differences(job: Job, recipe: Mapping[str, Any]) -> Iterator[str]:
    """What differs that is the job's own, not that of jobs which it needs."""
    ours = job.recipe
    theirs_part, our_part = dict(_leaves(recipe["part"])), dict(_leaves(ours["part"]))
    for name in dict.fromkeys([*our_part, *theirs_part]):
        before, now = theirs_part.get(name, "–"), our_part.get(name, "–")
        if before != now and job.stage == "topics" and name == "seed":
            yield "another seed"  # each fit has its own, counted on from the config's: one of them tells nothing
        elif before != now:
            yield f"{name} {_short(before)} → {_short(now)}"
    for name, now in ours["files"].items():
        if recipe["files"].get(name) != now:
            yield f"{job.files[name].name} ({name}) is another file"
    for name in ours["source"]:
        if recipe["source"].get(name) != ours["source"][name]:
            yield f"source of {name} changed"
    for name in recipe["source"].keys() - ours["source"].keys():
        yield f"source no longer uses {name}"
    for name in dict.fromkeys([*ours["versions"], *recipe["versions"]]):
        before, now = recipe["versions"].get(name, "–"), ours["versions"].get(name, "–")
        if before != now:
            yield f"{name} {before} → {now}"
    for name in sorted(recipe["files"].keys() - ours["files"].keys()):
        yield f"no longer reads {name}"


def _upstream(job: Job, recipe: Mapping[str, Any]) -> tuple[int, str | None]:
    """How many of the results that it builds on are others, and that in words; None for none."""
    ours, theirs = job.recipe["needs"], recipe["needs"]
    other = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    told = "more" if ours.keys() > theirs.keys() else "fewer" if ours.keys() < theirs.keys() else "other"
    return len(other), f"builds on {told} results" if other else None


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
