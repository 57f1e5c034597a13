"""Raw files of every format become the same articles, and every record is seen once."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from raw_files import (
    STORIES,
    csv_bytes,
    html_bytes,
    http,
    jsonl_bytes,
    parquet_bytes,
    put,
    rows,
    text_bytes,
    valid_files,
    warc_bytes,
    warc_record,
    zip_bytes,
    zstd,
)

import newsangle
from newsangle.corpus.ingest.flow import explain_paths, ingest
from newsangle.corpus.ingest.read import READERS, SUFFIXES
from newsangle.corpus.ingest.result import Ingested
from newsangle.errors import ConfigError, DataError


def run(folder: Path, *names: str, **options: object) -> Ingested:
    """Ingests files of this folder (all without names); the law of conservation is checked each time."""
    paths = [folder / name for name in names] or [folder]
    options.setdefault("skip_bad", True)
    found = ingest(paths, folder.parent / f"{folder.name}-out" / "corpus.parquet", **options)  # type: ignore[arg-type]
    counts = found.counts
    articles = (found.corpus["section"] == "body").sum()
    assert counts.seen == counts.articles + counts.bad + counts.left_out
    assert counts.articles == articles and counts.rejects == len(found.rejects)
    return found


@pytest.mark.parametrize("name", list(valid_files()))
def test_every_format_and_packing_is_read_whole(tmp_path: Path, name: str) -> None:
    content, articles = valid_files()[name]
    found = run(put(tmp_path / "raw", {name: content}), skip_bad=False)
    assert found.counts.articles == articles == found.counts.seen
    words = " ".join(found.corpus["text"])
    assert any(text.split(". ")[0] in words for _, text in STORIES)
    assert "color: red" not in words and "var x" not in words


def test_every_reader_of_the_table_has_a_valid_file_here() -> None:
    suffixes = {suffix for name in valid_files() for suffix in Path(name).suffixes}
    assert set(READERS) <= {SUFFIXES.get(suffix) for suffix in suffixes}


def test_tables_of_all_formats_hold_the_same_articles(tmp_path: Path) -> None:
    files = {
        "a.jsonl": jsonl_bytes(),
        "a.json": json.dumps(rows()).encode(),
        "wrapped.json": json.dumps({"count": 3, "articles": rows()}).encode(),
        "arrays.json": json.dumps({key: [row[key] for row in rows()] for key in rows()[0]}).encode(),
        "a.csv": csv_bytes(),
        "a.tsv": csv_bytes("\t"),
        "a.parquet": parquet_bytes(),
        "a.jsonl.gz": gzip.compress(jsonl_bytes()),
        "a.parquet.zst": zstd(parquet_bytes()),
        "a.zip": zip_bytes([("a.csv", csv_bytes())]),
    }
    put(tmp_path / "raw", files)
    frames = {name: run(tmp_path / "raw", name, skip_bad=False).corpus.drop(columns="source") for name in files}
    expected = frames["a.jsonl"]
    assert expected["article_id"].tolist() == ["001", "002", "003"]
    assert expected["title"].tolist() == [title for title, _ in STORIES]
    assert str(expected["date"][0].date()) == "2031-03-01" and expected["date_rule"][0] == "given"
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, expected, obj=name)


def test_a_folder_is_read_in_the_order_of_names_and_paths_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    files = {name: content for name, (content, _) in valid_files().items() if name[0] in "abcdm"}
    folder = put(tmp_path / "raw", files)
    paths = sorted(folder.iterdir())
    one = ingest(paths, tmp_path / "one.parquet", skip_bad=True)
    two = ingest(paths[::-1], tmp_path / "two.parquet", skip_bad=True)
    assert one.path.read_bytes() == two.path.read_bytes()


def test_two_processes_write_the_same_bytes_as_one(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {f"{n:03}.html": html_bytes(n % 3) for n in range(80)})
    one = ingest([folder], tmp_path / "one.parquet", jobs=1)
    two = ingest([folder], tmp_path / "two.parquet", jobs=2)
    assert one.counts.articles == 80 and one.path.read_bytes() == two.path.read_bytes()


def test_offsets_lead_back_to_the_raw_text(tmp_path: Path) -> None:
    raw = "Mill bridge closed\r\n\r\n  The bridge was closed on Monday, the council said.\r\n\r\nIt opens in May.\r\n"
    found = run(put(tmp_path / "raw", {"a.txt": raw.encode()}))
    row = found.corpus.iloc[0]
    spans = [tuple(map(int, span.split("-"))) for span in row["spans"].split()]
    assert "\n\n".join(raw[a:b] for a, b in spans) == row["text"]
    assert (row["start"], row["end"]) == (spans[0][0], spans[-1][1])


def test_columns_are_mapped_and_a_missing_one_is_hinted_at(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {"a.csv": b"Article_Content,headline\nThe dam broke on Monday.,Dam breaks\n"})
    [reject] = run(folder).rejects
    assert '"Article_Content" may be meant' in reject.reason and "--columns text=NAME" in reject.reason
    found = run(folder, columns={"text": "Article_Content", "title": "headline"}, skip_bad=False)
    assert found.corpus["title"].tolist() == ["Dam breaks"]
    with pytest.raises(ConfigError, match='"txt" is not a column of ours; nearest is "text"'):
        run(folder, columns={"txt": "a"})


def test_a_table_may_hold_pages(tmp_path: Path) -> None:
    line = json.dumps({"html": html_bytes(0).decode(), "url": "http://post.example/1"}) + "\n"
    found = run(put(tmp_path / "raw", {"a.jsonl": line.encode()}), skip_bad=False)
    assert found.counts.articles == 1 and "<p>" not in found.corpus["text"][0]
    assert found.corpus["url"].tolist() == ["http://post.example/1"]


def test_standard_input_is_known_by_its_first_bytes_or_by_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pipe:
        def __init__(self, content: bytes) -> None:
            self.buffer = io.BytesIO(content)

    cases = [(jsonl_bytes(), None, 3), (gzip.compress(jsonl_bytes()), None, 3), (csv_bytes(), "csv", 3)]
    cases += [(html_bytes(), None, 1), (text_bytes(), None, 1), (warc_bytes(), None, 3), (parquet_bytes(), None, 3)]
    for number, (content, format, articles) in enumerate(cases):
        monkeypatch.setattr(sys, "stdin", Pipe(content))
        found = ingest(["-"], tmp_path / f"{number}.parquet", format=format)
        assert found.counts.articles == articles
        assert set(found.corpus["source"]) == {"standard input"}
    monkeypatch.setattr(sys, "stdin", Pipe(b""))
    with pytest.raises(DataError, match="standard input: is empty"):
        ingest(["-"], tmp_path / "empty.parquet")


def test_records_of_a_warc_that_are_no_articles_are_left_out_by_name(tmp_path: Path) -> None:
    url = "http://post.example/"
    packed = gzip.compress(html_bytes(1))
    body = html_bytes(2)
    chunked = b"%x\r\n" % 10 + body[:10] + b"\r\n%x\r\n" % (len(body) - 10) + body[10:] + b"\r\n0\r\n\r\n"
    content = b"".join(
        [
            warc_record("response", url, http(b"gone", status="404 Not Found")),
            warc_record("response", url, http(b"\x89PNG", kind="image/png")),
            warc_record("revisit", url, http(b"")),
            warc_record("response", url, http(packed, more="Content-Encoding: gzip\r\n")),
            warc_record("response", url, http(chunked, more="Transfer-Encoding: chunked\r\n")),
        ]
    )
    found = run(put(tmp_path / "raw", {"a.warc": content}), skip_bad=False)
    assert found.counts.articles == 2 and found.counts.left_out == 3
    assert [reject.reason for reject in found.rejects] == [
        "the page answered 404",
        "is image/png, no page",
        "a revisit: the page is in another record",
    ]


def test_a_corpus_can_be_used_by_an_experiment_and_comments_are_no_articles(tmp_path: Path) -> None:
    found = run(put(tmp_path / "raw", {"a.csv": csv_bytes()}))
    corpus = newsangle.load_corpus(found.path)
    assert corpus.articles["article_id"].tolist() == ["001", "002", "003"]
    assert corpus.articles["outlet"].tolist() == ["Orvia Post"] * 3
    assert str(corpus.articles["date"][2].date()) == "2031-03-03"


def test_what_is_done_is_found_again_after_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsangle.corpus.ingest import stages

    folder = put(tmp_path / "raw", {f"{n:03}.txt": text_bytes(n % 3) for n in range(30)})
    monkeypatch.setattr(stages, "_MOST_COST", 5)
    prepared: list[int] = []
    real = stages.prepare_batch

    def counted(batch, settings):  # type: ignore[no-untyped-def]
        prepared.append(len(batch))
        if len(prepared) == 4:
            raise KeyboardInterrupt
        return real(batch, settings)

    monkeypatch.setattr(stages, "prepare_batch", counted)
    out = tmp_path / "corpus.parquet"
    with pytest.raises(KeyboardInterrupt):
        ingest([folder], out)
    assert not out.exists() and (tmp_path / ".corpus.ingest").is_dir()
    done = sorted((tmp_path / ".corpus.ingest").glob("*.chunk"))
    assert len(done) == 3
    done[0].write_bytes(done[0].read_bytes()[:-1])  # a damaged chunk is made again
    found = ingest([folder], out)
    assert prepared[:4] == [5] * 4 and len(prepared) == 4 + 1 + 3  # the damaged one and the three not done
    assert found.counts.articles == 30
    assert not (tmp_path / ".corpus.ingest").exists()
    assert out.read_bytes() == ingest([folder], tmp_path / "again" / "corpus.parquet").path.read_bytes()


def test_a_second_ingest_into_the_same_file_at_once_is_refused(tmp_path: Path) -> None:
    from newsangle.corpus.ingest.chunks import hold
    from newsangle.errors import MachineError

    lock = hold(tmp_path / ".corpus.ingest")
    with pytest.raises(MachineError, match="another ingest is writing there"):
        ingest([put(tmp_path / "raw", {"a.txt": text_bytes()})], tmp_path / "corpus.parquet")
    lock.release()


def test_a_link_in_place_of_the_folder_of_what_is_done_is_refused(tmp_path: Path) -> None:
    from newsangle.errors import MachineError

    put(tmp_path / "elsewhere", {"letter.txt": b"mine", "old.chunk": b"mine too"})
    (tmp_path / ".corpus.ingest").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MachineError, match=r"\.corpus\.ingest: is a link"):
        ingest([put(tmp_path / "raw", {"a.txt": text_bytes()})], tmp_path / "corpus.parquet")
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == ["letter.txt", "old.chunk"]


def test_what_others_have_put_beside_what_is_done_stays(tmp_path: Path) -> None:
    put(tmp_path / ".corpus.ingest", {"letter.txt": b"mine"})
    ingest([put(tmp_path / "raw", {"a.txt": text_bytes()})], tmp_path / "corpus.parquet")
    assert [path.name for path in (tmp_path / ".corpus.ingest").iterdir()] == ["letter.txt"]


def test_a_linked_result_counts_as_missing(tmp_path: Path) -> None:
    from newsangle.corpus.ingest.chunks import Chunks

    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    Chunks(tmp_path / "there").save("key", [{"text": "planted"}])
    Chunks(tmp_path / "here").path("key").symlink_to(Chunks(tmp_path / "there").path("key"))
    assert Chunks(tmp_path / "there").load("key") == [{"text": "planted"}]
    assert Chunks(tmp_path / "here").load("key") is None
    Chunks(tmp_path / "here").save("key", [{"text": "own"}])
    assert Chunks(tmp_path / "there").load("key") == [{"text": "planted"}]
    assert Chunks(tmp_path / "here").load("key") == [{"text": "own"}]


def test_the_corpus_that_is_being_written_is_never_read(tmp_path: Path) -> None:
    put(tmp_path, {"a.txt": text_bytes()})
    first = ingest([tmp_path], tmp_path / "corpus.parquet")
    second = ingest([tmp_path], tmp_path / "corpus.parquet")
    assert first.counts.seen == second.counts.seen == 1


def test_explain_shows_what_is_kept_and_writes_nothing(tmp_path: Path) -> None:
    folder = put(tmp_path / "raw", {"a.txt": text_bytes(), "b.jsonl": b"{"})
    told = list(explain_paths([folder]))
    assert len(told) == 2 and told[1].startswith("! ") and "is not JSON" in told[1]
    assert STORIES[0][0] in told[0] and sorted(p.name for p in folder.iterdir()) == ["a.txt", "b.jsonl"]


def test_explain_shows_what_a_table_says_of_its_articles_and_no_control_character_of_it(tmp_path: Path) -> None:
    line = {
        "title": "Dam\x1b[2J breaks",
        "text": STORIES[0][1],
        "outlet": "Orvia\r\x1b[31m Post",
        "author": "tansy@a.example",
    }
    folder = put(tmp_path / "raw", {"a.jsonl": json.dumps(line).encode()})
    [told] = explain_paths([folder])
    assert "= title           Dam\ufffd[2J breaks (not in the text)" in told
    assert "= outlet          Orvia \ufffd[31m Post (given)" in told and "\x1b" not in told and "\r" not in told
    page = f"{STORIES[0][0]}\n\n{STORIES[0][1]}\n"
    folder = put(tmp_path / "text", {"a.txt": page.encode()})
    assert "= title" not in next(iter(explain_paths([folder])))  # it stands in the text, and is shown there


def test_an_out_that_is_no_parquet_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"let the name end in \.parquet"):
        ingest([tmp_path], tmp_path / "corpus.csv")
    with pytest.raises(ConfigError, match="nothing to ingest"):
        ingest([], tmp_path / "corpus.parquet")
    with pytest.raises(ConfigError, match='format = "jsnl" is not read; nearest is "jsonl"'):
        ingest([tmp_path], tmp_path / "corpus.parquet", format="jsnl")


def test_a_shared_disclaimer_joins_no_stories_and_who_ran_a_story_first_is_its_origin(tmp_path: Path) -> None:
    disclaimer = (
        "The views expressed in this article are the author's own and do not necessarily reflect those of this site. "
        "All rights reserved; this material may not be published, broadcast, rewritten or redistributed without "
        "permission of the owner, and the site is not responsible for errors or omissions in it."
    )
    lines = [
        {"outlet": "Orvia Post", "date": "2031-03-02", "text": f"{STORIES[0][1]}\n\n{disclaimer}"},
        {"outlet": "Lesk Herald", "date": "2031-03-01", "text": f"{STORIES[0][1]}\n\n{disclaimer}"},
        {"outlet": "Orvia Post", "date": "2031-03-03", "text": f"{STORIES[1][1]}\n\n{disclaimer}"},
        {"outlet": "Orvia Post", "date": "2031-03-04", "text": f"{STORIES[2][1]}\n\n{disclaimer}"},
    ]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    corpus = run(put(tmp_path / "raw", {"a.jsonl": content}), skip_bad=False).corpus
    assert not corpus["text"].str.contains("rights reserved").any()
    ids = corpus["article_id"].tolist()
    first = min(ids[:2])  # groups are named by the canonically first id
    assert corpus["group"].tolist() == [first, first, ids[2], ids[3]]
    assert corpus["ran_first"].tolist() == [ids[1], ids[1], ids[2], ids[3]]
    assert corpus["origin"].tolist() == ["Lesk Herald", "", "", ""]
    assert corpus["origin_rule"][0] == "same text elsewhere, earlier"


def test_comments_are_rows_of_their_own_without_names_and_no_articles_of_an_experiment(tmp_path: Path) -> None:
    page = (
        f"{STORIES[0][0]}\n\n{STORIES[0][1]}\n\nThe council meets on Friday to talk about the bridge.\n\n"
        "3 Comments\n\nView all comments\n\n"
        "Rivermouth Joe\n2 days ago\n\nThey should have built it of stone.\n\nReply\n\n"
        "tansy_1971\n1 day ago\n\nMy mail is tansy@mail.example if you need a boat.\n\nReply\n"
    )
    found = run(put(tmp_path / "raw", {"a.txt": page.encode()}), skip_bad=False)
    assert found.corpus["section"].tolist() == ["body", "comment"] and found.counts.comments == 1
    comment = found.corpus.iloc[1]
    assert comment["article_id"] == f"{found.corpus['article_id'][0]}#comments"
    assert "built it of stone" in comment["text"]
    everything = found.corpus.to_csv() + found.rejects_path.read_text()
    assert not any(name in everything for name in ("Rivermouth", "tansy"))
    corpus = newsangle.load_corpus(found.path)
    assert corpus.articles["article_id"].tolist() == [found.corpus["article_id"][0]]
    assert corpus.card["records"] == 2 and corpus.card["rejected"] == 1


def test_one_language_can_be_kept(tmp_path: Path) -> None:
    german = (
        "Die Brücke über den Fluss wurde am Montag gesperrt, weil das Wasser in der Nacht um zwei Meter gestiegen war."
    )
    found = run(put(tmp_path / "raw", {"a.txt": text_bytes(), "b.txt": german.encode()}), language="en", skip_bad=False)
    assert found.corpus["language"].tolist() == ["en"] and found.counts.left_out == 1
    assert found.rejects[0].reason == "is de, asked for was en"


def test_dates_of_tables_are_read_to_the_second_and_as_declared(tmp_path: Path) -> None:
    line = json.dumps({"text": STORIES[0][1], "date": "2031-03-01T08:30:00+02:00"}).encode() + b"\n"
    corpus = run(put(tmp_path / "raw", {"a.jsonl": line}), skip_bad=False).corpus
    assert str(corpus["date"][0]) == "2031-03-01 06:30:00"


@pytest.mark.slow
def test_ctrl_c_ends_with_one_line_and_the_same_command_goes_on_from_there(tmp_path: Path) -> None:
    """A real process with two workers, interrupted as a terminal does it: the whole process group."""
    put(tmp_path / "raw", {f"{n:04}.html": html_bytes(n % 3) for n in range(1500)})
    words = [sys.executable, "-m", "newsangle.cli", "ingest", "raw", "--jobs", "2"]
    shell = os.environ | {"PYTHONPATH": str(Path(newsangle.__file__).parents[1])}
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    work = tmp_path / ".corpus.ingest"
    deadline = time.monotonic() + 60
    while len(list(work.glob("*.chunk"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in told
    assert told.splitlines()[-1].startswith("newsangle: stopped; what was finished is kept")
    done = {path.name: path.stat().st_mtime_ns for path in work.glob("*.chunk")}
    assert 3 <= len(done) < 47 and not (tmp_path / "corpus.parquet").exists()
    again = subprocess.run(words, cwd=tmp_path, env=shell, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0 and "1,500 records seen = 1,500 articles" in again.stdout
    assert not work.exists()
