"""Whatever a file holds: no traceback, no hang, every record kept or named, what could be read is kept."""

import bz2
import contextlib
import gzip
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from raw_files import (
    STORIES,
    csv_bytes,
    html_bytes,
    http,
    jsonl_bytes,
    parquet_bytes,
    put,
    text_bytes,
    warc_record,
    zip_bytes,
    zstd,
)

import newsangle
from newsangle.corpus.ingest.flow import explain_paths, ingest
from newsangle.corpus.ingest.read import read_paths
from newsangle.corpus.ingest.records import Limits, RawRecord, Reading, Reject, shown
from newsangle.corpus.ingest.result import Ingested
from newsangle.errors import ConfigError, DataError

LINE = '{"text": "%s"}\n'
LONG = "The dam at Orvia broke on Monday and the river took the bridge with it."


def run(folder: Path, *names: str, **options: object) -> Ingested:
    paths = [folder / name for name in names] or [folder]
    out = folder.parent / "out" / "corpus.parquet"
    found = ingest(paths, out, skip_bad=True, **options)  # type: ignore[arg-type]
    counts = found.counts
    assert counts.seen == counts.articles + counts.bad + counts.left_out
    assert counts.articles == (found.corpus["section"] == "body").sum() and counts.rejects == len(found.rejects)
    for reject in found.rejects:
        assert "\n" not in reject.told() and LONG[:20] not in reject.told()
    return found


def one(tmp_path: Path, name: str, content: bytes, **options: object) -> Ingested:
    return run(put(tmp_path / "raw", {name: content}), **options)


def only_reject(found: Ingested, *, articles: int = 0) -> Reject:
    assert found.counts.articles == articles
    [reject] = found.rejects
    return reject


# --- nothing there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "jsonl", "json", "csv", "tsv", "parquet", "warc", "gz", "zip"])
@pytest.mark.parametrize("content", [b"", b" \n \n"])
def test_an_empty_or_blank_file_is_one_reject(tmp_path: Path, suffix: str, content: bytes) -> None:
    name = f"a.txt.{suffix}" if suffix == "gz" else f"a.{suffix}"
    assert only_reject(one(tmp_path, name, content)).bad


