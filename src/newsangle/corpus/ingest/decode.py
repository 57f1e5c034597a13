"""Which text do these bytes spell? By byte-order mark, by declaration, else strict UTF-8: never by a guess."""

import codecs
import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from newsangle.corpus.ingest.records import Damaged
from newsangle.errors import ConfigError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# First bytes of files that people rename or mix in; what they are called, and what would help.
MAGIC = (
    (b"\x1f\x8b", "gzip data", "name it .gz"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "name it .zst"),
    *((b"BZh%d1AY&SY" % level, "bzip2 data", "name it .bz2") for level in range(1, 10)),
    (b"PK\x03\x04", "a zip archive or office file", "name it .zip, or save it as text"),
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"%PDF-", "a PDF file", "save it as text"),
    (b"\x89PNG", "a PNG picture", "leave it out"),
    (b"\xff\xd8\xff", "a JPEG picture", "leave it out"),
    (b"GIF8", "a GIF picture", "leave it out"),
    (b"\x7fELF", "a program", "leave it out"),
    (b"MZ\x90", "a program", "leave it out"),
    (b"SQLite format 3", "a database", "export it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an office file", "save it as text"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
)
_UTF8 = "utf-8"
_BOM = "\ufeff"


class Undecodable(Exception):
    """These bytes are no text in the encoding; the message is the reason, with the byte's position."""


@dataclass(frozen=True)
class Decoded:
    """`text` without a byte-order mark of `bom` bytes; `undecodable` bytes became U+FFFD."""

    text: str
    encoding: str
    bom: int = 0
    undecodable: int = 0


def known_encoding(name: str) -> str:
    """What does Python call this encoding? Raises ConfigError for one that it doesn't know."""
    try:
        found = codecs.lookup(name).name
        with contextlib.suppress(UnicodeError):
            b"text".decode(found)  # rot13 and the like are no text encodings
    except (LookupError, ValueError):
        raise ConfigError(
            f'encoding = "{name}" is not an encoding that Python knows; try "utf-8" or "cp1252"'
        ) from None
    return _UTF8 if found == "utf-8-sig" else found


def is_wide(encoding: str | None) -> bool:
    """Does this encoding write every character in two or four bytes, so that a NUL byte means nothing?"""
    return encoding is not None and known_encoding(encoding).startswith(("utf-16", "utf-32"))


def _without_order(name: str) -> str | None:
    """What is wrong with a declared encoding that leaves the order of the bytes to a mark that isn't there?"""
    if name not in ("utf-16", "utf-32"):
        return None
    return f"has no byte-order mark, so {name} may be read in two ways; pass --encoding {name}-le or {name}-be"


def decode(raw: bytes, encoding: str | None, *, offset: int | None = None) -> Decoded:
    """Which text do these bytes spell?

    A byte-order mark decides; then `encoding` as declared, whose unreadable bytes become U+FFFD, one for one, and are
    counted; without one strict UTF-8. `offset` is where `raw` begins in a file whose mark has been read already. Raises
    Undecodable that says which byte is wrong and what to pass: what else the bytes could be is for people to say.
    """
    mark, declared = b"", encoding
    for candidate, named in BOMS if offset is None else ():
        if raw.startswith(candidate):
            mark, declared = candidate, named
            break
    body = raw[len(mark) :]
    name = known_encoding(declared or _UTF8)
    if problem := _without_order(name):
        raise Undecodable(problem)
    try:
        return Decoded(body.decode(name), name, len(mark))
    except UnicodeDecodeError as error:
        if name != _UTF8 and not mark:
            text = body.decode(name, errors="replace")
            return Decoded(text, name, 0, text.count("\ufffd"))
        place = (offset or 0) + len(mark) + error.start
        raise Undecodable(_not_utf8(body, error.start, place, name, bool(mark))) from None
    except UnicodeError as error:  # utf-16 without a mark, of odd length
        raise Undecodable(f"is not {name} ({error})") from None


def _not_utf8(body: bytes, at: int, place: int, name: str, marked: bool) -> str:
    if marked:
        return f"byte {place} (0x{body[at]:02x}) is not {name}, which the file's byte-order mark declares"
    return (
        f"byte {place} (0x{body[at]:02x}) is not UTF-8; pass --encoding with the encoding it was written in, "
        "for example cp1252"
    )


def not_text(head: bytes) -> str | None:
    """What are these first bytes, if no text? None for text; a NUL counts as none unless a byte-order mark is there."""
    for magic, what, do in MAGIC:
        if head.startswith(magic):
            return f"by its first bytes {what}; {do}"
    if any(head.startswith(mark) for mark, _ in BOMS[:2] + BOMS[3:]):
        return None
    place = head.find(b"\0")
    if place >= 0:
        return f"byte {place} is NUL: binary data, or UTF-16 without a mark; for the latter pass --encoding utf-16-le"
    return None


class _Recoded(io.RawIOBase):
    """UTF-16 and UTF-32 as UTF-8, so that lines end at the byte \\n; a wrong unit raises Damaged with its place."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._left, self._read, self._over = b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._left and not self._over:
            block = self._stream.read(65_536)
            self._over = not block
            try:
                text = self._decoder.decode(block, final=self._over)
            except UnicodeDecodeError as error:
                raise Damaged(f"near byte {self._read + error.start} it is not {self._encoding}") from None
            self._read += len(block)
            self._left = text.encode(_UTF8, "surrogatepass")
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


@dataclass(frozen=True)
class Line:
    """A physical line: its number from 1, first byte, text with its line end, and what is wrong with it, if so."""

    number: int
    start: int
    text: str
    problem: str | None = None
    undecodable: int = 0


def lines(stream: io.BufferedReader, encoding: str | None, most: int) -> Iterator[Line]:
    r"""Which lines does this stream hold? Cut at \n alone: U+2028, U+0085 and a form feed are text.

    A line of over `most` bytes comes back without text and with a problem; it is never held as a whole.
    """
    head = stream.peek(4)[:4]
    declared, skip = encoding, 0
    for mark, name in BOMS:
        if head.startswith(mark):
            declared, skip = name, len(mark)
            break
    stream.read(skip)
    name = known_encoding(declared or _UTF8)
    if head and (problem := _without_order(name)):
        yield Line(1, 0, "", problem)
        return
    wide = is_wide(name)
    source = io.BufferedReader(_Recoded(stream, name), 65_536) if wide else stream
    declared = None if wide or name == _UTF8 else name
    number, start = 0, skip
    while raw := source.readline(most + 1):
        number += 1
        size = len(raw)
        if size > most and not raw.endswith(b"\n"):
            while (more := source.readline(1 << 20)) and not more.endswith(b"\n"):
                size += len(more)
            size += len(more)
            yield Line(number, start, "", f"is longer than {most:,} bytes ({size:,}); no article is")
        else:
            try:
                found = decode(raw, declared, offset=start)
                yield Line(number, start, found.text, None, found.undecodable)
            except Undecodable as error:
                yield Line(number, start, raw.decode(_UTF8, "replace"), str(error))
        start += size
