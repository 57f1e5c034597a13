"""What records does a file hold? One reader a format, chosen by suffix; nothing here knows what a column means."""

import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsangle.errors import ConfigError, DataError, MachineError

# The csv module keeps one limit for the whole process; the lock keeps one reader from lowering it under another.
_CSV_LIMIT = threading.Lock()
_NO_LIMIT = 2**31 - 1

_BLOCK = 10_000  # rows of a Parquet file that are taken out at once

# In the metadata of a Parquet file that `newsangle ingest` wrote.
INGEST_MARK = b"newsangle.ingest"

Record = dict[str, object]


@dataclass(frozen=True)
class Reject:
    """A record that was seen and not kept: where it stands in its file, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class Records:
    """What a file holds: its column names, (row, record) pairs and rejects; records seen = rows + rejects.

    A row is counted from 1: after the header in CSV and TSV, by line in JSONL and text, by item elsewhere.
    `undecodable` counts the bytes that are not characters of the declared encoding (each became U+FFFD).
    """

    columns: tuple[str, ...]
    rows: list[tuple[int, Record]]
    rejects: list[Reject]
    undecodable: int = 0


def read_records(path: Path, *, encoding: str = "utf-8", delimiter: str | None = None) -> Records:
    """Which records does this CSV, TSV, JSONL, JSON, Parquet or text file (one article a line) hold?

    `delimiter` parts the columns of a .csv file; None is a comma. Raises DataError for a missing, empty, broken or
    unknown kind of file, ConfigError for an unknown encoding and MachineError where the disk says no.
    """
    reader = FORMATS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: files of this kind are not read; use one of {', '.join(FORMATS)}")
    if path.is_dir():
        raise DataError(f"{path} is a folder; name one file in it")
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path} is empty; it should hold articles")
        if delimiter is not None and reader is _read_csv:
            return _read_delimited(path, encoding, delimiter)
        return reader(path, encoding)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist; check the path") from None
    except OSError as error:
        raise MachineError(f"{path} can't be read ({error.strerror or error}); check its permissions") from error


def decode(path: Path, encoding: str) -> tuple[str, int]:
    """Which text do the bytes of this file spell, and how many bytes spell nothing?

    UTF-8 is strict, because a wrong byte means that another encoding was meant; a declared encoding turns what it
    can't read into U+FFFD, one for one, and counts it. A byte-order mark is dropped.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode(encoding)
    except LookupError:
        raise ConfigError(f'corpus.encoding = "{encoding}" is not an encoding that Python knows; try "utf-8"') from None
    except UnicodeDecodeError as error:
        if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
            raise DataError(
                f"{path}: byte {error.start} (0x{raw[error.start]:02x}) is not UTF-8; "
                'declare corpus.encoding, for example "cp1252"'
            ) from None
        text = raw.decode(encoding, errors="replace")
        return text.removeprefix("\ufeff"), text.count("\ufffd")
    return text.removeprefix("\ufeff"), 0


def _read_delimited(path: Path, encoding: str, delimiter: str) -> Records:
    text, undecodable = decode(path, encoding)
    with _CSV_LIMIT:
        before = csv.field_size_limit(_NO_LIMIT)  # articles pass the default of 131,072 characters
        try:
            lines = list(_delimited_lines(path, text, delimiter))
        finally:
            csv.field_size_limit(before)
    if not lines:
        raise DataError(f"{path} is empty; it should begin with a line of column names")
    header = tuple(lines[0])
    rows: list[tuple[int, Record]] = []
    rejects: list[Reject] = []
    for row, fields in enumerate(lines[1:], start=1):
        if len(fields) == len(header):
            rows.append((row, dict(zip(header, fields, strict=True))))
        else:
            rejects.append(Reject(row, f"{len(fields)} fields where the header has {len(header)}"))
    return Records(header, rows, rejects, undecodable)


def _delimited_lines(path: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    # strict: without it an unbalanced quote swallows all rows up to the next quote, and nobody is told.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    line = 1
    try:
        for fields in reader:
            if fields:
                yield fields
                row += 1
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}: row {row} (line {line}) opens a quote that is not closed before the next separator or the end "
            f'({error}); write a quote inside a field as ""'
        ) from None


def _read_csv(path: Path, encoding: str) -> Records:
    return _read_delimited(path, encoding, ",")


def _read_tsv(path: Path, encoding: str) -> Records:
    return _read_delimited(path, encoding, "\t")


def _from_objects(items: Iterator[tuple[int, object]], undecodable: int) -> Records:
    columns: dict[str, None] = {}
    rows: list[tuple[int, Record]] = []
    rejects: list[Reject] = []
    for row, item in items:
        if isinstance(item, Reject):
            rejects.append(item)
        elif isinstance(item, dict):
            columns.update(dict.fromkeys(item))
            rows.append((row, item))
        else:
            rejects.append(Reject(row, f"not an object but {type(item).__name__}"))
    return Records(tuple(columns), rows, rejects, undecodable)


def _read_jsonl(path: Path, encoding: str) -> Records:
    text, undecodable = decode(path, encoding)

    def items() -> Iterator[tuple[int, object]]:
        # Not splitlines(): it would cut a record at U+2028, U+0085 or a form feed inside a string.
        for row, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield row, _json_or_reject(line, row)

    return _from_objects(items(), undecodable)


def _json_or_reject(line: str, row: int) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        return Reject(row, f"not JSON: {error}")
    except RecursionError:
        return Reject(row, "not JSON: nested too deeply")


def _read_json(path: Path, encoding: str) -> Records:
    text, undecodable = decode(path, encoding)
    whole = _json_or_reject(text, 0)
    if isinstance(whole, Reject):
        raise DataError(f"{path}: {whole.reason}; a file of one object a line is called .jsonl")
    if not isinstance(whole, list):
        raise DataError(f"{path}: holds no array of articles; a file of one object a line is called .jsonl")
    return _from_objects(enumerate(whole, start=1), undecodable)


def _read_parquet(path: Path, encoding: str) -> Records:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            ours = INGEST_MARK in (file.schema_arrow.metadata or {})
            blocks: Any = file.iter_batches(_BLOCK)  # the file's own form is never held whole beside its records
            items = enumerate((item for block in blocks for item in block.to_pylist()), start=1)
            return _from_objects(((row, _article(item, row, ours)) for row, item in items), 0)
    except (pyarrow.ArrowException, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the machine's fault; pyarrow's own OSError for a damaged page has no number
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a Parquet file that can be read ({reason}); write it again") from None


def _article(item: dict[str, object], row: int, ours: bool) -> object:
    """In a corpus that we wrote, rows of readers' comments stand beside the articles and are none."""
    if ours and item.get("section") == "comment":
        return Reject(row, "readers' comments, kept apart from the articles")
    return item


def _read_lines(path: Path, encoding: str) -> Records:
    text, undecodable = decode(path, encoding)
    lines = enumerate(text.split("\n"), start=1)
    return Records(
        ("text",), [(row, {"text": line.removesuffix("\r")}) for row, line in lines if line.strip()], [], undecodable
    )


FORMATS: dict[str, Callable[[Path, str], Records]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".txt": _read_lines,
    ".cor": _read_lines,
}
