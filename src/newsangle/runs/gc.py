"""What in the store is of no use any more? Whatever no run refers to that is there or under way."""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsangle.errors import ConfigError, IntegrityError, MachineError, NewsangleError, machine_errors
from newsangle.runs.folder import finished_runs, read_manifest, unreadable
from newsangle.runs.run_log import result_name, told_titles
from newsangle.runs.source import index_file
from newsangle.runs.store import Store, store_folder

_FILES = ("locks", "roots", "source")  # folders of the store that hold files which appear whole
_UNFINISHED_FILE = re.compile(r"\..+\.json\.[0-9a-f]{8}")
_UNFINISHED = re.compile(r"\.[0-9a-f]{12,64}\..+")  # how a folder is called while it is being written


@dataclass(frozen=True)
class Thing:
    """A folder or file that can go, what it is, and the bytes that it takes."""

    path: Path
    named: str
    size: int


@dataclass(frozen=True)
class Garbage:
    """What can go, and how many objects stay."""

    things: tuple[Thing, ...]
    kept: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where all that lies."""
        return tuple(thing.path for thing in self.things)


def collect_garbage(
    runs: Sequence[str | Path] | None = None, *, forget: Sequence[str | Path] = (), dry_run: bool = False
) -> Garbage:
    """Remove from the store what no run needs; `dry_run` only finds it.

    Runs are those of `runs` (default: the folder runs, if there is one) and of every folder that has used this store,
    and those under way. Results of a run that failed or was stopped belong to no run: they go. Also what was set aside
    as damaged, and what processes that were killed have left. `forget`: folders of runs that were deleted on purpose.
    Nothing goes while it isn't known what is needed: raises IntegrityError for a run whose manifest is damaged,
    MachineError for a known folder of runs that isn't there, ConfigError for one of `runs` that isn't and for one of
    `forget` that is, or isn't known.
    """
    given = [Path(folder) for folder in (["runs"] if runs is None else runs)]
    absent = [folder for folder in given if not _is_there(folder)]
    if absent and runs is not None:
        raise ConfigError(f"--runs {absent[0]}: no such folder; name one that holds runs")
    store = Store(store_folder())
    if not store.root.is_dir():
        if forget:
            raise ConfigError(f"--forget {forget[0]}: there is no store at {store.root} that could know it")
        return Garbage((), 0)
    with store.lock("gc"):
        leased = store.leased()
        roots = _known_roots(store, forget, dry_run=dry_run)
        folders = dict.fromkeys([*(folder.resolve() for folder in given), *roots])
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
        titles = told_titles(store.root / "logs")
        things = tuple(Thing(path, _named(path, store, titles), _size(path)) for path in paths)
        if not dry_run:
            for path in paths:
                _remove(path)
            for shelf in shelves:
                if not any(shelf.iterdir()):
                    shelf.rmdir()
            for path in sorted((store.root / "locks").glob("*.lock")) if not leased else []:
                if path.name != "gc.lock":
                    _remove(path)
    return Garbage(things, len(set(keys) & used))


def garbage_text(garbage: Garbage, *, dry_run: bool) -> str:
    """What went, or would go, in a line of plain text; each thing before it where nothing was removed."""
    size = sum(thing.size for thing in garbage.things)
    told = f"{len(garbage.things)} things, {size / 1e6:,.1f} MB; {garbage.kept} results stay"
    if not dry_run:
        return f"removed {told}"
    lines = [f"{thing.named}, {thing.size / 1e6:,.3f} MB: {thing.path}" for thing in garbage.things]
    return "\n".join([*lines, f"would remove {told}"])


def _known_roots(store: Store, forget: Sequence[str | Path], *, dry_run: bool) -> list[Path]:
    """The folders with runs of this store, less those to forget; all of them have to be there."""
    roots = store.roots()
    wanted = {Path(folder).resolve(): str(folder) for folder in forget}
    for folder, said in wanted.items():
        if folder not in roots:
            known = ", ".join(map(str, roots)) or "none"
            raise ConfigError(f"--forget {said}: not a folder of runs that the store knows; it knows {known}")
        if _is_there(folder):
            raise ConfigError(f"--forget {said}: is there; delete it first if its runs are of no use any more")
    kept = [folder for folder in roots if folder not in wanted]
    for folder in kept:
        if not _is_there(folder):
            raise MachineError(
                f"{folder}: held runs and isn't there; bring it back or, if it was deleted on purpose, say newsangle "
                f"gc --forget {shlex.quote(str(folder))}; until then nothing is removed"
            )
    if not dry_run:
        for folder in wanted:
            store.forget_root(folder)
    return kept


def _is_there(folder: Path) -> bool:
    """Is this a folder? Raises MachineError where it can't be read: it would look as if it held no runs."""
    try:
        os.scandir(folder).close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(folder, error) from None
    return True


def _named(path: Path, store: Store, titles: Mapping[str, str]) -> str:
    """What is this? A result by its stage and title, where a log or its recipe tells it."""
    if path.name.startswith("."):
        return "left unfinished"
    if path.parent in (store.root / "source", store.root / "inputs"):
        return {"source": "old index of the source", "inputs": "copy of an input file"}[path.parent.name]
    named = result_name(path.name, store, titles) or "result of an unknown stage"
    return f"{named}, damaged" if path.parent.name == "damaged" else named


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
