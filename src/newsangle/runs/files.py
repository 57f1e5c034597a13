"""How does a file come into being so that nobody ever sees half of it? Written aside, synced, renamed."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newsangle.errors import machine_errors


@contextlib.contextmanager
def published_folder(final: Path) -> Iterator[Path]:
    """A new folder to fill; when the block ends well it is synced and renamed to `final`, else it vanishes.

    Where `final` exists already (another process was faster), the new one is dropped. Raises MachineError.
    """
    with machine_errors(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
        try:
            yield temporary
            for path in sorted(temporary.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
                if path.is_file():
                    sync(path)
            temporary.chmod(0o755)
            sync(temporary)
            try:
                temporary.rename(final)
            except OSError:
                if not final.is_dir():
                    raise
            sync(final.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def sync(path: Path) -> None:
    """Ask the disk to keep a file or folder now."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
