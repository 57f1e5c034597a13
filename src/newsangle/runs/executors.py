"""Where are jobs computed? In this process, in processes beside it, or on the workers of a Dask scheduler.

All three are `concurrent.futures.Executor`s, and what is computed doesn't depend on which one computes it.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from newsangle.errors import JobLost
from newsangle.runs.remote_store import marked
from newsangle.runs.store import Store
from newsangle.runs.workers import Agreement, agreement, at_work, end_with, loaded_source, named, ready

TRIES = 4  # a job whose worker dies is begun anew three times, as Dask does by default
# loky begins a process anew that holds 300 MB more than at first, with a warning. Ours hold libraries and compiled code
# then, and each beginning costs seconds.
_LEAK = "LOKY_MAX_MEMORY_LEAK_SIZE"
MOST_AT_ONCE = 10_000  # its executor has a queue: a scheduler may get more workers at any time


@contextmanager
def open_executor(
    jobs: int, scheduler: str | None = None, *, store: Store, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[Executor, int]]:
    """Who computes, and how many jobs can be handed over at once?

    `jobs`: processes on this machine; 1 is this process itself. `scheduler`: the address of a Dask scheduler, which
    takes their place. When the block ends, what is still computed is given up. A future of a job that killed every
    process it was given to raises JobLost. `say` is told of processes that start and that were killed. Raises
    MachineError, ConfigError.
    """
    if scheduler is None and jobs == 1:
        loaded_source()  # an edit from now on mixes with nothing, here as in other processes
        yield InlineExecutor(), 1
        return
    session = uuid.uuid4().hex
    with marked(store) as mark:
        agreed = agreement(store.place, mark, session)
        if scheduler is None:
            with LocalExecutor(jobs, agreed, say) as local:
                yield local, jobs
            return
        from newsangle.runs.dask_executor import connected

        with connected(scheduler, agreed, say) as remote:
            yield remote, MOST_AT_ONCE


class InlineExecutor(Executor):
    """Computes in this process, at once: a submitted job is done when `submit` returns."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work now; its error, if any, is in the future. Ctrl-C goes through."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (a future carries whatever its work has raised)
            future.set_exception(error)
        return future


class LocalExecutor(ThreadPoolExecutor):
    """Computes in processes of this machine, each led by a thread of its own.

    A process that dies takes only its own job along: that one is begun anew in a new process, TRIES times at most. The
    first job starts all processes: while it runs, usually alone, the others import what they need.
    """

    def __init__(self, processes: int, agreed: Agreement, say: Callable[[str], None] = lambda line: None) -> None:
        super().__init__(processes, thread_name_prefix="newsangle-process")
        self._processes, self._agreed, self._say = processes, agreed, say
        self._started = False
        self._pools: dict[int, Any] = {}  # thread → its pool of one process
        self._over = threading.Event()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work in the next process that is free."""
        first, self._started = not self._started, True
        if first:
            self._say(f"starting {self._processes} processes, which takes some seconds")
        future = super().submit(self._lead, work, args, kwargs)
        if first:
            for _ in range(self._processes - 1):
                super().submit(self._lead, ready, (), {})
        return future

    def _lead(self, work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from loky import ProcessPoolExecutor
        from loky.process_executor import TerminatedWorkerError

        thread = threading.get_ident()
        for number in range(1, TRIES + 1):
            if thread not in self._pools:
                self._pools[thread] = ProcessPoolExecutor(
                    1, initializer=end_with, initargs=(os.getpid(),), env={_LEAK: os.environ.get(_LEAK, "1e15")}
                )
            try:
                return self._pools[thread].submit(at_work, self._agreed, work, *args, **kwargs).result()
            except TerminatedWorkerError:
                if self._over.wait(0.5):  # whoever killed the process may be about to stop this one, too
                    raise
                self._pools.pop(thread).shutdown(kill_workers=True)
                if number < TRIES:
                    self._say(f"{named(args)}: its process was killed; begun anew in another ({number + 1} of {TRIES})")
        raise JobLost(
            f"{named(args)}: its process was killed {TRIES} times over; give it more memory, fewer --jobs, or see the "
            "system's log"
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Kill the processes: after an error nobody wants what they still compute."""
        self._over.set()
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        for pool in list(self._pools.values()):
            pool.shutdown(kill_workers=True)
        super().shutdown(wait=wait)
