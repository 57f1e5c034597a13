import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from newsangle.features.ngrams import apply_tfidf, count_ngrams, document_frequency, fit_tfidf

HARBOUR = [
    "The harbour of Karsten closed; the harbour of Tolm stayed open.",
    "Fishermen of Tolm sold herring in the harbour.",
    "Herring prices rose in Karsten.",
    "The council met behind closed doors.",
    "A new council, a new harbour, said the fishermen.",
    "",
]


def test_tf_idf_of_two_short_texts_is_that_worked_out_by_hand():
    # Two texts, words alone: "ice" twice and "melts" once in the first; "ice" once in the second.
    # idf: ice ln(3/3) + 1 = 1, melts ln(3/2) + 1. First text: ice (1 + ln 2) · 1, melts 1 · (ln 1.5 + 1), length 1.
    counts = count_ngrams(["ice ice melts", "ice"], n=(1, 1))
    weights = fit_tfidf(counts, np.arange(2), min_df=1)
    ice, melts = 1 + math.log(2), 1 + math.log(1.5)
    length = math.hypot(ice, melts)
    assert counts.terms.tolist() == ["ice", "melts"]
    np.testing.assert_allclose(
        apply_tfidf(counts, np.arange(2), weights).toarray(), [[ice / length, melts / length], [1.0, 0.0]]
    )


def test_idf_is_learned_from_the_rows_in_sight_and_applied_to_others():
    # Seen: rows 0 and 1, "storm" in both, "calm" in one. Row 2 holds "calm" and "gale"; "gale" was never seen.
    counts = count_ngrams(["storm calm", "storm", "calm gale", "gale gale"], n=(1, 1))
    weights = fit_tfidf(counts, np.array([0, 1]), min_df=1)
    assert counts.terms[weights.columns].tolist() == ["calm", "storm"]
    np.testing.assert_allclose(weights.idf, [math.log(3 / 2) + 1, 1.0])
    assert apply_tfidf(counts, np.array([2, 3]), weights).toarray().tolist() == [[1.0, 0.0], [0.0, 0.0]]


def scikit_learns(texts, rows, *, analyzer, n, min_df):
    """The vectoriser fitted on those texts alone, or None where it finds no term."""
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=n, min_df=min_df, sublinear_tf=True)
    try:
        return vectorizer.fit([texts[i] for i in rows])
    except ValueError as error:
        if "no terms remain" in str(error).lower() or "empty vocabulary" in str(error):
            return None
        raise


def assert_equal_to_scikit_learn(texts, rows, *, analyzer, n, min_df, counted_at=1):
    counts = count_ngrams(texts, analyzer=analyzer, n=n, min_df=counted_at)
    weights = fit_tfidf(counts, np.array(rows, dtype=np.int64), min_df=min_df)
    ours = apply_tfidf(counts, np.arange(len(texts)), weights)
    theirs = scikit_learns(texts, rows, analyzer=analyzer, n=n, min_df=min_df)
    if theirs is None:
        assert ours.shape == (len(texts), 0)
        return
    assert counts.terms[weights.columns].tolist() == theirs.get_feature_names_out().tolist()
    np.testing.assert_array_equal(weights.idf, theirs.idf_)
    np.testing.assert_allclose(ours.toarray(), theirs.transform(texts).toarray(), rtol=0, atol=1e-15)


@pytest.mark.parametrize(("analyzer", "n"), [("word", (1, 2)), ("char_wb", (3, 5)), ("char", (2, 5))])
@pytest.mark.parametrize("min_df", [1, 2, 3])
def test_a_subset_of_rows_gives_what_scikit_learn_fitted_on_it_gives(analyzer, n, min_df):
    assert_equal_to_scikit_learn(HARBOUR, [0, 1, 2, 4], analyzer=analyzer, n=n, min_df=min_df, counted_at=min_df)


