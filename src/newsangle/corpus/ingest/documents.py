"""What do files of one article hold: plain text, Markdown, a web page?"""

import re
from collections.abc import Iterator

from newsangle.corpus.cleaning.markup import decode_page
from newsangle.corpus.ingest.decode import BOMS, Decoded, Undecodable, decode, is_wide, not_text
from newsangle.corpus.ingest.records import FIELDS, RawRecord, Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member
from newsangle.errors import DataError

_FRONT = re.compile(r"---[^\S\n]*\n(?P<lines>(?:[^\n]*\n){1,60}?)---[^\S\n]*(?:\n|$)")
_PAIR = re.compile(r"(?P<key>[A-Za-z_]{2,20})\s*:\s*(?P<value>\S.*)")


def read_text(member: Member, how: Reading) -> Iterator[Seen]:
    """One article: the whole file."""
    found = _whole(member, how)
    if isinstance(found, Reject):
        yield found
        return
    raw, text = found
    yield RawRecord(member.shown, None, None, {}, text.text, "text", text.bom, len(raw), undecodable=text.undecodable)


def read_markdown(member: Member, how: Reading) -> Iterator[Seen]:
    """One article; "key: value" lines between --- at its head are fields where they bear our names."""
    found = _whole(member, how)
    if isinstance(found, Reject):
        yield found
        return
    raw, text = found
    fields: dict[str, str | None] = {}
    body, start = text.text, text.bom
    front = _FRONT.match(body)
    if front:
        for line in front["lines"].splitlines():
            pair = _PAIR.fullmatch(line.strip())
            name = {theirs: ours for ours, theirs in how.columns.items()}.get(pair["key"], pair["key"]) if pair else ""
            if pair and name in FIELDS:
                fields[name] = pair["value"].strip().strip("\"'")
        start += len(body[: front.end()].encode(text.encoding, "replace"))
        body = body[front.end() :]
        if not body.strip():
            yield Reject(member.shown, None, None, None, "is empty below its head")
            return
    yield RawRecord(member.shown, None, None, fields, body, "text", start, len(raw), undecodable=text.undecodable)


def read_html(member: Member, how: Reading) -> Iterator[Seen]:
    """One web page."""
    raw = _bytes(member, how, how.limits.page_bytes)
    if isinstance(raw, Reject):
        yield raw
        return
    notes: tuple[str, ...] = ()
    try:
        if any(raw.startswith(mark) for mark, _ in BOMS):
            text = decode(raw, None).text
        else:
            text, notes = decode_page(raw, how.encoding)
    except (DataError, Undecodable) as error:
        yield Reject(member.shown, None, None, None, str(error))
        return
    if "\0" in text:
        yield Reject(member.shown, None, None, None, _nul(text))
        return
    yield RawRecord(member.shown, None, None, {}, text, "html", notes=notes)


def _bytes(member: Member, how: Reading, most: int) -> bytes | Reject:
    raw = member.stream.read(most + 1)

    def reject(reason: str) -> Reject:
        return Reject(member.shown, None, None, None, reason)

    if len(raw) > most:
        return reject(f"is longer than {most:,} bytes; no article is")
    if not raw:
        return reject("is empty")
    problem = None if is_wide(how.encoding) else not_text(raw)
    return reject(problem) if problem else raw


def _whole(member: Member, how: Reading) -> tuple[bytes, Decoded] | Reject:
    raw = _bytes(member, how, how.limits.record_bytes)
    if isinstance(raw, Reject):
        return raw
    try:
        text = decode(raw, how.encoding)
    except Undecodable as error:
        return Reject(member.shown, None, None, None, str(error))
    if "\0" in text.text:
        return Reject(member.shown, None, None, None, _nul(text.text))
    if not text.text.strip():
        return Reject(member.shown, None, None, None, "holds nothing but blanks")
    return raw, text


def _nul(text: str) -> str:
    return f"character {text.index(chr(0))} is NUL: binary data, or another encoding"