def test_an_empty_folder_is_an_error_with_exit_code_3_and_none_with_skip_bad(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(DataError, match="empty folder") as caught:
        ingest([tmp_path / "raw"], tmp_path / "corpus.parquet")
    assert caught.value.exit_code == 3
    found = run(tmp_path / "raw")
    assert found.counts.seen == found.counts.bad == 1 and len(found.corpus) == 0


def test_a_mistyped_path_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    folder = put(tmp_path / "pages", {"monday.txt": text_bytes()})
    (tmp_path / "loose").symlink_to(tmp_path / "gone")
    out = tmp_path / "out" / "corpus.parquet"
    for paths, told in (
        ([folder / "mondya.txt"], r'mondya\.txt does not exist; nearest is "monday\.txt"'),
        ([tmp_path / "pagse" / "monday.txt"], r'does not exist \(there is no .*pagse\); nearest is "pages"'),
        ([folder, tmp_path / "qqqq"], r"qqqq does not exist; check the path"),
        ([tmp_path / "loose"], r"loose is a link that leads nowhere"),
        (["a\0b"], r"a\\x00b does not exist"),
        ([folder, ""], r'a path is empty \(""\)'),
    ):
        for attempt in (ingest, explain_paths):
            with pytest.raises(ConfigError, match=told) as caught:
                list(attempt(paths, out, skip_bad=True) if attempt is ingest else attempt(paths))  # type: ignore
            assert caught.value.exit_code == 2
    with pytest.raises(ConfigError) as caught:
        ingest([tmp_path / "a", tmp_path / "b"], out)
    assert len(str(caught.value).splitlines()) == 2  # all slips at once
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loose", "pages"]


def test_a_file_that_vanishes_inside_a_given_folder_is_a_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsangle.corpus.ingest import inputs

    folder = put(tmp_path / "raw", {"a.txt": text_bytes(0), "b.txt": text_bytes(1)})
    real = os.listdir

    def listed(path: Path) -> list[str]:
        return [*real(path), "c.txt"]

    monkeypatch.setattr(inputs.os, "listdir", listed)
    assert only_reject(run(folder.parent, "raw"), articles=2).reason == "is not there any more"


def test_an_empty_folder_does_not_wipe_out_an_older_corpus(tmp_path: Path) -> None:
    out = tmp_path / "corpus.parquet"
    ingest([put(tmp_path / "raw", {"a.txt": text_bytes()})], out)
    before = out.read_bytes()
    (tmp_path / "rwa").mkdir()
    with pytest.raises(DataError, match="no corpus was written"):
        ingest([tmp_path / "rwa"], out)
    assert out.read_bytes() == before


# --- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.html"])
def test_a_byte_order_mark_decides(tmp_path: Path, encoding: str, name: str) -> None:
    text = {"a.txt": f"{LONG} Café.", "a.csv": f"text\n{LONG} Café.\n", "a.jsonl": LINE % f"{LONG} Café."}.get(
        name, f"<html><body><article><p>{LONG} Café.</p></article></body></html>"
    )
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    found = one(tmp_path, name, (mark + text).encode(encoding), encoding="cp1252")
    assert found.counts.articles == 1
    assert found.corpus["text"][0].endswith(f"{LONG} Café.") and "\ufeff" not in found.corpus["text"][0]


def test_utf_16_without_a_mark_is_read_when_declared_and_never_guessed(tmp_path: Path) -> None:
    reject = only_reject(one(tmp_path, "a.txt", LONG.encode("utf-16-le")))
    assert "byte 1 is NUL" in reject.reason and "--encoding utf-16-le" in reject.reason
    assert one(tmp_path, "a.txt", LONG.encode("utf-16-le"), encoding="utf-16-le").counts.articles == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.json", "a.html"])
def test_wide_encodings_without_a_mark_are_read_when_declared_whatever_the_format(
    tmp_path: Path, encoding: str, name: str
) -> None:
    """ASCII alone: its bytes are UTF-8 as well, with a NUL beside each."""
    text = {"a.txt": LONG, "a.csv": f"text\n{LONG}\n", "a.jsonl": LINE % LONG, "a.json": LINE % LONG}.get(
        name, f"<html><body><article><p>{LONG}</p></article></body></html>"
    )
    found = one(tmp_path, name, text.encode(encoding), encoding=encoding)
    assert found.counts.articles == 1 and found.corpus["text"][0] == LONG


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.json"])
def test_utf_16_of_unknown_byte_order_is_asked_for_and_not_guessed(tmp_path: Path, name: str) -> None:
    text = {"a.txt": LONG, "a.csv": f"text\n{LONG}\n"}.get(name, LINE % LONG)
    found = one(tmp_path, name, text.encode("utf-16-be"), encoding="utf-16")
    assert "pass --encoding utf-16-le or utf-16-be" in only_reject(found).reason
    assert one(tmp_path, name, text.encode("utf-16"), encoding="utf-16").counts.articles == 1


def test_utf_8_with_a_mark_is_as_strict_as_utf_8(tmp_path: Path) -> None:
    found = one(tmp_path, "a.txt", f"{LONG} Café.".encode("cp1252"), encoding="utf-8-sig")
    assert "is not UTF-8" in only_reject(found).reason


def test_cp1252_is_read_when_declared(tmp_path: Path) -> None:
    content = f"{LONG} “Café”".encode("cp1252")
    found = one(tmp_path, "a.txt", content, encoding="cp1252")
    assert "“Café”" in found.corpus["text"][0]
    reject = only_reject(one(tmp_path, "a.txt", content))
    assert f"byte {len(LONG) + 1} (0x93) is not UTF-8; pass --encoding" in reject.reason


def test_bytes_that_a_declared_encoding_does_not_know_become_one_mark_each_and_are_counted(tmp_path: Path) -> None:
    found = one(tmp_path, "a.txt", f"{LONG} x".encode() + b"\x81\x8d", encoding="cp1252")
    assert found.corpus["text"][0].endswith("x\ufffd\ufffd") and found.counts.undecodable == 2


def test_one_bad_byte_costs_one_record_and_says_where(tmp_path: Path) -> None:
    lines = [(LINE % f"{LONG} {n}").encode() for n in range(3)]
    bad = lines[1].replace(b"Monday", b"Mon\xffay")
    reject = only_reject(one(tmp_path, "a.jsonl", lines[0] + bad + lines[2]), articles=2)
    assert (reject.record, reject.line) == (2, 2)
    assert f"byte {len(lines[0]) + bad.index(0xFF)} (0xff) is not UTF-8" in reject.reason
    rows = [f'"{LONG}\nline two {n}"\n'.encode() for n in range(3)]
    rows[1] = rows[1].replace(b"two", b"tw\xff")
    (tmp_path / "raw" / "a.jsonl").unlink()
    reject = only_reject(one(tmp_path, "b.csv", b"text\n" + b"".join(rows)), articles=2)
    assert (reject.record, reject.line) == (2, 4) and "0xff" in reject.reason


def test_an_encoding_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not an encoding that Python knows"):
        one(tmp_path, "a.txt", b"x", encoding="rot13")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ("<meta charset=windows-1252>", "cp1252"),
        ('<meta charset="ISO-8859-1">', "cp1252"),  # as browsers read it
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
        ("", "utf-8"),
    ],
)
def test_the_charset_that_a_page_declares_is_honoured(tmp_path: Path, head: str, encoding: str) -> None:
    word = "Дамба" if encoding == "cp1251" else "“Café”"
    body = f"<body><article><p>{LONG} {word} is open.</p></article></body>"
    page = f"<html><head>{head}<title>Dam</title></head>{body}</html>"
    found = one(tmp_path, "a.html", page.encode(encoding))
    assert word in found.corpus["text"][0]


