"""Copies of one story are found exactly, and nothing else is joined."""

import itertools
import random
import re

import pytest

from newsangle.corpus import syndication
from newsangle.corpus.shingles import shingle_sets
from newsangle.corpus.syndication import syndication_groups


def words(start: int, stop: int) -> str:
    return " ".join(f"w{n}" for n in range(start, stop))


def test_jaccard_of_one_half_joins_and_less_does_not() -> None:
    # 14 words have 10 shingles of 5. Shifted by k words two such texts share 10 - k of 10 + k:
    # k = 3: 7/13 = .54; k = 4: 6/14 = .43. Containment asks for 20 shingles, so it stays out of this.
    assert syndication_groups([words(0, 14), words(3, 17)], ["1", "2"]) == ["1", "1"]
    assert syndication_groups([words(0, 14), words(4, 18)], ["1", "2"]) == ["1", "2"]
    # Exactly one half: |A| = |B| = 9, shared 6, union 12.
    assert syndication_groups([words(0, 13), words(3, 16)], ["1", "2"]) == ["1", "1"]


def test_an_excerpt_joins_its_story_when_it_is_long_enough() -> None:
    # The story has 196 shingles, the excerpt 20, all of them the story's: Jaccard 20/196, containment 1.
    story = words(0, 200)
    assert syndication_groups([story, words(50, 74)], ["1", "2"]) == ["1", "1"]
    # One word less: 19 shingles, too few to tell an excerpt from a phrase.
    assert syndication_groups([story, words(50, 73)], ["1", "2"]) == ["1", "2"]
    # 25 shingles, 20 shared = .8 joins; 26 shingles, 20 shared = .77 does not.
    assert syndication_groups([story, words(176, 205)], ["1", "2"]) == ["1", "1"]
    assert syndication_groups([story, words(176, 206)], ["1", "2"]) == ["1", "2"]


def test_copies_of_copies_are_one_group_named_by_the_canonically_first_id() -> None:
    texts = [words(6, 20), words(0, 14), words(3, 17)]  # ends share too little, the middle joins both
    assert syndication_groups(texts, ["b", "10", "9"]) == ["9", "9", "9"]


def test_case_and_blanks_do_not_hide_a_copy_and_texts_without_letters_are_alone() -> None:
    texts = ["Rain fell.", " rain\n FELL. ", "", "", "-1", "-1", "  "]
    assert syndication_groups(texts, list("abcdefg")) == ["a", "a", "c", "d", "e", "f", "g"]
    assert syndication_groups([], []) == []


def story_collection(seed: int, n: int = 60) -> list[str]:
    """Stories from a small vocabulary, some of them cut, spliced or repeated."""
    draw = random.Random(seed)
    stories: list[list[str]] = []
    for _ in range(n):
        if stories and draw.random() < 0.5:
            other = draw.choice(stories)
            start = draw.randrange(max(len(other) - 5, 1))
            story = other[start : start + draw.randrange(5, 80)] + [
                f"v{draw.randrange(50)}" for _ in range(draw.randrange(20))
            ]
        else:
            story = [f"v{draw.randrange(50)}" for _ in range(draw.randrange(3, 90))]
        stories.append(story)
    return [" ".join(story) for story in stories]


def brute_force_groups(texts: list[str], ids: list[str]) -> list[str]:
    """The definition, with Python sets of word tuples over all pairs."""
    sets = []
    for text in texts:
        tokens = re.findall(r"\w+", text.lower())
        sets.append({tuple(tokens[i : i + 5]) for i in range(len(tokens) - 4)})
    label = list(range(len(texts)))
    for i, j in itertools.combinations(range(len(texts)), 2):
        shared, small = len(sets[i] & sets[j]), min(len(sets[i]), len(sets[j]))
        near = shared > 0 and shared / len(sets[i] | sets[j]) >= 0.5
        if texts[i] == texts[j] or near or (small >= 20 and shared / small >= 0.8):
            label = [label[i] if current == label[j] else current for current in label]
    first = {name: min(int(ids[k]) for k in range(len(ids)) if label[k] == name) for name in set(label)}
    return [str(first[name]) for name in label]


