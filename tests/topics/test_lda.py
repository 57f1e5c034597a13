"""Our LDA: the same bytes whatever the threads, hash seed and order; known topics found; every odd corner defined."""

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.special import digamma as scipy_digamma

from newsangle.topics import lda_fit
from newsangle.topics.heldout import document_completion, unigram_completion
from newsangle.topics.lda import LDA
from newsangle.topics.match import match_topics
from newsangle.topics.sklearn_models import SklearnLdaTopics


def digest(model):
    parts = model.components_.tobytes() + model.alpha_.tobytes() + np.float64(model.eta_).tobytes()
    return hashlib.blake2b(parts, digest_size=8).hexdigest()


def draw(n_topics, n_articles=2000, n_terms=1000, n_tokens=100, seed=0):
    """Articles drawn from the model itself: φ ~ Dirichlet(.05), θ ~ Dirichlet(.1)."""
    rng = np.random.default_rng(seed)
    phi = rng.dirichlet(np.full(n_terms, 0.05), n_topics)
    theta = rng.dirichlet(np.full(n_topics, 0.1), n_articles)
    return sparse.csr_matrix(np.vstack([rng.multinomial(n_tokens, mixture @ phi) for mixture in theta])), phi


def matched_cosine(phi, found):
    permutation, _ = match_topics(phi, found)
    pairs = (phi * found[permutation]).sum(axis=1)
    return pairs / np.linalg.norm(phi, axis=1) / np.linalg.norm(found[permutation], axis=1)


@pytest.mark.parametrize("refine", [0, 12])
@pytest.mark.parametrize("n_topics", [5, 40])  # one vector of lanes, and three
def test_the_number_of_threads_does_not_change_a_byte(wide, n_topics, refine):
    one, two, three = (LDA(n_topics, 12, refine=refine, n_jobs=jobs).fit(wide.counts) for jobs in (1, 2, 3))
    assert digest(one) == digest(two) == digest(three)
    assert one.transform(wide.counts).tobytes() == three.transform(wide.counts).tobytes()


@pytest.mark.parametrize("refine", [0, 12])
def test_shuffled_articles_are_the_same_corpus(planted, refine):
    shuffled = planted.counts[np.random.default_rng(3).permutation(len(planted.counts))]
    assert digest(LDA(5, 12, refine=refine).fit(planted.counts)) == digest(LDA(5, 12, refine=refine).fit(shuffled))


_FIT = """
import sys, numpy as np
sys.path.insert(0, sys.argv[1])
from test_lda import LDA, digest
X = np.random.default_rng(0).poisson(0.5, (200, 80))
print(digest(LDA(20, 12, refine=5, n_jobs=2, seed=4).fit(X)))
"""