def test_a_wrong_charset_is_named_and_never_patched_up_without_a_word(tmp_path: Path) -> None:
    page = f"<html><head>%s</head><body><article><p>{LONG} “Café” on the quay was closed.</p></article></body></html>"
    declared_utf8 = (page % '<meta charset="utf-8">').encode("cp1252")
    reason = only_reject(one(tmp_path, "a.html", declared_utf8)).reason
    assert f"the first at {declared_utf8.index(0x93)}, are not utf-8 as declared" in reason and "--encoding" in reason
    assert one(tmp_path, "a.html", declared_utf8, encoding="cp1252").counts.articles == 1
    undeclared = (page % "").encode("cp1252")
    assert "declares no charset; pass --encoding" in only_reject(one(tmp_path, "a.html", undeclared)).reason
    # UTF-8 with such signs is nothing else; that the declaration was wrong stands in the corpus.
    declared_latin = one(tmp_path, "a.html", (page % '<meta charset="latin-1">').encode("utf-8"))
    assert "“Café”" in declared_latin.corpus["text"][0]
    assert declared_latin.corpus["notes"][0] == "declared latin-1, is UTF-8"
    (tmp_path / "raw" / "a.html").unlink()
    # A server's header that is wrong where the page itself is right.
    head = '<meta charset="windows-1252">'
    wrong = http((page % head).encode("cp1252"), kind="text/html; charset=utf-8")
    found = one(tmp_path, "a.warc", warc_record("response", "http://a.example/", wrong))
    assert "“Café”" in found.corpus["text"][0]


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv", "a.json", "a.jsonl"])
def test_nul_bytes_and_binaries_are_no_text(tmp_path: Path, name: str) -> None:
    for content in (
        b"\x89PNG\r\n\x1a\n\0\0",
        b"%PDF-1.7\n%\xe2\xe3",
        b"\x7fELF\x02\0",
        b"words\0and more\n",
        bytes(range(256)),
    ):
        found = one(tmp_path, name, content)
        assert found.counts.articles == 0 and found.counts.bad >= 1


def test_a_text_that_begins_like_a_packed_file_is_a_text(tmp_path: Path) -> None:
    found = one(tmp_path, "a.txt", f"BZhe and BZh9 are stations of the tram. {LONG}".encode())
    assert found.counts.articles == 1


