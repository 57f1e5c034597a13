"""Has this been computed before? Intermediate results by the hash of everything that they were made from.

    objects/AB/KEY/   one result: files of safe formats, and manifest.json: what it was made from, SHA-256 of each file,
                      and on what kind of processor it was made, which is in no key
    damaged/          what failed its check, set aside
    locks/            kernel locks: who computes this key; leases: which keys a run that is under way needs
    roots/            which folders hold runs: what their manifests name is in use
    logs/ source/     a log a run; the index of our own source
    parents/ inputs/  marks of runs under way, for their workers; input files that came from elsewhere

The key of an object is the hash of its recipe, and the recipe stands in its manifest: an object proves itself. It is
verified whenever it is read; a damaged one is set aside and made again. A symbolic link in the store is never followed.
"""

import contextlib
import errno
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from newsangle.corpus.fetch import file_sha256
from newsangle.errors import IntegrityError, MachineError, machine_errors
from newsangle.runs.digests import digest
from newsangle.runs.files import publish_file, published_folder, remove_unfinished

Values = Mapping[str, Any]
Recipe = Mapping[str, Any]
MANIFEST = "manifest.json"
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
_KEY = re.compile(r"[0-9a-f]{64}")
FOLDERS = ("objects", "damaged", "locks", "roots", "logs", "source", "parents", "inputs")


def home() -> str:
    """Where are intermediate results kept? `.newsangle` in the current folder, NEWSANGLE_HOME elsewhere."""
    named = os.environ.get("NEWSANGLE_HOME") or ".newsangle"
    return str(Path(named).expanduser()) if named.startswith("~/") else named


def store_folder() -> Path:
    """The folder of intermediate results on this machine; of those at an address, what this machine has of them."""
    if "://" in home():
        from newsangle.runs.remote_store import cache_folder

        return cache_folder(home())
    return Path(home())


class Loader(Protocol):
    """Whatever gives the values of a key."""

    def load(self, key: str, /) -> dict[str, Any]: ...


