from itertools import combinations, pairwise

import numpy as np
import pytest

from newsangle.topics.cooccurrence import DOCUMENTS, assign_blocks, count_together, tokenised_corpus


def windows_of(document, window):
    return [document[start : start + window] for start in range(max(1, len(document) - window + 1))]


def held_exactly(document, window):
    """The set of words in each window."""
    return [set(tokens) for tokens in windows_of(document, window)]


def held_as_gensim_slides(document, window):
    """gensim 4.4: each step forgets the token that left, wherever else it stands, and then adds the one that came."""
    steps = windows_of(document, window)
    held = set(steps[0])
    states = [set(held)]
    for before, now in pairwise(steps):
        held.discard(before[0])
        held.add(now[-1])
        states.append(set(held))
    return states


def random_documents(n, seed, words="abcdefghijklmnop", longest=40):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(list(words), size=rng.integers(0, longest))) for _ in range(n)]


def test_a_word_that_stands_twice_is_not_forgotten_when_its_first_occurrence_leaves_the_window():
    # Windows of "a x a b x x": (a x a b), (x a b x), (a b x x). All three hold a, b and x. gensim 4.4 forgets a after
    # the first, when its first a leaves; x after the second, when its first x leaves (the x that comes last is back).
    corpus = tokenised_corpus([["a", "x", "a", "b", "x", "x"]])
    sets = [corpus.numbers_of(["a", "b", "x"])]
    assert corpus.windows(4).tolist() == [3]
    assert (count_together(corpus, sets, 4)[0, :, :, 0] == 3).all()
    # gensim: {a, x, b}; a leaves, x comes: {x, b}; x leaves, x comes: {b, x}.
    assert count_together(corpus, sets, 4, forgets=True)[0, :, :, 0].tolist() == [[1, 1, 1], [1, 3, 3], [1, 3, 3]]


def test_a_short_and_an_empty_document_are_one_window_each():
    # max(1, L − 3 + 1): "a b" 1, "" 1, "a b c d e" 3, "a b c" 1.
    corpus = tokenised_corpus([["a", "b"], [], list("abcde"), list("abc")], groups=range(4))
    assert corpus.windows(3).sum() == 6
    assert corpus.windows(DOCUMENTS).sum() == 4
    # a and b: together in "a b", in the first of three windows of "a b c d e", in "a b c"; c and d in two of three.
    counts = count_together(corpus, [corpus.numbers_of(["a", "b"]), corpus.numbers_of(["c", "d"])], 3).sum(axis=-1)
    assert counts[0].tolist() == [[3, 3], [3, 4]]
    assert counts[1].tolist() == [[4, 2], [2, 2]]


@pytest.mark.parametrize("window", [1, 2, 3, 10, 39, 100])
@pytest.mark.parametrize(("forgets", "held"), [(False, held_exactly), (True, held_as_gensim_slides)])
def test_counts_agree_with_looking_into_every_window(window, forgets, held):
    documents = random_documents(40, seed=window)
    corpus = tokenised_corpus(documents, groups=range(40))
    sets = [list("abc"), ["d", "unseen", "a", "e"], list("hgfedcba")]
    counts = count_together(corpus, [corpus.numbers_of(words) for words in sets], window, forgets=forgets)
    assert counts.shape == (3, 8, 8, 40)
    for document, block in zip(documents, corpus.block.tolist(), strict=True):
        states = held(document, window)
        assert corpus.windows(window)[block] == len(states)
        for number, words in enumerate(sets):
            for i, j in [*combinations(range(len(words)), 2), *[(i, i) for i in range(len(words))]]:
                together = sum(words[i] in state and words[j] in state for state in states)
                assert counts[number, i, j, block] == counts[number, j, i, block] == together


def test_documents_as_windows_count_each_document_once():
    documents = random_documents(30, seed=3)
    corpus = tokenised_corpus(documents)
    counts = count_together(corpus, [corpus.numbers_of(list("abc"))], DOCUMENTS).sum(axis=-1)[0]
    for i, one in enumerate("abc"):
        for j, other in enumerate("abc"):
            assert counts[i, j] == sum(one in d and other in d for d in documents)
        assert corpus.frequency[corpus.numbers[one]] == counts[i, i]


def test_blocks_add_up_to_the_whole():
    corpus = tokenised_corpus(random_documents(40, seed=6), groups=[number % 7 for number in range(40)])
    sets = [corpus.numbers_of(list("abcdef"))]
    assert corpus.n_blocks == 7
    by_block, whole = (count_together(corpus, sets, 4, by_block=by_block) for by_block in (True, False))
    assert (by_block.sum(axis=-1) == whole[..., 0]).all()
    assert (by_block > 0).any(axis=(0, 1, 2)).all()


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


def test_equal_documents_share_a_block_where_nobody_says_which_are_copies():
    block = tokenised_corpus([["a", "b"], ["c"], ["a", "b"], ["a b"], [], []]).block
    assert block[0] == block[2]
    assert block[4] == block[5]
    assert len(set(block.tolist())) == 4


def test_texts_labels_windows_and_blocks_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="document 1 is one text"):
        tokenised_corpus([["a"], "a b c"])
    with pytest.raises(ValueError, match="the documents hold None, a NoneType: tokens are words"):
        tokenised_corpus([["a"], ["b", None]])
    with pytest.raises(ValueError, match="the documents hold 97, a int"):
        tokenised_corpus([b"a"])
    with pytest.raises(ValueError, match="2 groups for 1 documents"):
        tokenised_corpus([["a"]], groups=["x", "y"])
    corpus = tokenised_corpus([["a"]])
    with pytest.raises(ValueError, match="window = -1"):
        count_together(corpus, [corpus.numbers_of(["a"])], -1)
    with pytest.raises(ValueError, match="n_blocks = 0"):
        assign_blocks(["a"], n_blocks=0)
