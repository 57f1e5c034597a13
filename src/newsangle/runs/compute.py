"""How does a run come into being? Fetch, plan, compute what is missing, measure, draw, publish: the whole order."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from newsangle.corpus.sources import SOURCES, data_folder, fetch_source
from newsangle.errors import DataError
from newsangle.runs.assemble import assemble
from newsangle.runs.executors import open_executor
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import MANIFEST, publish
from newsangle.runs.follow import Follow
from newsangle.runs.identity import cpu_type, named_files
from newsangle.runs.jobs import ChangedError, Job, run_jobs
from newsangle.runs.plan import PointPlan, plan
from newsangle.runs.progress import Progress
from newsangle.runs.remote_store import offer_files, open_store
from newsangle.runs.source import keep_index
from newsangle.runs.store import Found
from newsangle.runs.titles import wanted_jobs


def compute_and_publish(
    experiment: Experiment,
    inputs: Mapping[str, str],
    identity: str,
    folder: Path,
    workers: int,
    progress: Progress,
    scheduler: str | None = None,
) -> None:
    """Compute what the store doesn't hold, publish the run as `folder`, with a log beside the store.

    `inputs`: hashes of all that is read, which `identity` was made from. Raises DataError where a file is another now.
    """
    store = open_store(warn=progress.say)
    where = scheduler or f"{workers} process{'' if workers == 1 else 'es'}"
    with Follow(progress, store.root, experiment.name, identity, overrides=experiment.given, processes=where) as follow:
        files = {name: fetch_source(name, progress=progress.say) for name in experiment.sources}
        points = plan(experiment, files)
        wanted = wanted_jobs(experiment, points)
        _check_hashes(experiment, inputs, wanted)
        with store.lease(wanted):
            keep_index()
            if scheduler:
                offer_files(store, wanted.values())
            with open_executor(workers, scheduler, store=store, say=follow.note) as (executor, slots):
                follow.expect(wanted, None if scheduler else slots, store.locked)
                failed = run_jobs(wanted, store, executor, follow, slots=slots)
            whole, failures = _without_failed(points, failed)
            for label, error in failures.items():
                progress.say(f"failed: {label}: {error}")
            with follow.report():
                told = {label: _message(error, experiment) for label, error in failures.items()}
                content = assemble(experiment, whole, Found(store), identity, told)
                objects = sorted(set(wanted) - set(failed))
                processors = store.made_on(objects) | {cpu_type()}  # workers may have another, and so had earlier runs
                about = {"id": identity, "inputs": dict(inputs), "cpu": " and ".join(sorted(processors))}
                about["objects"] = objects
                store.add_root(folder.parents[1])  # before the run is there: gc must never find one it doesn't know
                with store.lock(f"run-{experiment.name}-{identity}"):
                    if not (folder / MANIFEST).exists():  # another process may have published the same
                        publish(folder, content.files, content.about | about)


def expected_files(experiment: Experiment) -> dict[str, Path]:
    """Where are the files of named corpora, or would be: enough to plan, nothing is fetched."""
    return {name: data_folder() / SOURCES[name].filename for name in experiment.sources}


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
    """As published: a run knows no place, so files are named as in the config, or from the data folder."""
    told = str(error)
    for name, path in named_files(experiment).items():
        told = told.replace(str(path.absolute()), name)
    for folder in (experiment.folder.absolute(), experiment.folder, data_folder().absolute()):
        told = told.replace(f"{folder}/", "")
    return told


def _check_hashes(experiment: Experiment, inputs: Mapping[str, str], wanted: Mapping[str, Job]) -> None:
    """Are the files that the jobs were planned with those that the run is named after?"""
    known = {experiment.file(name): sha for name, sha in inputs.items()}
    for job in wanted.values():
        for name, path in job.files.items():
            if known.get(path, job.recipe["files"][name]) != job.recipe["files"][name]:
                raise ChangedError(f"{path}: was changed while the run was starting; run the same command again")
