"""What can go wrong, and whose turn it is: each error knows its exit code.

A message is one line that says what, where (file, row or key, value) and what to do next.
"""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path


class NewsangleError(Exception):
    """An error whose message is one line for the person at the keyboard; the command line prints it alone."""

    exit_code = 1


class ConfigError(NewsangleError):
    """The command line or an experiment's config says something that can't be carried out (exit code 2)."""

    exit_code = 2


class DataError(NewsangleError):
    """Articles, labels or a sampling frame are missing or not what they are said to be (exit code 3)."""

    exit_code = 3


class MachineError(NewsangleError):
    """The disk, a permission or the network stands in the way (exit code 4)."""

    exit_code = 4


class JobLost(NewsangleError):
    """Every process that was given this job died of it (exit code 4); other jobs go on."""

    exit_code = 4


class IntegrityError(NewsangleError):
    """A stored file is not the file that was written (exit code 5)."""

    exit_code = 5


@contextlib.contextmanager
def machine_errors(what: Path, *, elsewhere: str = "choose another folder", kept: str = "") -> Iterator[None]:
    """Turn what the operating system refuses into one line: what, why, what to do.

    `elsewhere`: how to write to another place; `kept`: what stays when the disk is full. Raises MachineError.
    """
    room = f"free some space{kept}"
    denied = f"no permission to write there; {elsewhere} or change its permissions"
    reasons = {
        errno.ENOSPC: f"the disk is full; {room}",
        errno.EDQUOT: f"the disk quota is used up; {room}",
        errno.EACCES: denied,
        errno.EPERM: denied,
        errno.EROFS: f"the disk is read-only; {elsewhere}",
    }
    try:
        yield
    except OSError as error:
        reason = reasons.get(error.errno or 0, f"{error.strerror or error}; check the path")
        raise MachineError(f"{what}: can't be written: {reason}") from error
