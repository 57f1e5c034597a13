"""How can a publisher be wrong? The tests have to find each of these; children of the fork server use them."""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def _written_in_place() -> None:
    @contextlib.contextmanager
    def published_folder(final: Path) -> Iterator[Path]:
        final.mkdir(parents=True, exist_ok=True)
        yield final

    _publish_by(published_folder)


def _renamed_too_early() -> None:
    """The folder gets its name, then its files."""

    @contextlib.contextmanager
    def published_folder(final: Path) -> Iterator[Path]:
        temporary = final.with_name(f".{final.name}.00000000")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        temporary.rename(final)
        yield final

    _publish_by(published_folder)


def _errors_swallowed() -> None:
    from newsangle.runs import files

    publish = files.published_folder

    @contextlib.contextmanager
    def published_folder(final: Path) -> Iterator[Path]:
        with publish(final) as folder, contextlib.suppress(OSError):
            yield folder

    _publish_by(published_folder)


def _nothing_synced() -> None:
    os.fsync = lambda handle: None


def _files_not_synced() -> None:
    """Folders only."""
    fsync = os.fsync
    os.fsync = lambda handle: fsync(handle) if os.path.isdir(f"/proc/self/fd/{handle}") else None  # noqa: PTH112


def _half_an_array() -> None:
    """np.save into a file doesn't see that the disk is full."""
    import numpy as np

    from newsangle.runs import values

    write = values.write_value

    def write_value(path: Path, value: Any) -> None:
        if isinstance(value, np.ndarray):
            np.save(path.with_suffix(".npy"), value, allow_pickle=False)
        else:
            write(path, value)

    values.write_value = write_value


def _remains_stay() -> None:
    from newsangle.runs import files

    files.remove_unfinished = lambda final: None


def _nothing_verified() -> None:
    from newsangle.runs import store

    store.fault_of = lambda root, key: None


def _links_followed() -> None:
    Path.is_symlink = lambda self: False  # type: ignore[method-assign]


def _corpus_in_place() -> None:
    from newsangle.corpus.ingest import write

    @contextlib.contextmanager
    def replacing(final: Path, folder: Path) -> Iterator[Path]:
        yield final

    write._replacing = replacing


def _removed_in_place() -> None:
    """gc takes an object apart where it lies."""
    from newsangle.runs import gc

    gc._remove = lambda path: shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _used_objects_removed() -> None:
    from newsangle.runs import gc

    gc._objects_of_runs = lambda runs: set(json.loads("[]"))


def _publish_by(published_folder: Callable[[Path], Any]) -> None:
    from newsangle.runs import folder, store

    folder.published_folder = published_folder
    store.published_folder = published_folder


MUTANTS: dict[str, Callable[[], None]] = {
    "written in place": _written_in_place,
    "renamed too early": _renamed_too_early,
    "errors swallowed": _errors_swallowed,
    "nothing synced": _nothing_synced,
    "files not synced": _files_not_synced,
    "half an array": _half_an_array,
    "remains stay": _remains_stay,
    "nothing verified": _nothing_verified,
    "links followed": _links_followed,
    "corpus in place": _corpus_in_place,
    "removed in place": _removed_in_place,
    "used objects removed": _used_objects_removed,
}
