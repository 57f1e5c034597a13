"""What has to be computed, from what, and in which order? A graph of jobs that is known before anything starts.

A job's key is the hash of its recipe: its stage, the source that its stage depends on and the versions of the packages
that this source uses, its own part of the config, the content of the files it reads, and the keys of the jobs it builds
on. Never a path, a time or a machine.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Protocol

from newsangle.corpus.fetch import file_sha256
from newsangle.errors import DataError, IntegrityError, MachineError
from newsangle.runs.digests import digest, stage_source
from newsangle.runs.spent import Meter, Spent
from newsangle.runs.store import Found, Store


@dataclass(frozen=True)
class Job:
    """One computation: `stage` names the function, `part` its config, `files` what it reads, `needs` other jobs.

    `hashes`: the SHA-256 of files that are known already, by their names.
    """

    stage: str
    part: Mapping[str, Any]
    files: Mapping[str, Path] = field(default_factory=dict)
    needs: Mapping[str, "Job"] = field(default_factory=dict)
    title: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """Everything that goes in, as a JSON value."""
        from newsangle.runs.stages import STAGES

        function = STAGES[self.stage]
        modules, versions = stage_source(f"{function.__module__}:{function.__qualname__}")
        return {
            "stage": self.stage,
            "part": dict(self.part),
            # A stage may number things in the order of their names, and a hash of JSON forgets the order of keys.
            "order": digest(list(_names(self.part))),
            "files": {n: self.hashes[n] if n in self.hashes else file_sha256(p) for n, p in self.files.items()},
            "needs": {name: job.key for name, job in self.needs.items()},
            "source": modules,
            "versions": versions,
        }

    @cached_property
    def key(self) -> str:
        """The hash of everything that goes in."""
        return digest(self.recipe)


def _names(value: Any) -> Iterator[Any]:
    """The names in a JSON value, in the order in which they stand."""
    if isinstance(value, Mapping):
        yield [[name, list(_names(inner))] for name, inner in value.items()]
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _names(inner)


class ChangedError(DataError):
    """A file of the experiment's is another than when its run began."""


_OF_ALL = (ChangedError, MachineError, IntegrityError, BrokenExecutor, CancelledError, MemoryError)


@dataclass(frozen=True)
class Call:
    """What a process is told to compute: a job without the jobs that it needs, which lie in the store by now."""

    key: str
    recipe: Mapping[str, Any]
    part: Mapping[str, Any]
    files: Mapping[str, Path]
    title: str


def perform(place: str, call: Call) -> Spent | None:
    """Compute one job from stored results, store its own, and say what it cost; None where another process just did."""
    from threadpoolctl import threadpool_limits

    from newsangle.runs.remote_store import as_named, files_here, open_store
    from newsangle.runs.stages import STAGES

    store = open_store(place)
    with store.at_work([call.key, *call.recipe["needs"].values()]), store.lock(call.key):
        if store.has(call.key):
            return None
        meter = Meter()
        upstream = {name: Found(store).load(key) for name, key in call.recipe["needs"].items()}
        files = files_here(store, call)
        try:
            with threadpool_limits(limits=1), as_named(call, files):  # more threads would move the last digits
                values = STAGES[call.recipe["stage"]](call.part, files, upstream)
        except DataError:
            _check_files(call, files)  # what another file would not have is no fault of this run's
            raise
        _check_files(call, files)
        store.save(call.recipe, values)
    return meter.stop()


def _check_files(call: Call, files: Mapping[str, Path]) -> None:
    for name, path in files.items():
        try:
            same = file_sha256(path) == call.recipe["files"][name]
        except OSError as error:
            raise ChangedError(f"{path}: can't be read where the run is computed ({error.strerror})") from None
        if not same:
            raise ChangedError(f"{path}: was changed while the run was under way; run the same command again")


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


class Follower(Protocol):
    """Who is told of jobs: handed over, there (at which price; None: it was found), impossible (with the jobs that need
    it and weren't told before), and left because the whole run ends by an error that is no fault of theirs."""

    def started(self, job: Job) -> None: ...
    def done(self, job: Job, spent: Spent | None) -> None: ...
    def failed(self, job: Job, error: BaseException, skipped: Sequence[Job] = ()) -> None: ...
    def stopped(self, job: Job, error: BaseException) -> None: ...


def run_jobs(
    by_key: Mapping[str, Job],
    store: Store,
    executor: Executor,
    follow: Follower,
    *,
    slots: int = 1,
) -> dict[str, Exception]:
    """Compute every job that the store doesn't hold, each after those it needs.

    `by_key`: from `with_needs`; of the jobs that could start, the first in it does. `follow` is told of each, and with
    one that fails of those that need it. Returns what failed, by key: an error stops its job and those that build on it
    (they get the same error), the others finish. What would stop the others too (disk, store, executor) is raised at
    once.
    """
    rank = {key: i for i, key in enumerate(by_key)}
    order = TopologicalSorter({key: {n.key for n in job.needs.values()} for key, job in by_key.items()})
    order.prepare()
    waiting: list[str] = []
    running: dict[Future[Spent | None], str] = {}
    failed: dict[str, Exception] = {}
    told: set[str] = set()

    def in_vain(key: str) -> list[Job]:
        """Which jobs need this one, directly or not, that haven't been told to be impossible? It comes before them."""
        lost = {key}
        for other, job in by_key.items():
            if any(needed.key in lost for needed in job.needs.values()):
                lost.add(other)
        new = [by_key[other] for other in by_key if other in lost - told - {key}]
        told.update(lost)
        return new

    def finish(key: str, result: Callable[[], Spent | None]) -> None:
        try:
            spent = result()
        except Exception as error:
            if isinstance(error, _OF_ALL):
                follow.stopped(by_key[key], error)
                raise
            follow.failed(by_key[key], error, in_vain(key))
            failed[key] = error  # whatever it is, the other points don't suffer from it
        else:
            follow.done(by_key[key], spent)
        order.done(key)

    while order.is_active():
        for key in sorted(order.get_ready(), key=rank.__getitem__):
            blocked = [failed[n.key] for n in by_key[key].needs.values() if n.key in failed]
            if blocked:
                failed[key] = blocked[0]  # of several always the same, whichever came first
                order.done(key)
            elif store.has(key):
                order.done(key)
                follow.done(by_key[key], None)
            else:
                insort(waiting, key, key=rank.__getitem__)  # also before what could start earlier
        while waiting and len(running) < slots:
            key = waiting.pop(0)
            follow.started(by_key[key])
            running[executor.submit(perform, store.place, _call(by_key[key]))] = key
        if running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(finished, key=lambda f: rank[running[f]]):
                finish(running.pop(future), future.result)
    return failed


def _call(job: Job) -> Call:
    return Call(
        job.key, job.recipe, dict(job.part), {name: path.absolute() for name, path in job.files.items()}, job.title
    )
