"""Is what training and test share counted, and is a shared group an error?"""

import numpy as np
import pytest

from newsangle.errors import DataError
from newsangle.stance.leaks import leak_report, refuse_shared_groups
from newsangle.stats.splits import Fold, Split, random_split, split_of_folds

EIGHT = "one two three four five six seven eight"
TEXTS = [
    f"{EIGHT} nine",  # two sequences of eight words
    f"Zero, {EIGHT}!",  # shares one of its two with the first
    "alone in the world with a clock and bread",
    f"{EIGHT} nine",
]
DAYS = np.array(["2031-03-01", "2031-03-02", "2031-03-03", "NaT"], dtype="datetime64[D]")


def test_a_report_worked_out_by_hand():
    """Row 1 is predicted from 0 and 2, rows 0, 2, 3 from 1. Row 1 shares 1 of its 2 sequences: half. Row 0 and row 3
    share 1 of 2 with row 1: half. Outlet p taught row 1 (from 0); row 1 is of p: taught 0. Of days, row 1 lies between
    those of 0 and 2."""
    split = Split(
        "group",
        (
            Fold("a", np.array([True, False, True, False]), np.array([False, True, False, False])),
            Fold("b", np.array([False, True, False, False]), np.array([True, False, True, True])),
        ),
    )
    report = leak_report(split, list("wxyz"), TEXTS, ["g0", "g1", "g2", "g0"], ["p", "p", "q", None], DAYS)
    assert (report.tested, report.shared_groups, report.shared_8grams) == (4, 0, 1)
    assert (report.tested_with_8gram, report.near_copies) == (3, 3)
    assert (report.same_outlet, report.same_days) == (2, 1)
    assert [(p.test_id, p.train_id, p.shared) for p in report.worst] == [("w", "x", 1), ("z", "x", 1)]


def test_copies_on_both_sides_are_the_worst_pair_and_named_once():
    report = leak_report(random_split(4, n_folds=4), list("wxyz"), TEXTS, list("abcd"), [None] * 4, DAYS)
    assert (report.worst[0].test_id, report.worst[0].train_id, report.worst[0].shared) == ("w", "z", 2)
    assert len(report.worst) == 3
    assert report.same_outlet == 0


def test_a_split_without_folds_has_nothing_in_common():
    report = leak_report(Split("time", (), "no"), list("wxyz"), TEXTS, list("abcd"), [None] * 4, DAYS)
    assert (report.tested, report.shared_8grams, report.worst) == (0, 0, ())


def test_a_planted_shared_group_stops_in_one_line_that_names_it():
    split = split_of_folds(np.array([0, 0, 1, 1]))
    refuse_shared_groups(split, {"article": ["a", "a", "b", "b"]}, "tasks.frame")
    with pytest.raises(DataError) as caught:
        refuse_shared_groups(
            split, {"article": list("abcd"), "syndication group": ["wire", "x", "wire", "y"]}, "tasks.frame"
        )
    message = str(caught.value)
    assert "tasks.frame: the group split leaks: syndication group 'wire' is both" in message
    assert "\n" not in message
