"""Our vectorisers give what scikit-learn's give: matrix, vocabulary, errors; on any text, on any number of threads."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn.feature_extraction.text as sk
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from newsangle.features import CountVectorizer, TfidfVectorizer, vectorizers
from newsangle.features.count_kernels import read_texts
from newsangle.features.counting import count_terms, ranks_of, terms_of
from newsangle.features.gram_kernels import longer_grams
from newsangle.features.word_characters import word_characters

# Final sigma, dotted capital I, composed and combining accents, digits of other scripts, a lone surrogate, NUL, line
# ends of all kinds; letters whose lower case has more bytes (Ⱥ), fewer (the Kelvin sign) or is astral (𐐀).
LETTERS = "abcAB éÉßẞİıσΣς\u0301\u0307_019٣४²Ⅷª \n\r\x0b\x1c\x85\u2028\t.,-'’\u200d\x00\ud800中文字ǅŉȺ\u212aक\u094d𝐀𐐀😀"
# Words that several texts share, some only in lower case: a length that changes, marks that part, other scripts.
SHARED = (
    "the and of ab AB Ab aa a istanbul İSTANBUL Istanbul straße STRASSE STRAẞE ΣΑΣ σας σασ café cafe\u0301 CAFÉ "
    "中文 中文字 k2 \u212a2 ⱥb Ⱥb क्षेत्र 𐐀𐐀 𐐨𐐨 x1 _a __ 12 ٣٤ ²² ab_1 international internationally internationalist"
)
WORDS = SHARED.split()
SEPARATORS = st.sampled_from([" ", " ", " ", "-", "\n", "\u2028", "\x00", ", the ", "\ud800", "\u0301 "])
WORD = st.sampled_from(WORDS) | st.text(st.sampled_from(LETTERS), max_size=9)
TEXT = st.lists(st.tuples(WORD, SEPARATORS).map("".join), max_size=20).map("".join) | st.text(max_size=30)
TEXTS = st.lists(TEXT, min_size=1, max_size=9)
# Words around the eight bytes of a key that are alike at their beginnings, their ends, or both.
PIECES = st.sampled_from(["a", "b", "é", "aaaa", "aaab", "aaaaaaaa", "baaaaaaa", "aaaaaaab", "中", "\U0001d400"])
LONG_WORDS = st.lists(PIECES, min_size=1, max_size=5).map("".join)
LONG_TEXTS = st.lists(st.lists(LONG_WORDS, max_size=12).map(" ".join), min_size=1, max_size=6)
RANGES = [(1, 1), (1, 2), (2, 2), (1, 3), (2, 3), (3, 5)]
OPTIONS = st.fixed_dictionaries(
    {
        "lowercase": st.booleans(),
        "ngram_range": st.sampled_from(RANGES),
        "stop_words": st.sampled_from([None, "english", ["ab", "aa", "中文", "ΣΑ", "AB", "a b", ""]]),
        "min_df": st.sampled_from([1, 1, 2, 0.3, 0.0]),
        "max_df": st.sampled_from([1.0, 1.0, 0.7, 5, 1]),
        "max_features": st.sampled_from([None, None, 1, 4, 30]),
        "binary": st.booleans(),
    }
)
WEIGHTS = st.fixed_dictionaries(
    {
        "sublinear_tf": st.booleans(),
        "norm": st.sampled_from(["l1", "l2", None]),
        "use_idf": st.booleans(),
        "smooth_idf": st.booleans(),
        "dtype": st.sampled_from([np.float64, np.float32]),
    }
)


@pytest.fixture(autouse=True)
def _always_compiled(monkeypatch):
    """Small corpora are left to scikit-learn for speed: here the compiled way is what is examined."""
    monkeypatch.setattr(vectorizers, "LEAST_CHARACTERS", 0)


@pytest.fixture
def counted_here(monkeypatch):
    """The list of calls of the compiled way: a test that compares scikit-learn with itself proves nothing."""
    calls = []

    def count(texts, **options):
        calls.append(options)
        return count_terms(texts, **options)

    monkeypatch.setattr(vectorizers, "count_terms", count)
    return calls


def everything(X):
    """What a sparse matrix is made of, to the byte."""
    arrays = [(array.dtype.str, array.tobytes()) for array in (X.indptr, X.indices, X.data)]
    return type(X), X.shape, arrays, X.has_sorted_indices


def outcome(vectorizer, texts):
    """Everything that can be seen: vocabulary with order and types, matrices to the byte, or the error; warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            X = vectorizer.fit_transform(texts)
            again = vectorizer.transform(texts[::-1])
        except Exception as error:  # noqa: BLE001  # whatever scikit-learn raises
            return type(error), str(error), sorted(set(vars(vectorizer)) - {"n_jobs"})
    told = sorted(str(warning.message) for warning in caught)
    vocabulary = [(term, type(column), column) for term, column in vectorizer.vocabulary_.items()]
    idf = vectorizer.idf_.tobytes() if getattr(vectorizer, "use_idf", False) else None
    return vocabulary, idf, everything(X), everything(again), told, sorted(set(vars(vectorizer)) - {"n_jobs"})


