"""How do machines without a common disk share results? NEWSANGLE_HOME is an address (s3://bucket/place, gs://…, file://…).

    objects/AB/KEY.json    the manifest of a result: its recipe, and the SHA-256 of each of its files
    blobs/AB/SHA256        a file of results, or an input file that some worker has no copy of
    parents/               marks by which workers see that they use the same place as their parent

Files come first and the manifest last, and a file is called as its content, so whatever breaks off leaves no half of a
result. Each machine keeps what it has read or made in a `Store` of its own (in the user's cache folder), where it is
verified like everything else. `gc` clears that one, copies of input files included; what lies at the address goes by
the rules of its bucket.
"""

import contextlib
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from newsangle.corpus.fetch import file_sha256
from newsangle.errors import ConfigError, DataError, MachineError, NewsangleError, machine_errors
from newsangle.runs.files import published_folder
from newsangle.runs.store import MANIFEST, Recipe, Store, Values, checked_manifest, home

# What is written there appears whole or not at all; elsewhere files are written under another name and renamed.
_WHOLE = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory")


class WithFiles(Protocol):
    """What reads input files: their paths, and in its recipe their hashes."""

    @property
    def files(self) -> Mapping[str, Path]: ...

    @property
    def recipe(self) -> Mapping[str, Any]: ...


def open_store(place: str | None = None, warn: Callable[[str], None] | None = None) -> Store:
    """The store at this folder or address; NEWSANGLE_HOME's if left out. Raises ConfigError, MachineError."""
    place = place or home()
    return RemoteStore(place, warn) if "://" in place else Store(Path(place), warn)


class RemoteStore(Store):
    """Results at an address, with a store of this machine's own before them."""

    def __init__(self, address: str, warn: Callable[[str], None] | None = None) -> None:
        super().__init__(cache_folder(address), warn)
        self.place = address
        self._files = _Files(address)

    def has(self, key: str) -> bool:
        """Can the object with this key be loaded, here and by others? What is only here is sent there."""
        if super().has(key):
            if self._manifest_there(key) is None:
                self._send(key)
            return True
        manifest = self._manifest_there(key)
        return manifest is not None and all(self._files.there(_blob(known)) for known in manifest["files"].values())

    def load(self, key: str) -> dict[str, Any]:
        """The values stored under this key. Raises KeyError where there are none, or none unharmed."""
        if not super().has(key):
            with self.lock(key):
                if not super().has(key):
                    self._fetch(key)
        return super().load(key)

    def save(self, recipe: Recipe, values: Values) -> str:
        """Keep values here, then there. Returns the key."""
        key = super().save(recipe, values)
        self._send(key)
        return key

    def manifest(self, key: str) -> dict[str, Any] | None:
        """What does the object with this key say of itself, here or there?"""
        return super().manifest(key) or self._manifest_there(key)

    def at_work(self, keys: Iterable[str]) -> contextlib.AbstractContextManager[None]:
        """Around one job: the lease of its run may be on another machine, so what this one has is leased here."""
        return self.lease(keys)

    def offer(self, path: Path, known: str) -> None:
        """Send an input file there, by its SHA-256, for workers that don't have it."""
        self._files.send(path, _blob(known))

    def input_file(self, path: Path, known: str) -> Path:
        """This input file as it lies here, or a copy of it: the bytes with this SHA-256. Raises MachineError."""
        if path.is_file() and file_sha256(path) == known:
            return path
        kept = self.root / "inputs" / known
        copy = kept / path.name  # by its name, which says of what kind it is
        with self.lock(f"input-{known}"):
            if not copy.is_file() or file_sha256(copy) != known:
                if kept.exists():
                    self.set_aside(kept)
                try:
                    with published_folder(kept) as folder:
                        self._files.fetch(_blob(known), folder / path.name, known, what=str(path))
                except DataError as error:  # the place is at fault, not the data: no point of a sweep fails by it
                    raise MachineError(f"{error}; run the same command again, which sends it anew") from None
        return copy

    def _manifest_there(self, key: str) -> dict[str, Any] | None:
        data = self._files.read(_manifest(key))
        if data is None:
            return None
        try:
            return checked_manifest(data, key)
        except ValueError as error:
            self._tell(f"{self.place}/{_manifest(key)}: {error}; made again")
            return None

    def _send(self, key: str) -> None:
        folder = self.folder(key)
        manifest = (folder / MANIFEST).read_bytes()
        for name, known in sorted(checked_manifest(manifest, key)["files"].items()):
            self._files.send(folder / name, _blob(known))
        self._files.write(_manifest(key), manifest)

    def _fetch(self, key: str) -> None:
        manifest = self._manifest_there(key)
        if manifest is None:
            raise KeyError(key)
        try:
            with published_folder(self.folder(key)) as folder:
                for name, known in sorted(manifest["files"].items()):
                    if Path(name).name != name:
                        raise DataError(f"{self.place}/{_manifest(key)}: {name!r} is no name of a file")
                    self._files.fetch(_blob(known), folder / name, known, what=f"{name} of {key}")
                (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        except DataError as error:
            self._files.remove(_manifest(key))  # it promises what isn't there: the object is made again
            self._tell(f"{error}; set aside and computed again")
            raise KeyError(key) from None

    def _tell(self, line: str) -> None:
        if self._warn is not None:
            self._warn(line)


def _manifest(key: str) -> str:
    return f"objects/{key[:2]}/{key}.json"


def _blob(known: str) -> str:
    return f"blobs/{known[:2]}/{known}"


def cache_folder(address: str) -> Path:
    """Where does this machine keep what it has of the store at this address?"""
    import platformdirs

    name = hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]
    return platformdirs.user_cache_path("newsangle") / "stores" / name


