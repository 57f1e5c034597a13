"""What has to be computed, from what, and in which order? A graph of jobs that is known before anything starts.

A job's key is the hash of its stage, its own part of the config, the content of the files it reads, the keys of the
jobs it builds on, our source and the package versions: never of a path, a time or a machine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from newsangle.corpus.fetch import file_sha256
from newsangle.runs.digests import digest, package_versions, source_digest
from newsangle.runs.spent import Meter, Spent
from newsangle.runs.store import Store


@dataclass(frozen=True)
class Job:
    """One computation: `stage` names the function, `part` its config, `files` what it reads, `needs` other jobs."""

    stage: str
    part: Mapping[str, Any]
    files: Mapping[str, Path] = field(default_factory=dict)
    needs: Mapping[str, "Job"] = field(default_factory=dict)
    title: str = ""

    @cached_property
    def key(self) -> str:
        """The hash of everything that goes in."""
        return digest(
            {
                "stage": self.stage,
                "part": self.part,
                "files": {name: file_sha256(path) for name, path in self.files.items()},
                "needs": {name: job.key for name, job in self.needs.items()},
                "source": source_digest(),
                "versions": package_versions(),
            }
        )


def perform(
    root: Path, stage: str, part: Mapping[str, Any], files: Mapping[str, Path], needs: Mapping[str, str], key: str
) -> Spent:
    """Compute one job from stored results and store its own; what a worker process is told to do. Returns the price."""
    from threadpoolctl import threadpool_limits

    from newsangle.runs.stages import STAGES

    meter = Meter()
    store = Store(root)
    upstream = {name: store.load(other) for name, other in needs.items()}
    with threadpool_limits(limits=1):  # more threads in a fit would move its last digits
        values = STAGES[stage](part, files, upstream)
    store.save(key, values)
    return meter.stop()


def with_needs(jobs: Iterable[Job]) -> dict[str, Job]:
    """Which jobs have to be there, those that others build on included? By key, each after those it needs."""
    found: dict[str, Job] = {}

    def add(job: Job) -> None:
        if job.key not in found:
            for needed in job.needs.values():
                add(needed)
            found[job.key] = job

    for job in jobs:
        add(job)
    return found


def run_jobs(
    by_key: Mapping[str, Job],
    store: Store,
    executor: Executor | None,
    *,
    done: Callable[[Job, Spent | None], None],
    started: Callable[[Job], None] = lambda job: None,
    failed: Callable[[Job, Exception], None] = lambda job, error: None,
    slots: int = 1,
) -> None:
    """Compute every job that the store doesn't hold, each after those it needs; inline without an executor.

    `by_key`: from `with_needs`; of the jobs that could start, the first in it does. `started(job)` is called when one
    is handed over, `done(job, spent)` as each becomes available (None: it was found), `failed(job, error)` for one that
    can't be computed. The first error stops the rest and is raised.
    """
    rank = {key: i for i, key in enumerate(by_key)}
    order = TopologicalSorter({key: {n.key for n in job.needs.values()} for key, job in by_key.items()})
    order.prepare()
    waiting: list[str] = []
    running: dict[Future[Spent], str] = {}
    while order.is_active():
        for key in sorted(order.get_ready(), key=rank.__getitem__):
            if store.has(key):
                order.done(key)
                done(by_key[key], None)
            else:
                waiting.append(key)
        if executor is None:
            if waiting:
                key = waiting.pop(0)
                started(by_key[key])
                with _told(by_key[key], failed):
                    spent = perform(*_call(store, by_key[key], key))
                order.done(key)
                done(by_key[key], spent)
            continue
        while waiting and len(running) < slots:
            key = waiting.pop(0)
            started(by_key[key])
            running[executor.submit(perform, *_call(store, by_key[key], key))] = key
        if running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                key = running.pop(future)
                with _told(by_key[key], failed):
                    spent = future.result()
                order.done(key)
                done(by_key[key], spent)


@contextmanager
def _told(job: Job, failed: Callable[[Job, Exception], None]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        failed(job, error)
        raise


def _call(store: Store, job: Job, key: str) -> tuple[Any, ...]:
    needs = {name: other.key for name, other in job.needs.items()}
    return store.root.absolute(), job.stage, dict(job.part), dict(job.files), needs, key
