"""How does a run come into being? Fetch, plan, compute what is missing, measure, draw, publish: the whole order."""

import time
from collections.abc import Sequence
from pathlib import Path

from newsangle.corpus.sources import fetch_source
from newsangle.errors import machine_errors
from newsangle.runs.assemble import assemble
from newsangle.runs.executors import open_executor
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import publish
from newsangle.runs.identity import input_hashes
from newsangle.runs.jobs import Job, run_jobs, with_needs
from newsangle.runs.plan import plan
from newsangle.runs.progress import Progress
from newsangle.runs.store import Store, store_folder


def compute_and_publish(
    experiment: Experiment, identity: str, folder: Path, workers: int, progress: Progress, scheduler: str | None = None
) -> None:
    """Compute what the store doesn't hold, publish the run as `folder`, and log timings beside the store."""
    sources = sorted({str(config.corpus.source) for _, config in experiment.points if config.corpus.source})
    files = {name: fetch_source(name, progress=progress.say) for name in sources}
    points = plan(experiment, files)
    wanted = with_needs(job for point in points for job in point.jobs)
    store = Store(store_folder(), warn=progress.say)
    started, lines = time.monotonic(), []
    progress.expect(len(wanted) + 1)

    def done(job: Job, computed: bool) -> None:
        how = "computed" if computed else "found in the store"
        lines.append(f"{time.monotonic() - started:8.1f} s  {job.title}: {how}  {job.key[:12]}")
        progress.step(job.title, how)

    with open_executor(workers, scheduler, store=store.root, say=progress.say) as (executor, slots):
        run_jobs(wanted, store, executor, done=done, slots=slots)
    content = assemble(experiment, points, store, identity)
    publish(folder, content.files, content.about | {"id": identity, "inputs": input_hashes(experiment)})
    progress.step("figures and report", "written")
    lines.append(f"{time.monotonic() - started:8.1f} s  published")
    _log(store.root / "logs" / f"{experiment.name}-{identity}.log", lines)


def _log(path: Path, lines: Sequence[str]) -> None:
    """Timings lie beside the store, outside of the run: a run's bytes know no clock."""
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
