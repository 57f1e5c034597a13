import numpy as np
import pytest

from newsangle.features import matrix
from newsangle.features.matrix import count_words, document_term_matrix, number_words, term_vectorizer, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Al-Bab, al-Bab!", ["al-bab", "al-bab"]),
        ("Mayor’s and mayor's", ["mayor's", "and", "mayor's"]),  # one word, whichever apostrophe
        ("2017 B52 U2 covid19 3rd", []),
        ("a I x go", ["go"]),
        ("-dash- 'quoted' snake_case", ["dash", "quoted"]),
        ("Größe naïve Ереван القاهرة", ["größe", "naïve", "ереван", "القاهرة"]),
        ("co-op's o'clock", ["co-op's", "clock"]),
        ("", []),
    ],
)
def test_words_are_two_letters_and_more_with_inner_hyphens_and_apostrophes(text, words):
    assert tokenise(text) == words


def test_accents_written_as_marks_of_their_own_do_not_cut_a_word():
    assert tokenise("Erdog\u0306an cafe\u0301") == ["erdoğan", "café"]
    assert tokenise("İzmir I\u0307zmir izmir") == ["izmir"] * 3  # İ in lower case is an i and a dot of its own


TEXTS = ["The dyke broke. The dyke!", "A dyke and a river", "River boats", "Boats and boats"]


def test_counts_are_those_of_the_words_in_sorted_order():
    counts, terms = document_term_matrix(TEXTS, min_df=1, max_df=1.0)
    assert terms.tolist() == ["boats", "broke", "dyke", "river"]
    assert counts.toarray().tolist() == [[0, 1, 2, 0], [0, 0, 1, 1], [1, 0, 0, 1], [2, 0, 0, 0]]
    assert counts.dtype == np.int64


def test_stop_words_stay_where_none_are_taken_out():
    _, terms = document_term_matrix(TEXTS, stop_words="none", min_df=1, max_df=1.0)
    assert {"the", "and"} <= set(terms)


def test_limits_are_texts_for_the_minimum_and_a_share_for_the_maximum():
    # In texts: broke 1, boats, dyke and river 2 each of 4. One text more with "river" makes it 3 of 5 = 60 %.
    assert document_term_matrix(TEXTS, min_df=2, max_df=0.5)[1].tolist() == ["boats", "dyke", "river"]
    assert document_term_matrix([*TEXTS, "river"], min_df=2, max_df=0.5)[1].tolist() == ["boats", "dyke"]
    # A whole number is a share too: 1 means all texts, not one text.
    assert document_term_matrix(TEXTS, min_df=2, max_df=1)[1].tolist() == ["boats", "dyke", "river"]


def test_the_order_of_texts_changes_rows_and_nothing_else():
    counts, terms = document_term_matrix(TEXTS, min_df=1)
    turned, turned_terms = document_term_matrix(TEXTS[::-1], min_df=1)
    assert turned_terms.tolist() == terms.tolist()
    assert (turned != counts[::-1]).nnz == 0


def test_limits_that_leave_no_term_say_what_to_lower():
    with pytest.raises(ValueError, match=r"min_df = 5 is above the number of texts, 4; lower features\.min_df"):
        document_term_matrix(TEXTS)
    with pytest.raises(ValueError, match=r"at least 3 and at most 50% of 4 texts; lower features\.min_df"):
        document_term_matrix(TEXTS, min_df=3)
    with pytest.raises(ValueError, match="no term"):
        document_term_matrix(["", "1 2 3"], min_df=1)


def random_texts(n, seed=0):
    rng = np.random.default_rng(seed)
    words = ["the", "and", *(f"{a}{b}" for a in "dfkmr" for b in ("ay", "ire", "o-op", "ï", "an’s"))]
    weights = 1 / np.arange(1, len(words) + 1)
    return [" ".join(rng.choice(words, rng.integers(0, 40), p=weights / weights.sum())) for _ in range(n)]


@pytest.mark.parametrize(
    ("stop_words", "min_df", "max_df"), [("none", 1, 1.0), ("english", 5, 0.5), ("english", 20, 1)]
)
def test_matrix_and_terms_are_those_of_scikit_learns_vectoriser(stop_words, min_df, max_df, monkeypatch):
    monkeypatch.setattr(matrix, "_BLOCK", 50)  # many blocks, texts of several tokens at their ends
    texts, limits = random_texts(60), {"stop_words": stop_words, "min_df": min_df, "max_df": max_df}
    ours, terms = document_term_matrix(iter(texts), **limits)
    reference = term_vectorizer(**limits)
    theirs = reference.fit_transform(texts)
    assert terms.tolist() == reference.get_feature_names_out().tolist()
    assert ours.has_canonical_format
    assert (ours != theirs).nnz == 0


def test_the_words_of_some_texts_are_counted_as_if_the_others_were_not_there():
    texts, some = random_texts(60), np.arange(60) % 3 > 0
    whole, limits = count_words(texts), {"min_df": 5, "max_df": 0.5}
    train, terms = whole.of(some).matrix(whole.of(some).terms(**limits))
    alone, alone_terms = document_term_matrix([t for t, s in zip(texts, some, strict=True) if s], **limits)
    assert terms.tolist() == alone_terms.tolist()
    assert (train != alone).nnz == 0
    held = whole.of(~some).matrix(whole.of(some).terms(**limits))[0]
    fixed = term_vectorizer().set_params(vocabulary={term: i for i, term in enumerate(terms)})
    assert (held != fixed.transform([t for t, s in zip(texts, some, strict=True) if not s])).nnz == 0


def test_numbered_words_spell_the_texts(monkeypatch):
    monkeypatch.setattr(matrix, "_BLOCK", 50)
    texts = ["", *random_texts(40), ""]
    found = number_words(iter(texts))
    assert len(set(found.words)) == len(found.words)
    for text, start, end in zip(texts, found.starts[:-1], found.starts[1:], strict=True):
        assert [found.words[number] for number in found.numbers[start:end]] == tokenise(text)
