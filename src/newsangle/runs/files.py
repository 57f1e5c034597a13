"""How does a file come into being so that nobody ever sees half of it? Written aside, synced, renamed."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from newsangle.corpus.fetch import sync
from newsangle.errors import machine_errors


@contextlib.contextmanager
def published_folder(final: Path) -> Iterator[Path]:
    """A new folder to fill; when the block ends well it is synced and renamed to `final`, else it vanishes.

    Where `final` exists already (another process was faster), the new one is dropped. What a process that was killed
    has left beside `final` is removed: who publishes holds the lock of that name. Raises MachineError.
    """
    with machine_errors(final):
        _make_folders(final.parent)
        remove_unfinished(final)
        temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
        temporary.mkdir()
        try:
            yield temporary
            for path in sorted(temporary.rglob("*")):
                sync(path)
            sync(temporary)
            try:
                temporary.rename(final)
            except OSError:
                if not final.is_dir():
                    raise
            sync(final.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def publish_file(final: Path, content: bytes) -> None:
    """Write these bytes as `final`, whole or not at all; what was there before is replaced. Raises MachineError."""
    with machine_errors(final):
        _make_folders(final.parent)
        temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(final)
            sync(final.parent)
        finally:
            temporary.unlink(missing_ok=True)


def remove_unfinished(final: Path) -> None:
    """Remove what a process that was killed while it published `final` has left beside it."""
    if not final.parent.is_dir():
        return
    with machine_errors(final):
        for path in [p for p in final.parent.iterdir() if p.name.startswith(f".{final.name}.")]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, each kept by the disk before anything lies in it."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync(path.parent)
