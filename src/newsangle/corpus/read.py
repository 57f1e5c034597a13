"""Which articles does a file hold? Columns are renamed to ours, values checked, and every record not kept is named."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from newsangle.corpus.dates import date_patterns, parse_date
from newsangle.corpus.hints import nearest, one_sign, parted_otherwise
from newsangle.corpus.order import canonical_order
from newsangle.corpus.records import Record, Reject, read_records
from newsangle.errors import ConfigError, DataError

COLUMNS = ("article_id", "text", "title", "outlet", "date", "url")
_MAY_BE_NUMBERS = ("article_id", "title", "outlet")


@dataclass(frozen=True)
class ArticleTable:
    """The articles of one file in canonical order, and what became of each of its records.

    `articles`: article_id, title, outlet (None where unknown), date (datetime64[s], NaT where unknown), text, and url
    where the file has one. `records` = len(articles) + len(rejects). `undated` counts articles without a date;
    `unreadable_dates` those of them whose file says something that is no date in the declared format.
    """

    articles: pd.DataFrame
    records: int
    rejects: tuple[Reject, ...]
    undated: int
    unreadable_dates: int
    undecodable_bytes: int


@dataclass(frozen=True)
class _Article:
    row: int
    article_id: str | None
    text: str
    title: str
    outlet: str | None
    url: str
    date: object


def read_articles(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    outlets: Mapping[str, str] | None = None,
    date_format: str | None = None,
    name: str | None = None,
) -> ArticleTable:
    """Which articles does this file hold?

    `columns` maps our column names to the file's (text is required; a column of ours that is not mapped is looked for
    under its own name). `delimiter` parts the columns of a .csv file: one sign or "tab", None is a comma. `outlets`
    maps hosts or the file's outlet names to the names to show; an outlet that is a web address becomes its host first.
    `date_format` is a row of DATE_FORMATS; without one only ISO and YYYY/M/D are dates. `name` stands in messages
    instead of the path. A file without ids gets content ids: the first 12 hex digits of the text's SHA-1, "-2", "-3" …
    for equal texts.

    Raises DataError (missing file or column, broken file, one id twice, no article left) and ConfigError (a column that
    is not ours, an unknown encoding or date format).
    """
    where = name or str(path)
    date_patterns(date_format)
    found = read_records(path, encoding=encoding, delimiter=one_sign(delimiter, "corpus.delimiter"))
    used = _resolve_columns(found.columns, columns or {}, where)
    kept: list[_Article] = []
    rejects = list(found.rejects)
    for row, record in found.rows:
        article = _to_article(row, record, used, outlets or {})
        if isinstance(article, Reject):
            rejects.append(article)
        else:
            kept.append(article)
    rejects.sort(key=lambda reject: reject.row)
    if not kept:
        reason = f"row {rejects[0].row}: {rejects[0].reason}" if rejects else "it has no rows"
        raise DataError(f"{where} holds no article that can be used ({reason})")
    ids = _given_ids(kept, where) if "article_id" in used else _content_ids(kept)
    dates = [parse_date(article.date, date_format) for article in kept]
    frame = pd.DataFrame(
        {
            "article_id": ids,
            "title": [article.title for article in kept],
            "outlet": pd.Series([article.outlet for article in kept], dtype=object),
            "date": np.array(
                [np.datetime64("NaT", "s") if day is None else day for day in dates], dtype="datetime64[s]"
            ),
            "text": [article.text for article in kept],
        }
    )
    if "url" in used:
        frame["url"] = [article.url for article in kept]
    return ArticleTable(
        articles=frame.iloc[canonical_order(ids)].reset_index(drop=True),
        records=len(found.rows) + len(found.rejects),
        rejects=tuple(rejects),
        undated=sum(day is None for day in dates),
        unreadable_dates=sum(
            day is None and not _is_blank(article.date) for day, article in zip(dates, kept, strict=True)
        ),
        undecodable_bytes=found.undecodable,
    )


def _resolve_columns(available: Sequence[str], wanted: Mapping[str, str], where: str) -> dict[str, str]:
    for ours in wanted:
        if ours not in COLUMNS:
            raise ConfigError(f'corpus.columns: "{ours}" is not a column of ours{nearest(ours, COLUMNS)}')
    used = {ours: ours for ours in COLUMNS if ours in available} | dict(wanted)
    for ours, theirs in ({"text": "text"} | used).items():
        if theirs not in available:
            if parted := parted_otherwise(available, 'set corpus.delimiter = "{sign}"'):
                raise DataError(f"{where}: {parted}")
            listed = ", ".join(filter(None, available)) or "none"
            raise DataError(
                f'{where}: there is no column "{theirs}" for {ours}{nearest(theirs, available)} '
                f"(the file has: {listed}); set corpus.columns.{ours} (predict: --column {ours}=NAME)"
            )
        if available.count(theirs) > 1:
            raise DataError(f'{where}: the column "{theirs}" is there twice; rename one of them')
    return used


def _to_article(row: int, record: Record, used: Mapping[str, str], outlets: Mapping[str, str]) -> _Article | Reject:
    values: dict[str, str] = {}
    for ours in ("article_id", "text", "title", "outlet", "url"):
        value = record.get(used[ours]) if ours in used else None
        if isinstance(value, int) and not isinstance(value, bool) and ours in _MAY_BE_NUMBERS:
            value = str(value)
        if value is None and ours not in ("text", *(["article_id"] if ours in used else [])):
            value = ""
        if not isinstance(value, str):
            return Reject(row, f"{ours} is missing" if value is None else f"{ours} is {type(value).__name__}, not text")
        if not _encodable(value):
            return Reject(row, f"{ours} holds half of a surrogate pair, which is no character")
        values[ours] = value
    if "article_id" in used and not values["article_id"].strip():
        return Reject(row, "article_id is empty")
    return _Article(
        row=row,
        article_id=values["article_id"] or None,
        text=values["text"],
        title=values["title"],
        outlet=_outlet_name(values["outlet"], outlets),
        url=values["url"],
        date=record.get(used["date"]) if "date" in used else None,
    )


def _encodable(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _outlet_name(value: str, outlets: Mapping[str, str]) -> str | None:
    outlet = value.strip()
    if outlet.lower().startswith(("http://", "https://")):
        try:
            outlet = urlsplit(outlet).hostname or ""
        except ValueError:  # such as http://[broken
            return None
        return outlets.get(outlet, outlet.removeprefix("www.")) or None
    return outlets.get(outlet, outlet) or None


def _given_ids(kept: Sequence[_Article], where: str) -> list[str]:
    first: dict[str, int] = {}
    for article in kept:
        article_id = str(article.article_id)
        if article_id in first:
            raise DataError(
                f'{where}: article_id "{article_id}" is in row {first[article_id]} and in row {article.row}; '
                "give each article its own id, or leave out the id column to get ids from the texts"
            )
        first[article_id] = article.row
    return list(first)


def _content_ids(kept: Sequence[_Article]) -> list[str]:
    # Not row numbers: they change when a file is sorted, and labels would silently point to other articles.
    digests = [hashlib.sha1(article.text.encode("utf-8")).hexdigest()[:12] for article in kept]
    ids = [""] * len(kept)
    seen: dict[str, int] = {}
    # Equal texts are numbered by their other columns, so that the order of the file does not matter.
    by_content = sorted(
        range(len(kept)),
        key=lambda i: (kept[i].text, kept[i].title, kept[i].outlet or "", kept[i].url, str(kept[i].date)),
    )
    for i in by_content:
        seen[digests[i]] = seen.get(digests[i], 0) + 1
        ids[i] = digests[i] if seen[digests[i]] == 1 else f"{digests[i]}-{seen[digests[i]]}"
    return ids
