"""From a name or a file to a corpus: what is counted, grouped, selected and cut."""

import csv
import hashlib
import json
import random
from pathlib import Path

import pandas as pd
import pytest

from newsangle.corpus.load import FILTER_KEYS, load_corpus
from newsangle.corpus.read import read_articles
from newsangle.corpus.sources import SOURCES, data_folder, fetch_source
from newsangle.corpus.syndication import syndication_groups
from newsangle.errors import ConfigError, DataError

SHARED = Path(__file__).parents[2].parent / "shared"
POPULATION = (
    r"Syria|\bTurk(?:ey|ish|s)\b|Ankara|Erdo[gğ]an|\bISIS\b|\bISIL\b|Islamic State|Daesh|\bKurd|\bYPG\b|\bSDF\b|Raqqa|"
    r"[Aa]l-Bab|Al Bab|Manbij|Mosul|Aleppo|Palmyra|Idlib"
)

WIRE = "The river rose by night and took two bridges. Nobody was hurt, the mayor said. Schools stay shut until Monday."
ROWS = [
    {"article_id": "3", "text": WIRE, "title": "Flood", "outlet": "Gazette", "date": "2017-02-08"},
    {"article_id": "20", "text": WIRE.upper(), "title": "Flood", "outlet": "Courier", "date": "2017-02-07"},
    {
        "article_id": "4",
        "text": "The council met. It chose a new mayor.",
        "title": "Vote",
        "outlet": "",
        "date": "later",
    },
    {"article_id": "5", "text": "", "title": "Empty", "outlet": "Gazette", "date": ""},
    {
        "article_id": "6",
        "text": "The council met. It chose a new mayor.",
        "title": "Vote",
        "outlet": "Courier",
        "date": "",
    },
]


def jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "[]\n", encoding="utf-8")
    return path


def test_the_card_accounts_for_every_record(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "town.jsonl", ROWS)
    corpus = load_corpus(path, filter={"outlets": ["Gazette", "Courier"]})
    card = json.loads(json.dumps(corpus.card))
    assert card == corpus.card  # plain JSON values only
    assert card["source"] == "town.jsonl" and card["licence"] is None
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (card["records"], card["articles"], card["rejected"]) == (6, 5, 1)
    assert card["rejects"] == [{"row": 6, "reason": "not an object but list"}]
    assert (card["empty_texts"], card["exact_copies"]) == (1, 1)  # 4 = 6; 20 differs from 3 in its case
    # {3, 20}, {4, 6}, {5}
    assert (card["groups"], card["groups_with_copies"], card["largest_group"]) == (3, 2, 2)
    assert (card["undated"], card["unreadable_dates"]) == (3, 1)
    assert card["outlets"] == {"Courier": 2, "Gazette": 2, "(unknown)": 1}
    assert (card["first_date"], card["last_date"]) == ("2017-02-07", "2017-02-08")
    assert card["selected"] == 4 and card["selected_outlets"] == {"Courier": 2, "Gazette": 2}
    assert card["passages"] == len(corpus.passages) == 3  # none in the empty text


def test_groups_look_at_all_articles_and_passages_at_the_selected(tmp_path: Path) -> None:
    corpus = load_corpus(jsonl(tmp_path / "town.jsonl", ROWS), filter={"outlets": ["Courier"]})
    assert corpus.name == "town"
    assert corpus.articles["article_id"].tolist() == ["3", "4", "5", "6", "20"]
    assert corpus.articles["group"].tolist() == ["3", "4", "5", "4", "3"]
    assert corpus.articles["selected"].tolist() == [False, False, False, True, True]
    assert corpus.passages["article_id"].tolist() == ["6", "20"]
    assert corpus.passages["group"].tolist() == ["4", "3"]  # named by articles that are not selected
    assert corpus.passages["text"].tolist() == [ROWS[4]["text"], ROWS[1]["text"]]


def test_shuffled_records_give_the_same_corpus(tmp_path: Path) -> None:
    shuffled = random.Random(5).sample(ROWS, len(ROWS))
    one = load_corpus(jsonl(tmp_path / "one.jsonl", ROWS), min_words=3, max_words=6)
    two = load_corpus(jsonl(tmp_path / "two.jsonl", shuffled), min_words=3, max_words=6)
    pd.testing.assert_frame_equal(one.articles, two.articles)
    pd.testing.assert_frame_equal(one.passages, two.passages)
    differing = {key for key in one.card if one.card[key] != two.card[key]}
    assert differing == {"source", "sha256"}  # two files, one corpus


