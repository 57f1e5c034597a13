"""What becomes of a record before the corpus is known as a whole, and after? The seam between reading and cleaning."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from newsangle.corpus.cleaning import Cleaned, Metadata, Repeated, explain, languages_of
from newsangle.corpus.cleaning.clean import clean_extracted, clean_units, starred
from newsangle.corpus.cleaning.merged import bare
from newsangle.corpus.cleaning.page import PageText, page_text
from newsangle.corpus.cleaning.page_comments import with_comments
from newsangle.corpus.cleaning.page_rest import left_out
from newsangle.corpus.cleaning.repetition import (
    RepeatedHere,
    Row,
    Sentences,
    learn_from_sentences,
    sentences_in,
)
from newsangle.corpus.cleaning.units import Unit, units_of
from newsangle.corpus.ingest.chunks import Chunks, key_of
from newsangle.corpus.ingest.dating import given_date
from newsangle.corpus.ingest.records import RawRecord
from newsangle.errors import DataError, MachineError


class NoArticle(Exception):
    """There is nothing to keep of this record; the message is the reason. `bad`: because it is damaged."""

    def __init__(self, reason: str, *, bad: bool = False) -> None:
        super().__init__(reason)
        self.bad = bad


def prepare(record: RawRecord, date_format: str | None) -> tuple[dict[str, Any], list[Row]]:
    """The record's text, what else is known of it and its draft, as JSON values; and the text's sentences.

    The draft is what `finish` returns where nothing of the text is repeated elsewhere: so it hardly ever has to be made
    a second time. Raises NoArticle.
    """
    given = {name: (value or "").strip() for name, value in record.fields.items()}
    date, unreadable = given_date(given.get("date"), date_format)
    known = Metadata(
        title=given.get("title", ""),
        date=date,
        date_rule="given" if date else "",
        outlet=_outlet(given.get("outlet", "")),
        author=given.get("author", ""),
        origin=given.get("origin", ""),
        url=given.get("url", ""),
    )
    text, notes = record.body, list(record.notes)
    headings: list[str] = []
    comments: tuple[tuple[str, str], ...] = ()
    if record.kind == "html":
        page = _page(record.body, known.url or None)
        known = replace(page.metadata, **{name: value for name, value in vars(known).items() if value})
        text, headings, comments = page.text, sorted(page.headings), page.comments
        notes += page.notes
    prepared: dict[str, Any] = {
        "text": text,
        "kind": record.kind,
        "headings": headings,
        "comment_lines": comments,
        "notes": notes,
        "known": dict(vars(known)),
        "unreadable_date": "" if date else unreadable,
        "article_id": given.get("article_id", ""),
        "language": given.get("language", "").lower(),
    }
    units = units_of(text)
    plain = bare(text)
    cleaned = _cleaned(prepared, units, plain, None)
    prepared["kept"] = [(block.start, block.end) for block in cleaned.blocks if block.section in ("body", "heading")]
    try:
        prepared["draft"] = _draft(prepared, cleaned)
    except NoArticle as error:
        prepared["draft"], prepared["nothing"] = None, str(error)
    return prepared, sentences_in(text, units, plain)


def _page(html: str, url: str | None) -> PageText:
    try:
        return page_text(html, url)
    except DataError as error:
        raise NoArticle(str(error)) from None
    except Exception as error:  # noqa: BLE001 (a hostile page makes the extractor stumble over anything)
        raise NoArticle(f"is no page that can be read ({type(error).__name__})", bad=True) from None


def _outlet(value: str) -> str:
    """An outlet given as a web address is its host."""
    if not value.lower().startswith(("http://", "https://")):
        return value
    try:
        return (urlsplit(value).hostname or "").removeprefix("www.")
    except ValueError:  # such as http://[broken
        return ""


@dataclass(frozen=True)
class _Prepared:
    """The outlets and sentences of every batch of prepared records, as often as they are asked for."""

    chunks: Chunks
    keys: list[str]

    def __iter__(self) -> Iterator[tuple[list[str], Sentences]]:
        for key in self.keys:
            yield sentences_beside(self.chunks, key)


def learn(chunks: Chunks, keys: list[str]) -> tuple[Repeated, str]:
    """What repeats across the prepared records of these chunks, and a key that tells it from other findings?"""
    found = learn_from_sentences(_Prepared(chunks, keys))
    return found, key_of(*(sorted(getattr(found, part.name)) for part in fields(found)))


def packed(values: Sequence[dict[str, Any]], found: Sentences) -> bytes:
    """The outlets and sentences of these prepared records, as bytes."""
    outlets = json.dumps([item["known"]["outlet"] if "known" in item else "" for item in values])
    columns = [found.hashes.view(np.int64), found.of, found.words, found.alone.astype(np.int64)]
    return outlets.encode("ascii") + b"\n" + np.stack([*columns, found.starts, found.ends]).astype("<i8").tobytes()


def sentences_beside(chunks: Chunks, key: str) -> tuple[list[str], Sentences]:
    """The outlets and sentences that lie beside this batch of prepared records. Raises MachineError."""
    raw = chunks.load_beside(key)
    if raw is None:
        raise _lost(chunks, key)
    outlets, _, rest = raw.partition(b"\n")
    hashes, of, words, alone, starts, ends = np.frombuffer(rest, dtype="<i8").astype(np.int64).reshape(6, -1)
    return json.loads(outlets), Sentences(of, hashes.view(np.uint64), words, alone.astype(bool), starts, ends)


def prepared_records(chunks: Chunks, key: str, learned: Repeated) -> list[tuple[dict[str, Any], RepeatedHere | None]]:
    """The prepared records and rejects of a batch, each with what of it is repeated elsewhere. Raises MachineError."""
    values = chunks.load(key)
    _, sentences = sentences_beside(chunks, key)
    if values is None:
        raise _lost(chunks, key)
    held = learned.here([item.get("text", "") for item in values], sentences)
    return [(item, held.get(number)) for number, item in enumerate(values)]


def _lost(chunks: Chunks, key: str) -> MachineError:
    return MachineError(f"{chunks.path(key)}: has been changed or removed; run the same command again")


def _cleaned(
    prepared: dict[str, Any], units: Sequence[Unit], plain: str | None, learned: RepeatedHere | None
) -> Cleaned:
    known = Metadata(**prepared["known"])
    if prepared["kind"] == "html":
        headings, notes = frozenset(prepared["headings"]), tuple(prepared["notes"])
        cleaned = clean_extracted(prepared["text"], known, headings, notes, units=units, plain=plain, learned=learned)
        return with_comments(cleaned, len(prepared["text"]), prepared["comment_lines"])
    return replace(clean_units(prepared["text"], units, learned, known, plain), notes=tuple(prepared["notes"]))


def finish(prepared: dict[str, Any], learned: RepeatedHere | None) -> dict[str, Any]:
    """The article, as values of the corpus's columns; its language may still be missing. Raises NoArticle."""
    text = prepared["text"]
    # Repeated sentences are taken out of what is kept, nowhere else: where they don't stand in it, nothing changes.
    if learned is not None and learned.may_hold("\n".join(text[start:end] for start, end in prepared["kept"])):
        return _draft(prepared, _cleaned(prepared, units_of(text), None, learned))
    if prepared["draft"] is None:
        raise NoArticle(prepared["nothing"])
    found: dict[str, Any] = prepared["draft"]
    return found