@settings(deadline=None, max_examples=150, derandomize=True)
@given(TEXTS, OPTIONS)
def test_counts_and_vocabulary_are_scikit_learns_on_any_text(texts, options):
    expected = outcome(sk.CountVectorizer(**options), texts)
    for n_jobs in (1, 2, 3):
        assert outcome(CountVectorizer(**options, n_jobs=n_jobs), texts) == expected


@settings(deadline=None, max_examples=60, derandomize=True)
@given(LONG_TEXTS, st.sampled_from(RANGES[:5]), st.sampled_from([None, 3, 9]))
def test_words_that_share_beginnings_and_ends_are_told_apart_and_in_order(texts, ngram_range, max_features):
    options = {"ngram_range": ngram_range, "max_features": max_features}
    assert outcome(CountVectorizer(**options, n_jobs=2), texts) == outcome(sk.CountVectorizer(**options), texts)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TEXTS, OPTIONS, WEIGHTS)
def test_tfidf_weights_are_scikit_learns(texts, options, weights):
    options = options | weights
    with np.errstate(divide="ignore"):  # unsmoothed idf
        assert outcome(TfidfVectorizer(**options), texts) == outcome(sk.TfidfVectorizer(**options), texts)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    TEXTS,
    st.lists(
        st.sampled_from([*WORDS, "ab aa", "the and", "of the", "a", "a  b", "\ud800", ""]), max_size=9, unique=True
    ),
    st.sampled_from([list, set, tuple, lambda terms: {term: i for i, term in enumerate(terms[::-1])}, iter]),
    st.booleans(),
)
def test_a_fixed_vocabulary_is_kept(texts, vocabulary, form, binary):
    def fitted(kind):  # an iterator can be read once: each gets its own
        return outcome(kind(vocabulary=form(vocabulary), ngram_range=(1, 2), binary=binary), texts)

    assert fitted(CountVectorizer) == fitted(sk.CountVectorizer)


@pytest.mark.parametrize("kind", ["CountVectorizer", "TfidfVectorizer"])
@pytest.mark.parametrize("step", ["fit", "fit_transform"])
def test_a_generator_is_read_once(kind, step, counted_here):
    texts = ["boats on the river", "the river rose", "boats rose"]
    ours, theirs = getattr(vectorizers, kind)(min_df=2), getattr(sk, kind)(min_df=2)
    for vectorizer in (ours, theirs):
        getattr(vectorizer, step)(text for text in texts)
    assert list(ours.vocabulary_.items()) == list(theirs.vocabulary_.items())
    assert everything(ours.transform(iter(texts))) == everything(theirs.transform(iter(texts)))
    assert set(vars(ours)) - {"n_jobs"} == set(vars(theirs))
    assert len(counted_here) == 2


