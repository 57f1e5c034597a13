"""What has been done already? Results of batches, found again by what went in: a second call resumes."""

import contextlib
import hashlib
import json
import secrets
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from newsangle.errors import MachineError, machine_errors

_DIGEST = 16
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

    def save(self, key: str, values: list[dict[str, Any]]) -> None:
        """Keep these values under this key. Raises MachineError."""
        import pyarrow

        plain = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        packed = pyarrow.compress(plain, codec="zstd", asbytes=True)
        body = len(plain).to_bytes(8, "little") + packed
        target = self.path(key)
        unfinished = target.with_suffix(f".{secrets.token_hex(6)}.part")
        with writing(target):
            unfinished.write_bytes(hashlib.blake2b(body, digest_size=_DIGEST).digest() + body)
            unfinished.replace(target)

    def load(self, key: str) -> list[dict[str, Any]] | None:
        """Which values are kept under this key? None where there are none that are whole."""
        import pyarrow

        try:
            raw = self.path(key).read_bytes()
        except OSError:
            return None
        body = raw[_DIGEST:]
        if hashlib.blake2b(body, digest_size=_DIGEST).digest() != raw[:_DIGEST]:
            return None
        plain = pyarrow.decompress(body[8:], int.from_bytes(body[:8], "little"), codec="zstd", asbytes=True)
        found: list[dict[str, Any]] = json.loads(plain)
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


def file_lock(path: Path) -> Any:
    """A lock that one process holds. Raises MachineError where another one has it."""
    import filelock

    lock = filelock.FileLock(path, timeout=0)
    with writing(path):
        try:
            lock.acquire()
        except filelock.Timeout:  # an OSError too
            reason = "another ingest is writing there; wait for it or choose another --out"
            raise MachineError(f"{path.parent}: {reason}") from None
    return lock


def remove(folder: Path) -> None:
    """Take away a folder of chunks; what can't be removed stays."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()
