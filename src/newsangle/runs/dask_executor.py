"""How does a job get to another machine? A Dask scheduler hands it to a worker, and to another one if that dies."""

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from newsangle.errors import ConfigError, JobLost, MachineError, NewsangleError
from newsangle.runs.workers import Agreement, at_work, check, named, stop

SECONDS = 10  # for a scheduler to answer
WORKER_SECONDS = 15  # for a first worker to be there
LONELY_SECONDS = 60  # without any worker, once there were some


@contextmanager
def connected(scheduler: str, agreed: Agreement, say: Callable[[str], None]) -> Iterator[Executor]:
    """An executor on the workers of this scheduler; what is unfinished when the block ends is cancelled there.

    Every worker is asked first whether its code, packages and store are the parent's. `say` is told of threads that
    will not be used and of workers that go. Raises ConfigError for an address or an installation that can't be,
    MachineError for the rest.
    """
    client = _client(scheduler)
    with _quiet():
        try:
            _ask(client, scheduler, agreed, say)
            with DaskExecutor(client, scheduler, agreed, say) as executor:
                yield executor
        finally:
            client.close(timeout=SECONDS)


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask logs a page for what we tell in one line."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in ("distributed", "tornado")]
    levels = {name: logging.getLogger(name).level for name in ("distributed", *names)}
    try:
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


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
    for address, told in sorted(client.run(check, agreed, on_error="return").items()):
        if told is not None:
            raise _translated(told, worker=address)
    idle = sum(threads - 1 for threads in client.nthreads().values())
    if idle:
        say(f"{scheduler}: {idle} threads of its workers stay idle; start them with --nworkers -1 --nthreads 1")


class DaskExecutor(Executor):
    """Computes on the workers of a Dask scheduler.

    A scheduler counts a worker's death against every job that it had assigned to it, also those that hadn't begun. So
    no more jobs are handed over than there are workers (how many there are is asked again and again), and a job that
    it gives up is tried once more with no other beside it: it may have been another's fault.
    """

    def __init__(self, client: Any, scheduler: str, agreed: Agreement, say: Callable[[str], None]) -> None:
        self._client, self._scheduler, self._agreed, self._say = client, scheduler, agreed, say
        self._lock = threading.RLock()
        self._waiting: deque[_Task] = deque()
        self._suspects: deque[_Task] = deque()
        self._under_way: dict[Any, _Task] = {}
        self._seen = set(client.nthreads())
        self._workers = len(self._seen)
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._ask_again, name="newsangle-workers", daemon=True)
        self._watch.start()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work on some worker; begun anew on another one if it dies (`allowed-failures` of the scheduler)."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            self._waiting.append(_Task(future, named(args), partial(work, **kwargs) if kwargs else work, args))
        self._hand_over()
        return future

    def _hand_over(self) -> None:
        with self._lock:
            while self._waiting and len(self._under_way) < self._workers and not self._over.is_set():
                self._start(self._waiting.popleft())
            if self._suspects and not self._under_way and not self._over.is_set():
                self._start(replace(self._suspects.popleft(), alone=True))

    def _start(self, task: "_Task") -> None:
        key = f"{task.name}-{uuid.uuid4().hex}"  # what Dask's own dashboard shows
        remote = self._client.submit(at_work, self._agreed, task.work, *task.args, key=key, pure=False)
        self._under_way[remote] = task
        remote.add_done_callback(self._settle)

    def _settle(self, remote: Any) -> None:
        from distributed import KilledWorker

        with self._lock:
            task = self._under_way.pop(remote, None)
        if task is None:
            return
        error = remote.exception() if remote.status == "error" else None
        if isinstance(error, KilledWorker) and not task.alone:
            with self._lock:
                self._suspects.append(task)
        elif error is not None:
            task.future.set_exception(_translated(error, job=task.name))
        elif remote.status == "finished":
            task.future.set_result(remote.result())
        else:  # cancelled, which nobody but a lost scheduler does
            self._give_up(_lost(self._scheduler), task)
        self._hand_over()

    def _ask_again(self) -> None:
        """New workers get jobs; when all have been gone for long, somebody has to be told."""
        last_seen = time.monotonic()
        while not self._over.wait(1):
            with contextlib.suppress(OSError, RuntimeError):  # a lost scheduler is told by its jobs
                now = set(self._client.nthreads())
                if (gone := sorted(self._seen - now)) and self._client.status == "running":
                    who = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
                    self._say(f"gone: worker {who}; what was computed there is begun anew on another")
                self._seen, self._workers = now, len(now)
            if self._client.status == "closed":  # it has tried to come back, for SECONDS
                self._give_up(_lost(self._scheduler))
                return
            if self._workers:
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > LONELY_SECONDS:
                self._give_up(MachineError(f"{self._scheduler}: has had no worker for {LONELY_SECONDS} s; start some"))
            self._hand_over()

    def _give_up(self, error: Exception, *tasks: "_Task") -> dict[Any, "_Task"]:
        """Nothing that is unfinished will be done: all get this error. What was under way?"""
        with self._lock:
            under_way, waiting = dict(self._under_way), [*self._waiting, *self._suspects]
            self._under_way.clear()
            self._waiting.clear()
            self._suspects.clear()
        for task in (*tasks, *under_way.values(), *waiting):
            task.future.set_exception(error)
        return under_way

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Give up what is not finished, on the workers too."""
        self._over.set()
        under_way = self._give_up(CancelledError())
        if under_way and self._client.status == "running":
            self._client.cancel(list(under_way), force=True)
            self._client.run(stop, self._agreed.session, on_error="ignore")
        self._watch.join(SECONDS)


@dataclass(frozen=True)
class _Task:
    future: Future[Any]
    name: str
    work: Callable[..., Any]
    args: tuple[Any, ...]
    alone: bool = False


def _lost(scheduler: str) -> MachineError:
    return MachineError(
        f"{scheduler}: the scheduler is gone; what was finished is kept: start it again and give the same command"
    )


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