@pytest.mark.parametrize("kind", ["CountVectorizer", "TfidfVectorizer"])
@pytest.mark.parametrize("step", ["fit", "fit_transform"])
@pytest.mark.parametrize("options", [{"min_df": 2}, {"max_features": 2}])
def test_terms_that_go_are_never_spelled(kind, step, options, monkeypatch):
    spelled = []

    def spell(grams, wanted):
        spelled.append(terms_of(grams, wanted))
        return spelled[-1]

    monkeypatch.setattr(vectorizers, "terms_of", spell)
    getattr(getattr(vectorizers, kind)(**options), step)(["boats on the river", "the river"])
    assert spelled == [["the", "river"]]


def test_a_case_by_hand(counted_here):
    # Words of two letters and more, lowered; "the" stops, so "boats river" is a pair although "the" stood between.
    texts = ["Boats, the river; BOATS!", "a river"]
    vectorizer = CountVectorizer(stop_words=["the"], ngram_range=(1, 2)).fit(texts)
    assert vectorizer.vocabulary_ == {"boats": 0, "boats river": 1, "river": 2, "river boats": 3}
    assert vectorizer.transform(texts).toarray().tolist() == [[2, 1, 1, 1], [0, 0, 1, 0]]
    assert len(counted_here) == 2


def test_ties_of_max_features_fall_as_in_scikit_learn():
    # 40 words, all twice: which five stay is a matter of the order in which equal totals are sorted.
    texts = [" ".join(f"w{i * 7 % 40:02}" for i in range(40))] * 2
    for limit in (1, 5, 39, 40, 41):
        expected = outcome(sk.CountVectorizer(max_features=limit), texts)
        assert outcome(CountVectorizer(max_features=limit), texts) == expected
        assert len(expected[0]) == min(limit, 40)


def test_a_final_sigma_is_lowered_as_python_does():
    counted = count_terms(["ΟΔΟΣ ΟΔΟΣΑ"])
    assert terms_of(counted.grams, counted.gram_of) == ["οδος", "οδοσα"]


def test_terms_are_ranked_by_code_point():
    texts = ["river boat boats Boat éa 中文", "boat éa \U0001d400b boat éa river"]
    counted = count_terms(texts, ngram_range=(1, 3), lowercase=False)
    terms = terms_of(counted.grams, counted.gram_of)
    assert len(terms) == len(set(terms)) == 7 + 9 + 8  # "boat éa" is the pair that comes twice
    assert [terms[i] for i in np.argsort(ranks_of(counted.grams, counted.gram_of))] == sorted(terms)


# A word of nine bytes has its first byte folded into its last, so the first two have one key. In the other pair the key
# of the long word is the short word itself, found by turning the hash around.
@pytest.mark.parametrize("words", [("aaaaaaaab", "baaaaaaaa"), ("iwnda46i", "aLkG84vtq"), ("aLkG84vtq", "iwnda46i")])
def test_words_of_one_hash_are_told_apart(words):
    texts = [" ".join(words), words[1]]
    buffer = np.frombuffer(texts[0].encode() + b"\n", np.uint8)
    characters = word_characters(False)
    letters = np.append(characters.ascii, np.zeros(128, np.uint8))
    (_, _, keys), _ = read_texts(buffer, np.array([0, len(buffer)]), 0, 1, letters, characters.letters, 0)
    assert len(keys) == 2
    assert keys[0] == keys[1]
    for n_jobs in (1, 2):
        ours = CountVectorizer(n_jobs=n_jobs, lowercase=False)
        assert outcome(ours, texts) == outcome(sk.CountVectorizer(lowercase=False), texts)


def test_more_than_two_billion_places_would_be_numbered_alike():
    # Texts "0 1 0 1" and "1 0 1": pairs (0, 1) end at places 1, 3, 6, pairs (1, 0) at 2, 5.
    words, ends = np.array([0, 1, 0, 1, 1, 0, 1], np.int32), np.array([0, 4, 7])
    for kind in (np.int32, np.int64):
        grams = np.full(7, -1, np.int32)
        heads, tails, places = longer_grams(words, words, ends, 2, 0, 2, 2, np.empty(0, kind), grams)
        assert places.dtype == kind
        assert (heads.tolist(), tails.tolist(), places.tolist()) == ([0, 1], [1, 0], [1, 3, 6, 2, 5])
        assert grams.tolist() == [-1, 0, 1, 0, -1, 1, 0]


