"""Is the sample that is drawn the one that its `pi` describes, and is the half-width that was promised kept?"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from newsangle.errors import DataError
from newsangle.labels.plan import plan_codes
from newsangle.labels.strata import class_chances, periods, strata, systematic

sys.path.insert(0, str(Path(__file__).parent))
from frames import CLASSES, make_rows, with_codes

sys.path.pop(0)


def shares(plan, truth, coded=()):
    """Horvitz–Thompson and Hájek share of class 0 from the drawn and the coded rows, weighted by 1/pi."""
    rows = np.concatenate([plan.drawn, np.asarray(coded, dtype=np.int64)])
    weight = 1 / plan.pi[rows]
    hits = (weight * (truth[rows] == 0)).sum()
    return hits / len(truth), hits / weight.sum()


def test_each_row_is_drawn_with_exactly_its_own_probability():
    # Over all random starts, on a grid of 10,000, each row is drawn in its share of them, and two or three at a time.
    fraction = np.array([0.1, 0.9, 0.25, 0.25, 0.5, 0.4])
    order = np.array([3, 0, 5, 1, 2, 4])
    hits, sizes = np.zeros(6), set()

    class Start:
        def __init__(self, value):
            self.value = value

        def random(self):
            return self.value

    for i in range(10_000):
        drawn = systematic(fraction, order, Start((i + 0.5) / 10_000))
        hits[drawn] += 1
        sizes.add(len(drawn))
    np.testing.assert_allclose(hits / 10_000, fraction, atol=1e-12)
    assert sizes == {2, 3}


def test_a_day_is_in_one_period_and_no_date_is_a_period_of_its_own():
    # By hand: of seven dates the first, fourth and sixth begin a period; the first and fourth are one day.
    dates = pd.Series(pd.to_datetime(["2031-03-01"] * 4 + ["2031-03-02", "2031-03-09", "2031-03-09", None]))
    assert periods(dates, 3) == ["2031-03-01"] * 5 + ["2031-03-09"] * 2 + ["undated"]
    assert periods(pd.Series(pd.to_datetime([None, None])), 4) == ["undated", "undated"]


def test_strata_are_outlet_by_period_by_predicted_class_and_target():
    rows, _ = make_rows(6)
    rows = rows.assign(outlet=["Post", "Post", None, "Post", "Post", "Post"], date=pd.NaT, predicted=["flood"] * 6)
    assert (
        strata(rows)
        == [*["Post / undated / flood"] * 2, "(unknown) / undated / flood"] + ["Post / undated / flood"] * 3
    )
    rows["target"] = ["oss"] * 6
    assert strata(rows)[0] == "Post / undated / flood / oss"


def test_a_stratum_that_holds_few_rows_is_thought_nearly_as_mixed_as_the_whole():
    # By hand: four rows of mean 0.2 in one stratum, one row of 1 in another; the whole has mean 0.36.
    # (0.8 + 5 · 0.36) / 9 and (1 + 5 · 0.36) / 6.
    rows = pd.DataFrame({"p_flood": [0.1, 0.3, 0.2, 0.2, 1.0], "p_vote": [0.9, 0.7, 0.8, 0.8, 0.0]})
    found = class_chances(rows, CLASSES, np.array([0, 0, 0, 0, 1]))
    np.testing.assert_allclose(found[:, 0], [2.6 / 9, 2.8 / 6])
    np.testing.assert_allclose(found.sum(axis=1), 1)
    nothing = class_chances(rows.assign(p_flood=np.nan), CLASSES, np.array([0, 0, 0, 0, 1]))
    assert (nothing == 0.5).all()


def test_a_first_sample_has_the_size_asked_and_weighs_up_to_the_frame():
    rows, _ = make_rows()
    plan = plan_codes(rows, CLASSES, n=60, seed=3)
    assert len(plan.drawn) == 60 == len(set(plan.drawn.tolist()))
    assert np.isfinite(plan.pi).sum() == 60
    pi = plan.pi[plan.drawn]
    assert ((pi > 0) & (pi <= 1)).all()
    assert (1 / pi).sum() == pytest.approx(300, rel=0.05)
    assert not plan.mixed
    by_stratum = pd.DataFrame({"stratum": np.array(plan.stratum)[plan.drawn], "pi": pi}).groupby("stratum")["pi"]
    assert (by_stratum.nunique() == 1).all()
    # A stratum that the model is unsure about is drawn at a higher rate, the sure ones at no less than half the mean.
    unsure = rows["p_flood"].between(0.3, 0.7).to_numpy()
    assert pi[unsure[plan.drawn]].mean() > pi[~unsure[plan.drawn]].mean()
    assert pi.min() > 0.3 * 60 / 300


def test_the_same_seed_draws_the_same_rows_and_another_seed_others():
    rows, _ = make_rows()
    first, again, other = (plan_codes(rows, CLASSES, n=40, seed=s) for s in (1, 1, 2))
    assert first.drawn.tolist() == again.drawn.tolist()
    np.testing.assert_array_equal(first.pi, again.pi)
    assert first.drawn.tolist() != other.drawn.tolist()


def test_a_smaller_half_width_takes_more_codes_and_what_is_asked_is_planned():
    rows, _ = make_rows(900)
    sizes = []
    for half_width in (0.08, 0.04, 0.02):
        plan = plan_codes(rows, CLASSES, half_width=half_width)
        whole = plan.cells.loc[plan.cells["key"] == "all"]
        assert (whole["half_width_planned"] <= half_width * 1.001).all()
        assert (whole["half_width_planned"] > half_width * 0.95).all()  # and no more than is needed
        assert whole["more"].max() == len(plan.drawn)
        sizes.append(len(plan.drawn))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[2]
    by_outlet = plan_codes(rows, CLASSES, outlet_half_width=0.08)
    outlets = by_outlet.cells.loc[by_outlet.cells["key"] != "all"]
    assert (outlets["half_width_planned"] <= 0.0801).all()
    assert set(outlets["key"]) == {"Post", "Herald", "Radio"}


def test_a_half_width_of_nearly_nothing_takes_every_row_with_certainty():
    rows, _ = make_rows(60)
    plan = plan_codes(rows, CLASSES, half_width=0.0001)
    assert len(plan.drawn) == 60
    assert (plan.pi == 1).all()
    assert (plan.cells["half_width_planned"] == 0).all()


def test_without_a_model_every_class_may_be_half():
    rows, _ = make_rows(600)
    blank = rows.assign(p_flood=np.nan, p_vote=np.nan)
    plan = plan_codes(blank, CLASSES, half_width=0.05)
    # By hand: 1.96² · ¼ / 0.05² = 384 of infinitely many; of 600: 384 / (1 + 384 / 600) = 234.
    assert len(plan.drawn) == pytest.approx(234, abs=6)
    assert plan.cells["share"].isna().all()


def test_too_many_or_too_few_rows_are_one_line():
    rows, truth = make_rows(30)
    for n in (0, 31):
        with pytest.raises(DataError, match=f"{n} passages can't be drawn: 30 of 30 have no drawn code"):
            plan_codes(rows, CLASSES, n=n)
    coded = with_codes(rows, truth, np.arange(30), np.ones(30))
    with pytest.raises(DataError, match="0 of 30 have no drawn code"):
        plan_codes(coded, CLASSES, n=1)
    with pytest.raises(ValueError, match="either n or a half-width"):
        plan_codes(rows, CLASSES)


def test_codes_of_the_training_pool_are_drawn_as_if_they_were_not_coded():
    rows, _ = make_rows(30)
    taught = rows.assign(taught=pd.Series(["flood"] * 30, dtype=object))
    assert (
        plan_codes(taught, CLASSES, n=10, seed=4).drawn.tolist()
        == plan_codes(rows, CLASSES, n=10, seed=4).drawn.tolist()
    )


def _old_sample(rows, rng):
    """Two stages as in the flagship: half of the articles, then passages at a rate that a keyword decides."""
    articles = rng.permutation(rows["article_id"].unique())
    kept = rows["article_id"].isin(articles[: len(articles) // 2]).to_numpy()
    rate = np.where(rows["start"] == 0, 0.7, 0.3)
    return np.flatnonzero(kept & (rng.random(len(rows)) < rate)), rate * (len(articles) // 2) / len(articles)


def _simulate(n_draws, *, old, old_alone=False, n=45, forget=False):
    rows, truth = make_rows(240, share=0.2, seed=5)
    found, sizes = [], []
    for i in range(n_draws):
        rng = np.random.default_rng([9, i])
        coded = np.empty(0, dtype=np.int64)
        here = rows
        if old == "sample":
            coded, pi = _old_sample(rows, rng)
            here = with_codes(rows, truth, coded, pi)
        elif old == "picked":  # only floods, as a search for the word would find them
            coded = rng.choice(np.flatnonzero(truth == 0), size=20, replace=False)
            here = with_codes(rows, truth, coded, None)
        plan = plan_codes(here, CLASSES, n=n, seed=i, old_alone=old_alone)
        assert plan.mixed == (old == "sample" and not old_alone)
        known = np.isfinite(plan.pi)
        assert ((plan.pi[known] > 0) & (plan.pi[known] <= 1)).all()
        assert known.sum() == len(plan.drawn) + len(coded)
        assert not set(plan.drawn.tolist()) & set(coded.tolist())
        found.append(shares(plan, truth, () if forget else coded))
        sizes.append((1 / plan.pi[known]).sum())
    return np.array(found), (truth == 0).mean(), np.array(sizes)


CASES = [("none", False), ("sample", False), ("sample", True), ("picked", False)]


def _unbiased(n_draws, old, old_alone):
    found, truth, sizes = _simulate(n_draws, old=old, old_alone=old_alone)
    error = found.std(axis=0) / np.sqrt(n_draws)
    ratio = 0.0015 if old == "sample" else 0.0  # old weights are brought to the frame: a bias of order 1/n
    assert abs(found[:, 0].mean() - truth) < 3.5 * error[0] + ratio
    assert abs(found[:, 1].mean() - truth) < 3.5 * error[1] + 0.0015
    assert abs(sizes.mean() - 240) < 3.5 * sizes.std() / np.sqrt(n_draws) + 240 * ratio * 3 + 1e-9
    return found


@pytest.mark.parametrize(("old", "old_alone"), CASES)
def test_the_weighted_share_is_right_on_average_over_samples(old, old_alone):
    _unbiased(60, old, old_alone)


def test_leaving_out_the_old_codes_would_be_wrong_so_the_simulation_can_fail():
    found, truth, _ = _simulate(60, old="picked", forget=True)
    assert abs(found[:, 0].mean() - truth) > 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("old", "old_alone"), CASES)
def test_the_weighted_share_is_right_on_average_over_many_samples(old, old_alone):
    _unbiased(800, old, old_alone)


@pytest.mark.slow
def test_mixing_old_and_new_codes_is_better_than_either():
    mixed = _simulate(300, old="sample")[0][:, 1].std()
    alone = _simulate(300, old="sample", old_alone=True)[0][:, 1].std()
    rows, truth = make_rows(240, share=0.2, seed=5)
    old = []
    for i in range(300):
        coded, pi = _old_sample(rows, np.random.default_rng([9, i]))
        old.append(((truth[coded] == 0) / pi[coded]).sum() / (1 / pi[coded]).sum())
    assert mixed < 0.97 * alone
    assert mixed < 0.9 * np.std(old)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_95_of_100_samples_lie_within_the_half_width_that_was_promised(share):
    # Probabilities that are right (calibrated by construction): the promise then has to be kept, and not by far.
    hits, widths = [], []
    for i in range(250):
        rows, truth = make_rows(600, share=share, seed=[21, i])
        plan = plan_codes(rows, CLASSES, half_width=0.04, seed=i)
        hits.append(abs(shares(plan, truth)[1] - (truth == 0).mean()) <= 0.04)
        widths.append(len(plan.drawn))
    assert 0.92 <= np.mean(hits) <= 0.985, np.mean(widths)
