"""Which articles are meant: words, length, outlets, days, and equal texts once."""

import pandas as pd
import pytest

from newsangle.corpus.select import select_articles
from newsangle.errors import ConfigError


def articles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "article_id": ["10", "9", "2", "3"],
            "title": ["Flood in town", "Quiet day", "Flood", "Flood"],
            "text": ["The flood came.", "The flood came.", "Nothing here", ""],
            "outlet": pd.Series(["A", "B", "A", None], dtype=object),
            "date": pd.Series(["2017-02-07 23:59:59", "2017-02-08", None, "2017-02-09"]).astype("datetime64[s]"),
        }
    )


def chosen(**conditions: object) -> list[str]:
    table = articles()
    return table["article_id"][select_articles(table, **conditions)].tolist()  # type: ignore[arg-type]


def test_without_conditions_every_article_is_selected() -> None:
    assert chosen() == ["10", "9", "2", "3"]


def test_matches_are_counted_in_title_and_text_together() -> None:
    # "flood": 10 has it in title and text (2), 9 once, 2 and 3 once each in the title.
    assert chosen(pattern="(?i)flood", min_matches=2) == ["10"]
    assert chosen(pattern="(?i)flood") == ["10", "9", "2", "3"]
    # title + ". " + text, so that a pattern can see where the title ends.
    assert chosen(pattern=r"Flood\. Nothing") == ["2"]


def test_the_shortest_text_allowed_is_kept() -> None:
    assert chosen(min_chars=12) == ["10", "9", "2"]  # "Nothing here" has 12 characters
    assert chosen(min_chars=13) == ["10", "9"]


def test_of_equal_texts_the_canonically_first_that_passes_the_rest_enters() -> None:
    assert chosen(unique_texts=True) == ["9", "2", "3"]  # 9 comes before 10
    assert chosen(unique_texts=True, outlets=["A"]) == ["10", "2"]  # 9 is of another outlet


def test_both_days_are_included_and_undated_articles_are_not() -> None:
    assert chosen(until="2017-02-07") == ["10"]
    assert chosen(since="2017-02-08") == ["9", "3"]
    assert chosen(since="2017-02-07", until="2017-02-08") == ["10", "9"]
    assert chosen(since="0001-01-01", until="9999-12-31") == ["10", "9", "3"]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"outlets": ["AA"]}, 'no article is by "AA"; nearest is "A"'),
        ({"pattern": "(open"}, "not a regular expression"),
        ({"since": "7.2.2017"}, 'filter.since = "7.2.2017" is not a day'),
        ({"until": "2017-02-30"}, "filter.until"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(conditions: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        chosen(**conditions)
