"""Who ran a story first, and whose is it? Told where dates tell it, and else with the reason why not."""

import json
from pathlib import Path

import numpy as np
import pytest
from raw_files import STORIES, put

from newsangle.corpus.ingest.flow import ingest
from newsangle.corpus.origins import same_text_elsewhere, who_ran_it_first


def days(*values: str) -> np.ndarray:
    return np.array(values, dtype="datetime64[s]")


def test_who_ran_a_story_first_is_told_only_where_dates_tell_it() -> None:
    groups, ids = ["a", "a", "a", "d", "d", "f", "g", "g"], list("abcdefgh")
    dates = np.array(
        ["2020-05-03", "2020-05-01", "2020-05-02", "2020-05-01", "2020-05-01", "NaT", "NaT", "2020-05-01"],
        dtype="datetime64[s]",
    )
    # a: the second of three; d: two on one day; f: alone; g: one without a date may have been the first.
    assert who_ran_it_first(groups, ids, dates) == ["b", "b", "b", None, None, "f", None, None]


def test_a_day_without_a_time_is_neither_earlier_nor_later_than_an_hour_of_it() -> None:
    """The day alone is stored as its first second, but the copy may have run in the evening."""
    dates = days("2020-05-01", "2020-05-01T08:30", "2020-05-02", "2020-05-01T08:30", "2020-05-01T09:00", "2020-05-02")
    groups, ids = ["a", "a", "a", "b", "b", "b"], list("uvwxyz")
    assert who_ran_it_first(groups, ids, dates) == [None] * 3 + ["x"] * 3
    found = same_text_elsewhere(groups, dates, ["Post", "Herald", "Star"] * 2)
    assert found[:3] == [("", "same text elsewhere: several outlets on the first day")] * 3
    assert found[3:] == [("", ""), ("Post", "same text elsewhere, earlier"), ("Post", "same text elsewhere, earlier")]


@pytest.mark.parametrize(
    ("dates", "outlets", "expected"),
    [
        # All dated: the earliest outlet is the origin of the others' copies.
        (("2020-05-02", "2020-05-01"), "PH", [("H", "earlier"), ("", "")]),
        # One outlet alone, whatever its dates.
        (("2020-05-02", "NaT"), "PP", [("", ""), ("", "")]),
        # The undated copy may be the first, so the earliest dated one isn't sure to be; the later one isn't, surely.
        (
            ("2020-05-02", "2020-05-01", "NaT"),
            "PHS",
            [
                ("H", "earliest of the dated copies"),
                ("", ": some copies have no date"),
                ("", ": this copy has no date"),
            ],
        ),
        # An undated copy at the very outlet that is first changes nothing.
        (("2020-05-02", "2020-05-01", "NaT"), "PHH", [("H", "earlier"), ("", ""), ("", ": this copy has no date")]),
        # Nothing is known of the order.
        (("NaT", "NaT"), "PH", [("", ": no copy has a date")] * 2),
        # One outlet twice on the first day is still one outlet.
        (("2020-05-01", "2020-05-01", "2020-05-03"), "HHP", [("", ""), ("", ""), ("H", "earlier")]),
        # Two outlets on the first day.
        (("2020-05-01", "2020-05-01", "2020-05-03"), "HSP", [("", ": several outlets on the first day")] * 3),
        # The first has no name.
        (("2020-05-01", "2020-05-02"), ["", "P"], [("", ""), ("", ": the earliest copy names no outlet")]),
    ],
)
def test_another_outlet_is_the_origin_where_dates_say_so_and_else_the_reason_is_kept(
    dates: tuple[str, ...], outlets: str, expected: list[tuple[str, str]]
) -> None:
    told = [
        (origin, f"same text elsewhere{rule if rule[:1] == ':' else f', {rule}'}" if rule else "")
        for origin, rule in expected
    ]
    found = same_text_elsewhere(["g"] * len(dates), days(*dates), list(outlets))
    assert found == told
    # The order of the copies doesn't matter.
    assert same_text_elsewhere(["g"] * len(dates), days(*dates[::-1]), list(outlets)[::-1]) == told[::-1]


def test_a_corpus_with_undated_copies_keeps_the_origin_that_is_known_and_the_reason_for_the_others(
    tmp_path: Path,
) -> None:
    text = STORIES[0][1]
    lines = [
        {"outlet": "Orvia Post", "date": "2031-03-02", "text": text},
        {"outlet": "Lesk Herald", "date": "2031-03-01", "text": text},
        {"outlet": "Hill Star", "text": text},
        {"outlet": "Hill Star", "date": "2031-03-09", "text": text, "origin": "River Wire"},
    ]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    corpus = ingest([put(tmp_path / "raw", {"a.jsonl": content})], tmp_path / "corpus.parquet").corpus
    assert corpus["origin"].tolist() == ["Lesk Herald", "", "", "River Wire"]
    assert corpus["origin_rule"].tolist() == [
        "same text elsewhere, earliest of the dated copies",
        "same text elsewhere: some copies have no date",
        "same text elsewhere: this copy has no date",
        "given",
    ]
    assert corpus["ran_first"].isna().all()