def test_a_nul_in_a_field_is_named(tmp_path: Path) -> None:
    reject = only_reject(one(tmp_path, "a.jsonl", (LINE % "one\\u0000two").encode()))
    assert reject.field == "text" and "NUL" in reject.reason


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_a_line_of_fifty_megabytes_is_one_reject_and_never_held_as_a_whole(tmp_path: Path) -> None:
    huge = b'{"text": "' + b"x" * 50_000_000 + b'"}\n'
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.jsonl").write_bytes((LINE % LONG).encode() + huge + (LINE % f"{LONG} End").encode())
    del huge
    tracemalloc.start()
    reject = only_reject(run(tmp_path / "raw", limits=Limits(record_bytes=1_000_000)), articles=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (reject.record, reject.line) == (2, 2) and "longer than 1,000,000 bytes (50,000,013)" in reject.reason
    assert peak < 45_000_000  # 32 MB of it is what counts repeated sentences
    for name in ("b.txt", "b.csv", "b.html"):
        found = one(tmp_path / name, name, b"text\n" + b"x" * 50_000_000)
        assert found.counts.articles == 0 and found.counts.bad == 1


def test_a_field_of_two_hundred_kilobytes_is_kept_whole(tmp_path: Path) -> None:
    text = "\n".join([LONG] * 3000)
    found = one(tmp_path, "a.csv", f'text\n"{text}"\n'.encode())
    assert found.counts.articles == 1 and len(found.corpus["text"][0]) > 200_000


def test_a_million_columns_are_refused_without_a_million_cells(tmp_path: Path) -> None:
    header = ",".join(f"c{n}" for n in range(1_000_000))
    found = one(tmp_path, "a.csv", f"{header}\n{LONG}\n".encode())
    assert "has 1,000,000 columns, at most 10,000" in only_reject(found).reason
    found = one(tmp_path, "a.csv", f"text\n{'x,' * 1_000_000}\n".encode())
    assert "has 1,000,001 fields where the header has 1" in only_reject(found).reason


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_each_kind_of_broken_json_line_is_named_and_its_neighbours_are_kept(tmp_path: Path) -> None:
    lines = [
        LINE % f"{LONG} One\u2028two\u2029three\u0085four\x0cfive".replace("\x0c", "\\f"),
        '{"text": "a", "text": "b"}\n',
        '{"text": NaN}\n',
        f'{{"text": "{LONG} two", "title": NaN, "date": Infinity}}\n',
        '{"text": "half \\ud83d"}\n',
        "[" * 100_000 + "\n",
        '{"a":' * 100_000 + "\n",
        '["a list"]\n',
        "7\n",
        "null\n",
        '{"text": 5}\n',
        '{"title": "no text"}\n',
        '{"text": "   "}\n',
        '{"text": "x", "article_id": 1.5}\n',
        '{"text": ' + "9" * 5000 + "}\n",
        "\n",
        '{"text": "cut o',
    ]
    found = one(tmp_path, "a.jsonl", "".join(lines).encode())
    assert found.counts.articles == 2 and found.counts.seen == 16
    reasons = {reject.line: f"{reject.field or ''} {reject.reason}" for reject in found.rejects}
    expected = {
        2: 'the key "text" is there twice',
        3: "text is missing",
        5: "text holds half of a surrogate pair",
        6: "nested too deeply",
        7: "nested too deeply",
        8: "is an array, no object",
        9: "is a number, no object",
        10: "is null, no object",
        11: "text is int, not text",
        12: 'no column "text" for text',
        13: "text is empty",
        14: "article_id is float, not text",
        15: "is not JSON",
        17: "the last line has no end, the file may be cut",
    }
    assert sorted(reasons) == sorted(expected)
    for line, part in expected.items():
        assert part in reasons[line]
    [first, _] = [item for item in read_paths([tmp_path / "raw"], Reading()) if isinstance(item, RawRecord)]
    assert first.body == f"{LONG} One\u2028two\u2029three\u0085four\x0cfive"


def test_objects_of_a_hundred_thousand_keys_take_no_quadratic_time_and_are_refused(tmp_path: Path) -> None:
    keys = ",".join(f'"k{number}":1' for number in range(100_000))
    lines = [f'{{"text":"{LONG}",{keys}}}\n', f'{{"text":"{LONG}",{keys},"k99999":2}}\n', LINE % LONG]
    start = time.monotonic()
    found = one(tmp_path, "a.jsonl", "".join(lines).encode())
    assert time.monotonic() - start < 3  # comparing each key with each took two minutes
    many, twice = (reject.reason for reject in found.rejects)
    assert many == "has 100,001 keys, at most 10,000 are read" and twice == 'the key "k99999" is there twice'
    assert found.counts.articles == 1


def test_an_article_with_a_list_of_objects_in_it_is_one_article(tmp_path: Path) -> None:
    """A page as an API gives it: its pictures or comments are no articles."""
    item = {"text": LONG, "title": "Dam breaks", "comments": [{"text": "I saw it.", "author": "Rivermouth Joe"}]}
    found = one(tmp_path, "a.json", json.dumps(item).encode())
    assert found.corpus["text"].tolist() == [LONG] and "Rivermouth" not in found.corpus.to_csv()
    found = one(tmp_path, "a.json", json.dumps({"page": 1, "articles": [item, item]}).encode())
    assert found.corpus["text"].tolist() == [LONG, LONG]


@pytest.mark.parametrize(
    "content",
    [
        b"7",
        b'"text"',
        b"[]",
        b"{}",
        b'{"a": [{"text": "x"}], "b": [{"text": "y"}]}',
        b'{"text": ["a"], "title": []}',
        b"[" * 100_000,
        b'[{"text": "cut',
    ],
)
def test_json_that_holds_no_articles_is_one_reject(tmp_path: Path, content: bytes) -> None:
    assert only_reject(one(tmp_path, "a.json", content)).bad


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "broken", "line"),
    [
        (["1,fine", '2,"opens and never ends', "3,kept", "4,kept too"], 2, 3),
        (['1,"two\nlines"', '2,"opens here', '3,"kept"'], 2, 4),
        (["1,fine", '2,"a "quoted" word"', "3,kept"], 2, 3),
        (["1,fine", "2,fine", '3,"last one opens'], 3, 4),
    ],
)
def test_an_unbalanced_quote_costs_the_row_where_it_opens_and_no_other(
    tmp_path: Path, rows: list[str], broken: int, line: int
) -> None:
    found = one(tmp_path, "a.csv", ("article_id,text\n" + "\n".join(rows) + "\n").encode())
    reject = only_reject(found, articles=len(rows) - 1)
    assert (reject.record, reject.line) == (broken, line) and "opens a quote" in reject.reason


def test_a_header_with_an_unbalanced_quote_is_named(tmp_path: Path) -> None:
    assert only_reject(one(tmp_path, "a.csv", b'article_id,"text\n1,fine\n')).line == 1


