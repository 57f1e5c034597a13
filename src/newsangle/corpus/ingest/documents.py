"""What do files of one article hold: plain text, Markdown, a web page?"""

import re
from collections.abc import Iterator

from newsangle.corpus.ingest.decode import Decoded, Undecodable, decode, decode_page, not_text
from newsangle.corpus.ingest.records import FIELDS, RawRecord, Reading, Reject, Seen
from newsangle.corpus.ingest.streams import Member

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
    found = _whole(member, how, page=True)
    if isinstance(found, Reject):
        yield found
        return
    _, text = found
    yield RawRecord(member.shown, None, None, {}, text.text, "html", undecodable=text.undecodable)


def _whole(member: Member, how: Reading, *, page: bool = False) -> tuple[bytes, Decoded] | Reject:
    most = how.limits.record_bytes
    raw = member.stream.read(most + 1)

    def reject(reason: str) -> Reject:
        return Reject(member.shown, None, None, None, reason)

    if len(raw) > most:
        return reject(f"is longer than {most:,} bytes; no article is")
    if not raw:
        return reject("is empty")
    wide = how.encoding is not None and "16" in how.encoding + "32"
    problem = None if wide else not_text(raw)
    if problem:
        return reject(problem)
    try:
        text = decode_page(raw, how.encoding) if page else decode(raw, how.encoding)
    except Undecodable as error:
        return reject(str(error))
    if "\0" in text.text:
        return reject(f"character {text.text.index(chr(0))} is NUL: binary data, or another encoding")
    if not text.text.strip():
        return reject("holds nothing but blanks")
    return raw, text
