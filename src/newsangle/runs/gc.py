"""What in the store is of no use any more? Whatever no run refers to that is there or under way."""

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsangle.errors import IntegrityError, NewsangleError, machine_errors
from newsangle.runs.folder import finished_runs, read_manifest
from newsangle.runs.source import index_file
from newsangle.runs.store import Store, store_folder

_FILES = ("locks", "roots", "source")  # folders of the store that hold files which appear whole
_UNFINISHED_FILE = re.compile(r"\..+\.json\.[0-9a-f]{8}")
_UNFINISHED = re.compile(r"\.[0-9a-f]{12,64}\..+")  # how a folder is called while it is being written


@dataclass(frozen=True)
class Garbage:
    """What can go: paths (folders and files), the bytes that they take, and how many objects stay. `absent`: folders
    that held runs of this store, and aren't there."""

    paths: tuple[Path, ...]
    size: int
    kept: int
    absent: tuple[Path, ...] = ()


def collect_garbage(runs: Sequence[str | Path] = ("runs",), *, dry_run: bool = False) -> Garbage:
    """Remove from the store what no run needs; `dry_run` only finds it.

    Runs are those of `runs` and of every folder that has used this store, and those under way. Results of a run that
    failed or was stopped belong to no run: they go. Also what was set aside as damaged, and what processes that were
    killed have left. Raises IntegrityError for a run whose manifest is damaged (who knows what it needs), MachineError.
    """
    store = Store(store_folder())
    if not store.root.is_dir():
        return Garbage((), 0, 0)
    with store.lock("gc"):
        leased = store.leased()
        roots = store.roots()
        folders = dict.fromkeys([*(Path(r).resolve() for r in runs), *roots])
        used = leased | {key for folder in folders for key in _objects_of_runs(folder)}
        keys = list(store.stored_keys())
        paths = [store.folder(key) for key in keys if key not in used]
        paths += _left_behind(store, () if leased else [store.root / "objects", *folders])
        if not leased:
            files = [path for name in _FILES for path in sorted((store.root / name).glob(".*"))]
            paths += [path for path in files if _UNFINISHED_FILE.fullmatch(path.name)]
            paths += sorted((store.root / "inputs").glob("*"))
        shelves: list[Path] = []
        if not leased:  # nobody computes: no lock is held, no folder is being filled
            shelves = [p for p in sorted((store.root / "objects").glob("*")) if p.is_dir() and not p.is_symlink()]
        size = sum(_size(path) for path in paths)
        if not dry_run:
            for path in paths:
                _remove(path)
            for shelf in shelves:
                if not any(shelf.iterdir()):
                    shelf.rmdir()
            for path in sorted((store.root / "locks").glob("*.lock")) if not leased else []:
                if path.name != "gc.lock":
                    _remove(path)
    return Garbage(tuple(paths), size, len(set(keys) & used), tuple(path for path in roots if not path.is_dir()))


def garbage_text(garbage: Garbage, *, dry_run: bool) -> str:
    """What went, or would go, in a line of plain text; the paths before it where nothing was removed."""
    told = f"{len(garbage.paths)} things, {garbage.size / 1e6:,.1f} MB; {garbage.kept} results stay"
    lines = [f"{path}: held runs and isn't there; nothing is kept for them" for path in garbage.absent]
    lines += [*map(str, garbage.paths), f"would remove {told}"] if dry_run else [f"removed {told}"]
    return "\n".join(lines)


def _objects_of_runs(runs: Path) -> set[str]:
    found: set[str] = set()
    for path in finished_runs(runs):
        try:
            found |= set(read_manifest(path).get("objects", []))
        except NewsangleError as error:
            raise IntegrityError(f"{error}; until then nothing is removed") from None
    return found


def _left_behind(store: Store, folders: Iterable[Path]) -> list[Path]:
    """Damaged objects, old indexes of the source, and what was being written in `folders` when its process ended."""
    found = sorted((store.root / "damaged").glob("*"))
    found += [path for path in sorted((store.root / "source").glob("*.json")) if path.name != index_file()]
    for folder in folders:
        for shelf in sorted(p for p in folder.glob("*") if p.is_dir() and not p.is_symlink()):
            found += [path for path in sorted(shelf.iterdir()) if _UNFINISHED.fullmatch(path.name)]
    return found


def _size(path: Path) -> int:
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    return sum(p.lstat().st_size for p in path.rglob("*") if not p.is_dir())


def _remove(path: Path) -> None:
    """A folder is renamed first, so that nobody ever takes half of an object for a whole one."""
    with machine_errors(path):
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return
        if not path.name.startswith("."):
            hidden = path.with_name(f".{path.name}.gone")
            if hidden.exists():
                shutil.rmtree(hidden)
            path = path.rename(hidden)
        shutil.rmtree(path)
