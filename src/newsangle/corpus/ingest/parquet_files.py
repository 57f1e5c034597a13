"""What do Parquet files hold? Only the columns that are used are read, a few hundred rows at a time."""

import io
from collections.abc import Iterator
from typing import Any

from newsangle.corpus.ingest.columns import Unmapped, resolve, to_record
from newsangle.corpus.ingest.records import Damaged, Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member
from newsangle.corpus.records import INGEST_MARK

_ROWS = 128


class _NoText:
    """Stands for bytes that are no UTF-8."""


def read_parquet(member: Member, how: Reading) -> Iterator[Seen]:
    """One article a row."""
    import pyarrow
    import pyarrow.parquet

    def reject(reason: str) -> Reject:
        return Reject(member.shown, None, None, None, reason)

    source: Any = member.stream
    if not member.plain:  # the table of contents stands at the end: a packed file is read whole
        raw = member.stream.read(how.limits.whole_bytes + 1)
        if len(raw) > how.limits.whole_bytes:
            yield reject(f"unpacks to over {how.limits.whole_bytes:,} bytes; unpack it, Parquet packs itself")
            return
        source = io.BytesIO(raw)
    record = 0
    try:
        source.seek(0)
        if source.read(4) != b"PAR1":
            yield reject("is not a Parquet file, whatever its name says")
            return
        source.seek(0)
        file = pyarrow.parquet.ParquetFile(source)
        names = file.schema_arrow.names
        if len(names) > how.limits.columns:
            yield reject(f"has {len(names):,} columns, at most {how.limits.columns:,} are read")
            return
        used = resolve(names, how.columns)
        # Dictionaries stay dictionaries: a million rows of one long text must not become a million texts.
        strings = [name for name in used.values() if _is_text(file.schema_arrow.field(name).type)]
        file = pyarrow.parquet.ParquetFile(source, read_dictionary=strings)
        # In a corpus of ours rows of readers' comments stand below those of their articles, and are none.
        section = ["section"] if INGEST_MARK in (file.schema_arrow.metadata or {}) and "section" in names else []
        for batch in file.iter_batches(batch_size=_ROWS, columns=list(dict.fromkeys([*used.values(), *section]))):
            columns = {ours: _values(batch.column(theirs)) for ours, theirs in used.items()}
            sections = _values(batch.column("section")) if section else [None] * batch.num_rows
            for part, row in zip(sections, zip(*columns.values(), strict=True), strict=True):
                record += 1
                if part == "comment":
                    yield Reject(member.shown, record, None, None, "readers' comments, no article", bad=False)
                    continue
                values = dict(zip(columns, row, strict=True))
                wrong = next((name for name, value in values.items() if isinstance(value, _NoText)), None)
                if wrong:
                    yield Reject(member.shown, record, None, wrong, "is not UTF-8")
                else:
                    yield to_record(member.shown, record, None, values, how.limits)
        if record == 0:
            yield reject("holds no row")
    except Unmapped as error:
        yield reject(str(error))
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError, Damaged) as error:
        told = " ".join(str(error).split())[:120] or type(error).__name__
        after = f" after row {record:,}" if record else ""
        yield reject(f"is no Parquet file that can be read{after} ({told}); write it again")


def _is_text(kind: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def _values(column: Any) -> list[object]:
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        words = _values(column.dictionary)
        return [None if place is None else words[place] for place in column.indices.to_pylist()]
    if _is_text(column.type):
        return [None if raw is None else _text(raw) for raw in column.cast(pyarrow.large_binary()).to_pylist()]
    if pyarrow.types.is_timestamp(column.type):
        # Nanoseconds don't fit Python's datetime.
        column = column.cast(pyarrow.timestamp("s", tz=column.type.tz), safe=False)
    found: list[object] = column.to_pylist()
    return found


def _text(raw: bytes) -> object:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _NoText()