def name_languages(drafts: Iterable[dict[str, Any] | None]) -> None:
    """Detects the language of those drafts whose record says none; together, for that is quicker."""
    unknown = [draft for draft in drafts if draft is not None and not draft["language"]]
    for draft, code in zip(unknown, languages_of([draft["text"] for draft in unknown]), strict=True):
        draft["language"] = code


def _draft(prepared: dict[str, Any], cleaned: Cleaned) -> dict[str, Any]:
    title, text = starred(cleaned.title), cleaned.text
    spans = [(block.start, block.end) for block in cleaned.blocks if block.section in ("body", "heading")]
    if not text:  # one line alone looks like a title, but it is all there is
        alone = [block for block in cleaned.blocks if block.section == "title"]
        text, title = "\n\n".join(block.text for block in alone), prepared["known"]["title"]
        spans = [(block.start, block.end) for block in alone]
    if not text.strip():
        reasons = sorted({piece.reason for piece in cleaned.dropped})
        raise NoArticle(f"nothing is left of it after cleaning (dropped: {', '.join(reasons) or 'nothing'})")
    about = cleaned.metadata
    of_text = prepared["kind"] == "text"
    return {
        "title": title,
        "text": text,
        "comments": cleaned.comments,
        "outlet": about.outlet or _outlet(about.url),
        "origin": about.origin,
        "origin_rule": about.origin_rule,
        "author": about.author,
        "date": about.date,
        "date_rule": about.date_rule if about.date else prepared["unreadable_date"] or about.date_rule,
        "language": prepared["language"],
        "url": about.url,
        "article_id": prepared["article_id"],
        "notes": "; ".join(cleaned.notes),
        "spans": spans if of_text else [],
        "comment_spans": [(b.start, b.end) for b in cleaned.blocks if b.section == "comment"] if of_text else [],
    }


def explained(prepared: dict[str, Any], learned: RepeatedHere | None, colour: bool) -> str:
    """What is kept and dropped of this record, and why?"""
    cleaned = _cleaned(prepared, units_of(prepared["text"]), None, learned)
    left = left_out(prepared["page"], prepared["text"], cleaned.title) if prepared["kind"] == "html" else ()
    return explain(cleaned, colour, left)
