"""What do CSV and TSV files hold? A quote that never closes costs one row, not the rest of the file."""

import csv
import threading
from collections.abc import Iterator

from newsangle.corpus.ingest.columns import Unmapped, resolve, to_record
from newsangle.corpus.ingest.decode import Line, lines, not_text
from newsangle.corpus.ingest.records import Reading, Reject, Seen, counted
from newsangle.corpus.ingest.streams import Member

# The csv module keeps one limit for the whole process; the lock keeps one reader from lowering it under another.
_CSV_LIMIT = threading.Lock()
_NO_LIMIT = 2**31 - 1
_UNCLOSED = "opens a quote that is not closed before the next separator or the end"
_MOST_LINES = 10_000  # of one record: behind a quote that opens and never closes there is a whole file


class _Broken(Exception):
    pass


class _Lines:
    """Physical lines that can be given back: after a broken row reading goes on in the line after its first."""

    def __init__(self, found: Iterator[Line], most: int) -> None:
        self._found, self._most = found, most
        self._again: list[Line] = []
        self.taken: list[Line] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._found)
        self.taken.append(line)
        self._size += len(line.text)
        if line.problem is not None and not line.text and len(self.taken) == 1:
            raise _Broken(line.problem)
        if (line.problem is not None and not line.text) or self._size > self._most or len(self.taken) > _MOST_LINES:
            raise _Broken('opens a quote that is not closed; write a quote inside a field as ""')
        return line.text

    def new_record(self) -> None:
        self.taken, self._size = [], 0

    def give_back_all_but_the_first(self) -> None:
        self._again.extend(reversed(self.taken[1:]))
        del self.taken[1:]


def _rows(found: _Lines, delimiter: str) -> Iterator[tuple[list[str] | str, int, int]]:
    """Yields (fields or reason, first line, undecodable bytes)."""
    while True:
        # strict: without it an unbalanced quote swallows all rows up to the next quote, and nobody is told.
        reader = csv.reader(found, delimiter=delimiter, strict=True)
        while True:
            found.new_record()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except _Broken as error:
                reason = str(error)
                break
            except csv.Error as error:
                if "new-line character" in str(error):
                    reason = "ends its lines with \\r alone; save the file with line ends \\n"
                elif len(found.taken) == 1 and '"' not in found.taken[0].text:
                    reason = f"is no row ({error})"
                else:
                    reason = (
                        f'opens a quote that is not closed as it should ({error}); write a quote inside a field as ""'
                    )
                break
            if fields:
                problem = next((line.problem for line in found.taken if line.problem), None)
                yield problem or fields, found.taken[0].number, sum(line.undecodable for line in found.taken)
        found.give_back_all_but_the_first()
        yield reason, found.taken[0].number, 0


def _read(member: Member, how: Reading, delimiter: str) -> Iterator[Seen]:
    problem = not_text(member.stream.peek(64)[:64]) if how.encoding is None else None
    if problem:
        yield Reject(member.shown, None, None, None, problem)
        return
    found = _Lines(lines(member.stream, how.encoding, how.limits.record_bytes), how.limits.record_bytes)
    rows = _rows(found, delimiter)
    header, line, _ = next(rows, ([], 1, 0))
    reason = header if isinstance(header, str) else None
    if not header:
        reason = "is empty; it should begin with a line of column names"
    elif reason is None and len(header) > how.limits.columns:
        reason = f"has {len(header):,} columns, at most {how.limits.columns:,} are read"
    used: dict[str, str] = {}
    if reason is None:
        try:
            used = resolve(header, how.columns)
        except Unmapped as error:
            reason = str(error)
    if reason is not None:
        yield Reject(member.shown, None, line, None, f"its header {reason}" if isinstance(header, str) else reason)
        return
    places = {ours: header.index(theirs) for ours, theirs in used.items()}
    record = 0
    for record, (fields, line, undecodable) in enumerate(rows, start=1):
        if isinstance(fields, str):
            yield Reject(member.shown, record, line, None, fields)
        elif len(fields) != len(header):
            reason = f"has {counted(len(fields), 'field')} where the header has {len(header):,}"
            yield Reject(member.shown, record, line, None, reason)
        else:
            values = {ours: fields[place] for ours, place in places.items()}
            yield to_record(member.shown, record, line, values, how.limits, undecodable=undecodable)
    if record == 0:
        yield Reject(member.shown, None, None, None, "holds no row below its header")


def _with_limit(member: Member, how: Reading, delimiter: str) -> Iterator[Seen]:
    found = _read(member, how, delimiter)
    while True:
        with _CSV_LIMIT:
            before = csv.field_size_limit(_NO_LIMIT)  # articles pass the default of 131,072 characters
            try:
                item = next(found, None)
            finally:
                csv.field_size_limit(before)
        if item is None:
            return
        yield item


def read_csv(member: Member, how: Reading) -> Iterator[Seen]:
    """One article a row, a comma between fields, or what was declared."""
    return _with_limit(member, how, how.delimiter or ",")


def read_tsv(member: Member, how: Reading) -> Iterator[Seen]:
    """One article a row, tab between fields."""
    return _with_limit(member, how, "\t")