# Letters whose lower case is longer, ligatures, combining marks, joiners, other scripts, digits, null and blanks.
odd = st.text(
    st.sampled_from("aab bİıßẞﬁǅ\u0301\u0307\u200d\u00ad\u2028\x00 \n\t.-'’_0٣²ΑΣςшثक中ー𝔘🌊")
    | st.characters(exclude_categories=["Cs"]),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(odd | st.sampled_from(HARBOUR), min_size=2, max_size=8),
    st.data(),
    st.sampled_from([("word", (1, 1)), ("word", (1, 2)), ("char_wb", (2, 3)), ("char_wb", (3, 5))]),
)
def test_any_text_and_any_rows_give_what_scikit_learn_gives(texts, data, kind):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=1, unique=True))
    min_df = data.draw(st.integers(1, len(rows)))
    counted_at = data.draw(st.integers(1, min_df))
    assert_equal_to_scikit_learn(texts, rows, analyzer=kind[0], n=kind[1], min_df=min_df, counted_at=counted_at)


def test_characters_across_words_are_counted_by_char_and_not_by_char_wb():
    # "a b": across words the bigrams "a ", " b"; within words, blanks beside each, " a", "a ", " b", "b ".
    assert count_ngrams(["a b"], analyzer="char", n=(2, 2)).terms.tolist() == [" b", "a "]
    assert count_ngrams(["a b"], analyzer="char_wb", n=(2, 2)).terms.tolist() == [" a", " b", "a ", "b "]


@pytest.mark.parametrize("analyzer", ["word", "char_wb"])
@pytest.mark.parametrize("min_df", [2, 3, 4])
def test_counting_with_a_minimum_drops_exactly_the_rarer_terms(analyzer, min_df):
    every, pruned = (count_ngrams(HARBOUR, analyzer=analyzer, n=(1, 3), min_df=m) for m in (1, min_df))
    in_texts = np.array([sum(bool(x) for x in column) for column in every.matrix.toarray().T])
    assert pruned.terms.tolist() == every.terms[in_texts >= min_df].tolist()
    assert (pruned.matrix != every.matrix[:, in_texts >= min_df]).nnz == 0
    assert 0 < len(pruned.terms) < len(every.terms)


def test_document_frequency_counts_texts_not_uses_and_no_stored_zero():
    matrix = sp.csr_matrix((np.array([5, 1, 0]), np.array([0, 0, 1]), np.array([0, 1, 3])), shape=(2, 3))
    assert document_frequency(matrix).tolist() == [2, 0, 0]


def test_terms_are_sorted_and_a_term_more_in_another_text_moves_no_other():
    before, after = (
        count_ngrams(["delta alpha", "alpha"], n=(1, 1)),
        count_ngrams(["delta alpha", "alpha beta"], n=(1, 1)),
    )
    assert before.terms.tolist() == ["alpha", "delta"]
    assert after.terms.tolist() == ["alpha", "beta", "delta"]
    for counts in (before, after):
        weights = fit_tfidf(counts, np.array([0]), min_df=1)
        assert counts.terms[weights.columns].tolist() == ["alpha", "delta"]


@pytest.mark.parametrize("texts", [[], ["", ""], ["a", "! ?"]])
def test_texts_without_a_word_have_no_terms_and_break_nothing(texts):
    counts = count_ngrams(texts, n=(1, 2))
    rows = np.arange(len(texts))
    assert counts.matrix.shape == (len(texts), 0)
    weights = fit_tfidf(counts, rows, min_df=1)
    assert apply_tfidf(counts, rows, weights).shape == (len(texts), 0)


def test_an_empty_text_is_a_row_of_zeros_and_no_rows_are_no_rows():
    counts = count_ngrams(HARBOUR)
    weights = fit_tfidf(counts, np.arange(6))
    found = apply_tfidf(counts, np.arange(6), weights)
    lengths = np.sqrt(found.multiply(found).sum(axis=1))
    np.testing.assert_allclose(lengths[:5], 1.0)
    assert lengths[5] == 0.0
    assert apply_tfidf(counts, np.array([], dtype=np.int64), weights).shape == (0, len(weights.columns))


def test_a_wrong_range_of_n_is_not_taken_for_an_empty_vocabulary():
    with pytest.raises(ValueError, match="ngram_range"):
        count_ngrams(["one two"], n=(2, 1))
