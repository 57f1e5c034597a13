"""Is a corpus published whole or not at all, under names of its own, and is nothing stale taken for it?"""

import hashlib
import json
from pathlib import Path

import pytest
from raw_files import STORIES, html_bytes, put, text_bytes

from newsangle.corpus.ingest import chunks, flow, write
from newsangle.corpus.ingest.flow import ingest
from newsangle.errors import IntegrityError, MachineError


def jsonl(*lines: dict[str, str]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def test_a_given_id_that_is_another_texts_digest_is_nobody_elses(tmp_path: Path) -> None:
    """As in a corpus that was made here, exported and put beside its raw texts."""
    texts = [text for _, text in STORIES]
    digests = [hashlib.sha1(text.encode()).hexdigest()[:12] for text in texts]
    lines = [{"text": texts[0]}, {"text": texts[0]}, {"text": texts[1]}]
    named = [{"text": texts[2], "article_id": digests[0]}, {"text": texts[2], "article_id": f"{digests[0]}-2"}]
    for order in (("a", "b"), ("b", "a")):
        files = {f"{order[0]}.jsonl": jsonl(*lines), f"{order[1]}.jsonl": jsonl(*named)}
        found = ingest([put(tmp_path / "raw", files)], tmp_path / "corpus.parquet")
        by_text = found.corpus.sort_values("article_id").groupby("text")["article_id"].apply(list)
        assert by_text[texts[0]] == [f"{digests[0]}-3", f"{digests[0]}-4"]
        assert by_text[texts[1]] == [digests[1]]
        assert by_text[texts[2]] == [digests[0], f"{digests[0]}-2"]


def test_a_record_that_says_a_whole_text_is_its_language_is_not_quoted(tmp_path: Path) -> None:
    text = f"{STORIES[0][1]}\nAnd more."
    found = ingest(
        [
            put(
                tmp_path / "raw",
                {"a.jsonl": jsonl({"text": text, "language": text}, {"text": text, "language": "pt-BR"})},
            )
        ],
        tmp_path / "corpus.parquet",
        language="fr",
        skip_bad=True,
    )
    assert [reject.reason for reject in found.rejects] == [
        "is no language code, asked for was fr",
        "is pt-br, asked for was fr",
    ]


@pytest.mark.parametrize("day", ["2031-02-31", "2031-13-45", "0000-00-00", "9999-12-31", "0001-01-01"])
def test_a_page_may_say_any_day_and_nothing_breaks(tmp_path: Path, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsangle.corpus.cleaning import page

    head = f'<meta charset="utf-8"><meta property="article:published_time" content="{day}T08:00:00Z">'
    folder = put(tmp_path / "raw", {"a.html": html_bytes(0, head), "b.html": html_bytes(1)})
    assert ingest([folder], tmp_path / "corpus.parquet").corpus["date"].isna().all()
    # Nor does it when the finder of dates passes such a day on.
    assert not page._is_day(day) and page._is_day("2031-02-28")


def test_what_is_published_is_whole_or_what_was_there_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put(tmp_path / "raw", {"a.txt": text_bytes(0), "b.jsonl": b"{"})
    out = tmp_path / "corpus.parquet"
    ingest([folder], out, skip_bad=True)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    put(folder, {"c.txt": text_bytes(1), "d.jsonl": b"{"})

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    def miscounted(*arguments: object) -> tuple[int, int, int, None]:
        return 3, 1, 0, None

    for broken, error, told in ((full, MachineError, "the disk is full"), (miscounted, IntegrityError, "our bug")):
        with monkeypatch.context() as patch:
            patch.setattr(write, "_write_rejects", broken)
            with pytest.raises(error, match=told):
                ingest([folder], out, skip_bad=True)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
        assert not list((tmp_path / ".corpus.ingest").glob("*.part"))
    found = ingest([folder], out, skip_bad=True)
    assert (found.counts.articles, found.counts.bad) == (2, 2) and not (tmp_path / ".corpus.ingest").exists()


def test_the_rejects_take_their_place_before_the_corpus_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[str] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.parent == tmp_path:
            placed.append(target.name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    ingest([put(tmp_path / "raw", {"a.txt": text_bytes()})], tmp_path / "corpus.parquet")
    assert placed == ["rejects.jsonl", "corpus.parquet"]


def test_a_folder_that_another_process_has_taken_up_is_not_swept_away(tmp_path: Path) -> None:
    final = tmp_path / "corpus.parquet"
    with flow._workplace(final) as folder:
        chunks.remove(folder)  # done; and at once somebody else begins
        folder.mkdir()
        (folder / "lock").touch()
    assert (folder / "lock").exists()
    with pytest.raises(ValueError, match="nothing was done yet"), flow._workplace(tmp_path / "other.parquet") as other:
        raise ValueError("nothing was done yet")
    assert not other.exists()


def test_results_of_another_extractor_are_not_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    before = chunks.source_digest()
    assert chunks.source_digest() == before
    real = chunks.version
    monkeypatch.setattr(chunks, "version", lambda name: "99" if name == "trafilatura" else real(name))
    assert chunks.source_digest() != before
