"""Which articles are the experiment about? A population in words, length, outlets and days."""

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from newsangle.corpus.hints import nearest
from newsangle.corpus.order import canonical_order
from newsangle.errors import ConfigError


def select_articles(
    articles: pd.DataFrame,
    *,
    pattern: str | None = None,
    min_matches: int = 1,
    min_chars: int = 0,
    unique_texts: bool = False,
    outlets: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> npt.NDArray[np.bool_]:
    """Which of these articles belong to the population? One truth value an article, in the order given.

    `pattern`: a regular expression found at least `min_matches` times in title + ". " + text. `min_chars`: the fewest
    characters of the text. `outlets`: names to keep. `since`, `until`: days as YYYY-MM-DD, both included; an article
    without a date is then left out. `unique_texts`: of the articles that pass all this, equal texts enter once, by the
    canonically first. Raises ConfigError for a pattern, day or outlet that can't be meant.
    """
    keep = np.ones(len(articles), dtype=bool)
    if pattern is not None:
        found = _compiled(pattern)
        both = zip(articles["title"], articles["text"], strict=True)
        keep &= [sum(1 for _ in found.finditer(f"{title}. {text}")) >= min_matches for title, text in both]
    keep &= [len(text) >= min_chars for text in articles["text"]]
    if outlets is not None:
        known = sorted({name for name in articles["outlet"] if isinstance(name, str)})
        for name in outlets:
            if name not in known:
                raise ConfigError(f'filter.outlets: no article is by "{name}"{nearest(name, known)}')
        keep &= articles["outlet"].isin(list(outlets)).to_numpy()
    days = articles["date"].to_numpy().astype("datetime64[D]")  # a comparison with NaT is false
    if since is not None:
        keep &= days >= _day("since", since)
    if until is not None:
        keep &= days <= _day("until", until)
    if unique_texts:
        _keep_first_of_equals(keep, articles["text"].tolist(), articles["article_id"].tolist())
    return keep


def _keep_first_of_equals(keep: npt.NDArray[np.bool_], texts: Sequence[str], ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for position in canonical_order(ids):
        if keep[position]:
            keep[position] = texts[position] not in seen
            seen.add(texts[position])


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ConfigError(f'filter.pattern = "{pattern}" is not a regular expression: {error}') from None


def _day(key: str, value: str) -> np.datetime64:
    try:
        return np.datetime64(date.fromisoformat(value), "D")
    except ValueError:
        raise ConfigError(f'filter.{key} = "{value}" is not a day; write it YYYY-MM-DD') from None
