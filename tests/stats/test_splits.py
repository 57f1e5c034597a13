"""Does anything that belongs together ever stand on both sides of a split?"""

import re

import numpy as np
import pytest

from newsangle.stats.folds import group_folds
from newsangle.stats.splits import Fold, Split, outlet_split, random_split, shared_groups, split_of_folds, time_split


def _drawn(seed):
    """Sixty rows in twenty groups that straddle outlets and days; some without outlet or date."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(20, size=60).astype(str)
    outlets = [None if x == 4 else f"o{x}" for x in rng.integers(5, size=60)]
    dates = np.datetime64("2031-03-01") + rng.integers(60, size=60)
    dates[rng.random(60) < 0.1] = np.datetime64("NaT", "D")
    return groups, outlets, dates, rng.random(60) < 0.7


@pytest.mark.parametrize("seed", range(25))
def test_no_group_is_ever_on_both_sides_and_no_row_is_tested_twice(seed):
    groups, outlets, dates, counted = _drawn(seed)
    labels = [None if c else "a" for c in counted]
    splits = [
        split_of_folds(group_folds(groups, labels, n_folds=4, seed=seed)),
        outlet_split(outlets, groups),
        time_split(dates, groups, gap_days=seed % 4, n_folds=4, counted=counted),
    ]
    for split in splits:
        assert split.folds, split.reason
        assert np.sum([fold.test for fold in split.folds], axis=0).max() == 1
        for fold in split.folds:
            assert not (fold.train & fold.test).any()
            assert shared_groups(fold, groups) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_held_out_outlet_teaches_nothing_and_rows_without_an_outlet_are_not_used(seed):
    groups, outlets, _, _ = _drawn(seed)
    names = np.array([o or "" for o in outlets])
    for fold in outlet_split(outlets, groups).folds:
        assert set(names[fold.test]) == {fold.name}
        assert fold.name not in set(names[fold.train])
        assert "" not in set(names[fold.train | fold.test])
    assert outlet_split(outlets, groups).tested(60).sum() == (names != "").sum()


@pytest.mark.parametrize("gap", [0, 1, 3, 7])
def test_whole_days_of_the_gap_lie_between_training_and_test(gap):
    groups, _, dates, counted = _drawn(3)
    split = time_split(dates, groups, gap_days=gap, n_folds=4, counted=counted)
    assert split.folds
    for fold in split.folds:
        days_between = (dates[fold.test].min() - dates[fold.train].max()).astype(int) - 1
        assert days_between >= gap
        assert not np.isnat(dates[fold.train | fold.test]).any()


def test_the_outlet_split_of_four_rows_by_hand():
    """Story x is in both outlets: where b is held out, a's row of x goes, and only z is left to learn from."""
    split = outlet_split(["a", "a", "b", "b"], ["z", "x", "x", "y"])
    assert [fold.name for fold in split.folds] == ["a", "b"]
    assert [fold.train.tolist() for fold in split.folds] == [[False, False, False, True], [True, False, False, False]]


def test_the_time_split_of_ten_days_by_hand():
    """Ten rows on the 1st to 10th, two periods asked for, a gap of two days: half of the rows, the 1st to the 5th,
    teach; the 6th and 7th are the gap; from the 8th on is predicted. The 9th is of the story of the 2nd."""
    dates = np.arange("2031-03-01", "2031-03-11", dtype="datetime64[D]")
    groups = ["a", "tie", "c", "d", "e", "f", "g", "h", "tie", "j"]
    [fold] = time_split(dates, groups, gap_days=2, n_folds=2).folds
    assert fold.name == "2031-03-08"
    assert np.flatnonzero(fold.train).tolist() == [0, 2, 3, 4]
    assert np.flatnonzero(fold.test).tolist() == [7, 8, 9]


def test_a_day_is_never_cut():
    dates = np.repeat(np.array(["2031-03-01", "2031-03-02", "2031-03-03"], dtype="datetime64[D]"), [8, 1, 6])
    for fold in time_split(dates, np.arange(15).astype(str), gap_days=0, n_folds=5).folds:
        assert not set(dates[fold.train].tolist()) & set(dates[fold.test].tolist())


@pytest.mark.parametrize(
    ("split", "told"),
    [
        (outlet_split(["a", None, "a"], ["x", "y", "z"]), "only one outlet \\(a\\)"),
        (outlet_split([None, None], ["x", "y"]), "no row has an outlet"),
        (time_split(np.array(["NaT", "NaT"], dtype="datetime64[D]"), ["x", "y"]), "no row has a date"),
        (time_split(np.array(["2031-03-01", "2031-03-02"], dtype="datetime64[D]"), ["x", "y"]), "too few days"),
    ],
)
def test_an_impossible_split_has_no_folds_and_says_why(split, told):
    assert split.folds == ()
    assert re.search(told, split.reason)
    assert not split.tested(2).any()


def test_random_tears_groups_apart_and_predicts_every_row_once():
    split = random_split(40, n_folds=4, seed=1)
    assert split.tested(40).all()
    assert [int(fold.test.sum()) for fold in split.folds] == [10] * 4
    assert any(shared_groups(fold, ["same"] * 40) for fold in split.folds)
    assert random_split(40, n_folds=4, seed=1).folds[0].test.tolist() == split.folds[0].test.tolist()
    assert random_split(40, n_folds=4, seed=2).folds[0].test.tolist() != split.folds[0].test.tolist()


def test_a_split_of_some_rows_keeps_their_order_and_drops_empty_folds():
    yes, no = np.array([True, False, False]), np.array([False, True, True])
    split = Split("group", (Fold("0", yes, no), Fold("1", no, yes)))
    part = split.of_rows(np.array([True, False, True]))
    assert [fold.train.tolist() for fold in part.folds] == [[True, False], [False, True]]
    assert split.of_rows(np.array([False, True, True])).folds == ()


def test_bad_arguments_are_told():
    with pytest.raises(ValueError, match="at least 2 folds"):
        random_split(1, n_folds=2)
    with pytest.raises(ValueError, match="gap_days = -1"):
        time_split(np.array(["2031-03-01"], dtype="datetime64[D]"), ["x"], gap_days=-1)
    with pytest.raises(ValueError, match="2 rows have 1 groups"):
        outlet_split(["a", "b"], ["x"])
