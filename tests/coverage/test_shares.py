import numpy as np
import pandas as pd
import pytest

from newsangle.coverage.shares import mean_shares, predicted_shares, week_of
from newsangle.stats.bootstrap import bootstrap_interval

FIVE = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0], [0.25, 0.75]])


def column(table, name="share"):
    return {(row["key"], row["frame"]): row[name] for _, row in table.iterrows()}


def test_the_shares_of_five_rows_in_two_outlets_are_those_worked_out_by_hand():
    # Post: rows 0, 1, 2: (1 + 0 + ½) / 3 = ½ war. Herald: rows 3, 4: (1 + ¼) / 2 = 5/8.
    by = pd.Series(["Post", "Post", "Post", "Herald", "Herald"])
    table = predicted_shares(FIVE, list("abcde"), ["war", "trade"], by, n_draws=50)
    assert table[["key", "frame", "n"]].to_numpy().tolist() == [
        ["Herald", "war", 2],
        ["Herald", "trade", 2],
        ["Post", "war", 3],
        ["Post", "trade", 3],
    ]
    assert table["share"].tolist() == [0.625, 0.375, 0.5, 0.5]
    whole = predicted_shares(FIVE, list("abcde"), ["war", "trade"], n_draws=50)
    assert whole[["key", "share", "n"]].to_numpy().tolist() == [["all", 0.55, 5], ["all", 0.45, 5]]


def test_a_weight_counts_its_row_so_many_times():
    # Weights 1, 2, 1, 4, 2: war (1 + 0 + ½ + 4 + ½) / 10 = 0.6. The same rows repeated, each with weight 1, agree.
    weights = np.array([1.0, 2, 1, 4, 2])
    weighted = predicted_shares(FIVE, list("abcde"), ["war", "trade"], weights=weights, n_draws=200, seed=3)
    times = np.repeat(np.arange(5), weights.astype(int))
    repeated = predicted_shares(FIVE[times], [list("abcde")[i] for i in times], ["war", "trade"], n_draws=200, seed=3)
    assert weighted["share"].tolist() == pytest.approx([0.6, 0.4])
    np.testing.assert_allclose(weighted[["share", "low", "high"]], repeated[["share", "low", "high"]])
    assert weighted["n"].tolist() == [5, 5]


def test_the_weights_of_a_cell_are_those_of_its_own_rows():
    # Post: rows 1 and 3 with weights 2 and 6: war (0·2 + 1·6) / 8. Herald: rows 0, 2, 4 with 1, 1, 2: 2 / 4.
    by = pd.Series(["Herald", "Post", "Herald", "Post", "Herald"])
    weights = np.array([1.0, 2, 1, 6, 2])
    table = predicted_shares(FIVE, list("abcde"), ["war", "trade"], by, weights=weights, n_draws=50)
    assert table["share"].tolist() == [0.5, 0.5, 0.75, 0.25]


def test_rows_of_a_missing_cell_are_left_out_and_the_positions_of_others_are_kept():
    by = pd.Series([None, "Post", np.nan, "Post", None], index=[9, 8, 7, 6, 5], dtype=object)
    table = predicted_shares(FIVE, list("abcde"), ["war", "trade"], by, n_draws=50)
    assert column(table) == {("Post", "war"): 0.5, ("Post", "trade"): 0.5}
    dates = week_of(pd.Series(["2031-01-06", None, "2031-01-08", "2031-01-15", None]))
    table = predicted_shares(FIVE, list("abcde"), ["war", "trade"], dates, n_draws=50)
    assert table["key"].unique().tolist() == [pd.Timestamp("2031-01-06"), pd.Timestamp("2031-01-13")]
    assert table["share"].tolist() == [0.75, 0.25, 1.0, 0.0]


def test_the_interval_resamples_groups_not_rows():
    # Twenty rows in two groups, one all war and one all trade: a draw is all war, half, or all trade: limits 0 and 1.
    membership = np.repeat(np.eye(2), 10, axis=0)
    two = predicted_shares(membership, ["a"] * 10 + ["b"] * 10, ["war", "trade"])
    assert two[["low", "high"]].to_numpy().tolist() == [[0.0, 1.0]] * 2
    many = predicted_shares(membership, [str(i) for i in range(20)], ["war", "trade"])
    assert (many["low"] > 0.2).all()
    assert (many["high"] < 0.8).all()


