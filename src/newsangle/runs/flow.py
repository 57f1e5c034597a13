"""From config to published run: fetch, plan, compute what is missing, measure, draw, write. The whole order is here."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from newsangle.corpus.sources import fetch_source
from newsangle.runs.experiment import Experiment, load_experiment
from newsangle.runs.files import machine_errors
from newsangle.runs.folder import MANIFEST, Run, load_run, publish, verify
from newsangle.runs.jobs import Job, run_jobs
from newsangle.runs.plan import input_hashes, plan, run_id
from newsangle.runs.progress import Progress
from newsangle.runs.store import Store, store_folder


def run_experiment(
    path: str | Path,
    overrides: Mapping[str, Any] | Sequence[str] = (),
    *,
    runs: str | Path = "runs",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run the experiment in this folder or TOML file, or find that it has been run, and return the run.

    `overrides`: {"topics.n_topics": 30}. `runs`: where run folders go. `jobs`: how many processes work side by side
    (default: one a core); results don't depend on it. Raises ConfigError, DataError, MachineError, IntegrityError.
    """
    experiment = load_experiment(path, overrides)
    identity = run_id(experiment)
    folder = Path(runs) / experiment.name / identity
    progress = progress or Progress()
    if (folder / MANIFEST).exists():
        verify(folder)
        progress.say(f"{folder}: already run with exactly these inputs; nothing to do")
        return load_run(folder)
    from newsangle.runs.options import check_options

    check_options(experiment)
    with machine_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with progress:
        _compute_and_publish(experiment, identity, folder, jobs or os.cpu_count() or 1, progress)
    return load_run(folder)


def _compute_and_publish(
    experiment: Experiment, identity: str, folder: Path, workers: int, progress: Progress
) -> None:
    sources = sorted({str(config.corpus.source) for _, config in experiment.points if config.corpus.source})
    files = {name: fetch_source(name, progress=progress.say) for name in sources}
    points = plan(experiment, files)
    wanted = {job.key: job for point in points for job in point.jobs}
    store = Store(store_folder(), warn=progress.say)
    started, lines = time.monotonic(), []
    progress.expect(_count(wanted.values()) + 1)

    def done(job: Job, computed: bool) -> None:
        how = "computed" if computed else "found in the store"
        lines.append(f"{time.monotonic() - started:8.1f} s  {job.title}: {how}  {job.key[:12]}")
        progress.step(job.title, how)

    executor = None
    if workers > 1 and any(not store.has(key) for key in wanted):
        from loky import ProcessPoolExecutor

        executor = ProcessPoolExecutor(max_workers=workers)
    try:
        run_jobs(wanted.values(), store, executor, done=done, slots=workers)
    finally:
        if executor is not None:
            executor.shutdown(kill_workers=True)  # after an error nobody wants what still runs
    from newsangle.runs.assemble import assemble

    content = assemble(experiment, points, store, identity)
    publish(folder, content.files, content.about | {"id": identity, "inputs": input_hashes(experiment)})
    progress.step("figures and report", "written")
    lines.append(f"{time.monotonic() - started:8.1f} s  published")
    _log(store.root / "logs" / f"{experiment.name}-{identity}.log", lines)


def _count(jobs: Any) -> int:
    seen: dict[str, Job] = {}

    def visit(job: Job) -> None:
        if job.key not in seen:
            seen[job.key] = job
            for other in job.needs.values():
                visit(other)

    for job in jobs:
        visit(job)
    return len(seen)


def _log(path: Path, lines: Sequence[str]) -> None:
    """Timings lie beside the store, outside of the run: a run's bytes know no clock."""
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