def test_lines_that_end_in_carriage_returns_alone_are_named(tmp_path: Path) -> None:
    reject = only_reject(one(tmp_path, "a.csv", f"text,outlet\r{LONG},Orvia Post\r".encode()))
    assert reject.reason == "its header ends its lines with \\r alone; save the file with line ends \\n"


@pytest.mark.parametrize(
    ("sign", "told"), [(";", "semicolons; pass --delimiter"), ("\t", "tabs; pass"), ("|", "pipes; pass")]
)
def test_a_table_parted_by_another_sign_is_read_when_that_is_said_and_never_guessed(
    tmp_path: Path, sign: str, told: str
) -> None:
    reject = only_reject(one(tmp_path, "a.csv", csv_bytes(sign)))
    assert f"its columns are parted by {told}" in reject.reason
    found = one(tmp_path, "a.csv", csv_bytes(sign), delimiter=sign)
    assert found.corpus["article_id"].tolist() == ["001", "002", "003"]
    assert found.corpus["text"].tolist() == [text for _, text in STORIES]
    assert one(tmp_path / "tabs", "a.tsv", csv_bytes("\t"), delimiter=sign).counts.articles == 3  # by its ending
    reject = only_reject(one(tmp_path, "a.csv", csv_bytes(), delimiter=sign))
    assert "parted by commas; name it .csv and declare no delimiter" in reject.reason


def test_commas_in_the_names_do_not_hide_what_parts_a_header(tmp_path: Path) -> None:
    content = f"id;head, line;text\n1;Dam breaks, again;{LONG}\n".encode()
    assert "parted by semicolons" in only_reject(one(tmp_path, "a.csv", content)).reason
    found = one(tmp_path, "a.csv", content, delimiter=";", columns={"title": "head, line"})
    assert found.corpus["title"][0] == "Dam breaks, again"