@pytest.mark.parametrize("seed", range(5))
def test_the_inverted_index_agrees_with_comparing_all_pairs(seed: int) -> None:
    texts = story_collection(seed)
    ids = [str(n) for n in random.Random(seed).sample(range(1000), len(texts))]
    groups = syndication_groups(texts, ids)
    assert groups == brute_force_groups(texts, ids)
    assert len(set(groups)) < len(texts)  # there was something to find


def test_the_size_of_a_block_does_not_change_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = story_collection(7)
    ids = [str(n) for n in range(len(texts))]
    whole = syndication_groups(texts, ids)
    monkeypatch.setattr(syndication, "_PAIRS_PER_BLOCK", 30)
    assert syndication_groups(texts, ids) == whole


def test_shingles_of_a_footer_propose_no_pair_but_count_in_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syndication, "_BOILERPLATE", 3)
    footer = words(900, 914)  # 10 shingles in all five texts: over the limit of 3
    pair = [words(0, 10) + " " + footer, words(0, 10) + " x " + footer]
    others = [words(100 * n, 100 * n + 3) + " " + footer for n in (2, 3, 4)]
    # The pair shares 6 + 10 of 20 + 21 - 16 = 25 shingles: .64 with the footer; without it 6 of 15 would not join.
    # The others share the footer's 10 of 17 (.59), but nothing else, so they are not even looked at.
    assert syndication_groups(pair + others, list("12345")) == ["1", "1", "3", "4", "5"]


def test_the_order_of_texts_never_matters() -> None:
    texts = story_collection(11)
    ids = [str(n) for n in range(len(texts))]
    expected = dict(zip(ids, syndication_groups(texts, ids), strict=True))
    order = random.Random(3).sample(range(len(texts)), len(texts))
    shuffled = syndication_groups([texts[i] for i in order], [ids[i] for i in order])
    assert [expected[ids[i]] for i in order] == shuffled


def test_shingles_never_reach_over_the_end_of_a_text() -> None:
    found = shingle_sets(["a b c d e f", "g h i", "", "a b c d e"])
    assert found.sizes.tolist() == [2, 0, 0, 1]
    assert found.shared.toarray().tolist() == [[1], [0], [0], [1]]  # "b c d e f" is of one text and only counted
    assert shingle_sets([]).shared.shape == (0, 0) and shingle_sets(["a", "b"]).shared.shape == (2, 0)
    twice = shingle_sets(["a a a a a a a", "a a a a a"])
    assert twice.sizes.tolist() == [1, 1] and twice.shared.toarray().tolist() == [[1], [1]]  # a set, not a bag


def test_groups_of_a_thousand_texts_agree_with_comparing_all_pairs() -> None:
    texts = story_collection(1, n=1000)
    ids = [str(n) for n in range(len(texts))]
    assert syndication_groups(texts, ids) == brute_force_groups(texts, ids)


@pytest.mark.parametrize(("jaccard", "containment"), [(0.3, 0.8), (0.55, 0.6), (0.9, 0.7), (1.0, 1.0)])
def test_looking_up_only_the_rarest_shingles_misses_no_pair_whatever_the_limits(
    jaccard: float, containment: float
) -> None:
    texts = story_collection(5, n=300)
    ids = [str(n) for n in range(len(texts))]
    found = shingle_sets(texts)
    shared = (found.shared @ found.shared.T).toarray()
    sizes = found.sizes
    label = list(range(len(texts)))
    for i, j in itertools.combinations(range(len(texts)), 2):
        small = min(sizes[i], sizes[j])
        near = shared[i, j] and shared[i, j] >= jaccard * (sizes[i] + sizes[j] - shared[i, j])
        if texts[i] == texts[j] or near or (small >= 20 and shared[i, j] >= containment * small):
            label = [label[i] if current == label[j] else current for current in label]
    expected = [str(label.index(name)) for name in label]
    assert syndication_groups(texts, ids, jaccard=jaccard, containment=containment) == expected