def offer_files(store: Store, jobs: Iterable[WithFiles]) -> None:
    """Make the files that these jobs read available to workers of other machines, where the store can."""
    if isinstance(store, RemoteStore):
        for known, path in {job.recipe["files"][name]: p for job in jobs for name, p in job.files.items()}.items():
            store.offer(path, known)


def files_here(store: Store, job: WithFiles) -> dict[str, Path]:
    """Where are the files that this job reads, on this machine? Raises MachineError where one is not, or is another."""
    if isinstance(store, RemoteStore):
        return {name: store.input_file(path, job.recipe["files"][name]) for name, path in job.files.items()}
    for name, path in job.files.items():
        if not path.is_file():
            fault = "not on this machine"
        elif file_sha256(path) != job.recipe["files"][name]:
            fault = "another file on this machine, or changed since the run began"
        else:
            continue
        raise MachineError(
            f"{path}: {fault} ({process_name()}); keep it in a folder that all have or set NEWSANGLE_HOME to an "
            "address, and run again"
        )
    return dict(job.files)


def process_name() -> str:
    """Which process of which machine is this? As HOST:PID."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextlib.contextmanager
def as_named(job: WithFiles, files: Mapping[str, Path]) -> Iterator[None]:
    """A DataError names the files of a job, not the copies of them that were read in their place."""
    try:
        yield
    except DataError as error:
        told = str(error)
        for name, path in files.items():
            told = told.replace(str(path), str(job.files[name]))
        raise DataError(told) from error


@contextlib.contextmanager
def marked(store: Store) -> Iterator[str]:
    """A mark in the store, by which workers see that theirs is the same."""
    name = f"parents/{secrets.token_hex(16)}"
    if isinstance(store, RemoteStore):
        files = _Files(store.place)
        files.write(name, b"")
        try:
            yield name
        finally:
            with contextlib.suppress(MachineError):
                files.remove(name)
        return
    path = store.root / name
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    try:
        yield name
    finally:
        path.unlink(missing_ok=True)


def sees(place: str, mark: str) -> bool:
    """Does this process see that mark in the store at this place?"""
    return _Files(place).there(mark) if "://" in place else Path(place, mark).is_file()


class _Files:
    """Files at an address. Whatever its service refuses is a MachineError in one line."""

    def __init__(self, address: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise ConfigError(
                f"NEWSANGLE_HOME={address}: takes fsspec, which isn't installed: pip install 'newsangle[dask]'"
            ) from None
        self.address = address.rstrip("/")
        with self._told():
            # Listings are not kept: another machine may have written since.
            self._system, self._root = url_to_fs(self.address, use_listings_cache=False)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        with self._told(), contextlib.suppress(FileNotFoundError):
            found: bytes = self._system.cat_file(self._at(name))
            return found
        return None

    def there(self, name: str) -> bool:
        with self._told():
            return bool(self._system.exists(self._at(name)))

    def write(self, name: str, data: bytes) -> None:
        with self._told():
            self._whole(name, lambda at: self._system.pipe_file(at, data))

    def send(self, path: Path, name: str) -> None:
        """Copy a file there, unless one of its name and size is there already."""
        with self._told():
            with contextlib.suppress(FileNotFoundError):
                if self._system.info(self._at(name))["size"] == path.stat().st_size:
                    return
            self._whole(name, lambda at: self._system.put_file(str(path), at))

    def fetch(self, name: str, path: Path, known: str, *, what: str) -> None:
        """Copy a file here and verify it. Raises DataError where there is none, or none with this SHA-256."""
        with self._told():
            try:
                self._system.get_file(self._at(name), str(path))
            except FileNotFoundError:
                raise DataError(f"{what}: {self.address}/{name} is missing") from None
            if file_sha256(path) != known:
                self._system.rm_file(self._at(name))  # or it would be taken for sent
                raise DataError(f"{what}: {self.address}/{name} is damaged")

    def remove(self, name: str) -> None:
        with self._told(), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _whole(self, name: str, write: Callable[[str], Any]) -> None:
        at = self._at(name)
        if self.address.partition("://")[0] in _WHOLE:
            write(at)
            return
        beside = f"{at}.{secrets.token_hex(8)}"
        self._system.makedirs(at.rpartition("/")[0], exist_ok=True)
        try:
            write(beside)
            self._system.mv(beside, at)
        except BaseException:
            with contextlib.suppress(Exception):
                self._system.rm_file(beside)
            raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except NewsangleError:
            raise
        except ImportError as error:  # the package for this kind of address
            raise ConfigError(f"NEWSANGLE_HOME={self.address}: {_line(error)}") from None
        except Exception as error:
            told = _line(error) or type(error).__name__
            raise MachineError(f"{self.address}: {told}; check the address, its service and your rights") from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