def test_another_process_and_hash_seed_give_the_same_bytes_with_and_without_a_cache(tmp_path):
    outputs = set()
    for hash_seed, cache in (("0", tmp_path / "a"), ("1", tmp_path / "a"), ("2", tmp_path / "b")):
        done = subprocess.run(
            [sys.executable, "-c", _FIT, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "XDG_CACHE_HOME": str(cache)},
            capture_output=True,
            check=True,
            text=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_blocks_of_articles_change_only_the_last_digits(wide, monkeypatch):
    whole = LDA(10, 12).fit(wide.counts)
    monkeypatch.setattr(lda_fit, "LEAST_BLOCK", 60)
    monkeypatch.setattr(lda_fit, "BLOCK_BYTES", 1)
    assert len(lda_fit.blocks_of(sparse.csr_matrix(wide.counts), 60)) == 9
    blocked = LDA(10, 12).fit(wide.counts)
    assert np.allclose(whole.components_, blocked.components_, atol=1e-4)
    assert LDA(10, 12, n_jobs=3).fit(wide.counts).components_.tobytes() == blocked.components_.tobytes()


def test_one_topic_is_the_frequency_of_the_terms_with_their_prior():
    # One topic: every token is its own, so φ_w = (N_w + η) / (N + V η). Tokens per term 4, 4, 2; η = .5; N = 10.
    counts = np.array([[3, 1, 0], [1, 3, 2]])
    expected = np.array([4.5, 4.5, 2.5]) / 11.5
    for refine in (0, 4):
        assert LDA(1, 5, eta=0.5, refine=refine).fit(counts).components_[0] == pytest.approx(expected, rel=1e-6)


def test_a_seed_word_weighs_as_half_its_tokens_more():
    # As above with the third term, 2 tokens, as a seed word: 4.5, 4.5 and 2.5 + 2 / 2.
    counts = np.array([[3, 1, 0], [1, 3, 2]])
    expected = np.array([4.5, 4.5, 3.5]) / 12.5
    for refine in (0, 4):
        model = LDA(1, 5, eta=0.5, refine=refine, seed_words={"named": ["c"]}).fit(counts, terms=["a", "b", "c"])
        assert model.components_[0] == pytest.approx(expected, rel=1e-6)


def test_articles_of_two_vocabularies_are_two_topics():
    counts = np.kron(np.eye(2, dtype=int), np.full((20, 10), 3))
    model = LDA(2, 50, alpha=0.1, eta=0.01).fit(counts)
    shares = model.transform(counts)
    assert np.isin(shares.argmax(axis=1), [0, 1]).all()
    assert len({*shares.argmax(axis=1)[:20]}) == len({*shares.argmax(axis=1)[20:]}) == 1
    # 30 tokens of the own topic, α = .1 each: θ = (30 + .1) / 30.2.
    assert shares.max(axis=1) == pytest.approx(30.1 / 30.2, abs=1e-3)


@pytest.mark.parametrize(("n_topics", "n_iter", "refine"), [(10, 50, 0), (20, 200, 0), (20, 200, 50)])
def test_known_topics_are_found(n_topics, n_iter, refine):
    counts, phi = draw(n_topics)
    assert matched_cosine(phi, LDA(n_topics, n_iter, refine=refine).fit(counts).components_).mean() > 0.97


@pytest.mark.slow
def test_fifty_known_topics_are_found():
    counts, phi = draw(50)
    means = [matched_cosine(phi, LDA(50, 200, seed=seed).fit(counts).components_).mean() for seed in range(3)]
    assert np.mean(means) > 0.95


def test_it_predicts_unseen_articles_better_than_scikit_learn():
    counts, _ = draw(30, n_articles=600, n_tokens=60)
    train, held = counts[:500], counts[500:]

    def perplexity(model):
        return document_completion(model.fit(train).components_, held).perplexity

    ours, refined = perplexity(LDA(30)), perplexity(LDA(30, refine=60))
    floor = unigram_completion(train.sum(axis=0), held).perplexity
    # So small a corpus leaves refining little to gain: it must not lose either.
    assert refined < 1.01 * ours < 0.95 * perplexity(SklearnLdaTopics(n_topics=30, seed=0)) < floor


def test_learned_alpha_is_larger_for_a_topic_that_is_everywhere():
    rng = np.random.default_rng(0)
    phi = np.kron(np.eye(4), np.full(25, 1 / 25))
    theta = rng.dirichlet([1.0, 0.2, 0.2, 0.2], 1000)
    counts = np.vstack([rng.multinomial(80, mixture @ phi) for mixture in theta])
    model = LDA(4, 60, refine=100).fit(counts)
    everywhere = int(model.components_[:, 0].argmax())
    assert model.alpha_[everywhere] == pytest.approx(1.0, rel=0.2)
    assert np.delete(model.alpha_, everywhere) == pytest.approx(np.full(3, 0.2), rel=0.2)


def test_learned_eta_is_that_of_the_simulation():
    counts, _ = draw(10, n_articles=1500)
    assert LDA(10, 60, refine=100).fit(counts).eta_ == pytest.approx(0.05, rel=0.3)


def test_fixed_priors_stay():
    model = LDA(3, 5, alpha=0.3, eta=0.2, refine=12).fit(np.random.default_rng(0).poisson(1, (30, 12)))
    assert model.alpha_ == pytest.approx(np.full(3, 0.3))
    assert model.eta_ == 0.2


def test_the_kernels_digamma_is_scipys():
    from newsangle.topics.lda_kernels import digamma

    points = np.geomspace(1e-3, 1e6, 200)
    assert [digamma(x) for x in points] == pytest.approx(scipy_digamma(points), rel=1e-10, abs=1e-10)


def test_a_draw_follows_its_weights():
    from numba import njit

    from newsangle.topics.lda_kernels import aligned
    from newsangle.topics.lda_lanes import LANES
    from newsangle.topics.lda_lanes import draw as lane_draw

    @njit
    def draws(row, other, sums, n, out):
        for i in range(len(out)):
            out[i] = lane_draw(row, other, np.int64(0), np.float32((i + 0.5) / len(out)), sums, n)

    n = 2 * LANES
    row, other, sums = aligned(n), aligned(n), aligned(n)
    row[:20], other[:20] = np.arange(20), 1
    out = np.zeros(19000, np.int64)
    draws(row, other, sums, np.int64(n), out)
    # Every u of a fine grid once: topic k gets its share k / 190 of the draws.
    assert np.bincount(out, minlength=20) / len(out) == pytest.approx(np.arange(20) / 190, abs=2e-4)


@pytest.mark.parametrize(
    ("counts", "n_topics"),
    [([[3]], 1), ([[1, 0], [0, 1]], 2), ([[100000, 1], [1, 100000]], 2), (np.ones((40, 1)), 17)],
)
def test_tiny_and_lopsided_corpora_give_finite_topics(counts, n_topics):
    for refine in (0, 5):
        components = LDA(n_topics, 20, refine=refine).fit(np.array(counts)).components_
        assert np.isfinite(components).all()
        assert components.sum(axis=1) == pytest.approx(np.ones(n_topics))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_iter": 0}, "n_iter = 0: use a whole number of at least 1"),
        ({"n_iter": 2.0}, "n_iter = 2.0"),
        ({"refine": -1}, "refine = -1: use a whole number of at least 0"),
        ({"seed": -1}, "seed = -1"),
        ({"n_jobs": 0}, "n_jobs = 0"),
        ({"alpha": 0}, 'alpha = 0: use a number above 0, or "learn"'),
        ({"eta": "auto"}, "eta = 'auto': use a number above 0, or \"learn\""),
        ({"alpha": float("nan")}, "alpha = nan"),
        ({"alpha": 1e-50}, "alpha = 1e-50: use a number above 0"),  # 0 in float32: shares of 0 / 0
        ({"eta": 1e39}, "eta = 1e\\+39"),
        ({"alpha": np.full(2, 0.1)}, r"alpha = array\("),
    ],
)
def test_bad_options_are_refused_in_one_line(options, message):
    with pytest.raises(ValueError, match=message) as refused:
        LDA(2, **options).fit(np.eye(4, dtype=int))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_a_seed_may_be_a_numpy_number(planted, kind):
    assert digest(LDA(3, 4, refine=3, seed=kind(5)).fit(planted.counts)) == digest(
        LDA(3, 4, refine=3, seed=5).fit(planted.counts)
    )


