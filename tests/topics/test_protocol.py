"""Every row of TOPIC_MODELS keeps the protocol: a new row is examined at once."""

import importlib
import inspect
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from threadpoolctl import threadpool_info, threadpool_limits

from newsangle.topics.match import match_topics
from newsangle.topics.models import TOPIC_MODELS, top_words

NAMES = sorted(TOPIC_MODELS)
FEWER_SWEEPS = {
    "gensim_lda": {"passes": 3},
    "lda": {"n_iter": 10},
    "sklearn_lda": {"max_iter": 4},
    "nmf": {"max_iter": 20},
}  # where a test needs no good fit


def quick(name, n_topics=5, seed=3):
    return TOPIC_MODELS[name](n_topics=n_topics, seed=seed, **FEWER_SWEEPS.get(name, {}))


every_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def fitted(planted):
    return {name: TOPIC_MODELS[name](n_topics=5, seed=3).fit(sparse.csr_matrix(planted.counts)) for name in NAMES}


@every_model
def test_components_are_word_distributions_or_say_that_they_are_not(name, fitted, planted):
    model = fitted[name]
    assert model.components_.shape == planted.phi.shape
    assert model.components_.dtype == np.float64
    rows_sum_to_one = bool(np.allclose(model.components_.sum(axis=1), 1.0) and (model.components_ >= 0).all())
    assert rows_sum_to_one == model.has_word_distributions


@every_model
def test_topic_shares_sum_to_one_and_an_empty_article_has_none(name, fitted, planted):
    X = planted.counts[:4].copy()
    X[2] = 0
    shares = fitted[name].transform(sparse.csr_array(X))
    assert shares.shape == (4, 5)
    assert np.isnan(shares[2]).all()
    assert np.isfinite(shares[[0, 1, 3]]).all()
    if fitted[name].has_word_distributions:
        assert np.allclose(shares[[0, 1, 3]].sum(axis=1), 1.0)
        assert (shares[[0, 1, 3]] > 0).all()


@every_model
def test_the_options_are_named_arguments_and_all_have_defaults(name):
    parameters = inspect.signature(TOPIC_MODELS[name]).parameters
    options = [parameter for name, parameter in parameters.items() if name not in ("n_topics", "seed")]
    assert len(parameters) - len(options) == 2
    assert all(option.kind is not inspect.Parameter.VAR_KEYWORD for option in options)
    assert all(option.default is not inspect.Parameter.empty for option in options)
    with pytest.raises(TypeError, match="n_topic_words"):
        TOPIC_MODELS[name](n_topics=5, seed=0, n_topic_words=3)


@every_model
def test_clones_and_pickles_are_the_same_model(name, planted):
    model = quick(name).fit(planted.counts)
    again = clone(model).fit(planted.counts)
    assert again.get_params() == model.get_params()
    assert again.components_.tobytes() == model.components_.tobytes()
    revived = pickle.loads(pickle.dumps(model))
    assert revived.transform(planted.counts).tobytes() == model.transform(planted.counts).tobytes()


@every_model
def test_fit_transform_is_fit_then_transform(name, planted):
    X = planted.counts[:100]
    assert quick(name).fit_transform(X).tobytes() == quick(name).fit(X).transform(X).tobytes()


@every_model
def test_threads_of_the_libraries_do_not_change_a_byte(name, wide):
    results = []
    for limit in (1, 2):
        with threadpool_limits(limits=limit):
            model = quick(name, 40, 0).fit(wide.counts)
            results.append(model.components_.tobytes() + model.transform(wide.counts[:100]).tobytes())
    assert results[0] == results[1]


LIBRARY_FIT = {
    "nmf": "sklearn.decomposition.NMF.fit_transform",
    "sklearn_lda": "sklearn.decomposition.LatentDirichletAllocation.fit",
    "gensim_lda": "gensim.models.ldamodel.LdaModel.update",
    "gensim_nmf": "gensim.models.nmf.Nmf.update",
    "gensim_lsi": "gensim.models.lsimodel.LsiModel.add_documents",
}


@pytest.mark.parametrize("name", LIBRARY_FIT)
def test_the_library_fits_on_one_thread(name, planted, monkeypatch):
    # The bytes of most models happen to agree on most machines; the thread count is what we control.
    path, method = LIBRARY_FIT[name].rsplit(".", 1)
    module, owner = path.rsplit(".", 1)
    library_class = getattr(importlib.import_module(module), owner)
    fit, threads = getattr(library_class, method), []

    def watched(*arguments, **options):
        threads.extend(library["num_threads"] for library in threadpool_info())
        return fit(*arguments, **options)

    monkeypatch.setattr(library_class, method, watched)
    with threadpool_limits(limits=2):
        quick(name).fit(planted.counts[:60])
        assert max(library["num_threads"] for library in threadpool_info()) == 2
    assert set(threads) == {1}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gensim_lsi"])
