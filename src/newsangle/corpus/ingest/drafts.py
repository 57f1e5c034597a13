"""What becomes of a record before the corpus is known as a whole, and after? The seam between reading and cleaning."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from newsangle.corpus.cleaning import Cleaned, Metadata, Repeated, clean_document, detect_language, explain
from newsangle.corpus.cleaning.clean import clean_extracted, starred
from newsangle.corpus.cleaning.page import PageText, page_text
from newsangle.corpus.cleaning.page_comments import with_comments
from newsangle.corpus.cleaning.page_rest import left_out
from newsangle.corpus.cleaning.repetition import RepeatedHere, Sentences, learn_from_sentences, sentences_in
from newsangle.corpus.ingest.chunks import Chunks, key_of
from newsangle.corpus.ingest.dating import given_date
from newsangle.corpus.ingest.records import RawRecord
from newsangle.errors import DataError


class NoArticle(Exception):
    """There is nothing to keep of this record; the message is the reason. `bad`: because it is damaged."""

    def __init__(self, reason: str, *, bad: bool = False) -> None:
        super().__init__(reason)
        self.bad = bad


def prepare(record: RawRecord, date_format: str | None) -> dict[str, Any]:
    """The text to clean and what else is known of the record, as JSON values. Raises NoArticle."""
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
    return {
        "text": text,
        "sentences": _packed(sentences_in(text)),
        "kind": record.kind,
        "headings": headings,
        "comment_lines": comments,
        "notes": notes,
        "known": dict(vars(known)),
        "unreadable_date": "" if date else unreadable,
        "article_id": given.get("article_id", ""),
        "language": given.get("language", "").lower(),
    }


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
    """The (outlet, sentences) of every prepared record, as often as they are asked for."""

    chunks: Chunks
    keys: list[str]

    def __iter__(self) -> Iterator[tuple[str, Sentences]]:
        for key in self.keys:
            for item in self.chunks.load(key) or []:
                if "reject" not in item:
                    yield item["known"]["outlet"], _unpacked(item["sentences"])


def learn(chunks: Chunks, keys: list[str]) -> tuple[Repeated, str]:
    """What repeats across the prepared records of these chunks, and a key that tells it from other findings?"""
    found = learn_from_sentences(_Prepared(chunks, keys))
    return found, key_of(*(sorted(getattr(found, part.name)) for part in fields(found)))


def _packed(found: Sentences) -> str:
    columns = [found.hashes.view(np.int64), found.words, found.alone.astype(np.int64), found.starts, found.ends]
    return base64.b64encode(np.stack(columns).tobytes()).decode("ascii")


def _unpacked(packed: str) -> Sentences:
    hashes, words, alone, starts, ends = np.frombuffer(base64.b64decode(packed), dtype=np.int64).reshape(5, -1)
    return Sentences(hashes.view(np.uint64), words, alone.astype(bool), starts, ends)


def _cleaned(prepared: dict[str, Any], everywhere: Repeated) -> Cleaned:
    learned: RepeatedHere | None = everywhere.here(prepared["text"], _unpacked(prepared["sentences"]))
    known = Metadata(**prepared["known"])
    if prepared["kind"] == "html":
        headings, notes = frozenset(prepared["headings"]), tuple(prepared["notes"])
        cleaned = clean_extracted(prepared["text"], known, headings, notes, learned=learned)
        return with_comments(cleaned, len(prepared["text"]), prepared["comment_lines"])
    return replace(clean_document(prepared["text"], learned=learned, hints=known), notes=tuple(prepared["notes"]))


def finish(prepared: dict[str, Any], learned: Repeated) -> dict[str, Any]:
    """The article, as values of the corpus's columns. Raises NoArticle."""
    cleaned = _cleaned(prepared, learned)
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
        "language": prepared["language"] or detect_language(text).code,
        "url": about.url,
        "article_id": prepared["article_id"],
        "notes": "; ".join(cleaned.notes),
        "spans": spans if of_text else [],
        "comment_spans": [(b.start, b.end) for b in cleaned.blocks if b.section == "comment"] if of_text else [],
    }


def explained(prepared: dict[str, Any], learned: Repeated, colour: bool) -> str:
    """What is kept and dropped of this record, and why?"""
    cleaned = _cleaned(prepared, learned)
    left = left_out(prepared["page"], prepared["text"], cleaned.title) if prepared["kind"] == "html" else ()
    return explain(cleaned, colour, left)
