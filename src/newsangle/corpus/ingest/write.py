"""How do drafts become one corpus file? Named, filtered, grouped, and written so that nobody ever sees half of it."""

import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from newsangle.corpus.fetch import sync
from newsangle.corpus.ingest.chunks import Chunks, writing
from newsangle.corpus.ingest.records import Reject
from newsangle.corpus.ingest.result import Counts
from newsangle.corpus.origins import same_text_elsewhere, who_ran_it_first
from newsangle.corpus.records import INGEST_MARK
from newsangle.corpus.syndication import syndication_groups
from newsangle.errors import IntegrityError, MachineError

_ROWS = 2_000  # of a row group
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*|")  # anything else that a record says is not quoted


@dataclass(frozen=True)
class Census:
    """Every article's name, date and outlet, in the order of the drafts, and what is not to be kept of them.

    `refused`: number of a draft (rejects counted) → why it is no article of this corpus.
    """

    ids: list[str]
    dates: "np.typing.NDArray[np.datetime64]"
    outlets: list[str]
    refused: dict[int, Reject]


def drafts(chunks: Chunks, keys: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every draft and reject, numbered in order."""
    number = 0
    for key in keys:
        values = chunks.load(key)
        if values is None:
            raise MachineError(f"{chunks.path(key)}: has been changed or removed; run the same command again")
        for value in values:
            yield number, value
            number += 1


def take_census(found: Iterable[tuple[int, dict[str, Any]]], language: str | None) -> Census:
    """Which drafts are articles of this corpus, and what are they called?

    Without a given id an article is named by its text: the first 12 hex digits of its SHA-1, "-2", "-3" … for equal
    texts in the order of the files, and where another article was given such a name. A given id that an earlier article
    has is a reject.
    """
    ids: list[str | None] = []
    unnamed: list[tuple[int, str]] = []  # which of them have no given id, and the digests of their texts
    dates: list[str] = []
    outlets: list[str] = []
    refused: dict[int, Reject] = {}
    given: dict[str, str] = {}
    copies: dict[str, int] = {}
    for number, draft in found:
        if "reject" in draft:
            continue
        place = (draft["source"], draft["record"], draft["line"])
        if language is not None and draft["language"] != language:
            said = draft["language"] if _CODE.fullmatch(draft["language"]) else "no language code"
            reason = f"is {said or 'of unknown language'}, asked for was {language}"
            refused[number] = Reject(*place, "language", reason, bad=False)
            continue
        name = draft["article_id"]
        if name:
            if name in given:
                reason = f"is that of {given[name]} too; give each article its own, or map no article_id"
                refused[number] = Reject(*place, "article_id", reason)
                continue
            given[name] = place[0] if place[1] is None else f"{place[0]}, record {place[1]}"
        else:
            unnamed.append((len(ids), hashlib.sha1(draft["text"].encode("utf-8")).hexdigest()[:12]))
        ids.append(name or None)
        dates.append(draft["date"] or "NaT")
        outlets.append(sys.intern(draft["outlet"]))
    for number, digest in unnamed:
        name = None
        while name is None or name in given:
            copies[digest] = copies.get(digest, 0) + 1
            name = digest if copies[digest] == 1 else f"{digest}-{copies[digest]}"
        ids[number] = name
    return Census([str(name) for name in ids], np.array(dates, dtype="datetime64[s]"), outlets, refused)


def write_corpus(
    chunks: Chunks,
    keys: list[str],
    language: str | None,
    out: Path,
    rejects_path: Path,
    *,
    records: int,
    keep_empty: bool = True,
) -> tuple[Counts, str | None]:
    """Writes corpus and rejects; counts and the first damaged record come back. Raises MachineError.

    A corpus without an article is written only with `keep_empty`: a slip in a path must not wipe out an older corpus.
    Both files are whole before one takes its place, the rejects first: a corpus never lies there without them. Raises
    IntegrityError, and leaves both places as they were, where not all of `records` are accounted for.
    """
    census = take_census(drafts(chunks, keys), language)

    def kept() -> Iterator[dict[str, Any]]:
        for number, draft in drafts(chunks, keys):
            if "reject" not in draft and number not in census.refused:
                yield draft

    groups = syndication_groups((draft["text"] for draft in kept()), census.ids)
    first = who_ran_it_first(groups, census.ids, census.dates)
    elsewhere = same_text_elsewhere(groups, census.dates, census.outlets)
    counts = Counts()
    with ExitStack() as stack:  # what is entered last takes its place first
        if census.ids or keep_empty:
            part = stack.enter_context(_replacing(out, chunks.folder))
            counts = _write_rows(part, kept(), census, groups, first, elsewhere)
        part = stack.enter_context(_replacing(rejects_path, chunks.folder))
        seen, bad, left_out, first_bad = _write_rejects(part, drafts(chunks, keys), census)
        whole = asdict(counts) | {"seen": seen, "bad": bad, "left_out": left_out, "stories": len(set(groups))}
        counts = Counts(**whole)
        if not records == seen == counts.articles + counts.rejects:
            raise IntegrityError(f"{records} records read, {counts.told()}: this is our bug, please report it")
    return counts, first_bad


def _write_rejects(
    path: Path, found: Iterable[tuple[int, dict[str, Any]]], census: Census
) -> tuple[int, int, int, str | None]:
    """How many records were seen, are damaged, are left out; and the first damaged one."""
    seen = bad = left_out = 0
    first_bad: str | None = None
    with path.open("w", encoding="utf-8") as file:
        for number, draft in found:
            seen += 1
            reject = Reject(**draft["reject"]) if "reject" in draft else census.refused.get(number)
            if reject is None:
                continue
            bad += reject.bad
            left_out += not reject.bad
            if reject.bad and first_bad is None:
                first_bad = reject.told()
            file.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
    return seen, bad, left_out, first_bad


@contextmanager
def _replacing(final: Path, folder: Path) -> Iterator[Path]:
    """A new file in `folder` that takes the place of `final` when the block ends well, else vanishes."""
    part = folder / f"{final.name}.{secrets.token_hex(6)}.part"
    with writing(final):
        try:
            yield part
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            part.replace(final)
            sync(final.parent)
        finally:
            part.unlink(missing_ok=True)


def schema() -> Any:
    """The columns of a corpus file."""
    import pyarrow

    text = pyarrow.string()
    names = ("article_id", "title", "text", "section", "outlet", "origin", "origin_rule", "author")
    columns = [(name, text) for name in names]
    columns += [("date", pyarrow.timestamp("s")), ("date_rule", text), ("language", text), ("url", text)]
    columns += [("group", text), ("ran_first", text)]
    columns += [("start", pyarrow.int64()), ("end", pyarrow.int64()), ("spans", text)]
    columns += [("source", text), ("record", pyarrow.int64()), ("notes", text)]
    return pyarrow.schema(columns, metadata={INGEST_MARK: b"1"})


def _write_rows(
    path: Path,
    kept: Iterable[dict[str, Any]],
    census: Census,
    groups: list[str],
    first: list[str | None],
    elsewhere: list[tuple[str, str]],
) -> Counts:
    import pyarrow
    import pyarrow.parquet

    columns = schema()
    rows: list[dict[str, Any]] = []
    articles = comments = unreadable = undecodable = 0
    with pyarrow.parquet.ParquetWriter(path, columns, compression="zstd") as writer:
        for number, draft in enumerate(kept):
            if not draft["origin"]:  # what the text says stands above what the dates of its copies do
                draft |= dict(zip(("origin", "origin_rule"), elsewhere[number], strict=True))
            rows += _rows_of(draft, census.ids[number], groups[number], first[number], census.dates[number])
            articles += 1
            comments += bool(draft["comments"])
            unreadable += draft["date_rule"].startswith("unreadable")
            undecodable += draft["undecodable"]
            if len(rows) >= _ROWS:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=columns))
                rows = []
        if rows:
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=columns))
    return Counts(
        articles=articles,
        comments=comments,
        undated=int(np.isnat(census.dates).sum()),
        unreadable_dates=unreadable,
        undecodable=undecodable,
    )


def _rows_of(
    draft: dict[str, Any], name: str, group: str, first: str | None, date: np.datetime64
) -> Iterator[dict[str, Any]]:
    as_they_are = (
        "title",
        "origin",
        "origin_rule",
        "author",
        "date_rule",
        "language",
        "url",
        "source",
        "record",
        "notes",
    )
    row = {key: draft[key] for key in as_they_are}
    row |= {
        "article_id": name,
        "outlet": draft["outlet"] or None,
        "date": None if np.isnat(date) else date.item(),
        "group": group,
        "ran_first": first,
    }
    yield row | {"section": "body", "text": draft["text"]} | _place(draft["spans"])
    if draft["comments"]:
        yield (
            row
            | {"article_id": f"{name}#comments", "section": "comment", "text": draft["comments"]}
            | _place(draft["comment_spans"])
        )


def _place(spans: list[list[int]]) -> dict[str, Any]:
    """Where the paragraphs lie: in characters of the file or field they were read from; none for pages."""
    if not spans:
        return {"start": None, "end": None, "spans": ""}
    told = " ".join(f"{start}-{end}" for start, end in spans)
    return {"start": spans[0][0], "end": max(end for _, end in spans), "spans": told}