def test_many_words_with_one_beginning_are_put_in_order():
    # 100 words that agree in their first 16 bytes: more than are sorted by insertion.
    texts = [" ".join(f"internationalist{i * 37 % 100:02}" for i in range(100))]
    assert outcome(CountVectorizer(), texts) == outcome(sk.CountVectorizer(), texts)


def test_every_character_parts_or_makes_words_as_in_scikit_learn():
    # Each code point between letters; with the letters lowered, and as they are.
    texts = ["".join(f" a{chr(i)}B" for i in range(first, first + 4096)) for first in range(0, 0x20000, 4096)]
    for lowercase in (True, False):
        ours, theirs = CountVectorizer(lowercase=lowercase, n_jobs=2), sk.CountVectorizer(lowercase=lowercase)
        assert everything(ours.fit_transform(texts)) == everything(theirs.fit_transform(texts))
        assert list(ours.vocabulary_.items()) == list(theirs.vocabulary_.items())


def skewed_texts(n_texts, n_words):
    """Words as unequally frequent as in news, in several scripts; some texts are empty."""
    rng = np.random.default_rng(0)
    words = np.array([f"w{i:x}x" if i % 3 else f"é{i:x}中" for i in range(n_words)])
    drawn = (rng.zipf(1.2, (n_texts, 200)) - 1) % n_words
    return [" ".join(words[row]) if i % 17 else "" for i, row in enumerate(drawn)]


@pytest.mark.parametrize("ngram_range", RANGES[:5])
def test_threads_do_not_change_a_byte(ngram_range):
    texts = skewed_texts(200, 9000)
    expected = outcome(sk.CountVectorizer(ngram_range=ngram_range, min_df=2), texts)
    for n_jobs in (1, 2, 3):
        assert outcome(CountVectorizer(ngram_range=ngram_range, min_df=2, n_jobs=n_jobs), texts) == expected


def test_more_threads_than_texts():
    texts = ["", "boats rose", ""]
    assert outcome(CountVectorizer(n_jobs=7), texts) == outcome(sk.CountVectorizer(), texts)


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
def test_options_that_are_not_compiled_run_in_scikit_learn(options, counted_here):
    texts = ["Boats on the rivér", "a rivér of boats"]
    assert outcome(CountVectorizer(**options), texts) == outcome(sk.CountVectorizer(**options), texts)
    assert not counted_here


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["a b"], ["the of"], [None], [3.5], "one text", [b"bytes \xff"], ["boats", None], [b"boats \xc3\xa9a"]],
)
def test_errors_are_scikit_learns(texts):
    for ours, theirs in ((CountVectorizer, sk.CountVectorizer), (TfidfVectorizer, sk.TfidfVectorizer)):
        assert outcome(ours(stop_words="english"), texts) == outcome(theirs(stop_words="english"), texts)


@pytest.mark.parametrize(
    "options",
    [
        {"min_df": 3},
        {"min_df": 2, "max_df": 1},
        {"max_df": 0.1, "min_df": 0.0},
        {"max_df": 1, "max_features": 2},
        {"min_df": -1},
        {"max_features": 0},
        {"ngram_range": (2, 1)},
        {"ngram_range": (0, 1)},
        {"ngram_range": (9, 9)},
        {"vocabulary": []},
        {"vocabulary": ["boats", "boats"]},
        {"vocabulary": {"boats": 1}},
        {"vocabulary": {"boats": 0, "rose": 0}},
        {"stop_words": "klingon"},
        {"dtype": np.float32},
        {"encoding": "latin-1"},
    ],
)
def test_options_that_fail_or_prune_everything_do_as_in_scikit_learn(options):
    texts = ["boats rose", "boats fell"]
    vectorizer = CountVectorizer(**options)
    assert outcome(vectorizer, texts) == outcome(sk.CountVectorizer(**options), texts)
    good = {"min_df": 1, "max_df": 1.0, "max_features": None, "ngram_range": (1, 1), "vocabulary": None}
    vectorizer.set_params(**good, stop_words=None)  # nothing of the failure stays behind
    assert sorted(vectorizer.fit(texts).vocabulary_) == ["boats", "fell", "rose"]


