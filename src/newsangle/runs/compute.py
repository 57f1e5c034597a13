"""How does a run come into being? Fetch, plan, compute what is missing, measure, draw, publish: the whole order."""

from pathlib import Path

from loky import ProcessPoolExecutor

from newsangle.corpus.sources import fetch_source
from newsangle.runs.assemble import assemble
from newsangle.runs.experiment import Experiment
from newsangle.runs.folder import publish
from newsangle.runs.follow import Follow
from newsangle.runs.identity import input_hashes
from newsangle.runs.jobs import run_jobs, with_needs
from newsangle.runs.plan import plan
from newsangle.runs.progress import Progress
from newsangle.runs.store import Store, store_folder


def compute_and_publish(experiment: Experiment, identity: str, folder: Path, workers: int, progress: Progress) -> None:
    """Compute what the store doesn't hold, publish the run as `folder`, with a log beside the store."""
    store = Store(store_folder(), warn=progress.say)
    processes = f"{workers} process{'' if workers == 1 else 'es'}"
    with Follow(
        progress, store.root, experiment.name, identity, overrides=experiment.given, processes=processes
    ) as follow:
        sources = sorted({str(config.corpus.source) for _, config in experiment.points if config.corpus.source})
        files = {name: fetch_source(name, progress=progress.say) for name in sources}
        points = plan(experiment, files)
        wanted = with_needs(job for point in points for job in point.jobs)
        follow.expect(wanted, workers)
        # No worker starts before the first job is handed over.
        executor = ProcessPoolExecutor(max_workers=workers) if workers > 1 else None
        try:
            run_jobs(
                wanted, store, executor, done=follow.done, started=follow.started, failed=follow.failed, slots=workers
            )
        finally:
            if executor is not None:
                executor.shutdown(kill_workers=True)  # after an error nobody wants what still runs
        with follow.report():
            content = assemble(experiment, points, store, identity)
            publish(folder, content.files, content.about | {"id": identity, "inputs": input_hashes(experiment)})