def test_the_interval_is_that_of_the_ratio_of_sums_over_groups():
    rng = np.random.default_rng(0)
    membership, groups = rng.dirichlet([1, 1, 1], size=60), [f"g{i}" for i in rng.integers(0, 15, size=60)]
    weights = rng.uniform(1, 5, size=60)
    table = predicted_shares(membership, groups, ["a", "b", "c"], weights=weights, seed=4, n_draws=300)
    names = sorted(set(groups))
    for k in range(3):
        sums = np.zeros((len(names), 2))
        for row in range(60):
            sums[names.index(groups[row])] += [membership[row, k] * weights[row], weights[row]]
        expected = bootstrap_interval(sums, lambda s: s[:, 0] / s[:, 1], n_draws=300, seed=4)
        assert table.loc[k, ["low", "high"]].tolist() == pytest.approx([expected.low, expected.high], abs=1e-12)
        assert table.loc[k, "share"] == pytest.approx(sums[:, 0].sum() / sums[:, 1].sum(), abs=1e-12)


def test_shares_of_a_cell_sum_to_one_and_lie_in_their_intervals():
    rng = np.random.default_rng(1)
    by = pd.Series(rng.choice(["x", "y", "z"], size=300))
    table = predicted_shares(rng.dirichlet([2, 1, 1], size=300), rng.integers(0, 80, 300).astype(str), list("abc"), by)
    np.testing.assert_allclose(table.groupby("key")["share"].sum(), 1.0)
    assert (table["low"] < table["share"]).all()
    assert (table["share"] < table["high"]).all()


@pytest.mark.parametrize("n_groups", [5, 40])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_class_that_no_row_or_every_row_has_gets_the_exact_binomial_interval(n_groups, weighted):
    # Clopper and Pearson: with 0 of n the upper limit p solves (1 − p)^n = 0.025; with n of n the lower p^n = 0.025.
    from scipy.stats import binomtest

    rng = np.random.default_rng(n_groups)
    groups = [f"g{i % n_groups}" for i in range(90)]
    weights = 1 / rng.uniform(0.05, 1, size=90) if weighted else None
    table = predicted_shares(np.tile([0.0, 1.0], (90, 1)), groups, ["none", "all"], weights=weights)
    exact = binomtest(0, n_groups).proportion_ci(0.95, method="exact")
    assert table["share"].tolist() == [0.0, 1.0]
    np.testing.assert_allclose(table.loc[0, ["low", "high"]].astype(float), [0.0, exact.high], rtol=1e-6)
    np.testing.assert_allclose(table.loc[1, ["low", "high"]].astype(float), [1 - exact.high, 1.0], rtol=1e-6)
    assert set(table["method"]) == {f"Clopper–Pearson on {n_groups} groups"}


def test_every_row_having_the_class_is_seen_whatever_the_weights():
    # Sums of 1/π that are added in two orders differ in the last digit; the share must be 1, not 0.9999999999999999.
    for seed in range(40):
        weights = 1 / np.random.default_rng(seed).uniform(0.05, 1, size=300)
        table = predicted_shares(np.ones((300, 1)), [str(i) for i in range(300)], ["all"], weights=weights, n_draws=20)
        assert table.loc[0, "share"] == 1.0
        assert table.loc[0, "low"] < 1.0


def test_a_single_group_has_a_share_and_no_interval():
    table = predicted_shares(FIVE, ["one"] * 5, ["war", "trade"])
    assert table["share"].tolist() == [0.55, 0.45]
    assert table[["low", "high"]].isna().all(axis=None)
    assert table["method"].str.contains("at least 2").all()


def test_no_rows_have_no_shares():
    table = predicted_shares(np.zeros((0, 2)), [], ["war", "trade"])
    assert table.columns.tolist() == ["key", "frame", "share", "low", "high", "n", "method"]
    assert len(table) == 0


def test_the_order_of_rows_changes_no_digit_that_is_shown():
    rng = np.random.default_rng(5)
    membership, groups = rng.dirichlet([1, 1], size=80), rng.integers(0, 25, 80).astype(str)
    by, order = pd.Series(rng.choice(["x", "y"], size=80)), rng.permutation(80)
    one = predicted_shares(membership, groups, ["a", "b"], by)
    other = predicted_shares(membership[order], groups[order], ["a", "b"], by.iloc[order])
    pd.testing.assert_frame_equal(one, other, rtol=0, atol=1e-12)


