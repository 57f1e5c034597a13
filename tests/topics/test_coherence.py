import math
import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from newsangle.topics import coherence
from newsangle.topics.coherence_formulas import MEASURES
from newsangle.topics.cooccurrence import tokenised_corpus
from newsangle.topics.diversity import topic_diversity

EPSILON = 1e-12


def random_documents(n, seed, words="abcdefghijklmnop", longest=40):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(list(words), size=rng.integers(0, longest))) for _ in range(n)]


def sets_of(documents, window):
    """What each window holds; None: the documents themselves."""
    if window is None:
        return [set(document) for document in documents]
    return [set(d[s : s + window]) for d in documents for s in range(max(1, len(d) - window + 1))]


def share(held, *words):
    return sum(all(word in words_held for word in words) for words_held in held) / len(held)


def pair_npmi(held, one, other):
    both = share(held, one, other)
    if both == 1:
        return 1.0
    chance = share(held, one) * share(held, other)
    return math.log((both + EPSILON) / chance) / -math.log(both + EPSILON) if chance else -1.0


def by_definition(measure, topic, documents, window):
    """The formulas of the papers, word by word; the second implementation."""
    held = sets_of(documents, window)
    if measure == "c_v":
        vectors = {i: [pair_npmi(held, i, j) for j in topic] for i in topic}
        whole = [sum(column) for column in zip(*vectors.values(), strict=True)]
        return np.mean([np.dot(v, whole) / math.hypot(*v) / math.hypot(*whole) for v in vectors.values()])
    values = []
    for earlier, later in combinations(topic, 2):
        both, p_earlier, p_later = share(held, earlier, later), share(held, earlier), share(held, later)
        if measure == "npmi":
            values.append(pair_npmi(held, earlier, later))
        elif measure == "uci":
            values.append(math.log((both + EPSILON) / (p_earlier * p_later)))
        else:
            values.append(math.log((both + EPSILON) / p_earlier))
    return np.mean(values)


def test_npmi_and_uci_of_one_pair_are_worked_out_by_hand():
    # Window 2 over "a b c d": (a b), (b c), (c d); over the short "a": (a). P(a) = 2/4, P(b) = 2/4, P(a, b) = 1/4:
    # log(1/4 / (1/4)) = 0. P(b, c) = 1/4, P(c) = 2/4: 0. P(d) = 1/4, P(c, d) = 1/4: log 2 / log 4 = 1/2.
    # P(a, d) = 0: log(1e-12 / (1/8)) / -log 1e-12.
    documents = [["a", "b", "c", "d"], ["a"]]
    topics = [["a", "b"], ["b", "c"], ["c", "d"], ["a", "d"]]
    never = math.log(1e-12 * 8)
    result = coherence(topics, documents, "npmi", window=2)
    assert result.value == pytest.approx([0, 0, 0.5, never / -math.log(1e-12)], abs=1e-9)
    assert result.mean == pytest.approx(result.value.mean(), abs=1e-15)
    uci = coherence(topics, documents, "uci", window=2)
    assert uci.value == pytest.approx([0, 0, math.log(2), never], abs=1e-9)


def test_umass_of_a_pair_is_worked_out_by_hand_and_the_order_of_the_words_matters():
    # a stands in 3 of 4 documents, b in 2, both in 1: log(1/4 / (3/4)) = log 1/3; b first: log(1/4 / (2/4)) = log 1/2.
    documents = [["a", "b", "a"], ["a"], ["b", "b"], ["a"]]
    result = coherence([["a", "b"], ["b", "a"]], documents, "umass")
    assert result.value == pytest.approx([math.log(1 / 3), math.log(1 / 2)], abs=1e-9)


def test_c_v_of_a_pair_is_worked_out_by_hand():
    # Four documents, each one window of 110: P(a) = P(b) = 1/2, P(a, b) = 1/4: NPMI(a, b) = 0, NPMI with itself 1.
    # Vectors (1, 0) and (0, 1), their sum (1, 1): both cosines 1 / √2.
    documents = [["a", "b"], ["a"], ["b"], ["c"]]
    assert coherence([["a", "b"]], documents, "c_v").value == pytest.approx([1 / math.sqrt(2)], abs=1e-9)


