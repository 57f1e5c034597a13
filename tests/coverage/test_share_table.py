import numpy as np
import pandas as pd
import pytest

from newsangle.coverage.share_table import SHARE_COLUMNS, TREND_COLUMNS, task_shares


def orvia(n=400, seed=3, **changes):
    """Passages of two outlets in four weeks, half of them coded; each article of four passages is its own group."""
    rng = np.random.default_rng(seed)
    article = np.arange(n) // 4
    outlet = np.where(article % 3 == 0, "Lume Herald", "Orvia Post")
    y = rng.random(n) < np.where(outlet == "Lume Herald", 0.6, 0.2)
    chance = np.where(y, 0.8, 0.15)
    coded = np.where(y, "flood", "other").astype(object)
    coded[rng.random(n) > 0.5] = None
    return pd.DataFrame(
        {
            "p_flood": chance,
            "p_other": 1 - chance,
            "coded": coded,
            "pi": 0.5,
            "group": [f"g{a}" for a in article],
            "article_id": [f"a{a}" for a in article],
            "outlet": outlet,
            "date": pd.Timestamp("2031-02-03") + pd.to_timedelta(article % 4 * 7, unit="D"),
            "target": None,
            "truth": y,
        }
    ).assign(**changes)


def shares(table, **fields):
    kept = table
    for name, value in fields.items():
        kept = kept[kept[{"label": "class", "where": "slice"}.get(name, name)] == value]
    return kept


def test_every_slice_is_there_and_counts_the_rows_and_codes_that_lie_in_it():
    rows = orvia()
    table = task_shares("frame", rows, ["flood", "other"]).table
    assert table.columns.tolist() == SHARE_COLUMNS
    flood = table[(table["class"] == "flood") & (table["count"] == "published")]
    assert flood.groupby("slice", sort=False).size().to_dict() == {
        "all": 1, "outlet": 2, "week": 4, "outlet_week": 8,
    }  # fmt: skip
    herald = flood[(flood["slice"] == "outlet_week") & (flood["key"] == "Lume Herald, 2031-02-10")].iloc[0]
    inside = rows[(rows["outlet"] == "Lume Herald") & (rows["date"] == "2031-02-10")]
    assert (herald["n"], herald["n_coded"]) == (len(inside), inside["coded"].notna().sum())
    assert herald["naive"] == pytest.approx(inside["p_flood"].mean())
    for name in ("outlet", "week", "outlet_week"):
        assert flood.loc[flood["slice"] == name, "n"].sum() == 400


def test_the_limits_hold_the_shares_of_both_outlets_and_the_classes_add_up():
    rows = orvia()
    table = task_shares("frame", rows, ["flood", "other"]).table
    for outlet, truth in rows.groupby("outlet")["truth"].mean().items():
        row = shares(table, label="flood", where="outlet", key=outlet, count="published").iloc[0]
        assert row["low"] <= truth <= row["high"]
        assert row["method"].startswith("corrected predictions")
    whole = shares(table, where="all", count="published")
    assert whole["estimate"].sum() == pytest.approx(1.0)


def test_a_cell_without_enough_codes_is_blank_and_says_how_many_are_missing():
    rows = orvia()
    first = (rows["outlet"] == "Lume Herald") & (rows["date"] == "2031-02-03")
    rows.loc[first & (rows.index > rows.index[first][3]), "coded"] = None
    n = int(rows.loc[first, "coded"].notna().sum())
    table = task_shares("frame", rows, ["flood", "other"]).table
    row = shares(table, label="flood", key="Lume Herald, 2031-02-03", count="published").iloc[0]
    assert n < 10
    assert np.isnan(row["estimate"]) and np.isnan(row["low"])
    assert row["labels_needed"] == 10 - n
    assert not np.isnan(row["naive"])


def test_original_reporting_counts_the_first_published_of_a_syndication_group():
    # a0 (Herald, 3 Feb) and a1 (Post, 10 Feb) tell one story; a2 is undated and in a story with a3.
    rows = orvia(16)
    rows["group"] = rows["article_id"].map({"a0": "wire", "a1": "wire", "a2": "late", "a3": "late"})
    rows.loc[rows["article_id"] == "a2", "date"] = pd.NaT
    table = task_shares("frame", rows, ["flood", "other"]).table
    original = shares(table, label="flood", count="original")
    assert shares(original, where="all")["n"].tolist() == [8]
    assert dict(zip(shares(original, where="outlet")["key"], shares(original, where="outlet")["n"], strict=True)) == {
        "Lume Herald": 8  # a0 and a3: both are the Herald's
    }
    assert shares(table, label="flood", count="published", where="outlet")["n"].tolist() == [8, 8]


