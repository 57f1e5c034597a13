"""Which byte streams lie in a file? Packed ones are unpacked while they are read, never to the disk, within limits."""

import bz2
import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from newsangle.corpus.ingest.inputs import Input
from newsangle.corpus.ingest.records import Damaged, Limits, Reject, counted, shown

_BLOCK = 65_536

Stream: TypeAlias = "io.BufferedReader[Any]"
_PACKINGS = {".gz": "gzip", ".bz2": "bzip2", ".zst": "zstd"}
_PACKED_MAGIC = ((rb"\x1f\x8b", ".gz"), (rb"BZh[1-9]1AY&SY", ".bz2"), (rb"\x28\xb5\x2f\xfd", ".zst"))
_END_OF_ZIP = b"PK\x05\x06"
_LOCAL_HEADER = 30  # bytes before a member's name
_MOST_DIRECTORY = 128_000_000  # bytes of a zip's table of contents: a million members


@dataclass(frozen=True)
class Member:
    """A stream to read: its name (for the format), how it is shown, and the plain file it is, if it is one."""

    name: str
    shown: str
    stream: Stream
    named: bool
    plain: bool = False


def open_members(given: Input, limits: Limits) -> Iterator[Member | Reject]:
    """Which streams lie in this file: itself, what is packed in it, or the members of a zip?

    Each is to be read before the next is asked for. Reading may raise Damaged: broken or endless packing.
    """
    if given.path is None:
        import sys

        if sys.stdin is None:
            yield Reject(given.shown, None, None, None, "is closed; pipe something into it")
            return
        yield from _unpacked(
            "", "standard input", io.BufferedReader(_Plain(sys.stdin.buffer)), True, limits, plain=False
        )
        return
    try:
        # A file may have become a pipe since it was listed: opening one must not wait for a writer.
        descriptor = os.open(given.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb", buffering=0) as raw:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                yield Reject(given.shown, None, None, None, "not a file any more")
                return
            stream: Stream = io.BufferedReader(_Plain(raw), _BLOCK)
            if given.path.suffix.lower() == ".zip":
                yield from _zip_members(given, stream, limits)
            else:
                yield from _unpacked(given.path.name, given.shown, stream, given.named, limits, plain=True)
    except OSError as error:
        reason = f"can't be read ({error.strerror or error}); check its permissions"
        yield Reject(given.shown, None, None, None, reason)


class _Plain(io.RawIOBase):
    """The file's own bytes, counted; what the disk refuses is damage of this file, not the end of everything."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._raw.seekable())

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._raw.seek(offset, whence))

    def tell(self) -> int:
        return int(self._raw.tell())

    def readinto(self, buffer: Any) -> int:
        try:
            size = self._raw.readinto(buffer)
        except OSError as error:
            raise Damaged(f"can't be read to its end ({error.strerror or error})") from None
        self.count += size or 0
        return size or 0


def _unpacked(
    name: str, label: str, stream: Stream, named: bool, limits: Limits, *, plain: bool
) -> Iterator[Member | Reject]:
    for _ in range(3):
        suffix = Path(name).suffix.lower()
        if not name:  # standard input has no name: its first bytes tell
            head = stream.peek(10)
            suffix = next((packing for magic, packing in _PACKED_MAGIC if re.match(magic, head)), "")
        if suffix not in _PACKINGS:
            yield Member(name, label, stream, named, plain)
            return
        name, plain = name[: -len(suffix)] if name else "", False
        stream = io.BufferedReader(_Unpacking(stream, suffix, limits), _BLOCK)
    yield Reject(label, None, None, None, "is packed more than twice over; unpack it")


class _Unpacking(io.RawIOBase):
    """The unpacked bytes of a stream; a cut, a broken or a bursting one raises Damaged."""

    def __init__(self, stream: BinaryIO, suffix: str, limits: Limits) -> None:
        self._limits, self._what = limits, _PACKINGS[suffix]
        self._counted = _Counted(stream)
        self._read: Callable[[int], bytes] = {
            ".gz": self._deflated(lambda: zlib.decompressobj(wbits=31)),
            ".bz2": self._deflated(bz2.BZ2Decompressor),
            ".zst": self._zstd,
        }[suffix]
        self._zstd_stream: Any = None
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._read(len(view))
        except (zlib.error, OSError, EOFError, ValueError) as error:
            reason = re.sub(r"\s+", " ", str(error))
            after = counted(self.count, "unpacked byte")
            raise Damaged(f"its {self._what} data are damaged after {after} ({reason})") from None
        self.count += len(data)
        if self.count > self._limits.free_bytes and self.count > self._limits.ratio * self._counted.count:
            raise Damaged(
                f"{self._counted.count:,} bytes of {self._what} unpack to over {self.count:,}: a decompression bomb"
            )
        view[: len(data)] = data
        return len(data)

    def _deflated(self, new: Callable[[], Any]) -> Callable[[int], bytes]:
        """zlib and bz2 by their decompressors, not their file classes: only these tell a cut from an end."""
        unpacker: Any = new()
        fresh, pending = True, b""

        def read(size: int) -> bytes:
            nonlocal unpacker, fresh, pending
            while True:
                if unpacker.eof:  # one more stream may follow, as in every WARC
                    pending = unpacker.unused_data or self._counted.read(_BLOCK)
                    while pending and not pending.strip(b"\0"):  # padding of tapes
                        pending = self._counted.read(_BLOCK)
                    if not pending:
                        return b""
                    unpacker, fresh = new(), True
                if not pending and getattr(unpacker, "needs_input", True):
                    pending = self._counted.read(_BLOCK)
                    if not pending:
                        if fresh and self.count == 0 and self._counted.count == 0:
                            raise EOFError("it is empty")
                        raise EOFError("it ends in the middle")
                data: bytes = unpacker.decompress(pending, size)
                fresh = False
                # zlib hands back what it hasn't looked at, bz2 keeps it.
                pending = getattr(unpacker, "unconsumed_tail", b"")
                if data:
                    return data

        return read

    def _zstd(self, size: int) -> bytes:
        import pyarrow

        if self._zstd_stream is None:
            # pyarrow's reader bounds its output and knows a cut; no further dependency.
            self._zstd_stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(self._counted, mode="r"), "zstd")
        data: bytes = self._zstd_stream.read(size)
        if not data and self._counted.count == 0:
            raise EOFError("it is empty")
        return data


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def _zip_members(given: Input, stream: Stream, limits: Limits) -> Iterator[Member | Reject]:
    try:
        _check_directory(stream)
        archive = zipfile.ZipFile(stream)
    except (Damaged, zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        yield Reject(given.shown, None, None, None, f"is no zip archive that can be read ({error})")
        return
    with archive:
        entries = archive.infolist()
        bomb = _bomb(entries, limits)
        if bomb:
            yield Reject(given.shown, None, None, None, bomb)
            return
        seen: set[str] = set()
        for entry in sorted(entries, key=lambda entry: (entry.filename, entry.header_offset)):
            if entry.is_dir():
                continue
            label = f"{given.shown}!{shown(entry.filename.encode('utf-8', 'surrogatepass'))}"
            problem = _member_problem(entry, seen, limits)
            seen.add(entry.filename)
            if problem:
                yield Reject(label, None, None, None, problem[0], bad=problem[1])
                continue
            try:
                with archive.open(entry) as member:
                    body: Stream = io.BufferedReader(_ZipMember(member), _BLOCK)
                    yield from _unpacked(Path(entry.filename).name, label, body, False, limits, plain=False)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
                yield Reject(label, None, None, None, f"can't be unpacked ({' '.join(str(error).split())})")


def _check_directory(stream: Stream) -> None:
    """A table of contents that is too large is refused before zipfile reads the whole of it into memory."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - 65_557, 0))
    tail = stream.read()
    at = tail.rfind(_END_OF_ZIP)
    if at >= 0 and len(tail) >= at + 16:
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        if directory > _MOST_DIRECTORY:
            raise Damaged("its table of contents is too large")
    stream.seek(0)


def _bomb(entries: list[zipfile.ZipInfo], limits: Limits) -> str | None:
    if len(entries) > limits.members:
        return f"holds {len(entries):,} files, at most {limits.members:,} are read"
    whole, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if whole > limits.free_bytes and whole > limits.ratio * packed:
        return f"{packed:,} bytes unpack to {whole:,}: a decompression bomb"
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return "its files lie over each other: a decompression bomb"
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    return None


def _member_problem(entry: zipfile.ZipInfo, seen: set[str], limits: Limits) -> tuple[str, bool] | None:
    parts = entry.orig_filename.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or re.match(r"[A-Za-z]:", parts[0]):
        return "its name leads out of the archive", True
    if entry.filename in seen:
        return "its name is in the archive twice; the first is read", True
    if any(part.startswith(".") for part in parts) or parts[0] == "__MACOSX":
        return "a hidden file", False
    if entry.flag_bits & 1:
        return "is encrypted; unpack it yourself", True
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link, no file", False
    if parts[-1].lower().endswith(".zip"):
        return "an archive inside an archive; unpack it", True
    if entry.file_size > limits.free_bytes and entry.file_size > limits.ratio * entry.compress_size:
        return f"{entry.compress_size:,} bytes unpack to {entry.file_size:,}: a decompression bomb", True
    return None


class _ZipMember(io.RawIOBase):
    def __init__(self, member: Any) -> None:
        self._member = member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._member.read(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise Damaged(f"its zip data are damaged ({' '.join(str(error).split())})") from None
        view[: len(data)] = data
        return len(data)