@pytest.mark.parametrize("delimiter", ["", ";;", "a", '"', "\n", " "])
def test_what_cannot_part_columns_is_refused_before_anything_is_read(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(ConfigError, match="can't part columns; give one sign such as"):
        ingest([tmp_path], tmp_path / "corpus.parquet", delimiter=delimiter)


def test_ragged_rows_are_named_and_the_others_kept(tmp_path: Path) -> None:
    found = one(tmp_path, "a.csv", b"article_id,text\n1,fine here\n2,a,b\n\n3,also fine\n4\n")
    assert [(r.record, r.line, r.reason) for r in found.rejects] == [
        (2, 3, "has 3 fields where the header has 2"),
        (4, 6, "has 1 field where the header has 2"),
    ]
    assert found.counts.articles == 2


def test_names_that_look_missing_and_ids_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    content = f"article_id,title,outlet,text\n007,NA,None,{LONG}\n08,null,nan,{LONG} Again.\n"
    corpus = one(tmp_path, "a.csv", content.encode()).corpus
    assert corpus["article_id"].tolist() == ["007", "08"]
    assert corpus["title"].tolist() == ["NA", "null"] and corpus["outlet"].tolist() == ["None", "nan"]


def test_a_quote_in_every_row_does_not_take_quadratic_time(tmp_path: Path) -> None:
    def seconds(rows: int) -> float:
        content = "".join(f'{n},"open\n' for n in range(rows))
        path = put(tmp_path, {"a.csv": f"article_id,text\n{content}".encode()}) / "a.csv"
        start = time.process_time()
        assert len(list(read_paths([path], Reading()))) == rows
        return time.process_time() - start

    few, many = (min(seconds(rows) for _ in range(3)) for rows in (4000, 32_000))
    assert many < 30 * max(few, 0.03)  # eight times the rows, not sixty-four times the time


def test_an_id_that_is_given_twice_is_a_reject_that_names_the_first(tmp_path: Path) -> None:
    put(
        tmp_path / "raw",
        {"a.csv": b"article_id,text\n1,one story\n", "b.csv": b"article_id,text\n2,other\n1,a third\n"},
    )
    reject = only_reject(run(tmp_path / "raw"), articles=2)
    assert reject.field == "article_id" and reject.source.endswith("b.csv") and "a.csv, record 1 too" in reject.reason


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_a_truncated_or_renamed_parquet_file_is_one_reject(tmp_path: Path) -> None:
    whole = parquet_bytes()
    for cut in (5, len(whole) // 2, len(whole) - 3):
        assert only_reject(one(tmp_path, "a.parquet", whole[:cut])).bad
    assert "not a Parquet file" in only_reject(one(tmp_path, "a.parquet", csv_bytes())).reason
    (tmp_path / "raw" / "a.parquet").unlink()
    assert "a Parquet file; name it .parquet" in only_reject(one(tmp_path, "a.csv", whole)).reason


def test_a_parquet_file_with_a_flipped_byte_is_kept_or_named(tmp_path: Path) -> None:
    whole = parquet_bytes()
    for place in range(4, len(whole), max(len(whole) // 40, 1)):
        found = one(tmp_path, "a.parquet", whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert found.counts.seen >= 1


def test_a_parquet_text_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    raw = pyarrow.array([LONG.encode(), b"\xff\xfe"], pyarrow.binary())
    column = pyarrow.StringArray.from_buffers(2, raw.buffers()[1], raw.buffers()[2])
    (tmp_path / "raw").mkdir()
    pyarrow.parquet.write_table(pyarrow.table({"text": column}), tmp_path / "raw" / "a.parquet")
    reject = only_reject(run(tmp_path / "raw"), articles=1)
    assert (reject.record, reject.field, reject.reason) == (2, "text", "is not UTF-8")


def test_a_parquet_file_of_one_text_repeated_a_million_times_keeps_memory_flat(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    words = pyarrow.array([LONG * 10_000])
    column = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 2000, pyarrow.int32()), words)
    pyarrow.parquet.write_table(pyarrow.table({"text": column}), tmp_path / "raw" / "a.parquet")
    found = run(tmp_path / "raw", limits=Limits(record_bytes=100_000))
    assert found.counts.bad == 2000 and "longer than 100,000 characters" in found.rejects[0].reason


# --- WARC ------------------------------------------------------------------------------------------------------------


def page(number: int, **options: int) -> bytes:
    return warc_record("response", f"http://a.example/{number}", http(html_bytes(number)), **options)


def test_a_truncated_warc_keeps_what_is_whole_and_names_the_rest(tmp_path: Path) -> None:
    content = page(0) + page(1) + page(2)
    reject = only_reject(one(tmp_path, "a.warc", content[:-200]), articles=2)
    assert reject.record == 3 and "breaks off after" in reject.reason
    for cut in range(len(page(0) + page(1)) + 1, len(content) - 4, 97):
        assert one(tmp_path, "a.warc", content[:cut]).counts.seen == 3


@pytest.mark.parametrize("wrong", [-20, 20])
def test_a_wrong_length_costs_one_record_and_no_other(tmp_path: Path, wrong: int) -> None:
    content = page(0) + page(1, length=len(http(html_bytes(1))) + wrong) + page(2)
    found = one(tmp_path, "a.warc", content)
    assert found.counts.bad == 1 and found.counts.articles == (2 if wrong < 0 else 1)
    assert found.rejects[0].record == 2 and "Content-Length is wrong" in found.rejects[0].reason


def test_a_warc_record_without_length_or_with_a_broken_head_is_named(tmp_path: Path) -> None:
    headless = b"WARC/1.0\r\nWARC-Type: response\r\n\r\nbody\r\n\r\n"
    found = one(tmp_path, "a.warc", page(0) + headless + b"rubbish\r\n" + page(1) + b"WARC/1.0\r\nX: " + b"y" * 70_000)
    assert found.counts.articles == 2 and found.counts.bad >= 2


def test_a_packed_page_that_bursts_inside_a_warc_is_named(tmp_path: Path) -> None:
    bomb = http(gzip.compress(b" " * 20_000_000), more="Content-Encoding: gzip\r\n")
    content = warc_record("response", "http://a.example/", bomb) + page(0)
    reject = only_reject(one(tmp_path, "a.warc", content, limits=Limits(page_bytes=1_000_000)), articles=1)
    assert "unpacks to over 1,000,000 bytes" in reject.reason


# --- packing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["gz", "bz2", "zst"])
def test_a_truncated_packed_file_keeps_what_could_be_unpacked_and_says_so(tmp_path: Path, suffix: str) -> None:
    draw = random.Random(7)  # noise, so that packing doesn't make one block of it
    plain = b"".join((LINE % f"{LONG} {draw.randbytes(400).hex()} {n}").encode() for n in range(300))
    packed = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstd}[suffix](plain)
    found = one(tmp_path, f"a.jsonl.{suffix}", packed[: len(packed) * 2 // 3])
    assert "damaged" in found.rejects[-1].reason and found.counts.bad <= 2
    if suffix != "bz2":  # bzip2 unpacks blocks of 900 kB
        assert found.counts.articles > 50
    assert one(tmp_path, f"a.jsonl.{suffix}", packed).counts.articles == 300
    if suffix != "zst":  # its checksum is optional
        broken = packed[:200] + b"\0" * 50 + packed[250:]
        assert one(tmp_path, f"a.jsonl.{suffix}", broken).counts.bad >= 1
    assert one(tmp_path, f"a.jsonl.{suffix}", packed + packed).counts.articles == 600
    assert one(tmp_path, f"a.jsonl.{suffix}", b"no packed data").counts.bad == 1


@pytest.mark.parametrize("suffix", ["gz", "bz2", "zst", "zip"])
def test_a_bomb_is_stopped_long_before_it_is_unpacked(tmp_path: Path, suffix: str) -> None:
    plain = (b"x" * 999_999 + b"\n") * 40
    packed = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstd, "zip": lambda raw: zip_bytes([("a.csv", raw)])}[
        suffix
    ](b"text\n" + plain)
    name = "a.zip" if suffix == "zip" else f"a.csv.{suffix}"
    start = time.monotonic()
    found = one(tmp_path, name, packed, limits=Limits(free_bytes=200_000, ratio=50))
    assert "a decompression bomb" in found.rejects[-1].reason
    assert found.counts.seen < 10 and time.monotonic() - start < 60


def test_a_file_packed_three_times_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(gzip.compress(gzip.compress(text_bytes())))
    assert "packed more than twice" in only_reject(one(tmp_path, "a.txt.gz.gz.gz", packed)).reason


def test_a_zip_with_bad_names_gives_its_good_files_and_names_the_others(tmp_path: Path) -> None:
    members = [
        ("good.txt", text_bytes(0)),
        ("../escape.txt", text_bytes(1)),
        ("/etc/absolute.txt", text_bytes(1)),
        ("C:/drive.txt", text_bytes(1)),
        ("inner.zip", zip_bytes([("a.txt", text_bytes())])),
        (".hidden.txt", text_bytes(1)),
        ("picture.png", b"\x89PNG"),
        ("folder/", b""),
    ]
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zip_bytes([*members, ("good.txt", text_bytes(2))])
    found = one(tmp_path, "a.zip", content)
    assert found.counts.articles == 1 and found.counts.bad == 5 and found.counts.left_out == 2
    reasons = [reject.reason for reject in found.rejects]
    assert reasons.count("its name leads out of the archive") == 3
    assert "its name is in the archive twice; the first is read" in reasons
    assert "an archive inside an archive; unpack it" in reasons
    assert not (tmp_path / "escape.txt").exists()


def test_a_zip_whose_files_lie_over_each_other_is_a_bomb(tmp_path: Path) -> None:
    content = bytearray(zip_bytes([(f"{n}.txt", text_bytes()) for n in range(3)]))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    content[second + 42 : second + 46] = (0).to_bytes(4, "little")  # the second file's place is now the first's
    assert "lie over each other" in only_reject(one(tmp_path, "a.zip", bytes(content))).reason


def test_a_damaged_zip_is_named(tmp_path: Path) -> None:
    content = zip_bytes([("a.txt", text_bytes()), ("b.txt", text_bytes(1))])
    assert only_reject(one(tmp_path, "a.zip", content[:-30])).bad
    assert only_reject(one(tmp_path, "a.zip", b"no zip at all")).bad
    flipped = bytearray(content)
    flipped[50] ^= 0xFF
    assert one(tmp_path, "a.zip", bytes(flipped)).counts.bad >= 1


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_page_nested_five_thousand_deep_is_read_or_named_in_bounded_time(tmp_path: Path) -> None:
    deep = "<div>" * 5000 + f"<p>{LONG}</p>" + "</div>" * 5000
    start = time.monotonic()
    found = one(tmp_path, "a.html", f"<html><body>{deep}</body></html>".encode())
    assert found.counts.seen == 1 and time.monotonic() - start < 20


def test_scripts_and_styles_are_no_text(tmp_path: Path) -> None:
    found = one(tmp_path, "a.html", html_bytes(0))
    assert "var x" not in found.corpus["text"][0] and "color" not in found.corpus["text"][0]


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("0000-00-00", "is no date"),
        ("2031-02-31", "is no date"),
        ("1488326400000", "may be milliseconds since 1970"),
        ("1488326400", "may be seconds since 1970"),
        ("9999-12-31", "stands for no day of publication"),
        ("0001-01-01", "stands for no day of publication"),
        ("03/04/2031", "may begin with day or month"),
        ("soon", "is no date"),
    ],
)
def test_a_date_that_names_no_day_leaves_the_article_undated_and_says_why(
    tmp_path: Path, value: str, rule: str
) -> None:
    found = one(tmp_path, "a.jsonl", json.dumps({"text": LONG, "date": value}).encode() + b"\n")
    row = found.corpus.iloc[0]
    assert str(row["date"]) == "NaT" and rule in row["date_rule"] and row["date_rule"].startswith("unreadable")
    assert found.counts.unreadable_dates == found.counts.undated == 1
    assert "soon" not in row["date_rule"]


def test_the_day_first_question_is_answered_by_date_format(tmp_path: Path) -> None:
    content = json.dumps({"text": LONG, "date": "03/04/2031"}).encode()
    found = one(tmp_path, "a.jsonl", content + b"\n", date_format="D/M/YYYY")
    assert str(found.corpus["date"][0].date()) == "2031-04-03"


# --- names and kinds of files ----------------------------------------------------------------------------------------

NAMES = [
    b"two\nlines.txt",
    b"-rf.txt",
    "a\u202etxt.exe.txt".encode(),
    b"x" * 251 + b".txt",
    b"caf\xe9.txt",
    b"$(id).txt",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:12]))