@pytest.mark.parametrize("refine", [0, 3])
def test_the_form_of_the_matrix_changes_nothing(planted, refine):
    expected = digest(LDA(5, 6, refine=refine).fit(planted.counts))
    cells = sparse.coo_matrix(planted.counts)
    # The same counts as cells out of order, one of them in two parts, with a stored zero and a pair that cancels.
    order = np.random.default_rng(0).permutation(cells.nnz)
    rows, columns, data = (part[order] for part in (cells.row, cells.col, cells.data))
    largest = int(data.argmax())
    empty = int(np.flatnonzero(planted.counts[0] == 0)[0])
    more = [1, 0, 7, -7]
    data[largest] -= 1
    torn = sparse.csr_matrix(
        (
            np.append(data, more),
            (np.append(rows, [rows[largest], 0, 0, 0]), np.append(columns, [columns[largest], empty, empty, empty])),
        ),
        shape=planted.counts.shape,
    )
    untidy = sparse.csr_matrix(planted.counts)
    untidy = sparse.csr_matrix(
        (
            np.concatenate([untidy.data[a:b][::-1] for a, b in zip(untidy.indptr, untidy.indptr[1:], strict=False)]),
            np.concatenate([untidy.indices[a:b][::-1] for a, b in zip(untidy.indptr, untidy.indptr[1:], strict=False)]),
            untidy.indptr,
        ),
        shape=untidy.shape,
    )
    forms = [torn, untidy, sparse.csc_array(planted.counts), planted.counts.astype(np.int8), planted.counts.tolist()]
    forms += [sparse.csr_array(planted.counts.astype(np.float32)), np.asfortranarray(planted.counts)]
    for form in forms:
        assert digest(LDA(5, 6, refine=refine).fit(form)) == expected


