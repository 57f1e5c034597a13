"""What tests of executors let workers do. In a folder of its own, which workers get on their path."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Told:
    """Says what a job is called."""

    title: str


def double(number: int) -> int:
    return 2 * number


def fail(message: str) -> None:
    raise ValueError(message)


def who() -> int:
    return os.getpid()


_held: list[bytes] = []


def who_holds(size: int, seconds: float) -> int:
    """Holds this many bytes from now on, and takes its time."""
    if not _held:
        _held.append(os.urandom(size))
    time.sleep(seconds)
    return os.getpid()


def die_at_first(seen: Path) -> str:
    """The first process that is given this is killed in the middle of it."""
    try:
        seen.touch(exist_ok=False)
    except FileExistsError:
        return "done"
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def die(told: Told) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def count_up(place: Path) -> None:
    """Write ever higher numbers for ten minutes."""
    for number in range(12_000):
        place.write_text(str(number))
        time.sleep(0.05)