def test_another_seed_is_another_start(name, planted):
    X = planted.counts[:100]
    assert not np.allclose(quick(name, seed=4).fit(X).components_, quick(name, seed=3).fit(X).components_, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gensim_lsi"])
def test_planted_topics_are_found(name, fitted, planted):
    found = fitted[name].components_
    permutation, _ = match_topics(planted.phi, found)
    cosine = (planted.phi * found[permutation]).sum(axis=1)
    cosine /= np.linalg.norm(planted.phi, axis=1) * np.linalg.norm(found[permutation], axis=1)
    assert cosine.min() > 0.9


@pytest.mark.parametrize("weighting", ["tfidf", "counts"])
@pytest.mark.parametrize("name", ["nmf", "gensim_nmf"])
def test_both_weightings_give_word_distributions_in_count_space(name, weighting, planted):
    found = TOPIC_MODELS[name](n_topics=5, seed=1, weighting=weighting).fit(planted.counts).components_
    permutation, _ = match_topics(planted.phi, found)
    # A topic's most frequent term has a small idf: undivided, its probability would come out far too small.
    peak = planted.phi.argmax(axis=1)
    assert found[permutation, peak] == pytest.approx(planted.phi[np.arange(5), peak], rel=0.15)


def test_lsi_directions_are_the_singular_vectors_with_the_largest_loading_positive(fitted, planted):
    found = fitted["gensim_lsi"].components_
    assert np.allclose(found @ found.T, np.eye(5), atol=1e-8)
    assert (found[np.arange(5), np.abs(found).argmax(axis=1)] > 0).all()
    # numpy's exact decomposition of TF-IDF, written out: idf = log((1 + n) / (1 + df)) + 1, rows of length 1.
    counts = planted.counts
    weights = counts * (np.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))) + 1)
    weights = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    exact = np.linalg.svd(weights, full_matrices=False)[2][:5]
    assert np.abs((exact * found).sum(axis=1)) == pytest.approx(np.ones(5), abs=1e-4)
    assert fitted["gensim_lsi"].transform(counts) == pytest.approx(weights @ found.T, abs=1e-12)


@every_model
def test_an_empty_article_changes_no_topic(name, planted):
    X = planted.counts[:100]
    with_empty = np.vstack([np.zeros((1, 200), dtype=int), X])
    assert quick(name).fit(with_empty).components_.tobytes() == quick(name).fit(X).components_.tobytes()


@every_model
@pytest.mark.parametrize(
    ("n_topics", "cell", "message"),
    [
        (0, 1, "n_topics = 0"),
        (2.0, 1, "n_topics = 2.0"),
        (True, 1, "n_topics = True"),
        (4, 1, "exceeds the 3 articles"),
        (2, -1, "row 1, column 2 holds -1"),
        (2, np.nan, "row 1, column 2 holds nan"),
        (2, 0.5, "row 1, column 2 holds 0.5"),
        (2, 2.0**31, "row 1, column 2 holds 2147483648.0"),
        (2, 1e300, r"row 1, column 2 holds 1e\+300"),
    ],
)
def test_bad_matrices_and_bad_numbers_of_topics_are_refused_in_one_line(name, n_topics, cell, message):
    X = np.array([[1.0, 2, 0, 3], [2, 0, 1, 1], [0, 4, 1, 1]])
    X[1, 2] = cell
    with pytest.raises(ValueError, match=message) as refused:
        TOPIC_MODELS[name](n_topics=n_topics, seed=0).fit(X)
    assert "\n" not in str(refused.value)


@every_model
def test_a_matrix_without_a_token_is_refused(name):
    with pytest.raises(ValueError, match="no article holds a term"):
        TOPIC_MODELS[name](n_topics=1, seed=0).fit(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="no terms"):
        TOPIC_MODELS[name](n_topics=1, seed=0).fit(np.zeros((3, 0)))


@every_model
def test_another_vocabulary_is_refused(name, fitted):
    with pytest.raises(ValueError, match="7 terms"):
        fitted[name].transform(np.ones((2, 7)))


@every_model
def test_the_matrix_of_the_caller_is_left_as_it_was(name, planted):
    X = sparse.csr_matrix(planted.counts[:60])
    before = (X.data.tobytes(), X.indices.tobytes(), X.dtype)
    quick(name, 3).fit(X).transform(X)
    assert (X.data.tobytes(), X.indices.tobytes(), X.dtype) == before


def test_lsi_refuses_more_directions_than_the_articles_span():
    with pytest.raises(ValueError, match="span 1 directions"):
        TOPIC_MODELS["gensim_lsi"](n_topics=2, seed=0, weighting="counts").fit([[1, 2, 3], [2, 4, 6], [3, 6, 9]])


def test_an_unknown_weighting_is_refused():
    with pytest.raises(ValueError, match='weighting = \'bm25\': choose "tfidf" or "counts"'):
        TOPIC_MODELS["nmf"](n_topics=2, seed=0, weighting="bm25").fit(np.eye(3))


def test_nmf_says_when_it_did_not_converge(planted):
    assert not TOPIC_MODELS["nmf"](n_topics=5, seed=0, max_iter=2).fit(planted.counts).converged_
    assert TOPIC_MODELS["nmf"](n_topics=5, seed=0, max_iter=2000).fit(planted.counts).converged_


def test_equal_weights_stand_alphabetically_and_signed_ones_by_size():
    vocabulary = ["tank", "army", "goal", "ball"]
    assert top_words([[0.4, 0.1, 0.1, 0.4]], vocabulary, n=3) == [["ball", "tank", "army"]]
    assert top_words([[0.1, -0.9, 0.3, 0.0]], vocabulary, n=2) == [["army", "goal"]]


@pytest.mark.parametrize(("vocabulary", "n"), [(["a", "b"], 1), (["a", "b", "c"], 4), (["a", "b", "c"], 0)])
def test_top_words_refuses_another_vocabulary_and_too_many_words(vocabulary, n):
    with pytest.raises(ValueError, match="words"):
        top_words([[0.2, 0.3, 0.5]], vocabulary, n)


_DIGEST = """
import hashlib, numpy as np
from newsangle.topics.models import TOPIC_MODELS
X = np.random.default_rng(0).poisson(0.5, (120, 80))
fits = [model(n_topics=4, seed=1).fit(X) for model in TOPIC_MODELS.values()]
print([hashlib.sha1(fit.components_.tobytes()).hexdigest() for fit in fits])
"""


@pytest.mark.slow
def test_the_hash_seed_of_the_process_does_not_change_a_byte():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
