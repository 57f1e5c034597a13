"""What becomes of a record before the corpus is known as a whole, and after? The seam to cleaning.

STAND-IN: until cleaning is joined, a text keeps all its paragraphs and a page loses its tags.
"""

import re
from dataclasses import dataclass
from typing import Any

from newsangle.corpus.ingest.chunks import Chunks
from newsangle.corpus.ingest.dating import given_date
from newsangle.corpus.ingest.records import RawRecord

_TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1\s*>|<[^>]*>")


@dataclass(frozen=True)
class Learned:
    """What repeats in the corpus."""


def prepare(record: RawRecord, date_format: str | None) -> dict[str, Any] | str:
    """The text to clean and what else the record says, as JSON values; or the reason why there is nothing to clean."""
    text = _TAGS.sub("\n", record.body) if record.kind == "html" else record.body
    date, rule = given_date(record.fields.get("date"), date_format)
    return {"text": text, "kind": record.kind, "fields": {**record.fields, "date": date, "date_rule": rule}}


def learn(chunks: Chunks, keys: list[str]) -> tuple[Learned, str]:
    """What repeats across the prepared records of these chunks, and a key that tells it from other findings?"""
    return Learned(), ""


def finish(prepared: dict[str, Any], learned: Learned) -> dict[str, Any] | str:
    """The article, as values of the corpus's columns, or the reason why there is none."""
    text = prepared["text"]
    spans = [(m.start(), m.end()) for m in re.finditer(r"\S[^\n]*", text)]
    if not spans:
        return "nothing is left of it after cleaning"
    fields = prepared["fields"]
    return {
        "title": fields.get("title") or "",
        "text": "\n\n".join(text[a:b].rstrip() for a, b in spans),
        "comments": "",
        "outlet": fields.get("outlet") or "",
        "origin": fields.get("origin") or "",
        "author": fields.get("author") or "",
        "date": fields.get("date") or "",
        "date_rule": fields["date_rule"],
        "language": fields.get("language") or "",
        "url": fields.get("url") or "",
        "article_id": fields.get("article_id") or "",
        "spans": spans if prepared["kind"] == "text" else [],
        "comment_spans": [],
        "dropped": {},
    }


def explained(prepared: dict[str, Any], learned: Learned, colour: bool) -> str:
    """What is kept and dropped of this record, and why?"""
    return "\n".join(f"+ body            {line}" for line in prepared["text"].split("\n") if line.strip())
