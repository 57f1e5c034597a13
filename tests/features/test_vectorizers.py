"""Our vectorisers give what scikit-learn's give: matrix, vocabulary, errors; on any text, on any number of threads."""

import pickle
import warnings

import numpy as np
import pytest
import sklearn.feature_extraction.text as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from newsangle.features import CountVectorizer, TfidfVectorizer, vectorizers
from newsangle.features.counting import count_terms, ranks_of, terms_of

# Final sigma, dotted capital I, composed and combining accents, digits of other scripts, a lone surrogate, NUL.
LETTERS = "abcAB éÉßİıσΣς\u0301\u0307_019٣४ \n\t.,-'’\x00\ud800中文字ǅŉ"
TEXTS = st.lists(st.text(st.sampled_from(LETTERS), max_size=60) | st.text(max_size=30), min_size=1, max_size=10)
OPTIONS = st.fixed_dictionaries(
    {
        "lowercase": st.booleans(),
        "ngram_range": st.sampled_from([(1, 1), (1, 2), (2, 2), (1, 3), (2, 3)]),
        "stop_words": st.sampled_from([None, "english", ["ab", "aa", "中文", "ΣΑ"]]),
        "min_df": st.sampled_from([1, 2, 0.3]),
        "max_df": st.sampled_from([1.0, 0.6, 5]),
        "max_features": st.sampled_from([None, 1, 4]),
        "binary": st.booleans(),
    }
)


@pytest.fixture(autouse=True)
def _always_compiled(monkeypatch):
    """Small corpora are left to scikit-learn for speed: here the compiled way is what is examined."""
    monkeypatch.setattr(vectorizers, "LEAST_CHARACTERS", 0)


def outcome(vectorizer, texts):
    """Everything that can be seen: vocabulary, matrices in their very bytes, or the error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            X = vectorizer.fit_transform(texts)
            again = vectorizer.transform(texts[::-1])
        except Exception as error:  # noqa: BLE001  # whatever scikit-learn raises
            return type(error).__name__, str(error)
    told = sorted(str(warning.message) for warning in caught)
    parts = [part for M in (X, again) for part in (M.indptr.tolist(), M.indices.tolist(), M.data.tolist(), M.dtype)]
    return vectorizer.vocabulary_, parts, told


@settings(deadline=None, max_examples=150, derandomize=True)
@given(TEXTS, OPTIONS)
def test_counts_and_vocabulary_are_scikit_learns_on_any_text(texts, options):
    expected = outcome(sk.CountVectorizer(**options), texts)
    for n_jobs in (1, 3):
        assert outcome(CountVectorizer(**options, n_jobs=n_jobs), texts) == expected


@settings(deadline=None, max_examples=40, derandomize=True)
@given(TEXTS, OPTIONS, st.booleans(), st.sampled_from(["l1", "l2", None]))
def test_tfidf_weights_are_scikit_learns(texts, options, sublinear_tf, norm):
    more = {"sublinear_tf": sublinear_tf, "norm": norm}
    assert outcome(TfidfVectorizer(**options, **more), texts) == outcome(sk.TfidfVectorizer(**options, **more), texts)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(TEXTS, st.lists(st.sampled_from(["ab", "aa", "b中", "ab aa", "σς"]), min_size=1, unique=True))
def test_a_fixed_vocabulary_is_kept(texts, vocabulary):
    options = {"vocabulary": vocabulary, "ngram_range": (1, 2)}
    assert outcome(CountVectorizer(**options), texts) == outcome(sk.CountVectorizer(**options), texts)


def test_a_case_by_hand():
    # Words of two letters and more, lowered; "the" stops, so "boats river" is a pair although "the" stood between.
    texts = ["Boats, the river; BOATS!", "a river"]
    vectorizer = CountVectorizer(stop_words=["the"], ngram_range=(1, 2)).fit(texts)
    assert sorted(vectorizer.vocabulary_) == ["boats", "boats river", "river", "river boats"]
    assert vectorizer.transform(texts).toarray().tolist() == [[2, 1, 1, 1], [0, 0, 1, 0]]


def test_a_final_sigma_is_lowered_as_python_does():
    counted = count_terms(["ΟΔΟΣ ΟΔΟΣΑ"])
    assert terms_of(counted.grams, counted.gram_of) == ["οδος", "οδοσα"]


def test_terms_are_ranked_by_code_point():
    texts = ["river boat boats Boat éa 中文", "boat éa \U0001d400b boat éa river"]
    counted = count_terms(texts, ngram_range=(1, 3), lowercase=False)
    terms = terms_of(counted.grams, counted.gram_of)
    assert [terms[i] for i in np.argsort(ranks_of(counted.grams, counted.gram_of))] == sorted(terms)


def test_threads_do_not_change_a_byte():
    rng = np.random.default_rng(0)
    words = np.array([f"w{i:x}x" for i in range(3000)])
    texts = [" ".join(words[np.minimum(rng.zipf(1.3, 200), 2999)]) for _ in range(300)]
    found = {outcome_bytes(CountVectorizer(ngram_range=(1, 2), n_jobs=jobs).fit_transform(texts)) for jobs in (1, 2, 5)}
    assert found == {outcome_bytes(sk.CountVectorizer(ngram_range=(1, 2)).fit_transform(texts))}


def outcome_bytes(X):
    return X.indptr.astype(np.int64).tobytes() + X.indices.astype(np.int64).tobytes() + X.data.tobytes()


@pytest.mark.parametrize(
    "options",
    [
        {"analyzer": "char_wb", "ngram_range": (2, 3)},
        {"token_pattern": r"\w+"},
        {"strip_accents": "unicode"},
        {"tokenizer": str.split, "token_pattern": None},
        {"preprocessor": str.upper},
    ],
)
def test_options_that_are_not_compiled_run_in_scikit_learn(options):
    texts = ["Boats on the rivér", "a rivér of boats"]
    assert outcome(CountVectorizer(**options), texts) == outcome(sk.CountVectorizer(**options), texts)


@pytest.mark.parametrize("texts", [[], [""], ["a b"], [None], [3.5], "one text", [b"bytes \xff"]])
def test_errors_are_scikit_learns(texts):
    assert outcome(CountVectorizer(), texts) == outcome(sk.CountVectorizer(), texts)


def test_clones_and_pickles_count_alike():
    texts = ["boats on the river", "the river rose"]
    vectorizer = CountVectorizer(min_df=1, n_jobs=2).fit(texts)
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    again = pickle.loads(pickle.dumps(vectorizer))
    assert (again.transform(texts) != vectorizer.transform(texts)).nnz == 0
    assert again.get_feature_names_out().tolist() == ["boats", "on", "river", "rose", "the"]