def test_copies_count_in_published_and_not_in_original():
    rows = orvia()
    copies = rows[rows["truth"]].assign(article_id=lambda t: t["article_id"] + "copy", outlet="Radio Tolm")
    copies["date"] += pd.Timedelta(days=1)
    both = pd.concat([rows, copies], ignore_index=True)
    table = task_shares("frame", both, ["flood", "other"]).table
    alone = task_shares("frame", rows, ["flood", "other"]).table
    pick = ["estimate", "low", "high", "n"]
    for where in ("all", "outlet"):
        ours = shares(table, label="flood", where=where, count="original")[pick].to_numpy(dtype=float)
        np.testing.assert_allclose(
            ours, shares(alone, label="flood", where=where, count="original")[pick].astype(float)
        )
    assert shares(table, label="flood", where="all", count="published")["estimate"].iloc[0] > 0.4


@pytest.mark.parametrize(("change", "why"), [({"pi": np.nan}, "the codes have no pi"), ({"coded": None}, "no codes")])
def test_where_codes_can_not_help_the_naive_share_stands_alone_and_says_so(change, why):
    found = task_shares("frame", orvia(**change), ["flood", "other"])
    assert set(found.table["method"]) == {f"predicted, uncorrected ({why})"}
    assert found.table[["estimate", "low", "high", "labels_needed"]].isna().all().all()
    assert found.table["naive"].notna().all()
    assert len(found.contrasts) == len(found.trends) == 0
    assert found.trends.columns.tolist() == TREND_COLUMNS


def test_targets_are_kept_apart_and_rows_without_outlet_or_date_are_only_left_out_where_needed():
    rows = pd.concat([orvia(seed=1, target="us"), orvia(seed=2, target="assad")], ignore_index=True)
    rows.loc[:9, "outlet"] = None
    rows.loc[390:399, "date"] = pd.NaT
    table = task_shares("stance", rows, ["flood", "other"]).table
    flood = shares(table, label="flood", count="published")
    assert list(dict.fromkeys(flood["target"])) == ["assad", "us"]
    us = flood[flood["target"] == "us"]
    assert us[us["slice"] == "all"]["n"].tolist() == [400]
    assert us[us["slice"] == "outlet"]["n"].sum() == 390
    assert us[us["slice"] == "week"]["n"].sum() == 390
    assert us[us["slice"] == "outlet_week"]["n"].sum() == 380


def test_outlets_that_differ_are_found_and_the_order_of_rows_changes_nothing():
    rows = orvia()
    found = task_shares("frame", rows, ["flood", "other"])
    pair = found.contrasts[found.contrasts["class"] == "flood"].iloc[0]
    assert (pair["first"], pair["second"]) == ("Lume Herald", "Orvia Post")
    assert 0 < pair["low"] < pair["difference"] < pair["high"] < 1
    assert pair["p"] < 0.001
    again = task_shares("frame", rows.sample(frac=1, random_state=5), ["flood", "other"])
    numbers = ["estimate", "low", "high", "naive"]
    np.testing.assert_allclose(again.table[numbers].astype(float), found.table[numbers].astype(float), rtol=1e-8)
    assert again.table["key"].tolist() == found.table["key"].tolist()
    np.testing.assert_allclose(again.contrasts["p"], found.contrasts["p"], rtol=1e-4)


def test_strata_are_used_where_they_are_told():
    rows = orvia()
    plain = task_shares("frame", rows, ["flood", "other"]).table
    strata = task_shares("frame", rows.assign(stratum=np.where(rows["truth"], "wet", "dry")), ["flood", "other"]).table
    truth = rows["truth"].mean()
    first, second = (shares(t, label="flood", where="all", count="published").iloc[0] for t in (plain, strata))
    assert first["estimate"] != second["estimate"]
    assert second["estimate"] == pytest.approx(truth)  # strata that are the class leave nothing open


def test_a_cell_without_passages_says_so_and_blames_no_pi():
    # One story in two outlets, each passage naming another target: what the second ran first is nothing.
    rows = orvia(8)
    rows["group"], rows["outlet"] = "g0", ["Lume Herald"] * 4 + ["Orvia Post"] * 4
    rows["target"] = ["town"] * 4 + ["board"] * 4
    table = task_shares("frame", rows, ["flood", "other"]).table
    board = shares(table, target="board", count="original", where="all", label="flood").iloc[0]
    assert (board["n"], board["method"]) == (0, "no number (no passages)")
