import math
from itertools import combinations

import numpy as np
import pytest

from newsangle.topics.coherence import assign_blocks, npmi, npmi_with_interval, topic_diversity, window_counts


def brute_force_windows(documents, window):
    return [set(d[s : s + window]) for d in documents for s in range(max(1, len(d) - window + 1))]


def brute_force_npmi(topic, documents, window):
    windows = brute_force_windows(documents, window)
    values = []
    for one, other in combinations(topic, 2):
        p_one, p_other = (sum(word in held for held in windows) / len(windows) for word in (one, other))
        both = sum(one in held and other in held for held in windows) / len(windows)
        if both == 1:
            values.append(1.0)
        elif p_one == 0 or p_other == 0:
            values.append(-1.0)
        else:
            values.append(math.log((both + 1e-12) / (p_one * p_other)) / -math.log(both + 1e-12))
    return sum(values) / len(values)


def random_documents(n, seed, words="abcdefghijklmnop", longest=40):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(list(words), size=rng.integers(0, longest))) for _ in range(n)]


def test_a_word_that_stands_twice_is_not_forgotten_when_its_first_occurrence_leaves_the_window():
    # Windows of "a x a b x x": (a x a b), (x a b x), (a b x x). All three hold a; gensim 4.4 counts 1.
    counts = window_counts([["a", "x", "a", "b", "x", "x"]], ["a", "b", "x"], window=4)
    assert counts.n_windows.tolist() == [3]
    assert counts.together("a", "a") == 3
    assert counts.together("b", "b") == 3
    assert counts.together("x", "a") == counts.together("a", "x") == 3


def test_npmi_of_one_pair_is_worked_out_by_hand():
    # Window 2 over "a b c d": (a b), (b c), (c d); over the short "a": (a). P(a) = 2/4, P(b) = 2/4, P(a, b) = 1/4:
    # log(1/4 / (1/4)) = 0. P(b, c) = 1/4, P(c) = 2/4: 0. P(d) = 1/4, P(c, d) = 1/4: log 2 / log 4 = 1/2.
    # P(a, d) = 0: log(1e-12 / (1/8)) / -log 1e-12.
    counts = window_counts([["a", "b", "c", "d"], ["a"]], ["a", "b", "c", "d"], window=2)
    assert counts.n_windows.tolist() == [4]
    never = math.log(1e-12 * 8) / -math.log(1e-12)
    assert npmi([["a", "b"], ["b", "c"], ["c", "d"], ["a", "d"]], counts) == pytest.approx([0, 0, 0.5, never], abs=1e-9)


@pytest.mark.parametrize("window", [1, 3, 10, 100])
def test_counts_and_npmi_agree_with_counting_window_by_window(window):
    documents = random_documents(30, seed=window)
    words = list("abcdefz")
    counts = window_counts(documents, words, window)
    windows = brute_force_windows(documents, window)
    assert counts.n_windows.sum() == len(windows)
    for one in words:
        for other in words:
            assert counts.together(one, other) == sum(one in held and other in held for held in windows)
    topics = [list("abc"), list("defa"), list("za"), list("fedcba")]
    expected = [brute_force_npmi(topic, documents, window) for topic in topics]
    assert npmi(topics, counts) == pytest.approx(expected, abs=1e-12)


def test_a_pair_in_every_window_is_one_and_an_unseen_word_is_minus_one():
    counts = window_counts([["a", "b"], ["b", "a", "c"]], ["a", "b", "unseen"], window=5)
    assert npmi([["a", "b"], ["a", "unseen"], ["a", "b", "unseen"]], counts) == pytest.approx([1, -1, -1 / 3])


def test_no_reference_articles_give_the_worst_value_and_never_nan():
    assert npmi([["a", "b"]], window_counts([], ["a", "b"])).tolist() == [-1.0]
    assert npmi([["a", "b"]], window_counts([[], []], ["a", "b"])).tolist() == [-1.0]


def test_neither_the_order_of_articles_nor_that_of_words_changes_a_byte():
    documents = random_documents(40, seed=5)
    topics = [list("abcd"), list("dcef")]
    once = npmi(topics, window_counts(documents, list("abcdef"), 4))
    again = npmi([topic[::-1] for topic in topics], window_counts(documents[::-1], list("abcdef"), 4))
    assert once.tobytes() == again.tobytes()
    assert npmi(topics, window_counts(documents, list("fzedcba"), 4)) == pytest.approx(once, abs=1e-14)


def test_blocks_add_up_to_the_whole_and_two_sets_of_articles_to_one():
    documents = random_documents(40, seed=6)
    blocks = np.arange(40) % 7
    words = list("abcdef")
    whole, blocked = window_counts(documents, words, 4), window_counts(documents, words, 4, blocks)
    assert blocked.n_windows.shape == (7,)
    assert (blocked.joint.sum(axis=0) == whole.joint.toarray()[0]).all()
    assert npmi([words], blocked).tobytes() == npmi([words], whole).tobytes()
    summed = window_counts(documents[:15], words, 4) + window_counts(documents[15:], words, 4)
    assert (summed.joint != whole.joint).nnz == 0
    assert summed.n_windows.tolist() == whole.n_windows.tolist()
    with pytest.raises(ValueError, match="same words"):
        whole + window_counts(documents, words, 5)


