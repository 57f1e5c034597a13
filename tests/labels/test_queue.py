"""Is the queue unsure, at odds with the rules, spread out, and apart from everything that is coded?"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from newsangle.errors import DataError
from newsangle.labels.queue import queue_codes
from newsangle.labels.suspects import label_errors

sys.path.insert(0, str(Path(__file__).parent))
from frames import CLASSES, make_rows, with_codes

sys.path.pop(0)


def small(**changes):
    """Five passages: the margins of p are 0.8, 0, 0.2, 0.1 and 0.6."""
    table = pd.DataFrame(
        {
            "p_flood": [0.9, 0.5, 0.6, 0.55, 0.2],
            "p_vote": [0.1, 0.5, 0.4, 0.45, 0.8],
            "predicted": ["flood", "flood", "flood", "flood", "vote"],
            "group": ["a", "b", "b", "c", "d"],
            "text": ["dyke broke", "rain fell", "boats came", "rain fell", "ballot counted"],
            "coded": pd.Series([None] * 5, dtype=object),
            "taught": pd.Series([None] * 5, dtype=object),
        }
    )
    return table.assign(**changes)


def test_the_order_is_that_worked_out_by_hand():
    # Scores before anything is queued: 0.2, 1, 0.8, 0.9, 0.4. Row 1 first; its group goes, so row 2 can't come. Row 3
    # says the very same words: 0.9 − ½ · 1 = 0.4, a tie with row 4, which stands behind it.
    found = queue_codes(small(), CLASSES, 4)
    assert found["position"].tolist() == [1, 3, 4, 0]
    np.testing.assert_allclose(found["uncertainty"], [1.0, 0.9, 0.4, 0.2])
    np.testing.assert_allclose(found["likeness"], [0, 1, 0, 0])
    np.testing.assert_allclose(found["score"], [1.0, 0.4, 0.4, 0.2])
    # The rules say vote of row 0: 0.2 + ½.
    rule = ["vote", "flood", "flood", "flood", "vote"]
    found = queue_codes(small(), CLASSES, 4, rule=rule)
    assert found["position"].tolist() == [1, 0, 3, 4]
    assert found["rule_disagrees"].tolist() == [False, True, False, False]


def test_nothing_that_is_coded_is_queued_and_what_is_like_it_comes_later():
    coded = pd.Series([None, "flood", None, None, None], dtype=object)
    for column in ("coded", "taught"):
        found = queue_codes(small(**{column: coded}), CLASSES, 4)
        assert 1 not in found["position"].tolist()
        assert found["position"].tolist() == [2, 3, 4, 0]  # row 3 is a copy of the coded row: 0.4
    with pytest.raises(DataError, match="5 passages can't be queued, one a syndication group: 4 groups have one left"):
        queue_codes(small(), CLASSES, 5)


def test_at_most_one_row_a_group_and_never_one_of_the_drawn():
    rows, truth = make_rows(300)
    gold = np.arange(0, 300, 7)
    rows = with_codes(rows, truth, gold, np.full(300, 0.2))
    found = queue_codes(rows, CLASSES, 60)
    places = found["position"].to_numpy()
    assert len(set(rows["group"].to_numpy()[places])) == 60
    assert not set(places.tolist()) & set(gold.tolist())
    assert queue_codes(rows, CLASSES, 60).equals(found)
    rest = rows.loc[~rows.index.isin(gold)]
    assert found["uncertainty"].mean() > (1 - (rest["p_flood"] - rest["p_vote"]).abs()).mean()


def test_rules_alone_are_unsure_of_nothing():
    with pytest.raises(DataError, match="the run has no probabilities"):
        queue_codes(small(p_flood=np.nan), CLASSES, 1)


def test_the_label_errors_are_those_worked_out_by_hand():
    # Thresholds: class 0 (0.9 + 0.6 + 0.3) / 3 = 0.6, class 1 (0.8 + 0.45 + 0.1) / 3 = 0.45. Row 2 (coded 0) has 0.7
    # for class 1, margin 0.4; row 5 (coded 1) has 0.9 for class 0, margin 0.8; row 4 reaches both thresholds? 0.55 of
    # class 0 is under 0.6, 0.45 of class 1 is its own code. Others are as coded.
    p = np.array([0.9, 0.6, 0.3, 0.2, 0.55, 0.9])
    rows, says, margin = label_errors(np.array([0, 0, 0, 1, 1, 1]), np.column_stack([p, 1 - p]))
    assert rows.tolist() == [5, 2]
    assert says.tolist() == [0, 1]
    np.testing.assert_allclose(margin, [0.8, 0.4])


def test_codes_that_were_flipped_are_found_first():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, size=600)
    chances = rng.dirichlet([1, 1, 1], size=600) * 0.4
    chances[np.arange(600), truth] += 0.6
    flipped = rng.choice(600, size=30, replace=False)
    codes = truth.copy()
    codes[flipped] = (codes[flipped] + 1) % 3
    rows, says, _ = label_errors(codes, chances)
    assert np.isin(rows[:30], flipped).mean() > 0.9
    assert (says[:30] == truth[rows[:30]]).mean() > 0.9
    assert label_errors(truth, chances)[0].tolist() == []


def test_a_class_that_nobody_coded_is_never_suggested_and_bad_input_is_refused():
    chances = np.array([[0.2, 0.1, 0.7], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    assert 2 not in label_errors(np.array([0, 0, 1]), chances)[1]
    for codes, p in ((np.array([0, 3, 1]), chances), (np.array([0, 1]), chances), (np.array([0, -1, 1]), chances)):
        with pytest.raises(ValueError, match="codes"):
            label_errors(codes, p)
    with pytest.raises(ValueError, match="probabilities are missing"):
        label_errors(np.array([0, 0, 1]), np.full((3, 3), np.nan))
