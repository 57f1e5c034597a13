"""Which passages is an experiment about? From a corpus's name or file to articles, groups, passages and card."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from newsangle.corpus.fetch import file_sha256
from newsangle.corpus.hints import nearest
from newsangle.corpus.passages import passages_from_frame, passages_table
from newsangle.corpus.read import ArticleTable, read_articles
from newsangle.corpus.select import select_articles
from newsangle.corpus.sources import SOURCES, Source, fetch_source
from newsangle.corpus.syndication import syndication_groups
from newsangle.errors import ConfigError, DataError

FILTER_KEYS = tuple(inspect.signature(select_articles).parameters)[1:]


@dataclass(frozen=True)
class Corpus:
    """A corpus ready for an experiment.

    `articles`: article_id, title, outlet (None where unknown), date (datetime64[s] or NaT), text, url where given,
    group (syndication group, over all articles) and selected (passes the filter); canonical order.
    `passages`: passage_id, article_id, start, end, text, title, outlet, date, group; of selected articles only.
    `card`: what the corpus is and what became of every record of its file; plain JSON values.
    """

    name: str
    articles: pd.DataFrame
    passages: pd.DataFrame
    card: dict[str, Any]


def load_corpus(
    name_or_path: str | Path,
    *,
    file: Path | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    date_format: str | None = None,
    filter: Mapping[str, Any] | None = None,
    frame: Path | None = None,
    min_words: int = 40,
    max_words: int = 80,
    progress: Callable[[str], None] | None = None,
) -> Corpus:
    """Which articles and passages does this corpus hold, and what is known about it?

    `name_or_path` is a row of SOURCES or an article file (see `records.FORMATS`); `file`: a copy of a named corpus's
    file, to be read in place of the one in the data folder. `columns`, `encoding`, `delimiter` and `date_format` say
    how a file is read and stand above what SOURCES says. `filter` holds keyword arguments of `select_articles`. With a
    `frame` the passages are those it lists, less those of articles that the filter leaves out; without one articles are
    cut by `split_passages`. The order of the file's rows changes nothing.

    Raises ConfigError, DataError or MachineError, each in one line.
    """
    chosen = dict(filter or {})
    for key in chosen:
        if key not in FILTER_KEYS:
            raise ConfigError(f'corpus.filter has no key "{key}"{nearest(key, FILTER_KEYS)}')
    tell = progress or (lambda message: None)
    source = SOURCES.get(str(name_or_path))
    if source:
        path = file or fetch_source(source.name, progress=progress)
    else:
        path = _article_file(name_or_path)
    tell(f"reading {path.name}")
    table = read_articles(
        path,
        columns=columns if columns is not None else source.columns if source else None,
        encoding=encoding or (source.encoding if source else "utf-8"),
        delimiter=delimiter,
        outlets=source.outlets if source else None,
        date_format=date_format or (source.date_format if source else None),
    )
    if table.rejects:
        first = table.rejects[0]
        tell(f"{len(table.rejects)} of {table.records} records rejected, the first in row {first.row}: {first.reason}")
    tell(f"looking for copies among {len(table.articles)} articles")
    # One text at a time: a million articles are never there twice.
    groups = syndication_groups(iter(table.articles["text"]), table.articles["article_id"].tolist())
    articles = table.articles.assign(group=groups, selected=select_articles(table.articles, **chosen))
    selected = articles[articles["selected"]]
    if selected.empty:
        raise DataError(f"{path.name}: the filter leaves none of {len(articles)} articles; widen corpus.filter")
    tell(f"cutting {len(selected)} articles into passages")
    if frame is None:
        listed = passages = passages_table(selected, min_words=min_words, max_words=max_words)
    else:
        listed = passages_from_frame(articles, frame)
        passages = listed[listed["article_id"].isin(selected["article_id"])].reset_index(drop=True)
    if passages.empty:
        where = frame or path.name
        raise DataError(f"{where}: no passage in the {len(selected)} selected articles; widen corpus.filter")
    card = _card(source, path, table, articles) | {
        "passages": len(passages),
        "frame": frame.name if frame else None,
        "frame_passages_outside_filter": len(listed) - len(passages),
    }
    return Corpus(source.name if source else path.stem, articles, passages, card)


def _article_file(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if not path.exists() and not path.suffix:
        hint = nearest(str(name_or_path), list(SOURCES))
        raise DataError(f'"{name_or_path}" is neither a named corpus ({", ".join(SOURCES)}) nor a file{hint}')
    return path


def _card(source: Source | None, path: Path, table: ArticleTable, articles: pd.DataFrame) -> dict[str, Any]:
    selected = articles[articles["selected"]]
    texts = [_fingerprint(text) for text in articles["text"] if text.strip()]
    group_sizes = articles["group"].value_counts()
    return {
        "source": source.name if source else path.name,
        "description": source.description if source else None,
        "licence": source.licence if source else None,
        "citation": source.citation if source else None,
        "homepage": source.homepage if source else None,
        "sha256": file_sha256(path),
        "records": table.records,
        "rejected": len(table.rejects),
        "rejects": [{"row": reject.row, "reason": reject.reason} for reject in table.rejects],
        "undecodable_bytes": table.undecodable_bytes,
        "articles": len(articles),
        "empty_texts": len(articles) - len(texts),
        "exact_copies": len(texts) - len(set(texts)),
        "groups": len(group_sizes),
        "groups_with_copies": int((group_sizes > 1).sum()),
        "largest_group": int(group_sizes.max()),
        "undated": table.undated,
        "unreadable_dates": table.unreadable_dates,
        **_outlets_and_days(articles),
        "selected": len(selected),
        **{f"selected_{key}": value for key, value in _outlets_and_days(selected).items()},
    }


def _fingerprint(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _outlets_and_days(articles: pd.DataFrame) -> dict[str, Any]:
    outlets = articles["outlet"].value_counts(dropna=False)
    names = {name if isinstance(name, str) else "(unknown)": int(n) for name, n in outlets.items()}
    days = np.sort(articles["date"].dropna().to_numpy().astype("datetime64[D]"))
    return {
        "outlets": dict(sorted(names.items(), key=lambda item: (-item[1], item[0]))),
        "first_date": str(days[0]) if len(days) else None,
        "last_date": str(days[-1]) if len(days) else None,
    }