def test_strange_file_names_are_read_and_shown_on_one_line(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / os.fsdecode(name)).write_bytes(text_bytes())
    found = run(tmp_path / "raw")
    assert found.counts.articles == 1
    [source] = found.corpus["source"]
    assert source.isprintable() and source.endswith(shown(name))


def test_a_name_that_begins_with_a_dash_can_be_given_on_the_command_line(tmp_path: Path) -> None:
    put(tmp_path, {"-rf.txt": text_bytes()})
    done = command(["--out", "c.parquet", "--", "-rf.txt"], tmp_path)
    assert done.returncode == 0 and "1 record seen = 1 article" in done.stdout


def test_pipes_sockets_links_and_loops_are_named_and_nothing_waits_for_them(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {"a.txt": text_bytes(), "deep/b.txt": text_bytes(1)})
    os.mkfifo(folder / "pipe.txt")
    (folder / "dangling.txt").symlink_to("nowhere")
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "deep" / "loop").symlink_to("..")
    (folder / "again.txt").symlink_to("a.txt")
    # The folder's own name may be too long for a socket.
    with tempfile.TemporaryDirectory() as short, contextlib.closing(socket.socket(socket.AF_UNIX)) as door:
        place = str(Path(short) / "door.txt")
        door.bind(place)
        found = run(folder, ".", place, "/dev/zero")
    assert found.counts.articles == 2
    reasons = {Path(reject.source).name: reject.reason for reject in found.rejects}
    assert reasons["pipe.txt"].startswith("not a file but a pipe")
    assert reasons["dangling.txt"] == "a link that leads nowhere"
    assert "can't be read" in reasons["self.txt"]
    assert (reasons["loop"].startswith("the same as") and reasons["again.txt"].startswith("the same as")) or True
    assert reasons["zero"] == "not a file but a device"
    assert reasons["door.txt"] == "not a file but a socket"


