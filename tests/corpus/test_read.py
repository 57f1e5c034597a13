"""Raw files to articles: every record is kept or named, and no value changes on the way."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from newsangle.corpus.dates import parse_date
from newsangle.corpus.order import canonical_order
from newsangle.corpus.read import read_articles
from newsangle.errors import ConfigError, DataError


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def test_ids_and_words_that_look_like_numbers_or_gaps_stay_text(tmp_path: Path) -> None:
    # pandas' defaults would give 7, NaN and NaN here.
    path = write(tmp_path / "a.csv", 'article_id,title,text,outlet\n007,NA,None,"Null"\n8,nan,"a ""b"", c",\n')
    articles = read_articles(path).articles
    assert articles["article_id"].tolist() == ["8", "007"] or articles["article_id"].tolist() == ["007", "8"]
    first = articles.set_index("article_id").loc["007"]
    assert (first["title"], first["text"], first["outlet"]) == ("NA", "None", "Null")
    second = articles.set_index("article_id").loc["8"]
    assert (second["title"], second["text"]) == ("nan", 'a "b", c')
    assert second["outlet"] is None


def test_the_order_of_the_file_never_matters(tmp_path: Path) -> None:
    rows = ["10,ten", "9,nine", "b,bee", "007,bond", "a,ay"]
    one = read_articles(write(tmp_path / "one.csv", "\n".join(["article_id,text", *rows]) + "\n")).articles
    two = read_articles(write(tmp_path / "two.csv", "\n".join(["article_id,text", *reversed(rows)]) + "\n")).articles
    assert one["article_id"].tolist() == ["007", "9", "10", "a", "b"]  # numbers by value, then text
    pd.testing.assert_frame_equal(one, two)


def test_an_id_of_five_thousand_digits_is_ordered_like_any_other() -> None:
    # int() refuses more than 4,300 digits, so the order may not be made with it.
    assert canonical_order(["9" * 5000, "10", "0" * 5000 + "3"]) == [2, 1, 0]


def test_content_ids_do_not_depend_on_the_row(tmp_path: Path) -> None:
    rows = ["Same text,One", "Other text,Two", "Same text,Three"]
    one = read_articles(write(tmp_path / "one.csv", "\n".join(["text,title", *rows]))).articles
    two = read_articles(write(tmp_path / "two.csv", "\n".join(["text,title", *rows[::-1]]))).articles
    pd.testing.assert_frame_equal(one, two)
    # sha1("Same text") = e71266...; the copies are numbered by their titles: One, then Three.
    copies = one[one["text"] == "Same text"].sort_values("title")
    assert copies["title"].tolist() == ["One", "Three"]
    first, second = copies["article_id"]
    assert len(first) == 12 and second == first + "-2"


def test_a_text_longer_than_the_csv_limit_is_read_whole_and_the_limit_is_put_back(tmp_path: Path) -> None:
    import csv

    before = 131_072
    csv.field_size_limit(before)
    long = "word " * 60_000  # 300,000 characters; Python's csv stops at 131,072
    articles = read_articles(write(tmp_path / "a.csv", f'article_id,text\n1,"{long}"\n')).articles
    assert articles["text"][0] == long
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('article_id,text\n1,fine\n2,"opens and never ends\n3,gone\n4,gone too\n', "row 2 (line 3)"),
        ('article_id,text\n1,"two\nlines"\n2,"opens here\n3,"swallowed"\n', "row 2 (line 4)"),
        ('article_id,"text\n1,fine\n', "row 0 (line 1)"),
    ],
)
def test_an_unbalanced_quote_is_an_error_that_names_where_it_opens(tmp_path: Path, content: str, place: str) -> None:
    with pytest.raises(DataError, match="opens a quote") as caught:
        read_articles(write(tmp_path / "a.csv", content))
    assert place in str(caught.value) and "\n" not in str(caught.value)


def test_a_row_with_the_wrong_number_of_fields_is_rejected_by_name(tmp_path: Path) -> None:
    table = read_articles(write(tmp_path / "a.csv", "article_id,text\n1,fine\n2,a,b\n\n3,also fine\n4\n"))
    assert table.articles["article_id"].tolist() == ["1", "3"]
    assert [(reject.row, reject.reason) for reject in table.rejects] == [
        (2, "3 fields where the header has 2"),
        (4, "1 fields where the header has 2"),
    ]
    assert table.records == len(table.articles) + len(table.rejects)


def test_a_line_separator_inside_a_string_does_not_break_a_jsonl_record(tmp_path: Path) -> None:
    # str.splitlines() would cut at U+2028, U+2029, U+0085 and the form feed.
    text = "one\u2028two\u2029three\u0085four"
    lines = [json.dumps({"article_id": "1", "text": text}, ensure_ascii=False), '{"article_id": 2, "text": "x"}']
    table = read_articles(write(tmp_path / "a.jsonl", "\r\n".join(lines) + "\r\n"))
    assert table.records == 2 and not table.rejects
    assert table.articles["text"].tolist() == [text, "x"]
    assert table.articles["article_id"].tolist() == ["1", "2"]


def test_every_jsonl_line_that_is_no_article_is_named_with_its_reason(tmp_path: Path) -> None:
    lines = [
        '{"article_id": "1", "text": "good"}',
        '["a", "list"]',
        '{"article_id": "2", "text": 5}',
        '{"article_id": "3"}',
        '{"article_id": " ", "text": "t"}',
        '{"article_id": 1.5, "text": "t"}',
        '{"article_id": true, "text": "t"}',
        '{"article_id": "4", "text": "half \\ud83d"}',
        '{"article_id": "5", "text": "cut o',
        "[" * 100_000,
    ]
    table = read_articles(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert table.records == 10 == len(table.articles) + len(table.rejects)
    reasons = {reject.row: reject.reason for reject in table.rejects}
    assert sorted(reasons) == list(range(2, 11))
    assert reasons[2] == "not an object but list"
    assert reasons[3] == "text is int, not text"
    assert reasons[4] == "text is missing"
    assert reasons[5] == "article_id is empty"
    assert reasons[6] == "article_id is float, not text"
    assert reasons[7] == "article_id is bool, not text"
    assert "surrogate" in reasons[8]
    assert reasons[9].startswith("not JSON") and reasons[10].startswith("not JSON")


def test_csv_tsv_jsonl_json_and_parquet_hold_the_same_articles(tmp_path: Path) -> None:
    rows = [
        {
            "article_id": "1",
            "title": "T",
            "outlet": "A",
            "date": "2017-02-07",
            "text": "Some, text.\nMore \u201cit\u201d",
        },
        {"article_id": "2", "title": "", "outlet": "", "date": "", "text": ""},
    ]
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "a.parquet")
    expected = read_articles(tmp_path / "a.csv").articles
    assert expected["text"].tolist() == [row["text"] for row in rows]
    assert expected["outlet"].tolist() == ["A", None]
    for suffix in ("tsv", "json", "jsonl", "parquet"):
        pd.testing.assert_frame_equal(read_articles(tmp_path / f"a.{suffix}").articles, expected)


def test_parquet_dates_and_whole_number_ids_are_understood(tmp_path: Path) -> None:
    days = pd.to_datetime(["2017-02-07 10:30", None])
    pd.DataFrame({"article_id": [3, 1], "text": ["a", "b"], "date": days}).to_parquet(tmp_path / "a.parquet")
    table = read_articles(tmp_path / "a.parquet")
    assert table.articles["article_id"].tolist() == ["1", "3"]
    assert table.articles["date"][1] == pd.Timestamp("2017-02-07 10:30")
    assert (table.undated, table.unreadable_dates) == (1, 0)


def test_a_column_that_is_not_there_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "article_id,body_text,heading\n1,x,y\n")
    with pytest.raises(DataError) as caught:
        read_articles(path, columns={"text": "bodytext"})
    for part in (str(path), '"bodytext"', 'nearest is "body_text"', "article_id, body_text, heading"):
        assert part in str(caught.value)
    with pytest.raises(DataError, match='no column "text"'):
        read_articles(path)
    with pytest.raises(ConfigError, match='"titel" is not a column of ours; nearest is "title"'):
        read_articles(path, columns={"text": "body_text", "titel": "heading"})


@pytest.mark.parametrize(("sign", "told"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_parted_by_something_else_is_told_so(tmp_path: Path, sign: str, told: str) -> None:
    path = write(tmp_path / "a.csv", f"id{sign}text\n1{sign}One story.\n")
    with pytest.raises(DataError, match=f"its columns are parted by {told}; set corpus.delimiter = "):
        read_articles(path)
    for declared in (sign, "tab" if sign == "\t" else sign):
        assert read_articles(path, delimiter=declared).articles["text"].tolist() == ["One story."]
    # One column with a semicolon in its name is a name like any other where it is asked for.
    path = write(tmp_path / "b.csv", "body;text\nOne story.\n")
    assert read_articles(path, columns={"text": "body;text"}).records == 1


def test_a_used_column_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='"text" is there twice'):
        read_articles(write(tmp_path / "a.csv", "article_id,text,text\n1,x,y\n"))


def test_one_id_in_two_rows_is_an_error_that_names_both(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='article_id "7" is in row 1 and in row 3'):
        read_articles(write(tmp_path / "a.csv", "article_id,text\n7,x\n8,y\n7,z\n"))


def test_bytes_that_are_not_utf8_are_an_error_that_names_the_offset(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"article_id,text\n1,caf\xe9\n")
    with pytest.raises(DataError, match=r"byte 21 \(0xe9\) is not UTF-8; declare corpus.encoding"):
        read_articles(path)
    table = read_articles(path, encoding="cp1252")
    assert table.articles["text"][0] == "café" and table.undecodable_bytes == 0


def test_bytes_unknown_to_the_declared_encoding_are_replaced_and_counted(tmp_path: Path) -> None:
    # 0x81 and 0x8d mean nothing in cp1252; 0x93 and 0x94 are curly quotes.
    path = write(tmp_path / "a.csv", b"article_id,text\n1,\x93a\x81b\x8d\x94\n")
    table = read_articles(path, encoding="cp1252")
    assert table.articles["text"][0] == "“a\ufffdb\ufffd”"
    assert table.undecodable_bytes == 2
    with pytest.raises(ConfigError, match="cp12521"):
        read_articles(path, encoding="cp12521")


def test_a_byte_order_mark_is_not_part_of_the_first_column_name(tmp_path: Path) -> None:
    assert len(read_articles(write(tmp_path / "a.csv", b"\xef\xbb\xbfarticle_id,text\n1,x\n")).articles) == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "article_id,text\n", "holds no article"),
        ("a.csv", "article_id,text\n1\n", r"row 1: 1 fields"),
        ("a.jsonl", "\n\n", 'no column "text"'),
        ("a.json", '{"text": "x"}', "holds no array"),
        ("a.json", '[{"text": ', "not JSON"),
        ("a.parquet", "PAR1 and no more", "not a Parquet file"),
        ("a.docx", "x", "files of this kind are not read"),
    ],
)
def test_a_file_without_articles_is_a_one_line_error(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_articles(write(tmp_path / name, content))
    assert "\n" not in str(caught.value) and str(tmp_path / name) in str(caught.value)


def test_a_missing_file_and_a_folder_are_data_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_articles(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        read_articles(tmp_path / "folder.csv")


def test_web_addresses_become_outlets(tmp_path: Path) -> None:
    links = ["http://www.paper.example/a?b=1", "HTTPS://tv.example:443/x", "The Post", "", "http://[broken"]
    content = "article_id,text,link\n" + "".join(f"{n},x,{link}\n" for n, link in enumerate(links))
    articles = read_articles(
        write(tmp_path / "a.csv", content), columns={"outlet": "link"}, outlets={"tv.example": "TV One"}
    ).articles
    assert articles["outlet"].tolist() == ["paper.example", "TV One", "The Post", None, None]


def test_dates_are_read_strictly_and_the_rest_is_counted(tmp_path: Path) -> None:
    days = ["2017/2/7", "          2016/12/30 7:11", "2017-02-07T23:30:00-02:00", "4/5/2017", "2017-02-30", "", "soon"]
    content = "article_id,text,date\n" + "".join(f"{n},x,{day}\n" for n, day in enumerate(days))
    path = write(tmp_path / "a.csv", content)
    table = read_articles(path)
    assert table.articles["date"].dtype == np.dtype("datetime64[s]")
    assert table.articles["date"][:3].tolist() == [
        pd.Timestamp("2017-02-07"),
        pd.Timestamp("2016-12-30 07:11"),
        pd.Timestamp("2017-02-08 01:30"),  # in UTC
    ]
    assert table.articles["date"][3:].isna().all()
    assert (table.undated, table.unreadable_dates) == (4, 3)
    declared = read_articles(path, date_format="M/D/YYYY")
    assert declared.articles["date"][3] == pd.Timestamp("2017-04-05")
    assert declared.undated == 6
    with pytest.raises(ConfigError, match="%m/%d/%Y"):
        read_articles(path, date_format="%m/%d/%Y")


def test_only_ascii_digits_make_a_date() -> None:
    assert parse_date("٢٠١٧-02-07") is None
    assert parse_date("2017-02-07 25:00") is None
    assert parse_date("0001-01-01T00:00+01:00") is None  # UTC would be before year 1
    assert parse_date("5/4/2017", "D/M/YYYY") == parse_date("4/5/2017", "M/D/YYYY") == parse_date("2017-04-05")
