import random

import numpy as np
import pytest

from newsangle.corpus.sentences import sentence_spans
from newsangle.features.design import TARGET_INDICATOR, count_task_text, design_matrix

ALIASES = {"oss": "Oss", "lind": "Lind"}
WORDS = ["Oss", "Lind", "the", "river", "rose", "voters", "ballots", "flood", "praised", "blamed", "boats", "rain"]


def invented(n, seed, words=WORDS):
    rng = random.Random(seed)
    return [" ".join(rng.choices(words, k=9)) + ". " + " ".join(rng.choices(words, k=7)) + "." for _ in range(n)]


def counted(texts, targets=None):
    if targets is None:
        return count_task_text(texts)
    return count_task_text(texts, targets=targets, aliases=ALIASES, spans=sentence_spans)


def parts(matrix):
    return matrix.shape[1], matrix.data.tobytes(), matrix.indices.tobytes(), matrix.indptr.tobytes()


@pytest.mark.parametrize("with_targets", [False, True])
def test_what_rows_outside_the_fit_say_changes_no_byte_of_the_others(with_targets):
    texts = invented(40, 1)
    targets = ["oss" if i % 2 else "lind" for i in range(40)] if with_targets else None
    held = np.array([3, 4, 11, 25, 39])
    seen = np.setdiff1d(np.arange(40), held)
    first = design_matrix(counted(texts, targets), seen, seen)
    for strange in (invented(5, 2, [*WORDS, "zeppelin", "aardvark", "Oss"]), [""] * 5, ["мир 中 Oss aa"] * 5):
        changed = list(texts)
        for i, row in enumerate(held):
            changed[row] = strange[i]
        again = design_matrix(counted(changed, targets), seen, seen)
        assert parts(again.matrix) == parts(first.matrix)
        assert again.n_words == first.n_words
        for a, b in zip(first.weights, again.weights, strict=True):
            assert a.idf.tobytes() == b.idf.tobytes()


def test_what_rows_in_the_fit_say_does_change_the_others():
    # The counterpart, so that the test above can fail: the same change inside the fit is seen.
    texts = invented(40, 1)
    rows = np.arange(1, 40)
    first = design_matrix(counted(texts), np.arange(40), rows)
    again = design_matrix(counted(["flood " * 3, *texts[1:]]), np.arange(40), rows)
    assert parts(again.matrix) != parts(first.matrix)


def test_blocks_stand_side_by_side_with_their_weights_and_targets_last():
    texts, targets = ["Oss praised boats", "Oss praised Lind", "rain on boats"], ["oss", "lind", "lind"]
    text = count_task_text(
        texts, targets=targets, aliases=ALIASES, spans=sentence_spans, min_df=1, char_weight=0.25, word_ngrams=(1, 1)
    )
    design = design_matrix(text, np.arange(3))
    matrix = design.matrix.toarray()
    word, char, target = (len(learned.columns) for learned in design.weights)
    assert design.n_words == word == 6
    blocks = np.split(matrix, np.cumsum([word, char, target]), axis=1)
    lengths = [np.linalg.norm(block, axis=1).round(12).tolist() for block in blocks]
    # Rows have length 1 in the word block, the weight in the character block; the third doesn't name its target.
    assert lengths[:3] == [[1.0] * 3, [0.25] * 3, [1.0, 1.0, 0.0]]
    assert blocks[3].tolist() == [[TARGET_INDICATOR, 0], [0, TARGET_INDICATOR], [0, TARGET_INDICATOR]]
    assert text.blocks[2].counts.terms[design.weights[2].columns].tolist() == [
        "boats",
        "praised",
        "xotherx",
        "xtargetx",
    ]


def test_the_word_block_is_scikit_learns_tf_idf_of_the_rows_in_sight():
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = invented(30, 5)
    seen = np.arange(0, 30, 2)
    design = design_matrix(counted(texts), seen)
    theirs = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit([texts[i] for i in seen])
    np.testing.assert_allclose(
        design.matrix[:, : design.n_words].toarray(), theirs.transform(texts).toarray(), rtol=0, atol=1e-15
    )


def test_rows_are_given_in_the_order_asked_for():
    text = counted(invented(12, 3), ["oss", "lind"] * 6)
    every, some = design_matrix(text, np.arange(8)), design_matrix(text, np.arange(8), np.array([9, 2, 2]))
    assert (some.matrix != every.matrix[[9, 2, 2]]).nnz == 0


def test_without_characters_there_is_no_character_block():
    assert [b.name for b in count_task_text(invented(5, 1), char_weight=0).blocks] == ["word"]
    assert [b.name for b in counted(invented(5, 1)).blocks] == ["word", "char"]


def test_targets_without_their_names_are_refused_rather_than_left_out():
    with pytest.raises(ValueError, match="targets need aliases"):
        count_task_text(["Oss won"], targets=["oss"])
