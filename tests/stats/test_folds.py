import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from newsangle.stats.folds import group_folds, merge_groups


def test_a_chain_of_shared_keys_ties_units_that_share_none():
    # 0 and 1 share the story, 1 and 2 the article, 2 and 3 the date: 0 and 3 share nothing, yet belong together.
    story = ["s1", "s1", "s2", "s3", "s4"]
    article = ["a1", "a2", "a2", "a3", "a4"]
    date = ["d1", "d2", "d3", "d3", "d4"]
    assert merge_groups(story, article).tolist() == [0, 0, 0, 1, 2]
    assert merge_groups(story, article, date).tolist() == [0, 0, 0, 0, 1]


def test_a_late_unit_joins_groups_that_were_apart():
    # The last unit has the first key of unit 0 and the second of unit 2: groups numbered 0 and 1 become one.
    assert merge_groups(["a", "b", "c", "a"], ["x", "y", "z", "z"]).tolist() == [0, 1, 0, 0]


def test_one_key_is_the_groups_by_first_appearance():
    assert merge_groups(["z", "a", "z", "m", "a"]).tolist() == [0, 1, 0, 2, 1]
    assert merge_groups([]).tolist() == []


keys = st.integers(1, 25).flatmap(
    lambda n: st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=n, max_size=n), min_size=1, max_size=3)
)


@settings(deadline=None)
@given(keys)
def test_merged_groups_are_the_connected_components_of_the_units(found):
    n = len(found[0])
    linked = np.zeros((n, n))
    for key in found:
        linked += np.array(key)[:, None] == np.array(key)[None, :]
    n_components, component = connected_components(csr_array(linked), directed=False)
    merged = merge_groups(*found)
    assert len(set(merged.tolist())) == n_components
    assert len(set(zip(merged.tolist(), component.tolist(), strict=True))) == n_components
    assert list(dict.fromkeys(merged.tolist())) == list(range(n_components))
    assert merged.tolist() == merge_groups(*[[f"new {k}" for k in key] for key in found]).tolist()


def test_keys_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="2 and 3 units"):
        merge_groups(["a", "b", "c"], ["x", "y"])


units = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["for", "against", None])), min_size=1, max_size=80)


@settings(max_examples=200, deadline=None)
@given(units, st.integers(2, 6), st.integers(0, 5))
def test_every_unit_gets_a_fold_every_fold_a_group_and_no_group_two_folds(found, n_folds, seed):
    groups, labels = [f"g{g}" for g, _ in found], [label for _, label in found]
    n_groups = len(set(groups))
    if n_groups < n_folds:
        with pytest.raises(ValueError, match=f"{n_groups} independent groups can't fill {n_folds} folds"):
            group_folds(groups, labels, n_folds=n_folds, seed=seed)
        return
    folds = group_folds(groups, labels, n_folds=n_folds, seed=seed)
    assert len(folds) == len(groups)
    assert set(folds.tolist()) == set(range(n_folds))
    assert len(set(zip(groups, folds.tolist(), strict=True))) == n_groups


def test_neither_story_nor_article_is_in_two_folds():
    rng = np.random.default_rng(1)
    article = [f"a{i // 3}" for i in range(300)]
    story = [f"s{rng.integers(20)}" if i % 8 == 0 else f"own{i}" for i in range(300)]
    labels = [None if i % 2 else "xyz"[i % 3] for i in range(300)]
    folds = group_folds(merge_groups(story, article), labels, n_folds=4)
    for key in (story, article):
        for value in set(key):
            assert len({int(f) for k, f in zip(key, folds, strict=True) if k == value}) == 1


def test_two_equal_pairs_of_groups_are_dealt_one_of_each_kind_a_fold():
    # Groups a, b hold two "war" each, c, d two "trade" each: a second "war" group costs the fold that holds the first
    # 1/2 · 1/2, the other fold nothing. So a and b part, and c and d part.
    groups = ["a", "a", "b", "b", "c", "c", "d", "d"]
    for seed in range(10):
        folds = group_folds(groups, ["war"] * 4 + ["trade"] * 4, n_folds=2, seed=seed)
        assert folds[0] != folds[2]
        assert folds[4] != folds[6]


def test_the_largest_group_is_dealt_first_so_that_small_ones_make_up_for_it():
    # One story of four copies and four single articles: four against four. Dealt last, it would be six and two.
    groups = ["one", "story", "two", "story", "three", "story", "four", "story"]
    for seed in range(10):
        assert np.bincount(group_folds(groups, [None] * 8, n_folds=2, seed=seed)).tolist() == [4, 4]


@pytest.mark.parametrize("seed", range(5))
def test_classes_coded_and_uncoded_units_are_spread_evenly(seed):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(200), rng.integers(1, 6, size=200))
    labels = rng.choice(np.array(["common", "rare", None], dtype=object), p=[0.3, 0.1, 0.6], size=len(groups)).tolist()
    folds = group_folds(groups, labels, n_folds=5, seed=seed)
    for kind, slack in (("common", 0.1), ("rare", 0.15), (None, 0.1)):
        counts = np.bincount([f for f, x in zip(folds, labels, strict=True) if x == kind], minlength=5)
        fair = counts.sum() / 5
        assert np.all(np.abs(counts - fair) <= max(3, slack * fair)), (kind, counts)


def test_a_class_of_as_many_groups_as_folds_is_in_every_fold():
    groups = list(range(60))
    labels = ["rare" if g in (3, 17, 21, 40, 59) else "common" for g in groups]
    for seed in range(20):
        folds = group_folds(np.array(groups), labels, n_folds=5, seed=seed)
        assert {int(folds[g]) for g in (3, 17, 21, 40, 59)} == set(range(5))


def test_the_same_seed_gives_the_same_folds_whatever_the_groups_and_classes_are_called():
    groups, labels = [str(i // 2) for i in range(100)], ["ab"[i % 2] for i in range(100)]
    first = group_folds(groups, labels, seed=4)
    assert first.tolist() == group_folds(groups, labels, seed=4).tolist()
    assert first.tolist() == group_folds([f"renamed {g}" for g in groups], labels, seed=4).tolist()
    assert first.tolist() == group_folds(groups, [{"a": "k", "b": "q"}[x] for x in labels], seed=4).tolist()
    assert first.tolist() != group_folds(groups, labels, seed=5).tolist()


def test_too_few_folds_too_few_groups_and_other_units_labels_are_refused():
    with pytest.raises(ValueError, match="2 independent groups can't fill 3 folds"):
        group_folds(["a", "a", "b"], [None] * 3, n_folds=3)
    with pytest.raises(ValueError, match="at least 2 folds"):
        group_folds(["a", "b"], [None] * 2, n_folds=1)
    with pytest.raises(ValueError, match="0 independent groups"):
        group_folds([], [])
    with pytest.raises(ValueError, match="3 units have 1 labels"):
        group_folds(["a", "b", "c"], [None], n_folds=2)