def test_a_frame_gives_the_passages_and_the_filter_still_holds(tmp_path: Path) -> None:
    frame = tmp_path / "frame.csv"
    with frame.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["article_id", "start", "end", "sha1"])
        for row in (ROWS[0], ROWS[1]):
            writer.writerow([row["article_id"], 0, 45, hashlib.sha1(row["text"][:45].encode()).hexdigest()[:12]])
    path = jsonl(tmp_path / "town.jsonl", ROWS)
    assert load_corpus(path, frame=frame).passages["passage_id"].tolist() == ["3:0-45", "20:0-45"]
    corpus = load_corpus(path, frame=frame, filter={"since": "2017-02-08"})
    assert corpus.passages["passage_id"].tolist() == ["3:0-45"]
    assert corpus.card["frame"] == "frame.csv" and corpus.card["frame_passages_outside_filter"] == 1


def test_what_cannot_be_loaded_is_said_in_one_line(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "town.jsonl", ROWS)
    assert FILTER_KEYS[0] == "pattern" and "articles" not in FILTER_KEYS
    with pytest.raises(ConfigError, match='no key "min_match"; nearest is "min_matches"'):
        load_corpus(path, filter={"min_match": 2})
    with pytest.raises(DataError, match=r'"news_artikles" is neither .* nearest is "news_articles"'):
        load_corpus("news_artikles")
    with pytest.raises(DataError, match="leaves none of 5 articles"):
        load_corpus(path, filter={"pattern": "earthquake"})
    with pytest.raises(DataError, match="no passage in the 1 selected"):
        load_corpus(path, filter={"pattern": "Empty"})


def test_lee_needs_no_download_and_has_no_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path))
    said: list[str] = []
    corpus = load_corpus("lee", progress=said.append)
    assert (corpus.card["records"], corpus.card["articles"], corpus.card["undated"]) == (300, 300, 300)
    assert corpus.articles["outlet"].isna().all() and (corpus.articles["title"] == "").all()
    assert corpus.card["licence"] == SOURCES["lee"].licence
    assert corpus.passages["passage_id"].is_unique
    assert said


def news_articles() -> Path:
    path = data_folder() / SOURCES["news_articles"].filename
    if not path.exists():
        pytest.skip(f"{path} is not there; `newsangle data get news_articles` fetches it")
    return fetch_source("news_articles")


def shared(relative: str) -> Path:
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def test_the_flagship_population_is_the_407_articles_of_its_sampling_frame() -> None:
    news_articles()
    frame = shared("labels/sampling_frame.csv")
    corpus = load_corpus(
        "news_articles",
        filter={"pattern": POPULATION, "min_matches": 2, "min_chars": 201, "unique_texts": True},
        frame=frame,
    )
    assert len(corpus.articles) == 3824 and corpus.card["empty_texts"] == 36
    assert corpus.card["selected"] == 407 == corpus.passages["article_id"].nunique()
    assert len(corpus.passages) == 4049
    assert corpus.card["frame_passages_outside_filter"] == 0
    assert corpus.card["undated"] == 0 and len(corpus.card["outlets"]) == 9
    # Looked at one by one: two versions of a story, or two outlets' versions of one wire story; no chains.
    assert (corpus.card["groups_with_copies"], corpus.card["largest_group"]) == (13, 2)


def test_fa_kes_is_read_with_its_encoding_and_its_copies_are_found() -> None:
    path = shared("data/fa-kes/FA-KES-Dataset.csv")
    source = SOURCES["fa_kes"]
    table = read_articles(
        path, columns=source.columns, encoding=source.encoding, date_format=source.date_format, name="fa_kes"
    )
    assert (table.records, len(table.articles), table.undated, table.undecodable_bytes) == (804, 804, 0, 49)
    assert table.articles["outlet"].nunique() == 15
    assert len(table.articles) - table.articles["text"].nunique() == 15
    groups = pd.Series(syndication_groups(table.articles["text"].tolist(), table.articles["article_id"].tolist()))
    assert (groups.nunique(), groups.value_counts().max()) == (753, 4)
    across = table.articles.groupby(groups.to_numpy())["outlet"].nunique()
    assert (across > 1).sum() >= 10  # wire copy that several outlets printed
