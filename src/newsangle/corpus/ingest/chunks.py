"""What has been done already? Results of batches, found again by what went in: a second call resumes."""

import contextlib
import hashlib
import json
import os
import secrets
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from newsangle.errors import MachineError, machine_errors

_DIGEST = 16
_LOCK = "lock"
_TRIES = 10
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# What reads pages, finds their dates and tells languages.
_STANDS_ON = ("trafilatura", "htmldate", "justext", "lxml", "py3langid", "warcio", "numpy")


def writing(what: Path) -> AbstractContextManager[None]:
    """What the operating system refuses becomes one line that speaks of `--out`. Raises MachineError."""
    return machine_errors(what, elsewhere="choose another --out", kept=", what is done is kept")


@dataclass(frozen=True)
class Chunks:
    """A folder of results by key. A file appears whole or not at all; one whose digest is wrong counts as missing."""

    folder: Path

    def path(self, key: str) -> Path:
        """Where is, or would be, the result of this key?"""
        return self.folder / f"{key}.chunk"

    def save(self, key: str, values: list[dict[str, Any]], beside: bytes = b"") -> None:
        """Keep these values under this key, and other data beside them. Raises MachineError."""
        import pyarrow

        plain = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        packed = [pyarrow.compress(part, codec="zstd", asbytes=True) for part in (plain, beside)]
        sizes = [len(plain), len(packed[0]), len(beside)]
        body = b"".join([*(size.to_bytes(8, "little") for size in sizes), *packed])
        target = self.path(key)
        unfinished = target.with_suffix(f".{secrets.token_hex(6)}.part")
        with writing(target):
            unfinished.write_bytes(hashlib.blake2b(body, digest_size=_DIGEST).digest() + body)
            unfinished.replace(target)

    def load(self, key: str) -> list[dict[str, Any]] | None:
        """Which values are kept under this key? None where there are none that are whole."""
        raw = self._part(key, 0)
        if raw is None:
            return None
        found: list[dict[str, Any]] = json.loads(raw)
        return found

    def load_beside(self, key: str) -> bytes | None:
        """What is kept beside the values of this key? None where there is nothing whole."""
        return self._part(key, 1)

    def _part(self, key: str, number: int) -> bytes | None:
        import pyarrow

        try:
            # No link is followed: what lies elsewhere is nothing that was kept here.
            with open(os.open(self.path(key), os.O_RDONLY | _NO_LINK), "rb") as stream:
                raw = stream.read()
        except OSError:
            return None
        body = raw[_DIGEST:]
        if hashlib.blake2b(body, digest_size=_DIGEST).digest() != raw[:_DIGEST]:
            return None
        plain, cut, beside = (int.from_bytes(body[at : at + 8], "little") for at in (0, 8, 16))
        packed, size = (body[24 : 24 + cut], plain) if number == 0 else (body[24 + cut :], beside)
        found: bytes = pyarrow.decompress(packed, size, codec="zstd", asbytes=True)
        return found


def source_digest() -> str:
    """Which code makes these results? A hash of our source and what it needs: after a change nothing old is found."""
    key = hashlib.blake2b(sys.version.encode(), digest_size=12)
    for package in _STANDS_ON:
        key.update(version(package).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        key.update(path.read_bytes())
    return key.hexdigest()


def key_of(*parts: object) -> str:
    """Under which key stands what is made from these parts?"""
    key = hashlib.blake2b(digest_size=16)
    for part in parts:
        told = part if isinstance(part, str) else repr(part)
        encoded = told.encode("utf-8", "surrogatepass")
        key.update(len(encoded).to_bytes(8, "little"))
        key.update(encoded)
    return key.hexdigest()


def hold(folder: Path) -> Any:
    """The lock of this folder, made if it isn't there: one process holds it. Raises MachineError where another does."""
    import filelock

    lock = filelock.FileLock(folder / _LOCK, timeout=0)
    if folder.is_symlink():
        raise MachineError(f"{folder}: is a link, and what is done is kept in no folder elsewhere; remove the link")
    for _ in range(_TRIES):
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
                return lock
            except FileNotFoundError:  # who held it has taken the folder away since
                continue
            except filelock.Timeout:  # an OSError too
                break
    reason = "another ingest is writing there; wait for it or choose another --out"
    raise MachineError(f"{folder}: {reason}") from None


def remove(folder: Path) -> None:
    """Take away a folder of chunks that is held; what isn't ours or can't be removed stays."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix in (".chunk", ".part") or path.name == _LOCK:
            with contextlib.suppress(OSError):
                path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()