def test_a_vectoriser_without_vocabulary_says_so():
    assert outcome_of_transform(CountVectorizer()) == outcome_of_transform(sk.CountVectorizer())


def outcome_of_transform(vectorizer):
    with pytest.raises(Exception) as caught:
        vectorizer.transform(["boats"])
    return type(caught.value).__name__, str(caught.value)


def test_minus_one_is_one_thread_a_core(counted_here, monkeypatch):
    monkeypatch.setattr(vectorizers.os, "cpu_count", lambda: 3)
    CountVectorizer(n_jobs=-1).fit(["boats rose"])
    assert [call["n_jobs"] for call in counted_here] == [3]


def test_little_text_is_left_to_scikit_learn(counted_here, monkeypatch):
    monkeypatch.setattr(vectorizers, "LEAST_CHARACTERS", 20)
    for n, calls in ((19, 0), (20, 1)):
        CountVectorizer().fit(["boats", "r" * (n - 5)])
        assert len(counted_here) == calls


def test_little_text_does_not_load_the_compiler():
    code = (
        "import sys\nfrom newsangle.features import CountVectorizer\n"
        "CountVectorizer().fit(['boats rose'] * 1000)\nassert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_number_of_threads_below_one():
    with pytest.raises(ValueError, match="n_jobs"):
        CountVectorizer(n_jobs=0).fit(["boats"])


class _OwnLimit(CountVectorizer):
    def _limit_features(self, X, vocabulary, high=None, low=None, limit=None):
        assert set(vocabulary) == {"boats", "rose", "river"}
        return super()._limit_features(X, vocabulary, high, low, limit)


def test_a_subclass_that_replaces_a_step_gets_the_vocabulary_it_expects(counted_here):
    texts = ["river boats", "boats rose"]
    expected = outcome(sk.CountVectorizer(min_df=2), texts)
    assert outcome(_OwnLimit(min_df=2), texts) == expected
    assert list(CountVectorizer()._count_vocab(texts, False)[0].items()) == [("river", 0), ("boats", 1), ("rose", 2)]
    assert len(counted_here) == 3


def test_a_fit_within_a_fit_forgets_the_first():
    class Twice(CountVectorizer):
        def fit_transform(self, raw_documents, y=None):
            with self._spelling_last():
                super().fit_transform(["other words"], y)
                return super().fit_transform(raw_documents, y)

    texts = ["river boats", "boats rose"]
    for options in ({}, {"max_features": 2}):
        assert outcome(Twice(**options), texts) == outcome(sk.CountVectorizer(**options), texts)


@pytest.mark.parametrize("kind", ["CountVectorizer", "TfidfVectorizer"])
def test_clones_and_pickles_count_alike(kind):
    texts = ["boats on the river", "the river rose"]
    ours, theirs = getattr(vectorizers, kind), getattr(sk, kind)
    vectorizer = ours(ngram_range=(1, 2), max_features=5, n_jobs=2).fit(texts)
    assert {**theirs(ngram_range=(1, 2), max_features=5).get_params(), "n_jobs": 2} == vectorizer.get_params()
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    assert everything(clone(vectorizer).fit_transform(texts)) == everything(vectorizer.fit_transform(texts))
    again = pickle.loads(pickle.dumps(vectorizer))
    assert everything(again.transform(texts)) == everything(vectorizer.transform(texts))
    names = theirs(ngram_range=(1, 2), max_features=5).fit(texts).get_feature_names_out()
    assert again.get_feature_names_out().tolist() == names.tolist()