class Store:
    """A folder of intermediate results; `warn` is told, in one line, of each damaged object.

    Raises IntegrityError where one of its own folders is a symbolic link.
    """

    def __init__(self, root: Path, warn: Callable[[str], None] | None = None) -> None:
        self.root = root
        self.place = str(root.absolute())  # for other processes
        self._warn = warn
        for name in FOLDERS:
            if (root / name).is_symlink():
                raise IntegrityError(f"{root / name}: is a symbolic link, the store follows none; remove it")

    def folder(self, key: str) -> Path:
        """Where is the object with this key, if it is there?"""
        return self.root / "objects" / key[:2] / key

    def has(self, key: str) -> bool:
        """Is there an unharmed object with this key? A damaged one is set aside, as if it weren't there."""
        fault = self.drop_damaged(key)
        if fault is not None and self._warn is not None:
            self._warn(f"{fault}; set aside and computed again")
        return fault is None and self.folder(key).is_dir()

    def drop_damaged(self, key: str) -> str | None:
        """Set the object with this key aside if it is damaged, and say in one line what is wrong with it."""
        folder = self.folder(key)
        at = folder.parent if folder.parent.is_symlink() else folder
        if not os.path.lexists(at) or fault_of(self.root, key) is None:
            return None
        with self.lock("damaged"):  # another process may have set it aside by now, and made a good one
            fault = fault_of(self.root, key) if os.path.lexists(at) else None
            if fault is not None:
                self.set_aside(at)
        return fault

    def set_aside(self, path: Path) -> None:
        """Move what failed its check out of the way; a link is moved, not what it points to."""
        aside = self.root / "damaged" / path.name
        with machine_errors(path):
            aside.parent.mkdir(parents=True, exist_ok=True)
            number = 0
            while os.path.lexists(aside):
                number += 1
                aside = aside.with_name(f"{path.name}.{number}")
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                path.rename(aside)

    def load(self, key: str) -> dict[str, Any]:
        """The values stored under this key. Raises KeyError where there are none, or none unharmed."""
        from newsangle.runs.values import read_value

        if not self.has(key):
            raise KeyError(key)
        return {path.stem: read_value(path) for path in sorted(self.folder(key).iterdir()) if path.name != MANIFEST}

    def save(self, recipe: Recipe, values: Values) -> str:
        """Keep values made by this recipe: tables, arrays, sparse matrices, and anything that is JSON. Returns the key.

        What is being saved under one key at a time is held by `lock`.
        """
        from newsangle.runs.identity import cpu_type
        from newsangle.runs.values import write_value

        key = digest(recipe)
        with published_folder(self.folder(key)) as folder:
            for name, value in sorted(values.items()):
                write_value(folder / name, value)
            files = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
            manifest: dict[str, Any] = {"recipe": recipe, "files": files, "cpu": cpu_type()}
            manifest["checksum"] = digest(manifest)
            (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        return key

    def manifest(self, key: str) -> dict[str, Any] | None:
        """What does the object with this key say of itself? None where there is none, or none that can be read."""
        try:
            return _manifest(self.folder(key), key)
        except (OSError, ValueError):
            return None

    def recipe(self, key: str) -> dict[str, Any] | None:
        """What was the object with this key made from? None where there is none, or none that can be read."""
        manifest = self.manifest(key)
        return None if manifest is None else manifest["recipe"]

    def made_on(self, keys: Iterable[str]) -> set[str]:
        """On what kinds of processor were these objects made, as far as they say?"""
        return {str(manifest["cpu"]) for key in keys if (manifest := self.manifest(key)) and "cpu" in manifest}

    def stored_keys(self) -> Iterator[str]:
        """The keys of all objects, damaged ones included, in order; what else somebody has put there is none."""
        for shelf in sorted((self.root / "objects").glob("*")):
            if shelf.is_dir() and not shelf.is_symlink():
                names = sorted(path.name for path in shelf.iterdir())
                yield from (name for name in names if _KEY.fullmatch(name) and name.startswith(shelf.name))

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the kernel lock of this name (of a key, say); whoever comes second waits. Lost with the process."""
        with self._file_lock(f"locks/{name}.lock"):
            yield

    def locked(self, name: str) -> bool:
        """Does somebody hold the lock of this name just now?"""
        if not (self.root / "locks" / f"{name}.lock").exists():
            return False
        try:
            with self._file_lock(f"locks/{name}.lock", wait=False):
                return False
        except TimeoutError:
            return True

    @contextlib.contextmanager
    def lease(self, keys: Iterable[str]) -> Iterator[None]:
        """While a run is under way `gc` leaves the objects alone that it needs."""
        name = f"lease-{secrets.token_hex(8)}"
        path = self.root / "locks" / f"{name}.json"
        with contextlib.ExitStack() as held:
            with self.lock("gc"):
                self.leased()
                held.enter_context(self.lock(name))
                publish_file(path, json.dumps(sorted(keys)).encode())
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
                path.with_suffix(".lock").unlink(missing_ok=True)

    def at_work(self, keys: Iterable[str]) -> contextlib.AbstractContextManager[None]:
        """Around one job that needs these keys: the lease of its run holds here, too."""
        return contextlib.nullcontext()

    def leased(self) -> set[str]:
        """Which keys do runs need that are under way? Leases of processes that are gone are removed.

        Whoever asks holds the lock "gc".
        """
        keys: set[str] = set()
        alive = False
        for lock in sorted((self.root / "locks").glob("lease-*.lock")):
            path = lock.with_suffix(".json")
            try:
                with self._file_lock(f"locks/{lock.name}", wait=False):
                    remove_unfinished(path)
                    path.unlink(missing_ok=True)
                    lock.unlink(missing_ok=True)  # while it is held
            except TimeoutError:
                alive = True
                with contextlib.suppress(FileNotFoundError):  # just ending
                    keys |= set(json.loads(path.read_bytes()))
        if not alive:
            for mark in sorted((self.root / "parents").glob("*")):  # by which workers knew the store of their run
                mark.unlink(missing_ok=True)
        return keys

    @contextlib.contextmanager
    def _file_lock(self, name: str, *, wait: bool = True) -> Iterator[None]:
        import filelock

        path = self.root / name
        # A marker in place of a kernel lock would outlive a process that is killed on another machine.
        lock = filelock.FileLock(path, timeout=-1 if wait else 0, fallback_to_soft=False)
        try:
            with machine_errors(path):
                if not path.parent.is_dir():
                    path.parent.mkdir(parents=True, exist_ok=True)
                lock.acquire()
        except MachineError as error:
            if isinstance(error.__cause__, filelock.Timeout):
                raise TimeoutError(str(path)) from None
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _NO_LOCKS:
                told = "no file can be locked there (flock); set NEWSANGLE_HOME to a folder elsewhere, or to an address"
                raise MachineError(f"{self.root}: {told}") from None
            raise
        try:
            yield
        finally:
            lock.release()

    def add_root(self, runs: Path) -> None:
        """Remember that this folder holds runs: `gc` asks their manifests what is in use."""
        place = os.path.relpath(runs.resolve(), self.root.resolve())  # both may move together
        path = self.root / "roots" / _root_name(place)
        if _root_place(path) != place:
            with self.lock("roots"):
                remove_unfinished(path)
                publish_file(path, json.dumps({"runs": place}).encode())

    def roots(self) -> list[Path]:
        """The folders with runs that have used this store. Raises IntegrityError where it can't be known which."""
        return list(self._roots())

    def forget_root(self, runs: Path) -> None:
        """Forget that this folder holds runs: nothing is kept for them any more."""
        path = self._roots()[runs]
        with machine_errors(path):
            path.unlink(missing_ok=True)

    def _roots(self) -> dict[Path, Path]:
        found = {}
        for path in sorted((self.root / "roots").glob("*.json")):
            if path.is_symlink():
                continue
            place = _root_place(path)
            if place is None:
                raise IntegrityError(
                    f"{path}: damaged; delete it, and name the folder of runs that it stood for: newsangle gc --runs"
                )
            found[(self.root.resolve() / place).resolve()] = path
        return found


def _root_name(place: str) -> str:
    return f"{digest(place)[:16]}.json"


def _root_place(path: Path) -> str | None:
    """Which folder of runs does this file name? None where it names none, or another one than it was called after."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        place = json.loads(path.read_bytes())["runs"]
        return place if isinstance(place, str) and path.name == _root_name(place) else None
    return None


@dataclass(frozen=True)
class Found:
    """Loads what a run has found in its store or computed: what isn't there any more has been lost since."""

    store: Store

    def load(self, key: str) -> dict[str, Any]:
        """The values of this key. Raises IntegrityError where they were lost."""
        try:
            return self.store.load(key)
        except KeyError:
            raise IntegrityError(
                f"{self.store.folder(key)}: was lost while the run was under way; run the same command again"
            ) from None


def fault_of(root: Path, key: str) -> str | None:
    """What is wrong with the object of this key, in one line? None where every byte is as it was written."""
    folder = root / "objects" / key[:2] / key
    for path in (folder.parent, folder):
        if path.is_symlink():
            return f"{path}: is a symbolic link"
    try:
        files: dict[str, str] = _manifest(folder, key)["files"]
        present = {path.name: path for path in folder.iterdir() if path.name != MANIFEST}
        if present.keys() != files.keys():
            return f"{folder}: its files are not those of its manifest"
        for name, known in sorted(files.items()):
            if present[name].is_symlink():
                return f"{present[name]}: is a symbolic link"
            if file_sha256(present[name]) != known:
                return f"{present[name]}: its hash is not that of its manifest"
    except (OSError, ValueError) as error:
        return f"{folder}: can't be verified ({type(error).__name__}: {error})"
    return None


def _manifest(folder: Path, key: str) -> dict[str, Any]:
    """The manifest of an object, proved by its checksum and by its key. Raises OSError, ValueError."""
    path = folder / MANIFEST
    if path.is_symlink():
        raise ValueError("its manifest is a symbolic link")
    return checked_manifest(path.read_bytes(), key)


def checked_manifest(data: bytes, key: str) -> dict[str, Any]:
    """These bytes as the manifest of the object with this key. Raises ValueError where they are not."""
    manifest = json.loads(data)
    if not isinstance(manifest, dict) or manifest.keys() | {"cpu"} != {"recipe", "files", "cpu", "checksum"}:
        raise ValueError("its manifest is damaged")
    if digest({name: said for name, said in manifest.items() if name != "checksum"}) != manifest["checksum"]:
        raise ValueError("the checksum of its manifest is wrong")
    if digest(manifest["recipe"]) != key:
        raise ValueError("it was made by another recipe than its name says")
    found: dict[str, Any] = manifest
    return found


def kept_json(root: Path, name: str, make: Callable[[], Any]) -> Any:
    """A JSON value kept as this file of the store; made, and kept, where it isn't there or is damaged.

    Without a store none is begun for it, and one that can't be written to does no harm.
    """
    path = root / name
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if not path.is_symlink() and not path.parent.is_symlink():
            kept = json.loads(path.read_bytes())
            if digest(kept["value"]) == kept["checksum"]:
                return kept["value"]
    value = json.loads(json.dumps(make()))
    if root.is_dir() and not path.parent.is_symlink():
        with contextlib.suppress(Exception), Store(root).lock(f"kept-{path.stem}"):
            remove_unfinished(path)
            publish_file(path, json.dumps({"value": value, "checksum": digest(value)}).encode())
    return value