def test_the_interval_is_the_jackknife_of_counting_again_without_each_block():
    documents = random_documents(30, seed=8)
    blocks = np.arange(30) % 3
    topics = [list("abc"), list("defg")]
    result = npmi_with_interval(topics, window_counts(documents, list("abcdefg"), 4, blocks))
    without = [
        np.mean(
            [brute_force_npmi(t, [d for d, b in zip(documents, blocks, strict=True) if b != left], 4) for t in topics]
        )
        for left in range(3)
    ]
    # Variance 2/3 of the squared deviations; t(0.975, 2 degrees of freedom) = 4.302653.
    margin = 4.302653 * math.sqrt(2 / 3 * ((np.array(without) - np.mean(without)) ** 2).sum())
    assert result.mean == pytest.approx(np.mean([brute_force_npmi(t, documents, 4) for t in topics]))
    assert (result.interval.low, result.interval.high) == pytest.approx((result.mean - margin, result.mean + margin))
    assert result.interval.method == "grouped jackknife, 3 blocks"


def test_one_block_has_no_interval_and_says_why():
    result = npmi_with_interval([["a", "b"]], window_counts([["a", "b", "c"]], ["a", "b"], 2))
    assert math.isfinite(result.mean)
    assert math.isnan(result.interval.low)
    assert "needs at least 2" in result.interval.method


def test_a_block_number_without_articles_is_no_block():
    documents = random_documents(20, seed=9)
    dense = window_counts(documents, list("abc"), 4, np.arange(20) % 2)
    gappy = window_counts(documents, list("abc"), 4, np.arange(20) % 2 * 5)
    assert npmi_with_interval([list("abc")], dense).interval == npmi_with_interval([list("abc")], gappy).interval


def test_wire_copies_share_a_block_whatever_the_order():
    groups = [f"story {number % 120}" for number in range(300)]
    blocks = assign_blocks(groups)
    assert len(set(blocks.tolist())) == 50
    for group in set(groups):
        assert len({block for g, block in zip(groups, blocks.tolist(), strict=True) if g == group}) == 1
    assert (assign_blocks(groups[::-1])[::-1] == blocks).all()
    groups_per_block = np.bincount([blocks[groups.index(group)] for group in sorted(set(groups))])
    assert groups_per_block.min() >= 2
    assert groups_per_block.max() <= 3
    # Written down once: another process, another hash seed, another machine must deal the same way.
    assert assign_blocks(["a", "b", "c", "d", "e"], n_blocks=2).tolist() == [0, 1, 1, 0, 0]
    assert sorted(assign_blocks([4, 5, 6], n_blocks=50).tolist()) == [0, 1, 2]


def test_equal_topics_have_diversity_one_over_k_and_distinct_ones_one():
    topic = [f"word{number}" for number in range(25)]
    assert topic_diversity([topic] * 8) == pytest.approx(1 / 8)
    assert topic_diversity([topic, [word.upper() for word in topic]]) == 1.0
    assert topic_diversity([["a", "b", "rest"], ["b", "c", "rest"]], top_n=2) == 0.75


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ([["a"]], "at least two words"),
        ([["a", "b"], ["a", "a"]], "topic 1"),
        ([["a", "q"]], "'q' was not counted"),
        ([], "no topics"),
    ],
)
def test_topics_that_have_no_coherence_are_refused(topics, message):
    counts = window_counts([["a", "b"]], ["a", "b"])
    with pytest.raises(ValueError, match=message):
        npmi(topics, counts)


def test_windows_words_and_blocks_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="repeated"):
        window_counts([["a"]], ["a", "a"])
    with pytest.raises(ValueError, match="window = 0"):
        window_counts([["a"]], ["a"], window=0)
    with pytest.raises(ValueError, match="block number"):
        window_counts([["a"]], ["a"], blocks=[0, 1])
    with pytest.raises(ValueError, match="n_blocks = 0"):
        assign_blocks(["a"], n_blocks=0)
    with pytest.raises(ValueError, match="top_n = 25"):
        topic_diversity([["a", "b"]])


@pytest.mark.slow
def test_the_interval_covers_the_coherence_of_the_population_95_percent_of_the_time():
    """Stories of one to four copies; each leans on one of three topics. Truth: the same topics on 120,000 stories."""
    words = [f"w{number}" for number in range(60)]
    topics = [words[0:5], words[20:25], words[40:45]]

    def stories(n, rng):
        for _ in range(n):
            leaning = np.full(60, 1.0)
            leaning[20 * (which := rng.integers(3)) : 20 * which + 20] += 4.0
            p = rng.dirichlet(leaning)
            text = rng.choice(words, size=30, p=p).tolist()
            yield [text] * int(rng.integers(1, 5))

    def counted(n, rng):
        numbered = [(number, text) for number, story in enumerate(stories(n, rng)) for text in story]
        return window_counts(
            [t for _, t in numbered], [w for t in topics for w in t], 10, assign_blocks([n for n, _ in numbered])
        )

    # npmi(topics, counted(120_000, np.random.default_rng(1))).mean(), standard error 0.0006. A truth from 6,000 stories
    # is off by a quarter of the interval's standard error and makes a right interval look too short.
    truth = 0.10565
    covered = 0
    for trial in range(500):
        interval = npmi_with_interval(topics, counted(150, np.random.default_rng(5000 + trial))).interval
        covered += interval.low <= truth <= interval.high
    assert 0.925 <= covered / 500 <= 0.975