@pytest.mark.parametrize(
    ("measure", "window"),
    [("npmi", None), ("npmi", 3), ("c_v", None), ("c_v", 5), ("uci", None), ("uci", 4), ("umass", None)],
)
def test_values_agree_with_the_formulas_written_out_over_every_window(measure, window):
    documents = random_documents(30, seed=1)
    topics = [list("abc"), list("defa"), list("fedcbahg")]
    meant = {"npmi": 10, "c_v": 110, "uci": 10, "umass": None}[measure] if window is None else window
    expected = [by_definition(measure, topic, documents, meant) for topic in topics]
    assert coherence(topics, documents, measure, window=window).value == pytest.approx(expected, abs=1e-12)


def test_only_the_top_words_count():
    documents = random_documents(30, seed=2)
    long, short = coherence([list("abcdef")], documents, top_n=3), coherence([list("abc")], documents)
    assert long.value == short.value
    assert (long.measure, short.measure) == ("npmi@3(w=10,exact)", "npmi@10(w=10,exact)")
    assert coherence([list("abc")], documents, "umass", counts="gensim").measure == "umass@10(documents,gensim)"


def test_a_pair_in_every_window_is_one():
    documents = [["a", "b"], ["b", "a", "c"]]
    assert coherence([["a", "b"]], documents, "npmi").value.tolist() == [1.0]
    assert coherence([["a", "b"]], documents, "c_v").value == pytest.approx([1.0])
    assert coherence([["a", "b"]], documents, "uci").value == pytest.approx([0.0], abs=1e-9)
    assert coherence([["a", "b"]], documents, "umass").value == pytest.approx([0.0], abs=1e-9)


def test_an_unseen_word_is_the_worst_there_is_and_shows_in_the_coverage():
    # In every window of both documents stand a and b. NPMI of (a, b) 1, of the two pairs with the unseen word −1.
    documents = [["a", "b"], ["b", "a", "c"]]
    topics = [["a", "b", "unseen"], ["a", "unseen"], ["never", "unseen"]]
    npmi, c_v = coherence(topics, documents, "npmi"), coherence(topics, documents, "c_v")
    assert npmi.value == pytest.approx([-1 / 3, -1, -1])
    assert npmi.coverage == pytest.approx([2 / 3, 1 / 2, 0])
    # C_v: cosines 1, 1 and 0 for the unseen word; 1 and 0; 0.
    assert c_v.value == pytest.approx([2 / 3, 1 / 2, 0])
    worst = math.log(EPSILON)
    assert coherence(topics, documents, "uci").value == pytest.approx([worst * 2 / 3, worst, worst])
    assert coherence(topics, documents, "umass").value == pytest.approx([worst * 2 / 3, worst, worst])


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("documents", [[], [[], []], [["a"]], [["a", "b"]], [["c"] * 30, []]])
def test_no_document_one_document_and_empty_documents_give_numbers(measure, documents):
    result = coherence([["a", "b"], ["b", "c", "a"]], documents, measure)
    assert np.isfinite(result.value).all()
    assert math.isfinite(result.mean)
    if len({tuple(document) for document in documents}) < 2:
        assert np.isnan(result.low).all()
        assert math.isnan(result.mean_high)
        assert "needs at least 2" in result.interval


def test_neither_the_order_of_articles_nor_that_of_words_changes_a_byte():
    documents = random_documents(60, seed=5)
    topics = [list("abcd"), list("dcef")]
    for measure in MEASURES:
        once = coherence(topics, documents, measure, n_random=20)
        again = coherence(topics, documents[::-1], measure, n_random=20)
        for field in ("value", "low", "high", "z", "coverage"):
            assert getattr(once, field).tobytes() == getattr(again, field).tobytes()
        if not MEASURES[measure].ordered:
            turned = coherence([topic[::-1] for topic in topics], documents, measure, n_random=0)
            assert once.value.tobytes() == turned.value.tobytes()


