"""From a config to its run: found if it is there, else computed and published."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsangle.errors import DataError, IntegrityError, MachineError, machine_errors
from newsangle.runs.experiment import Experiment, load_experiment
from newsangle.runs.folder import MANIFEST, Run, load_run, verify
from newsangle.runs.identity import input_hashes, run_id
from newsangle.runs.progress import Progress
from newsangle.runs.source import unchanged


def run_experiment(
    path: str | Path,
    overrides: Mapping[str, Any] | Sequence[str] = (),
    *,
    runs: str | Path = "runs",
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run the experiment in this folder or TOML file, or find that it has been run, and return the run.

    `overrides`: {"topics.n_topics": 30}. `runs`: where run folders go. `jobs`: how many processes work side by side
    (default: one a core); `scheduler`: the address of a Dask scheduler whose workers take their place (default:
    NEWSANGLE_SCHEDULER, if it is set); results don't depend on either. Raises ConfigError, DataError, MachineError,
    IntegrityError.
    """
    address = scheduler or os.environ.get("NEWSANGLE_SCHEDULER")
    return run_loaded(load_experiment(path, overrides), runs=runs, jobs=jobs, scheduler=address, progress=progress)


def check_all(experiments: Sequence[Experiment], *, runs: str | Path) -> None:
    """Can each of these be carried out that hasn't been? Raises ConfigError, before the first one is begun."""
    new = []
    for experiment in experiments:
        with contextlib.suppress(DataError):  # a file that isn't there stops its own experiment alone
            if not (Path(runs) / experiment.name / run_id(experiment) / MANIFEST).exists():
                new.append(experiment)
    if new:  # or nothing heavy is loaded
        from newsangle.runs.options import check_options

        for experiment in new:
            check_options(experiment)


def run_loaded(
    experiment: Experiment,
    *,
    runs: str | Path = "runs",
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """As `run_experiment`, for an experiment whose config has been read."""
    if not unchanged():
        raise MachineError("newsangle's source was edited since this process read it; start it (or the kernel) again")
    inputs = input_hashes(experiment)
    identity = run_id(experiment, inputs)
    folder = Path(runs) / experiment.name / identity
    progress = progress or Progress()
    if (folder / MANIFEST).exists():
        verify(folder)
        progress.say(f"{folder}: already run with exactly these inputs; nothing to do")
        return load_run(folder)
    if folder.exists():
        raise IntegrityError(f"{folder}: its {MANIFEST} is missing; delete the folder and run again")
    from newsangle.runs.compute import compute_and_publish
    from newsangle.runs.options import check_options

    check_options(experiment)
    with machine_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with progress:
        workers = jobs or os.cpu_count() or 1
        compute_and_publish(experiment, inputs, identity, folder, workers, progress, scheduler or None)
    return load_run(folder)
