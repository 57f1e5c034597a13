"""What do WARC files hold? warcio reads each record; where records begin and end is checked here.

warcio drops a truncated last record without a word and stops at the first wrong length, so the framing (Content-Length,
the two line ends behind a record) is followed by hand, and after a broken record reading goes on at the next one.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

from newsangle.corpus.cleaning.markup import decode_page
from newsangle.corpus.ingest.decode import Undecodable, decode, known_encoding, not_text
from newsangle.corpus.ingest.records import Damaged, RawRecord, Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member
from newsangle.errors import ConfigError, DataError

_MOST_HEADER = 65_536
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*([0-9]{1,15})[ \t]*\r?$")
_TYPE = re.compile(rb"(?im)^warc-type[ \t]*:[ \t]*([a-z]+)[ \t]*\r?$")
_END = b"\r\n\r\n"
# Records that may hold an article; the others (warcinfo, request, metadata) are about these.
_ARTICLES = (b"response", b"resource", b"conversion", b"revisit")
_PAGES = ("text/html", "application/xhtml+xml", "")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)


class _Broken(Exception):
    """A record's frame is wrong; the message is the reason."""


def read_warc(member: Member, how: Reading) -> Iterator[Seen]:
    """One article a page; records counted are those that may hold one."""
    record = 0
    for item in _records(member.stream, how.limits.record_bytes):
        record += 1
        if isinstance(item, str):
            yield Reject(member.shown, record, None, None, item)
        else:
            yield _page(member.shown, record, item, how)
    if record == 0:
        yield Reject(member.shown, None, None, None, "holds no record that could be an article")


def _records(stream: io.BufferedReader, most: int) -> Iterator[bytes | str]:
    """Yields each record that may be an article, as bytes, or the reason why one can't be had."""
    first = _next_start(stream)
    while first:
        try:
            header, length, kind = _header(stream, first)
        except _Broken as error:
            yield str(error)
            first = _resync(stream)
            continue
        if kind not in _ARTICLES:
            skipped = _skip(stream, length)
            if skipped < length:
                yield f"a {kind.decode()} record breaks off after {skipped:,} of {length:,} bytes"
                return
        elif length > most:
            yield f"is longer than {most:,} bytes ({length:,}); no article is"
            if _skip(stream, length) < length:
                return
        else:
            body = stream.read(length)
            if len(body) < length:
                yield f"breaks off after {len(body):,} of {length:,} bytes"
                return
            tail = stream.peek(4)[:4]
            if tail and not (_END.startswith(tail) or tail.startswith((_END, b"\n\n", b"WARC/"))):
                yield "its Content-Length is wrong: no record ends there"
                first = _resync(stream)
                continue
            yield header + body + _END
        first = _next_start(stream)


def _next_start(stream: io.BufferedReader) -> bytes:
    """The first line that isn't blank."""
    while line := stream.readline(_MOST_HEADER):
        if line.strip():
            return line
    return b""


def _resync(stream: io.BufferedReader) -> bytes:
    """The next line that begins a record."""
    while line := stream.readline(_MOST_HEADER):
        if re.match(rb"WARC/[01]\.[0-9]+\r?\n", line):
            return line
    return b""


def _header(stream: io.BufferedReader, first: bytes) -> tuple[bytes, int, bytes]:
    if not re.match(rb"WARC/[01]\.[0-9]+\r?\n?$", first):
        raise _Broken("no WARC record begins here")
    parts, size = [first], len(first)
    while line := stream.readline(_MOST_HEADER):
        parts.append(line)
        size += len(line)
        if size > _MOST_HEADER:
            raise _Broken("its head is too long")
        if not line.strip():
            break
    else:
        raise _Broken("breaks off in its head")
    header = b"".join(parts)
    length, kind = _LENGTH.search(header), _TYPE.search(header)
    if length is None:
        raise _Broken("its head has no Content-Length")
    return header, int(length[1]), kind[1].lower() if kind else b"response"


def _skip(stream: io.BufferedReader, length: int) -> int:
    left = length
    while left and (block := stream.read(min(left, 1 << 20))):
        left -= len(block)
    return length - left


def _page(source: str, number: int, raw: bytes, how: Reading) -> Seen:
    from warcio.recordloader import ArcWarcRecordLoader

    def reject(reason: str, bad: bool = True) -> Reject:
        return Reject(source, number, None, None, reason, bad)

    most = how.limits.page_bytes
    try:
        found: Any = ArcWarcRecordLoader(verify_http=False).parse_record_stream(io.BytesIO(raw), known_format="warc")
        url = found.rec_headers.get_header("WARC-Target-URI") or ""
        if found.rec_type == "revisit":
            return reject("a revisit: the page is in another record", bad=False)
        status, content_type = "200", found.rec_headers.get_header("Content-Type") or ""
        if found.http_headers is not None:
            status = found.http_headers.get_statuscode()
            content_type = found.http_headers.get_header("Content-Type") or ""
        if status != "200":
            return reject(
                f"the page answered {status if re.fullmatch('[0-9]{3}', status) else 'without a status'}", bad=False
            )
        body = _content(found, most)
    except Damaged as error:
        return reject(str(error))
    except Exception as error:  # noqa: BLE001 (warcio raises whatever a hostile head makes it stumble over)
        return reject(f"is no WARC record that can be read ({type(error).__name__})")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (*_PAGES, "text/plain"):
        return reject(
            f"is {kind if re.fullmatch('[a-z0-9.+/-]{1,60}', kind) else 'of another kind'}, no page", bad=False
        )
    if not body.strip():
        return reject("the page is empty", bad=False)
    problem = not_text(body)
    if problem:
        return reject(problem)
    charset = _CHARSET.search(content_type)
    notes: tuple[str, ...] = ()
    undecodable = 0
    try:
        if kind == "text/plain":
            plain = decode(body, how.encoding or _known(charset[1] if charset else None))
            text, undecodable = plain.text, plain.undecodable
        else:
            text, notes = _decode_page(body, how.encoding, charset[1] if charset else None)
    except (Undecodable, DataError) as error:
        return reject(str(error))
    if "\0" in text:
        return reject("holds a NUL: binary data, or another encoding")
    fields = {"url": url if url.isprintable() and len(url) < 4000 else None}
    return RawRecord(
        source,
        number,
        None,
        fields,
        text,
        "text" if kind == "text/plain" else "html",
        undecodable=undecodable,
        notes=notes,
    )


def _decode_page(body: bytes, encoding: str | None, header: str | None) -> tuple[str, tuple[str, ...]]:
    """As declared on the command line, else by the server, else by the page where the server is wrong."""
    if encoding is None and header is not None:
        with contextlib.suppress(DataError):
            return decode_page(body, header)
    return decode_page(body, encoding)


def _known(label: str | None) -> str | None:
    """The charset that a server declares, if it is one."""
    try:
        return known_encoding(label) if label else None
    except ConfigError:
        return None


def _content(found: Any, most: int) -> bytes:
    """The page's bytes, chunks joined and packing undone, as far as a page may be long."""
    stream, parts, size = found.content_stream(), [], 0
    while block := stream.read(65_536):
        parts.append(block)
        size += len(block)
        if size > most:
            raise Damaged(f"unpacks to over {most:,} bytes; no page does")
    return b"".join(parts)