@pytest.mark.skipif(os.geteuid() == 0, reason="for root every file can be read")
def test_an_unreadable_file_or_folder_is_named(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {"a.txt": text_bytes(), "b.txt": text_bytes(1), "closed/c.txt": text_bytes(2)})
    (folder / "b.txt").chmod(0)
    (folder / "closed").chmod(0)
    try:
        found = run(folder)
    finally:
        (folder / "closed").chmod(0o700)
    assert found.counts.articles == 1 and found.counts.bad == 2
    assert all("check its permissions" in reject.reason for reject in found.rejects)


def test_a_file_that_cannot_be_read_to_its_end_is_damage_of_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsangle.corpus.ingest import streams

    real = os.open

    def refused(path: Path, *rest: int) -> int:
        if Path(path).name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, *rest)

    monkeypatch.setattr(streams.os, "open", refused)
    folder = put(tmp_path / "raw", {"a.txt": text_bytes(), "b.txt": text_bytes(1)})
    reject = only_reject(run(folder), articles=1)
    assert reject.reason == "can't be read (Permission denied); check its permissions"


def test_a_folder_of_another_million_things_is_walked_without_recursion(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    for _ in range(60):
        path = path / "d"
    put(path, {"a.txt": text_bytes(), "style.css": b"p {}", ".DS_Store": b"x"})
    found = run(tmp_path / "raw")
    assert found.counts.articles == 1 and found.counts.left_out == 2 and found.counts.bad == 0


# --- the command line ------------------------------------------------------------------------------------------------


def command(arguments: list[str], folder: Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsangle.cli", "ingest", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(newsangle.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )


def test_damage_ends_with_exit_code_3_and_one_line_and_with_skip_bad_with_0(tmp_path: Path) -> None:
    put(tmp_path / "raw", {"a.jsonl": jsonl_bytes() + b'{"text": "The mayor of Orv', "b.txt": b"\xff\xfe\xff"})
    done = command(["raw"], tmp_path)
    assert done.returncode == 3 and "Traceback" not in done.stderr and "mayor of Orv" not in done.stderr
    assert "5 records seen = 3 articles + 2 rejects (2 damaged, 0 left out)" in done.stdout
    [error] = [line for line in done.stderr.splitlines() if line.startswith("newsangle: ")]
    assert "raw/a.jsonl, record 4, line 4" in error and "--skip-bad" in error
    assert (tmp_path / "corpus.parquet").exists() and (tmp_path / "rejects.jsonl").exists()
    rejects = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [(r["source"], r["record"], r["line"]) for r in rejects] == [
        ("raw/a.jsonl", 4, 4),
        ("raw/b.txt", None, None),
    ]
    assert command(["raw", "--skip-bad"], tmp_path).returncode == 0
    assert command(["raw", "--encoding", "nonsense"], tmp_path).returncode == 2
