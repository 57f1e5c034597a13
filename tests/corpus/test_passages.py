"""Articles to passages: whole sentences, exact offsets, nothing lost."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsangle.corpus import passages
from newsangle.corpus.passages import (
    frame_rows,
    paragraph_spans,
    passages_from_frame,
    passages_table,
    split_passages,
)
from newsangle.corpus.sentences import sentence_spans
from newsangle.errors import ConfigError, DataError


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["He met Gen. J. R. Doe and Mr. Smith.", "They spoke."],
        ["It lies in the U.S. state of Iowa.", "It rained."],
        ["She left the U.S.", "The flight took nine hours."],
        ["It began at 9 a.m. Monday.", "It ended at 5 p.m.", "He slept."],
        ["Room No. 5 was shut.", "He said no.", "Five people left."],
        ["It rose 3.5 percent to $1.2 million.", "Then it fell."],
        ['"We go now."', '"You stay!"', "They left."],
        ["“We go now.”", "“Why?” he asked.", "(Nobody spoke.)", "End."],
        ["He paused... and went on.", "Wait...", "Then it rang."],
        ["In Feb. 2017 it rained.", "On Dec. 5 it snowed."],
        ["Smith Inc. President Doe left.", "He joined Acme Corp.", "The firm grew."],
        ["GEN. DOE SPOKE.", "NOBODY LISTENED."],
        ["1. First point.", "2. Second point."],
        ["It happened in 2016.", "The war went on."],
        ["He was ill.", "Doctors came to the sun.", "Police left Washington D.C. Thursday."],
        ["What!?", "No way.", "Yahoo! said so."],
        ["Прошло два дня.", "Он ушел."],
        ["雨停了。", "他走了。"],
        ["no full stop at all"],
        ["See example.com for it.", "Done."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    joiner = "" if "雨停了。" in parts else " "
    assert sentences(joiner.join(parts)) == parts


def test_a_line_of_a_million_dots_takes_no_time() -> None:
    # A pattern that starts again at each dot would need 10^12 steps.
    text = "." * 1_000_000 + "x" + ")" * 100_000 + " " * 100_000
    assert [text[a:b] for a, b in split_passages(text)] == [text.rstrip()]


def test_passages_are_filled_to_the_limit_in_whole_sentences() -> None:
    # Sentences of 3, 3, 3, 5 and 1 words, at most 6 and at least 4: 3+3 | 3+… 3 is a stub, 3+5 = 8 > 1.25 × 6 = 7,
    # so it stays short | 5+1.
    text = "Ab b cd. De e fg. Gh h ij. Kl l m n op. Qr."
    assert [text[a:b] for a, b in split_passages(text, min_words=4, max_words=6)] == [
        "Ab b cd. De e fg.",
        "Gh h ij.",
        "Kl l m n op. Qr.",
    ]


def test_a_stub_joins_its_neighbour_up_to_a_quarter_over_the_limit() -> None:
    text = "Ab b c d e f g hi. Jk kl."  # 8 + 2 = 10 = 1.25 × 8
    assert split_passages(text, min_words=4, max_words=8) == [(0, len(text))]
    # The same in the middle: 3 + 6 = 9, although 8 is the limit; the 8 words that follow are no stub.
    text = "Ab b cd. De e f g h ij. Kl l m n o p q rs."
    assert [text[a:b] for a, b in split_passages(text, min_words=4, max_words=8)] == [text[:23], text[24:]]
    longer = "Ab b c d e f g hi. Jk k lm."  # 11 > 10
    assert len(split_passages(longer, min_words=4, max_words=8)) == 2


def test_a_sentence_longer_than_the_limit_stays_whole() -> None:
    long = "Word " + "word " * 150 + "end."
    text = f"{'A short one comes first here. ' * 8}{long} And then {'more words follow ' * 15}."
    assert long in [text[a:b] for a, b in split_passages(text)]


def test_passages_cross_a_blank_line_only_beside_a_short_paragraph() -> None:
    one, two, head = "One two three. " * 4, "Four five six. " * 4, "Head line"
    text = f"{one}\n\n{two}\n \n{head}\n\n{two}"
    found = [text[a:b] for a, b in split_passages(text, min_words=12, max_words=24)]
    # 12 words are not fewer than 12: the first two paragraphs stay apart; the headline goes with what follows.
    assert found == [one.strip(), two.strip(), f"{head}\n\n{two.strip()}"]
    # A short last paragraph goes with the one before it.
    text = f"{one}\n\n{two}\n\nThe end."
    assert [text[a:b] for a, b in split_passages(text, min_words=12, max_words=24)] == [
        one.strip(),
        f"{two}\n\nThe end.",
    ]
    assert len(paragraph_spans("a\nb\n\nc")) == 2


@given(
    st.lists(
        st.sampled_from(
            ["Word", "word", " ", "  ", ".", ". ", "! ", '."', "U.S. ", "\n", "\n\n", "\u2028", "é", "。", "…", ")"]
        ),
        max_size=300,
    ).map("".join),
    st.integers(1, 12),
    st.integers(0, 12),
)
def test_every_character_that_is_no_blank_lies_in_exactly_one_passage(text: str, least: int, more: int) -> None:
    spans = split_passages(text, min_words=least, max_words=least + more)
    covered = [position for start, end in spans for position in range(start, end)]
    assert covered == sorted(set(covered))
    inside = set(covered)
    assert all(position in inside or text[position].isspace() for position in range(len(text)))
    for start, end in spans:
        assert start < end and not text[start].isspace() and not text[end - 1].isspace()


def test_limits_that_cannot_be_met_are_refused() -> None:
    for least, most in [(0, 5), (9, 8), (-1, -1)]:
        with pytest.raises(ConfigError, match="min_words"):
            split_passages("A.", min_words=least, max_words=most)


TEXT = "The river rose by night. Nobody slept in the village. By noon it fell."


def articles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "article_id": ["10", "9"],
            "text": [TEXT, "Grüße aus Wien. Es regnet."],
            "title": ["River", "Rain"],
            "outlet": pd.Series(["The Paper", None], dtype=object),
            "date": pd.Series(["2017-02-07", None]).astype("datetime64[s]"),
            "group": ["10", "9"],
        }
    )


def sha1(passage: str) -> str:
    return hashlib.sha1(passage.encode("utf-8")).hexdigest()[:12]


def frame_file(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["article_id,start,end,sha1,stratum", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_frame_cuts_exactly_the_passages_it_lists_in_canonical_order(tmp_path: Path) -> None:
    later, first, german = TEXT[25:53], TEXT[:24], "Grüße aus Wien."
    path = frame_file(
        tmp_path / "frame.csv",
        f"10,25,53,{sha1(later)},a",
        f"10,0,24,{sha1(first)},b",
        f"9,0,15,{sha1(german)},a",
        f"10,0,24,{sha1(first)},c",  # the same passage in another stratum enters once
    )
    table = passages_from_frame(articles(), path)
    assert table["passage_id"].tolist() == ["9:0-15", "10:0-24", "10:25-53"]
    assert table["text"].tolist() == [german, first, later]
    assert table["title"].tolist() == ["Rain", "River", "River"]
    assert table["outlet"].tolist() == [None, "The Paper", "The Paper"]
    assert table["start"].dtype == table["end"].dtype == "int64"
    assert list(table.columns) == list(passages_table(articles()).columns)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"10,0,24,{'0' * 12},a", r'row 2: article "10" 0-24 has SHA-1 [0-9a-f]{12}, the frame says 000000000000'),
        (f"77,0,24,{sha1(TEXT[:24])},a", 'row 2: article "77" is not in the corpus'),
        (f"10,0,999,{sha1(TEXT)},a", 'row 2: article "10" has 70 characters, the passage ends at 999'),
        (f"10,-1,24,{sha1(TEXT)},a", 'row 2: start = "-1"'),
        (f"10,5.0,24,{sha1(TEXT)},a", 'row 2: start = "5.0"'),
        (f"10,24,24,{sha1(TEXT)},a", "row 2: start 24 is not before end 24"),
        ("10,0,24,xyz,a", 'row 2: sha1 = "xyz"'),
        ("10,0,24", "row 2: 3 fields"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused_by_file_row_and_article(tmp_path: Path, row: str, message: str) -> None:
    path = frame_file(tmp_path / "frame.csv", f"10,0,24,{sha1(TEXT[:24])},a", row)
    with pytest.raises(DataError, match=message) as caught:
        passages_from_frame(articles(), path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_frame_rows_keep_their_columns_as_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"passage,article_id,start,end,sha1,pi,note\n01,007,0,24,{'a' * 12},0.50,NA\n", encoding="utf-8")
    rows = frame_rows(path)
    assert rows.iloc[0].to_dict() == {
        "passage": "01",
        "article_id": "007",
        "start": 0,
        "end": 24,
        "sha1": "a" * 12,
        "pi": "0.50",
        "note": "NA",
    }
    path.write_text("article_id,start,stop,sha1\n", encoding="utf-8")
    with pytest.raises(DataError, match='no column "end"'):
        frame_rows(path)


def test_articles_cut_block_by_block_have_the_same_passages(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pd.concat([articles().assign(article_id=articles()["article_id"] + str(i)) for i in range(5)])
    whole = passages_table(many, min_words=1, max_words=5)
    monkeypatch.setattr(passages, "_BLOCK", 2)
    pd.testing.assert_frame_equal(passages_table(many, min_words=1, max_words=5), whole)


def test_the_passages_table_repeats_what_is_known_of_the_article() -> None:
    table = passages_table(articles(), min_words=1, max_words=5)
    assert table["passage_id"].tolist() == ["10:0-24", "10:25-53", "10:54-70", "9:0-26"]
    assert [TEXT[a:b] for a, b in zip(table["start"][:3], table["end"][:3], strict=True)] == table["text"][:3].tolist()
    assert table["group"].tolist() == ["10", "10", "10", "9"]
    assert table["date"].isna().tolist() == [False, False, False, True]
    empty = passages_table(articles().assign(text=""))
    assert len(empty) == 0 and list(empty.columns) == list(table.columns)
