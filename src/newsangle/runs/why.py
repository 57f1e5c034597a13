"""What would a run compute, and why? Each job beside the stored result that comes closest to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsangle.runs.compute import expected_files
from newsangle.runs.experiment import load_experiment
from newsangle.runs.folder import MANIFEST
from newsangle.runs.identity import run_id
from newsangle.runs.jobs import Job
from newsangle.runs.options import check_options
from newsangle.runs.plan import plan
from newsangle.runs.remote_store import open_store
from newsangle.runs.store import fault_of
from newsangle.runs.titles import wanted_jobs

_MOST = 4  # reasons in a line


@dataclass(frozen=True)
class PlannedRun:
    """Where the run will lie, whether it is there, and of each job why it has to be computed (None: it is stored)."""

    folder: Path
    exists: bool
    jobs: tuple[tuple[Job, str | None], ...]


def planned_run(path: str | Path, overrides: Mapping[str, Any] | Sequence[str] = (), *, runs: str | Path) -> PlannedRun:
    """What would `run_experiment` with these arguments compute, and why? Nothing is fetched, computed or written.

    Raises ConfigError, DataError.
    """
    experiment = load_experiment(path, overrides)
    folder = Path(runs) / experiment.name / run_id(experiment)
    check_options(experiment)
    wanted = wanted_jobs(experiment, plan(experiment, expected_files(experiment)))
    store = open_store()
    stored: dict[str, dict[str, dict[str, Any]]] = {}
    for key in store.stored_keys():
        recipe = store.recipe(key)
        if recipe is not None:
            stored.setdefault(recipe["stage"], {})[key] = recipe
    titles = {key: job.title for key, job in wanted.items()}
    found = []
    for key, job in wanted.items():
        reason: str | None = None
        if store.folder(key).exists():
            reason = None if fault_of(store.root, key) is None else "the stored result is damaged"
        elif store.recipe(key) is None:  # nor is it at the address, where there is one
            reason = _reason(job, stored.get(job.stage, {}), titles)
        found.append((job, reason))
    return PlannedRun(folder, (folder / MANIFEST).exists(), tuple(found))


def plan_text(planned: PlannedRun) -> str:
    """The plan as lines of plain text."""
    missing = [job for job, reason in planned.jobs if reason is not None]
    state = "is there, nothing to do" if planned.exists else "not there yet"
    lines = [f"{planned.folder}: {state}; {len(planned.jobs)} results, {len(missing)} to compute"]
    lines += [
        f"  {'stored ' if reason is None else 'compute'}  {job.title}" + ("" if reason is None else f": {reason}")
        for job, reason in planned.jobs
    ]
    if not planned.exists:
        lines.append("  compute  figures and report")
    return "\n".join(lines)


def _reason(job: Job, stored: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    """Which parts of the key differ from those of the nearest stored result of this stage?"""
    nearest: list[str] | None = None
    for _, recipe in sorted(stored.items()):
        different = list(_differences(job, recipe, titles))
        if nearest is None or len(different) < len(nearest):
            nearest = different
    if nearest is None:
        return "never computed"
    if not nearest:
        return "names of the config in another order"
    more = len(nearest) - _MOST
    return "; ".join(nearest[:_MOST]) + (f"; {more} more" if more > 0 else "")


def _differences(job: Job, recipe: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    ours = job.recipe
    theirs_part, our_part = dict(_leaves(recipe["part"])), dict(_leaves(ours["part"]))
    for name in dict.fromkeys([*our_part, *theirs_part]):
        before, now = theirs_part.get(name, "–"), our_part.get(name, "–")
        if before != now:
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
    for name, key in ours["needs"].items():
        if recipe["needs"].get(name) != key:
            yield f"other upstream: {titles.get(key, name)}"
    for kind in ("files", "needs"):
        for name in sorted(recipe[kind].keys() - ours[kind].keys()):
            yield f"no longer reads {name}"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
