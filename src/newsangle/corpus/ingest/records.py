"""What was seen in a raw file? A record with its place, or a reject with its place and reason; never neither."""

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "html"]

# What a reader gives beside the body; the names that --columns maps.
FIELDS = ("article_id", "title", "outlet", "date", "author", "url", "language", "origin")


@dataclass(frozen=True)
class RawRecord:
    """One article as it stands in its file, decoded but not cleaned.

    `source` is the file as shown to people, the place inside an archive included ("a.zip!day/1.txt"). `record` counts
    from 1 inside the file (rows after the header; None where the file is one article), `line` is the physical line it
    begins at. `fields` holds those of FIELDS that the file gives. `byte_start` and `byte_end` say where the body lies
    in the (unpacked) file, where that is one run of its bytes. `undecodable` counts bytes that are no characters of the
    declared encoding (each became U+FFFD). `notes` say what had to be done to read it.
    """

    source: str
    record: int | None
    line: int | None
    fields: Mapping[str, str | None]
    body: str
    kind: Kind = "text"
    byte_start: int | None = None
    byte_end: int | None = None
    undecodable: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reject:
    """Something that was seen and isn't kept: where it stands, which field, and why.

    `bad` tells damage (exit code 3) from what is only no article or not asked for: a picture in a folder, a page that
    answered 404, another language. The reason never quotes the article.
    """

    source: str
    record: int | None
    line: int | None
    field: str | None
    reason: str
    bad: bool = True

    def told(self) -> str:
        """The same in one line."""
        place = "".join(
            f", {word} {number}"
            for word, number in (("record", self.record), ("line", self.line))
            if number is not None
        )
        return f"{self.source}{place}: {f'{self.field}: ' if self.field else ''}{self.reason}"


Seen = RawRecord | Reject


class Damaged(Exception):
    """The rest of a stream can't be read; the message is the reason. Never leaves this package."""


@dataclass(frozen=True)
class Limits:
    """How much may one file ask of us? Everything above is a reject, named before it fills the memory.

    `record_bytes`: of one article, line or field; `page_bytes`: of a web page, whose tree takes many times its bytes.
    `whole_bytes`: of a .json or packed Parquet file, which are read whole. `ratio`: unpacked to packed bytes, once
    `free_bytes` are out; news text packs 3 to 10 times.
    """

    record_bytes: int = 10_000_000
    page_bytes: int = 5_000_000
    whole_bytes: int = 128_000_000
    ratio: int = 200
    free_bytes: int = 64_000_000
    columns: int = 10_000
    members: int = 1_000_000


@dataclass(frozen=True)
class Reading:
    """How are files read? `columns` maps our names to the file's; `encoding` None is UTF-8 or what a file declares.

    `delimiter` parts the columns of .csv files, None is a comma.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    format: str | None = None
    limits: Limits = Limits()
    delimiter: str | None = None


def counted(number: int, thing: str, things: str = "") -> str:
    """How many of them are there, in words?

    >>> counted(1, "story", "stories"), counted(2_000, "record")
    ('1 story', '2,000 records')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


_ESCAPED = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"}


def shown(path: str | bytes | os.PathLike[str]) -> str:
    """How is this file name shown? On one line and as it is: line breaks, text direction marks, stray bytes escaped.

    >>> shown("a\\nb\\u202egpj.txt")
    'a\\\\nb\\\\u202egpj.txt'
    >>> shown(b"caf\\xe9.txt")
    'caf\\\\xe9.txt'
    """
    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    if name.isprintable():
        return name
    return "".join(
        char.encode("unicode_escape").decode("ascii") if unicodedata.category(char) in _ESCAPED else char
        for char in name
    )
