"""May this process compute a job for that one? A worker checks its code, its packages and its store before it works.

Everything here runs in a worker: a process beside the parent's, or on another machine. A worker outlives edits of our
source, so what it has imported is compared, not what lies on its disk.
"""

import ctypes
import importlib
import os
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from newsangle.errors import MachineError
from newsangle.runs.digests import package_versions
from newsangle.runs.remote_store import process_name, sees
from newsangle.runs.source import disk_state, package_digest, unchanged

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Rooms whose modules a stage may import while it computes; figures and the command line are the parent's alone.
ROOMS = ("stats", "corpus", "labels", "features", "topics", "stance", "coverage")


@dataclass(frozen=True)
class Agreement:
    """What a worker and its parent must have in common: source, package versions, the store with its `mark`.

    `place`: where the parent's newsangle lies; a worker's may lie elsewhere.
    """

    source: str
    versions: tuple[tuple[str, str], ...]
    store: str
    mark: str
    session: str
    place: str


def agreement(store: str, mark: str, session: str) -> Agreement:
    """What does this process, as the parent, ask of its workers?"""
    return Agreement(package_digest(), tuple(package_versions().items()), store, mark, session, place())


def place() -> str:
    """Where does the newsangle lie that this process runs?"""
    return str(Path(__file__).parents[1])


_AT_IMPORT = disk_state()


@cache
def loaded_source() -> str:
    """The hash of the code that this process runs, whatever happens to the files from now on.

    All that a job may import is imported, between two looks at the disk. Raises MachineError if it changed in between.
    """
    digest = package_digest()
    here = ("newsangle.runs.stages", "newsangle.runs.values", "newsangle.runs.identity")
    for name in (*here, *(f"newsangle.{room}" for room in ROOMS)):
        module = importlib.import_module(name)
        for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
            importlib.import_module(found.name)
    if disk_state() != _AT_IMPORT or not unchanged():
        raise MachineError(f"process {process_name()}: newsangle's source was edited while it started; start it again")
    return digest


def check(agreed: Agreement) -> None:
    """Is this worker fit for that parent? Raises MachineError, one line: what differs and what to do."""
    versions = package_versions()
    differing = [
        f"{name} is {versions.get(name, 'absent')}, not {v}" for name, v in agreed.versions if versions.get(name) != v
    ]
    if differing:
        told = ", ".join(differing)
        raise MachineError(
            f"worker {process_name()}: {told}; install the parent's versions there and restart the workers"
        )
    if loaded_source() != agreed.source:
        where = f"newsangle as loaded from {place()} is not its parent's, from {agreed.place}"
        raise MachineError(f"worker {process_name()}: {where}; install the same there and restart the workers")
    _check_store(agreed.store, agreed.mark)


def _check_store(store: str, mark: str) -> None:
    if not sees(store, mark):
        raise MachineError(
            f"worker {process_name()}: {store} is not the parent's store there; set NEWSANGLE_HOME to a folder that "
            "every machine has under the same path, or to an address such as s3://bucket/newsangle"
        )
    if "://" not in store and not os.access(store, os.R_OK | os.W_OK | os.X_OK):
        raise MachineError(
            f"worker {process_name()}: no permission to write to the store {store}; change its permissions"
        )


def end_with(parent: int) -> None:
    """This process ends within a second of its parent, however that one was killed: nobody waits for what it does."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)  # what it was writing has no name yet

    threading.Thread(target=watch, daemon=True).start()


def named(args: tuple[object, ...]) -> str:
    """What is the job called that these are the arguments of? By the title of what says what to compute."""
    titles = (getattr(given, "title", None) for given in args)
    return next((title for title in titles if isinstance(title, str)), "a job")


def ready() -> None:
    """Nothing: what a process has done, once it has been checked, that is to begin real work at once."""


# One job at a time in a process, though a Dask worker has several threads: a job sets the process's BLAS threads.
_turn = threading.Lock()
_guard = threading.Lock()
_working: dict[int, str] = {}  # thread → session
_stopped: set[str] = set()


class _Stopped(BaseException):
    """Thrown into a thread whose parent no longer wants the result."""


def at_work(
    agreed: Agreement, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Do the work if this worker is fit for it. Raises MachineError if it isn't, or if its session was stopped."""
    try:
        with _turn:
            check(agreed)
            with _stoppable(agreed.session):
                return work(*args, **kwargs)
    except _Stopped:
        raise MachineError(f"worker {process_name()}: stopped, as its parent asked") from None


@contextmanager
def _stoppable(session: str) -> Iterator[None]:
    with _guard:
        if session in _stopped:
            raise _Stopped
        _working[threading.get_ident()] = session
    try:
        yield
    finally:
        with _guard:
            del _working[threading.get_ident()]


def stop(session: str) -> int:
    """Give up this session's jobs, those at work included (at their next step in Python). How many were at work?"""
    with _guard:
        _stopped.add(session)
        threads = [thread for thread, other in _working.items() if other == session]
        for thread in threads:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Stopped))
    return len(threads)
