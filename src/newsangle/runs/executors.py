"""Where are jobs computed? In this process, in processes beside it, or on the workers of a Dask scheduler.

All three are `concurrent.futures.Executor`s, and what is computed doesn't depend on which one computes it.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsangle.errors import JobLost, machine_errors
from newsangle.runs.store import PARENT
from newsangle.runs.workers import Agreement, agreement, at_work, named

TRIES = 4  # a job whose worker dies is begun anew three times, as Dask does by default
MOST_AT_ONCE = 10_000  # a scheduler has a queue of its own and may get more workers at any time


@contextmanager
def open_executor(
    jobs: int, scheduler: str | None = None, *, store: Path, say: Callable[[str], None] = lambda line: None
) -> Iterator[tuple[Executor, int]]:
    """Who computes, and how many jobs can be handed over at once?

    `jobs`: processes on this machine; 1 is this process itself. `scheduler`: the address of a Dask scheduler, which
    takes their place. When the block ends, what is still computed is given up. A future of a job that killed every
    process it was given to raises JobLost. Raises MachineError, ConfigError.
    """
    if scheduler is None and jobs == 1:
        yield InlineExecutor(), 1
        return
    root = store.absolute()
    session = uuid.uuid4().hex
    mark = root / f"{PARENT}{session}"  # whoever sees this file sees the parent's store
    with machine_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        mark.touch()
    try:
        agreed = agreement(root, mark.name, session)
        if scheduler is None:
            with LocalExecutor(jobs, agreed) as local:
                yield local, jobs
            return
        from newsangle.runs.dask_executor import connected

        with connected(scheduler, agreed, say) as remote:
            yield remote, MOST_AT_ONCE
    finally:
        mark.unlink(missing_ok=True)


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

    A process that dies takes only its own job along: that one is begun anew in a new process, TRIES times at most.
    """

    def __init__(self, processes: int, agreed: Agreement) -> None:
        super().__init__(processes, thread_name_prefix="newsangle-process")
        self._agreed = agreed
        self._pools: dict[int, Any] = {}  # thread → its pool of one process
        self._over = False

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work in the next process that is free."""
        return super().submit(self._lead, work, args, kwargs)

    def _lead(self, work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from loky import ProcessPoolExecutor
        from loky.process_executor import TerminatedWorkerError

        thread = threading.get_ident()
        for _ in range(TRIES):
            if thread not in self._pools:
                self._pools[thread] = ProcessPoolExecutor(max_workers=1)
            try:
                return self._pools[thread].submit(at_work, self._agreed, work, *args, **kwargs).result()
            except TerminatedWorkerError:
                if self._over:
                    raise
                self._pools.pop(thread).shutdown(kill_workers=True)
        raise JobLost(
            f"{named(args)}: its process was killed {TRIES} times over; give it more memory, fewer --jobs, or see the "
            "system's log"
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Kill the processes: after an error nobody wants what they still compute."""
        self._over = True
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        for pool in list(self._pools.values()):
            pool.shutdown(kill_workers=True)
        super().shutdown(wait=wait)