def test_the_hash_seed_changes_nothing():
    code = (
        "from newsangle.topics import coherence\n"
        "documents = ['a b c d'.split(), 'b c e f'.split(), 'a d g h'.split(), 'e f g b'.split()] * 2\n"
        "documents = [d + [str(i)] for i, d in enumerate(documents)]\n"
        "r = coherence([['a', 'b'], ['e', 'g']], documents, 'c_v', window=3)\n"
        "print([r.value.tobytes(), r.low.tobytes(), r.z.tobytes()])\n"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_a_corpus_made_once_gives_what_the_token_lists_give():
    documents = random_documents(50, seed=7)
    groups = [number % 20 for number in range(50)]
    corpus = tokenised_corpus(documents, groups)
    for measure in MEASURES:
        for topics in ([list("abc")], [list("bde"), list("aghi")]):
            one = coherence(topics, documents, measure, groups=groups)
            other = coherence(topics, corpus, measure)
            assert [one.value.tolist(), one.low.tolist(), one.z.tolist(), one.mean_high] == [
                other.value.tolist(), other.low.tolist(), other.z.tolist(), other.mean_high,
            ]  # fmt: skip


@pytest.mark.parametrize("measure", list(MEASURES))
def test_the_interval_is_the_jackknife_of_counting_again_without_each_block(measure):
    documents = random_documents(60, seed=8)
    groups = [number % 3 for number in range(60)]
    topics = [list("abc"), list("defg")]
    window = {"npmi": 4, "c_v": 4, "uci": 4, "umass": None}[measure]
    result = coherence(topics, documents, measure, window=window, groups=groups)
    without = np.array(
        [
            [by_definition(measure, t, [d for d, g in zip(documents, groups, strict=True) if g != left], window)]
            for t in topics
            for left in range(3)
        ]
    ).reshape(2, 3)
    # Variance 2/3 of the squared deviations; t(0.975, 2 degrees of freedom) = 4.302653. Bias: twice how much higher the
    # mean without a block is than the value; the limits lie around the value and around the value without that.
    rows = np.vstack([without, without.mean(axis=0)])
    values = np.append(result.value, result.mean)
    margins = 4.302653 * np.sqrt(2 / 3 * ((rows - rows.mean(axis=1, keepdims=True)) ** 2).sum(axis=1))
    unbiased = values - 2 * (rows.mean(axis=1) - values)
    assert np.append(result.high, result.mean_high) == pytest.approx(np.maximum(values, unbiased) + margins)
    assert np.append(result.low, result.mean_low) == pytest.approx(np.minimum(values, unbiased) - margins)
    assert result.interval == "grouped jackknife, 3 blocks"


def leaning_documents(n, seed):
    """Each document leans on one of four fields of ten words; the other forty words stand anywhere."""
    rng = np.random.default_rng(seed)
    words = np.array([f"{field}{number}" for field in "abcdwxyz" for number in range(10)])
    documents = []
    for _ in range(n):
        weight = np.ones(80)
        field = rng.integers(4)
        weight[10 * field : 10 * field + 10] = 6.0
        documents.append(rng.choice(words, size=30, p=weight / weight.sum()).tolist())
    return documents


@pytest.mark.parametrize("measure", list(MEASURES))
def test_z_is_high_for_words_of_one_field_and_near_zero_for_random_words(measure):
    documents = leaning_documents(300, seed=3)
    rng = np.random.default_rng(4)
    unrelated = [rng.permutation([f"{field}{number}" for field in "wxyz"])[:4].tolist() for number in range(10)]
    result = coherence([[f"a{number}" for number in range(6)], *unrelated], documents, measure)
    assert result.z[0] > 4
    assert abs(result.z[1:].mean()) < 1.5
    assert result.random == "200 sets of words matched on document frequency"
    # Random numbers are keyed by the seed and the topic: what stands beside a topic changes nothing.
    assert coherence(unrelated[:1], documents, measure).z[0] == result.z[1]
    assert coherence(unrelated[:1], documents, measure, seed=1).z[0] != result.z[1]


def test_z_is_the_distance_to_random_sets_in_their_standard_deviations():
    # Twelve other words, each alone in its document: random pairs never meet and all have the same value: no z.
    documents = [["a", "b"]] + [[letter] for letter in "cdefghijklmn"]
    result = coherence([["a", "b"]], documents)
    assert np.isnan(result.z[0])
    assert "same coherence" in result.reason[0]
    small = coherence([["a", "b"]], [["a", "b"], ["a", "c"]])
    assert np.isnan(small.z[0])
    assert "too few other words" in small.reason[0]
    without = coherence([["a", "b"]], documents, n_random=0)
    assert np.isnan(without.z[0])
    assert without.random == "no z: n_random = 0"


def test_random_words_are_about_as_frequent_as_the_words_they_stand_for():
    from newsangle.topics.random_words import random_pool, random_sets

    rng = np.random.default_rng(11)
    words = [f"w{number}" for number in range(400)]
    p = 0.6 / np.arange(1, 401) ** 0.7
    corpus = tokenised_corpus(
        [[w for w, here in zip(words, rng.random(400) < p, strict=True) if here] for _ in range(500)]
    )
    topic = ["w0", "w20", "w60", "w150", "unseen", "w300"]
    sets = random_sets(corpus, random_pool(corpus, 0), topic, 100, 0)
    numbers = corpus.numbers_of(topic)
    assert (sets[:, 4] == -1).all()
    seen = np.delete(sets, 4, axis=1)
    assert not np.isin(seen, numbers).any()
    assert all(len(set(row)) == 5 for row in seen.tolist())
    assert len({tuple(row) for row in seen.tolist()}) > 90
    ratio = corpus.frequency[seen[:, 1:]] / corpus.frequency[np.delete(numbers, 4)[1:]]
    assert ratio.min() > 0.6
    assert ratio.max() < 1.7
    assert ratio.mean() == pytest.approx(1, abs=0.1)


def test_equal_topics_have_diversity_one_over_k_and_distinct_ones_one():
    topic = [f"word{number}" for number in range(25)]
    assert topic_diversity([topic] * 8) == pytest.approx(1 / 8)
    assert topic_diversity([topic, [word.upper() for word in topic]]) == 1.0
    assert topic_diversity([["a", "b", "rest"], ["b", "c", "rest"]], top_n=2) == 0.75
    with pytest.raises(ValueError, match="top_n = 25"):
        topic_diversity([["a", "b"]])


@pytest.mark.parametrize(
    ("topics", "options", "message"),
    [
        ([["a"]], {}, "at least two words"),
        ([["a", "b"], ["a", "a"]], {}, "topic 1"),
        (["a b"], {}, "topic 0 = 'a b' is one text"),
        ([], {}, "no topics"),
        ([["a", "b"]], {"measure": "nmpi"}, "choose npmi, c_v, uci, umass"),
        ([["a", "b"]], {"counts": "gensin"}, "choose exact, gensim"),
        ([["a", "b"]], {"window": 0}, "window = 0"),
        ([["a", "b"]], {"measure": "umass", "window": 10}, "whole documents"),
        ([["a", "b"]], {"top_n": 1}, "top_n = 1"),
        ([["a", "b"]], {"n_random": -1}, "n_random = -1"),
        ([["a", "b"]], {"level": 95}, "level = 95"),
        ([["a", "b"]], {"window": 2.0}, "window = 2.0: use a whole number"),
        ([["a", "b"]], {"top_n": 10.0}, "top_n = 10.0: use a whole number"),
        ([["a", "b"]], {"n_random": 20.5}, "n_random = 20.5: use a whole number"),
    ],
)
def test_topics_and_options_that_have_no_coherence_are_refused(topics, options, message):
    with pytest.raises(ValueError, match=message):
        coherence(topics, [["a", "b"], ["a"]], **options)


def test_groups_of_a_corpus_are_given_once():
    with pytest.raises(ValueError, match="pass them to tokenised_corpus"):
        coherence([["a", "b"]], tokenised_corpus([["a", "b"]]), groups=["x"])
