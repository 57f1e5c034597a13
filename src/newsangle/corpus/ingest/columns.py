"""Which of a table's columns are ours? By name or as mapped; a missing one is named with the nearest that is there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from newsangle.corpus.hints import nearest, parted_otherwise
from newsangle.corpus.ingest.records import FIELDS, Limits, RawRecord, Reject
from newsangle.errors import ConfigError

BODIES = ("text", "html")
NAMES = (*BODIES, *FIELDS)
# What other people call these columns. Only ever named in a hint: which one is meant is for people to say.
_ALSO_CALLED = {
    "text": (
        "body",
        "content",
        "article",
        "article_text",
        "article_content",
        "full_text",
        "fulltext",
        "maintext",
        "story",
    ),
    "title": ("headline", "article_title", "head"),
    "outlet": ("source", "publisher", "publication", "site", "domain", "newspaper", "source_domain"),
    "date": ("published", "publish_date", "date_publish", "pub_date", "pubdate", "published_at", "datetime", "day"),
    "author": ("byline", "authors", "writer"),
    "url": ("link", "article_url", "uri", "permalink"),
    "article_id": ("id", "uid", "unit_id", "guid"),
}
_MAY_BE_NUMBERS = ("article_id", "title", "outlet", "author")


def check_columns(columns: Mapping[str, str]) -> None:
    """Are these names ours? Raises ConfigError for one that isn't."""
    for ours in columns:
        if ours not in NAMES:
            raise ConfigError(
                f'columns: "{ours}" is not a column of ours{nearest(ours, NAMES)}; choose {", ".join(NAMES)}'
            )


def parse_columns(settings: Sequence[str]) -> dict[str, str]:
    """Which of our columns is called what, as said on the command line? Raises ConfigError.

    >>> parse_columns(["text=body", "title=head line,date=day"])
    {'text': 'body', 'title': 'head line', 'date': 'day'}
    """
    columns: dict[str, str] = {}
    for setting in settings:
        parts = setting.split(",")
        for part in parts if all("=" in part for part in parts) else [setting]:
            ours, equals, theirs = part.partition("=")
            if not equals or not theirs:
                raise ConfigError(f'--columns "{part}": write OUR_COLUMN=THEIR_COLUMN, as text=body')
            columns[ours.strip()] = theirs
    check_columns(columns)
    return columns


class Unmapped(Exception):
    """A column that is needed isn't there; the message is the reason."""


def resolve(available: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Which column is which of ours? Raises Unmapped for one that was asked for and isn't there, or without a text."""
    used = {ours: ours for ours in NAMES if ours in available}
    # In a folder of different tables one may already call the column as we do; that is no guess.
    used |= {ours: theirs for ours, theirs in wanted.items() if theirs in available or ours not in used}
    for ours, theirs in used.items():
        if theirs not in available:
            raise Unmapped(_missing(ours, theirs, available))
        if available.count(theirs) > 1:
            raise Unmapped(f'the column "{_short(theirs)}" is there twice; rename one of them')
    if not any(body in used for body in BODIES):
        raise Unmapped(_missing("text", "text", available))
    if all(body in used for body in BODIES):
        del used["html" if "text" in wanted or "html" not in wanted else "text"]
    return used


def _missing(ours: str, theirs: str, available: Sequence[str]) -> str:
    if parted := parted_otherwise(available, 'pass --delimiter "{sign}"'):
        return f'no column "{_short(theirs)}" for {ours}: {parted}'
    lowered = {name.casefold(): name for name in available}
    called = [lowered[name] for name in (ours, *_ALSO_CALLED.get(ours, ())) if name in lowered]
    hint = f'; "{called[0]}" may be meant' if called else nearest(theirs, list(available[:1000]))
    listed = ", ".join(_short(name) for name in available[:12] if name) or "none"
    more = f" and {len(available) - 12:,} more" if len(available) > 12 else ""
    return f'no column "{_short(theirs)}" for {ours}{hint} (there are: {listed}{more}); pass --columns {ours}=NAME'


def _short(name: str) -> str:
    printable = "".join(char if char.isprintable() else "?" for char in name[:40])
    return printable + ("…" if len(name) > 40 else "")


def to_record(
    source: str,
    record: int,
    line: int | None,
    values: Mapping[str, object],
    limits: Limits,
    *,
    undecodable: int = 0,
) -> RawRecord | Reject:
    """Which article do these values (by our names) make? A reject that names the field where one is no text."""
    kept: dict[str, str | None] = {}
    for name, value in values.items():
        text = _as_text(name, value)
        most = limits.page_bytes if name == "html" else limits.record_bytes
        problem = _problem(name, value, text, most)
        if problem:
            return Reject(source, record, line, name, problem)
        kept[name] = text
    kind = "html" if "html" in values else "text"
    body = kept.pop(kind, None)
    if body is None:
        return Reject(source, record, line, kind, "is missing")
    if not body.strip():
        return Reject(source, record, line, kind, "is empty")
    if "article_id" in kept and not (kept["article_id"] or "").strip():
        return Reject(source, record, line, "article_id", "is empty")
    return RawRecord(source, record, line, kept, body, "html" if kind == "html" else "text", undecodable=undecodable)


def _as_text(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and name in (*_MAY_BE_NUMBERS, "date"):
        return str(value)
    if isinstance(value, list) and name in ("text", "author") and all(isinstance(part, str) for part in value):
        return ("\n\n" if name == "text" else ", ").join(value)
    return None


def _problem(name: str, value: object, text: str | None, most: int) -> str | None:
    if value is not None and text is None:
        return f"is {type(value).__name__}, not text"
    if text is None:
        return None
    if len(text) > most:
        return f"is longer than {most:,} characters; no article is"
    if "\0" in text:
        return "holds a NUL, which is no character of a text"
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which is no character"
    return None