def test_shares_of_no_article_and_no_step(planted):
    model = LDA(3, 4).fit(planted.counts)
    assert model.transform(np.zeros((0, 200))).shape == (0, 3)
    with pytest.raises(ValueError, match="n_iter = 0: use at least 1 step"):
        model.transform(planted.counts, n_iter=0)


TERMS = [f"w{i}" for i in range(200)]


def test_a_named_topic_gathers_what_stands_with_its_seed_words(planted):
    # Topic 2 of the simulation owns w80 … w119: two of its frequent words name it, and its other words must follow.
    own = 80 + np.argsort(-planted.phi[2, 80:120])
    seeds = {"sport": [TERMS[own[0]], TERMS[own[1]]]}
    for refine in (0, 20):
        model = LDA(5, 40, refine=refine, seed_words=seeds).fit(planted.counts, terms=TERMS)
        assert model.topic_names_ == ["sport", None, None, None, None]
        assert match_topics(planted.phi, model.components_)[0][2] == 0
        assert set(np.argsort(-model.components_[0])[:6]) <= set(range(80, 120))
    column = planted.counts.sum(axis=0)
    assert model.seed_hits_ == {"sport": {TERMS[own[0]]: column[own[0]], TERMS[own[1]]: column[own[1]]}}


def test_seeds_decide_which_number_a_topic_gets(planted):
    words = [[TERMS[i] for i in np.argsort(-row)[:2]] for row in planted.phi]
    for order in ([0, 1, 2], [2, 1, 0]):
        model = LDA(5, 40, seed_words={f"t{k}": words[k] for k in order}).fit(planted.counts, terms=TERMS)
        assert match_topics(planted.phi, model.components_)[0][order].tolist() == [0, 1, 2]


def test_an_unknown_seed_word_is_a_warning_with_its_count(planted):
    with pytest.warns(UserWarning, match="2 seed words are not in the vocabulary: a: nosuch, b: nothing") as caught:
        model = LDA(5, 5, seed_words={"a": ["nosuch", "w1"], "b": ["nothing"]}).fit(planted.counts, terms=TERMS)
    assert len(caught) == 1
    assert model.seed_hits_["a"]["nosuch"] == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LDA(5, 5, seed_words={"a": ["w1"]}).fit(planted.counts, terms=TERMS)


def test_seed_words_need_the_terms_and_no_more_names_than_topics(planted):
    with pytest.raises(ValueError, match="terms=…"):
        LDA(5, 5, seed_words={"a": ["w1"]}).fit(planted.counts)
    with pytest.raises(ValueError, match="seed_words name 2 topics, n_topics = 1"):
        LDA(1, 5, seed_words={"a": ["w1"], "b": ["w2"]}).fit(planted.counts, terms=TERMS)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [({"a": "w1"}, "seed_words of a = 'w1' is one text: pass a list"), ([["w1"]], "pass a dictionary")],
)
def test_seed_words_of_another_form_are_refused(planted, seeds, message):
    with pytest.raises(ValueError, match=message):
        LDA(5, 5, seed_words=seeds).fit(planted.counts, terms=TERMS)


def test_a_seed_word_twice_counts_once_and_two_topics_may_share_one(planted):
    once = LDA(5, 8, seed_words={"a": ["w1"], "b": ["w1", "w90"]}).fit(planted.counts, terms=TERMS)
    twice = LDA(5, 8, seed_words={"a": ["w1", "w1"], "b": ["w1", "w90"]}).fit(planted.counts, terms=TERMS)
    assert digest(once) == digest(twice)
    hits = int(planted.counts[:, 1].sum())
    assert (once.seed_hits_["a"], once.seed_hits_["b"]["w1"]) == ({"w1": hits}, hits)


def test_another_seed_is_another_answer_and_the_same_seed_the_same(planted):
    assert digest(LDA(5, 8, seed=1).fit(planted.counts)) == digest(LDA(5, 8, seed=1).fit(planted.counts))
    assert digest(LDA(5, 8, seed=1).fit(planted.counts)) != digest(LDA(5, 8, seed=2).fit(planted.counts))
