"""What does a raw file hold, whatever its format? Every record is seen once, as a record or as a reject."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from newsangle.corpus.hints import nearest, one_sign
from newsangle.corpus.ingest.columns import check_columns
from newsangle.corpus.ingest.decode import known_encoding
from newsangle.corpus.ingest.delimited import read_csv, read_tsv
from newsangle.corpus.ingest.documents import read_html, read_markdown, read_text
from newsangle.corpus.ingest.inputs import Input, find_inputs
from newsangle.corpus.ingest.json_files import read_json, read_jsonl
from newsangle.corpus.ingest.parquet_files import read_parquet
from newsangle.corpus.ingest.records import Damaged, Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member, open_members
from newsangle.corpus.ingest.warc import read_warc
from newsangle.errors import ConfigError

Reader = Callable[[Member, Reading], Iterator[Seen]]

READERS: dict[str, Reader] = {
    "txt": read_text,
    "md": read_markdown,
    "html": read_html,
    "jsonl": read_jsonl,
    "json": read_json,
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
    "warc": read_warc,
}
SUFFIXES = {f".{name}": name for name in READERS} | {
    ".text": "txt",
    ".markdown": "md",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
    ".ndjson": "jsonl",
}


def check_reading(how: Reading) -> None:
    """Can files be read like this? Raises ConfigError for a column, encoding, format or delimiter that can't be."""
    check_columns(how.columns)
    one_sign(how.delimiter, "delimiter")
    if how.encoding is not None:
        known_encoding(how.encoding)
    if how.format is not None and how.format not in READERS:
        raise ConfigError(
            f'format = "{how.format}" is not read{nearest(how.format, list(READERS))}; choose {", ".join(READERS)}'
        )


def read_paths(paths: Sequence[str | Path], how: Reading, *, leave_out: Sequence[Path] = ()) -> Iterator[Seen]:
    """Which records do these files and folders hold? In the order of the files' names, then of each file."""
    for item in find_inputs(paths, leave_out=leave_out):
        if isinstance(item, Reject):
            yield item
        else:
            yield from read_input(item, how)


def read_input(given: Input, how: Reading) -> Iterator[Seen]:
    """Which records does this file hold? A damaged one gives what stands before the damage, then a reject."""
    for member in open_members(given, how.limits):
        if isinstance(member, Reject):
            yield member
            continue
        try:
            reader = _reader(member, how)
            if isinstance(reader, Reject):
                yield reader
            else:
                yield from reader(member, how)
        except Damaged as error:
            yield Reject(member.shown, None, None, None, str(error))


def _reader(member: Member, how: Reading) -> Reader | Reject:
    suffix = Path(member.name).suffix.lower()
    if suffix in SUFFIXES:
        return READERS[SUFFIXES[suffix]]
    if how.format is not None:
        return READERS[how.format]
    if not member.name:
        return _by_first_bytes(member)
    kinds = ", ".join(f".{name}" for name in READERS)
    # A folder of saved pages holds pictures and styles too: named, but no damage.
    reason = f"files of this kind are not read ({kinds}, each also .gz, .bz2, .zst or in a .zip)"
    return Reject(member.shown, None, None, None, reason, bad=member.named)


def _by_first_bytes(member: Member) -> Reader | Reject:
    """Standard input has no name: what is it by its first bytes? A table can't be told from text and must be named."""
    head = member.stream.peek(512)[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"PK\x03\x04"):
        return Reject(member.shown, None, None, None, "a zip can't be read from a pipe; name the file")
    marks = ((b"WARC/", "warc"), (b"PAR1", "parquet"), (b"{", "jsonl"), (b"[", "json"), (b"<", "html"))
    return READERS[next((name for mark, name in marks if head.startswith(mark)), "txt")]