def covered(n_trials, n_groups):
    """How often do the limits hold the share of predicted class 0 in the superpopulation that groups come from?

    A group (a story and its copies) holds 1 to 6 rows and has its own leaning p, from 0.09 + 0.7 · Beta(0.6, 1.4), mean
    0.3, plus 0.03 for each row above 3.5: larger groups lean more to class 0, so the share of rows E[size·p] / E[size]
    is not the mean of p. Also returned: how often the interval would hold it that takes rows for independent.
    """
    sizes = np.arange(1, 7)
    truth = float(np.sum(sizes * (0.3 + 0.03 * (sizes - 3.5))) / np.sum(sizes))
    hits = naive = 0
    for trial in range(n_trials):
        rng = np.random.default_rng(20_000 + trial)
        size = rng.integers(1, 7, size=n_groups)
        p = 0.09 + 0.7 * rng.beta(0.6, 1.4, size=n_groups) + 0.03 * (size - 3.5)
        rows = np.repeat(np.arange(n_groups), size)
        predicted = (rng.random(len(rows)) >= p[rows]).astype(int)
        table = predicted_shares(np.eye(2)[predicted], rows.astype(str), ["zero", "one"], n_draws=400, seed=trial)
        hits += table.loc[0, "low"] <= truth <= table.loc[0, "high"]
        share = table.loc[0, "share"]
        naive += abs(share - truth) <= 1.96 * np.sqrt(share * (1 - share) / len(rows))
    return hits / n_trials, naive / n_trials


def test_the_interval_holds_the_predicted_share_of_all_stories_95_percent_of_the_time():
    ours, naive = covered(600, n_groups=200)
    assert 0.92 <= ours <= 0.975
    assert naive < ours - 0.03  # rows of a story are alike: an interval that forgets it is too short


def test_a_week_begins_on_its_monday():
    # 1 January 2031 is a Wednesday; the Monday before it is in the old year.
    dates = pd.Series(["2031-01-01", "2030-12-30", "2031-01-05", "2031-01-06", "2028-02-29"])
    weeks = ["2030-12-30", "2030-12-30", "2030-12-30", "2031-01-06", "2028-02-28"]
    assert week_of(dates).tolist() == [pd.Timestamp(w) for w in weeks]


def test_the_hour_does_not_matter_and_no_date_has_no_week():
    found = week_of(pd.Series([pd.Timestamp("2031-01-05 23:59:59.999"), pd.NaT, pd.Timestamp("2031-01-06 00:00")]))
    assert found.tolist()[::2] == [pd.Timestamp("2030-12-30"), pd.Timestamp("2031-01-06")]
    assert pd.isna(found[1])
    assert week_of(pd.Series([None, None], dtype=object)).isna().all()


def test_every_day_lies_in_the_week_that_the_calendar_says():
    days = pd.Series(pd.date_range("2015-12-20", periods=800))
    weeks = week_of(days)
    assert (weeks.dt.day_of_week == 0).all()
    assert ((days - weeks).dt.days.between(0, 6)).all()
    assert (weeks.dt.isocalendar() == days.dt.isocalendar())[["year", "week"]].all(axis=None)


def test_mean_topic_shares_are_those_worked_out_by_hand_without_rows_that_have_none():
    # Post: rows 0 and 1 (row 2 has no topics): (.2 + .4) / 2, (.8 + .6) / 2. Herald: row 3. Row 4 has no outlet.
    weights = np.array([[0.2, 0.8], [0.4, 0.6], [np.nan, np.nan], [1.0, 0.0], [0.5, 0.5]])
    by = pd.Series(["Post", "Post", "Post", "Herald", None], index=[5, 6, 7, 8, 9])
    table = mean_shares(weights, by, ["war", "trade"])
    assert table.columns.tolist() == ["Herald", "Post"]
    assert table.index.tolist() == ["war", "trade"]
    np.testing.assert_allclose(table, [[1.0, 0.3], [0.0, 0.7]])


def test_a_row_with_one_topic_unknown_is_left_out_whole():
    table = mean_shares(np.array([[0.5, np.nan], [0.25, 0.75]]), pd.Series(["Post", "Post"]), ["war", "trade"])
    assert table["Post"].tolist() == [0.25, 0.75]
    assert mean_shares(np.full((1, 2), np.nan), pd.Series(["Post"]), ["war", "trade"]).shape == (2, 0)
