"""How does a job get to another machine? A Dask scheduler hands it to a worker, and to another one if that dies."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from newsangle.errors import ConfigError, JobLost, MachineError, NewsangleError
from newsangle.runs.workers import Agreement, at_work, check, named, stop

SECONDS = 5  # for a scheduler to answer
WORKER_SECONDS = 15  # for a first worker to be there


@contextmanager
def connected(scheduler: str, agreed: Agreement, say: Callable[[str], None]) -> Iterator[Executor]:
    """An executor on the workers of this scheduler; what is unfinished when the block ends is cancelled there.

    Every worker is asked first whether its code, packages and store are the parent's. `say` is told of threads that
    will not be used. Raises ConfigError for an address or an installation that can't be, MachineError for the rest.
    """
    client = _client(scheduler)
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what goes wrong is told by us, in one line
    try:
        _ask(client, scheduler, agreed, say)
        with DaskExecutor(client, scheduler, agreed) as executor:
            yield executor
    finally:
        client.close(timeout=SECONDS)
        logger.setLevel(level)


def _client(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--scheduler takes Dask, which isn't installed: pip install 'newsangle[dask]'") from None
    try:
        # In a thread of its own, where no event loop runs (a notebook has one). A client that fails isn't closed well.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _hello(scheduler)).result()
        return Client(scheduler, timeout=SECONDS, set_as_default=False)
    except OSError:
        raise MachineError(
            f"{scheduler}: no Dask scheduler answers there; start one (dask scheduler) and check the address"
        ) from None
    except (ValueError, TypeError) as error:
        told = " ".join(str(error).split())
        raise ConfigError(f"--scheduler {scheduler}: {told}; write tcp://HOST:8786") from None


async def _hello(scheduler: str) -> None:
    from distributed.comm import connect

    # connect itself waits forever for the first word of what listens there and is no scheduler.
    comm = await asyncio.wait_for(connect(scheduler, timeout=SECONDS), SECONDS + 1)
    await comm.close()


def _ask(client: Any, scheduler: str, agreed: Agreement, say: Callable[[str], None]) -> None:
    """Is there a worker, and is each of them fit?"""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except OSError:
        raise MachineError(
            f"{scheduler}: has no worker; start some: dask worker {scheduler} --nworkers -1 --nthreads 1"
        ) from None
    workers = client.scheduler_info(n_workers=-1)["workers"]
    for address, told in sorted(client.run(check, agreed, on_error="return").items()):
        if told is not None:
            raise _translated(told, worker=address)
    idle = sum(about["nthreads"] - 1 for about in workers.values())
    if idle:
        say(f"{scheduler}: {idle} threads of its workers stay idle; start them with --nworkers -1 --nthreads 1")


class DaskExecutor(Executor):
    """Computes on the workers of a Dask scheduler."""

    def __init__(self, client: Any, scheduler: str, agreed: Agreement) -> None:
        self._client, self._scheduler, self._agreed = client, scheduler, agreed
        self._lock = threading.Lock()
        self._unfinished: dict[Any, tuple[Future[Any], str]] = {}

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work on some worker; begun anew on another one if it dies (`allowed-failures` of the scheduler)."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        key = f"{named(args)}-{uuid.uuid4().hex}"  # what Dask's own dashboard shows
        whole = partial(work, **kwargs) if kwargs else work
        remote = self._client.submit(at_work, self._agreed, whole, *args, key=key, pure=False)
        with self._lock:
            self._unfinished[remote] = future, named(args)
        remote.add_done_callback(self._settle)
        return future

    def _settle(self, remote: Any) -> None:
        with self._lock:
            if remote not in self._unfinished:
                return
            future, job = self._unfinished.pop(remote)
        if remote.status == "finished":
            future.set_result(remote.result())
        elif remote.status == "error":
            future.set_exception(_translated(remote.exception(), job=job))
        else:  # cancelled, which nobody but a lost scheduler does
            future.set_exception(
                MachineError(
                    f"{self._scheduler}: the scheduler is gone; what was finished is kept: start it again and give the "
                    "same command"
                )
            )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Give up what is not finished, on the workers too."""
        with self._lock:
            unfinished = dict(self._unfinished)
            self._unfinished.clear()
        for future, _ in unfinished.values():
            future.set_exception(CancelledError())
        if unfinished and self._client.status == "running":
            self._client.cancel(list(unfinished), force=True)
            self._client.run(stop, self._agreed.session, on_error="ignore")


def _translated(error: BaseException, *, worker: str = "", job: str = "") -> BaseException:
    """An error of Dask's in our words; `worker`, `job`: whose error it is, as far as that is known."""
    from distributed import KilledWorker

    where = f"worker {worker}" if worker else "a worker"
    if isinstance(error, NewsangleError):
        return error
    if isinstance(error, KilledWorker):
        return JobLost(
            f"{job}: its worker died {error.allowed_failures + 1} times over, last {error.last_worker.address}; give "
            "the workers more memory, or see their logs"
        )
    if isinstance(error, ImportError | AttributeError) and "newsangle" in str(error):
        return MachineError(f"{where}: has no newsangle, or another one ({error}); install it there and restart it")
    return error
