"""Where are compiled kernels kept? A private folder keyed by the kernels' own source.

numba stores machine code as pickles: the one place where something is unpickled by default. So the folder belongs to
the user alone (mode 700), its name is a hash of the sources that go into the code, of this file (which says how they
are compiled) and of the compiler's versions, and nothing else is ever read from it. A folder that can't be made or
written or isn't ours means compiling again, never an error (nor a folder of numba's own choice).
"""

import hashlib
import os
import platform
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import platformdirs
from numba.core import config

Function = TypeVar("Function", bound=Callable[..., Any])


def cache_folder(sources: list[Path]) -> Path | None:
    """The folder for kernels made from these sources, or None where no private folder can be had."""
    key = hashlib.blake2b(digest_size=12)
    for version in (numba.__version__, llvmlite.__version__, platform.python_version(), platform.machine()):
        key.update(f"{version}\n".encode())
    for source in (Path(__file__), *sources):
        key.update(source.read_bytes())
    folder = platformdirs.user_cache_path("newsangle") / "kernels" / key.hexdigest()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077 and os.access(folder, os.W_OK | os.X_OK)
    if hasattr(os, "getuid"):
        private = private and found.st_uid == os.getuid()
    return folder if private else None


@contextmanager
def _numba_cache(folder: Path) -> Iterator[None]:
    """numba reads `CACHE_DIR` while it decorates: set for that moment, so other people's kernels keep their place."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def kernels(*sources: str) -> Callable[[Function], Function]:
    """Decorator: compile without the interpreter lock, with division as in numpy, and keep the code.

    sources: `__file__` of every module whose source goes into the machine code; another source is another folder.
    """
    folder = cache_folder([Path(source) for source in sources])

    def decorate(function: Function) -> Function:
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
        if folder is None:
            return numba.njit(**options)(function)  # type: ignore[no-any-return]
        with _numba_cache(folder):
            return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]

    return decorate
