"""How does a run come into being? Fetch, plan, compute what is missing, measure, draw, publish: the whole order."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from newsangle.corpus.sources import data_folder, fetch_source
from newsangle.errors import DataError, machine_errors
from newsangle.runs.assemble import assemble
from newsangle.runs.executors import open_executor
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import MANIFEST, publish
from newsangle.runs.identity import cpu_type, input_hashes
from newsangle.runs.jobs import Job, run_jobs, with_needs
from newsangle.runs.plan import PointPlan, plan
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

    with store.lease(wanted):
        with open_executor(workers, scheduler, store=store.root, say=progress.say) as (executor, slots):
            failed = run_jobs(wanted, store, executor, done=done, slots=slots)
        whole, failures = _without_failed(points, failed)
        for label, error in failures.items():
            progress.say(f"failed: {label}: {error}")
        told = {label: _message(error, experiment) for label, error in failures.items()}
        content = assemble(experiment, whole, store, identity, told)
        about = {"id": identity, "inputs": input_hashes(experiment), "objects": sorted(set(wanted) - set(failed))}
        about["cpu"] = cpu_type()
        with store.lock(f"run-{experiment.name}-{identity}"):
            if not (folder / MANIFEST).exists():  # another process may have published the same
                publish(folder, content.files, content.about | about)
        store.add_root(folder.parents[1])
    progress.step("figures and report", "written")
    lines.append(f"{time.monotonic() - started:8.1f} s  published")
    _log(store.root / "logs" / f"{experiment.name}-{identity}.log", lines)


def expected_files(experiment: Experiment) -> dict[str, Path]:
    """Where are the files of named corpora, or would be: enough to plan, nothing is fetched."""
    from newsangle.corpus.sources import SOURCES

    names = {str(config.corpus.source) for _, config in experiment.points if config.corpus.source}
    return {name: data_folder() / SOURCES[name].filename for name in sorted(names)}


def _without_failed(
    points: Sequence[PointPlan], failed: Mapping[str, Exception]
) -> tuple[list[PointPlan], dict[str, Exception]]:
    """The points that could be computed, and by label why each of the others could not.

    Raises the first error where no point is left, and where it isn't one of the data: such a run isn't published.
    """
    failures = {p.label: next(failed[j.key] for j in p.jobs if j.key in failed) for p in points if _any(p, failed)}
    whole = [point for point in points if point.label not in failures]
    for error in failures.values():
        if not whole or not isinstance(error, DataError):
            raise error
    return whole, failures


def _any(point: PointPlan, failed: Mapping[str, Exception]) -> bool:
    return any(job.key in failed for job in point.jobs)


def _message(error: Exception, experiment: Experiment) -> str:
    """As published: a run knows no place, so files are named from the experiment's folder."""
    return str(error).replace(f"{experiment.folder}/", "")


def _log(path: Path, lines: Sequence[str]) -> None:
    """Timings lie beside the store, outside of the run: a run's bytes know no clock."""
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
