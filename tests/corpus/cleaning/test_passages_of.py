"""Are cleaned articles cut into passages of whole sentences, with true offsets?"""

import sys
from pathlib import Path

import pytest

from newsangle.corpus.cleaning import clean_document, passages_of
from newsangle.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from gold import fixtures

sys.path.pop(0)

ALL = list(fixtures())


@pytest.mark.parametrize(("name", "text", "pieces"), ALL, ids=[name for name, _, _ in ALL])
def test_passages_are_the_kept_text_once_and_no_dropped_piece(name: str, text: str, pieces: list) -> None:
    cleaned = clean_document(text)
    passages = passages_of(cleaned, 20, 60)
    for passage in passages:
        assert len(passage.text) == passage.end - passage.start
        raw = text[passage.start : passage.end]
        assert all(a in (b, "*") or (a == "\n" and b.isspace()) for a, b in zip(passage.text, raw, strict=True))
        assert not any(piece.start < passage.end and passage.start < piece.end for piece in cleaned.dropped)
    told = "".join("".join(passage.text.split()) for passage in passages)
    assert told == "".join("".join(block.text.split()) for block in cleaned.blocks)


def test_title_comments_and_abbreviations() -> None:
    text = (
        "Gen. Doe Leaves the U.S.\n\nGen. J. Doe left the U.S. Army on Friday after nine years at its head, he said. "
        '"I am tired. I go home." It rained.\n\nWhat comes next\n\n'
        "Nobody knows what comes next in the army of the north.\n\n"
        "2 comments\n\nJane D.\n\n2 hours ago\n\nHe was a good man, I think.\n"
    )
    assert [(passage.section, passage.text) for passage in passages_of(clean_document(text), 8, 18)] == [
        ("title", "Gen. Doe Leaves the U.S."),
        ("body", "Gen. J. Doe left the U.S. Army on Friday after nine years at its head, he said."),
        ("body", '"I am tired. I go home." It rained.'),
        ("body", "What comes next\n\nNobody knows what comes next in the army of the north."),
        ("comment", "He was a good man, I think."),
    ]


def test_one_long_paragraph_becomes_windows_of_whole_sentences() -> None:
    sentence = "The river rose by two metres in the night and took the bridge with it."
    passages = passages_of(clean_document(" ".join([sentence] * 12)), 20, 45)
    assert {len(passage.text.split()) for passage in passages} == {45}  # three sentences of 15 words
    assert all(passage.text.endswith("with it.") for passage in passages)


def test_limits_that_cannot_be_met_are_an_error() -> None:
    with pytest.raises(ConfigError, match="min_words"):
        passages_of(clean_document("The rain fell."), 9, 3)
