from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from share_worlds import Cell, Design, make_world

from newsangle.coverage.differences import contrasts, difference
from newsangle.coverage.estimate import fit_share
from newsangle.coverage.trends import estimate_trend

NO = float("nan")


def whole(fit, rows):
    """A fit whose rows are positions in the whole input."""
    return replace(fit, rows=rows[fit.rows])


def two(seed=0, n=4000, a=0.3, b=0.5, chance=0.2):
    rng = np.random.default_rng(seed)
    side = np.arange(n) % 2
    y = (rng.random(n) < np.where(side == 0, a, b)) * 1.0
    coded = np.where(rng.random(n) < chance, y, NO)
    fits = []
    for k in (0, 1):
        rows = np.flatnonzero(side == k)
        fits.append(whole(fit_share(np.full(len(rows), 0.4), coded[rows], np.full(len(rows), chance), rows), rows))
    return fits, np.arange(n), y[side == 0].mean() - y[side == 1].mean()


def test_the_difference_of_two_large_samples_is_the_textbooks():
    (a, b), groups, _ = two()
    found = difference(a, b, groups)
    p, q = a.result.estimate, b.result.estimate
    error = np.sqrt(sum(x * (1 - x) / f.result.n_coded * 0.8 for x, f in ((p, a), (q, b))))
    assert found.difference == pytest.approx(p - q)
    assert found.low == pytest.approx(p - q - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(p - q + 1.96 * error, abs=0.006)
    (a, b), groups, _ = two(a=0.42, b=0.46, seed=5)
    found = difference(a, b, groups)
    z = abs(found.difference) / np.sqrt(sum(f.variance for f in (a, b)))
    assert found.p == pytest.approx(2 * (1 - NormalDist().cdf(z)), abs=0.04)


def test_p_is_below_five_percent_exactly_where_the_95_percent_limits_leave_out_zero():
    for seed in range(25):
        (a, b), groups, _ = two(seed=seed, a=0.4, b=0.46, n=2000)
        found = difference(a, b, groups)
        assert (found.p < 0.05) == (not found.low <= 0 <= found.high)


def test_a_share_less_itself_is_nothing_and_swapping_changes_the_sign_alone():
    (a, b), groups, _ = two()
    same = difference(a, a, groups)
    assert (same.difference, same.p) == (0.0, 1.0)
    assert same.high - same.low < 0.3 * (a.result.high - a.result.low)  # the same stories: their errors cancel
    there, back = difference(a, b, groups), difference(b, a, groups)
    assert (back.difference, back.low, back.high) == pytest.approx((-there.difference, -there.high, -there.low))
    assert back.p == pytest.approx(there.p, rel=1e-4)


def test_a_share_without_a_number_gives_no_difference():
    (a, _), groups, _ = two()
    blank = fit_share([0.1] * 20, [1.0] + [NO] * 19, [0.2] * 20, range(20))
    assert np.isnan(difference(a, blank, groups).p)
    assert len(contrasts({"x": a, "y": blank}, groups)) == 0


def test_limits_of_differences_hold_the_truth():
    held = [d.low <= truth <= d.high for d, truth in (_outlet_difference(seed) for seed in range(200))]
    assert np.mean(held) > 0.91


def _outlet_difference(seed):
    rng = np.random.default_rng(seed)
    cell = Cell(n=300, prevalence=0.3, stories=150)
    world = make_world(rng, cell)
    design = Design(world, cell)
    coded = np.where(design.draw(rng), world.y, NO)
    fits, truth = [], []
    for k in (0, 1):
        rows = np.flatnonzero(world.outlet == k)
        fit = fit_share(world.f[rows], coded[rows], design.pi[rows], world.story[rows], stratum=world.stratum[rows])
        fits.append(whole(fit, rows))
        truth.append(world.y[rows].mean())
    return difference(*fits, world.story), truth[0] - truth[1]


def test_three_shares_make_three_pairs_in_order():
    (a, b), groups, _ = two()
    table = contrasts({"x": a, "y": b, "z": a}, groups)
    assert table[["first", "second"]].to_numpy().tolist() == [["x", "y"], ["x", "z"], ["y", "z"]]
    assert (table["p_holm"] >= table["p"]).all()
    assert isinstance(table, pd.DataFrame)


def weekly(seed, slope=0.03, chance=0.3):
    rng = np.random.default_rng(seed)
    story = np.repeat(np.arange(240), 4)
    week = (np.arange(240) % 8)[story].astype(float)
    mood = rng.standard_normal(240)[story] * 0.5 + rng.standard_normal(960)
    y = (mood < np.quantile(mood, 0.2) + slope * 3 * week) * 1.0
    f = np.clip(0.7 * y + 0.1 + 0.1 * rng.standard_normal(960), 0, 1)
    known = (rng.random(240) < 0.5)[story] & (rng.random(960) < chance * 2)
    return week, f, np.where(known, y, NO), np.full(960, chance), story, y


def test_the_slope_of_a_corpus_that_is_coded_whole_is_the_least_squares_line():
    week, f, _, _, story, y = weekly(1)
    found = estimate_trend(week, f, y, np.ones(960), story)
    assert found.slope == pytest.approx(np.polyfit(week, y, 1)[0])
    assert found.high - found.low < 1e-9


def test_limits_of_slopes_hold_the_corpus_slope_and_predictions_shorten_them():
    held, shorter = [], []
    for seed in range(300):
        week, f, coded, pi, story, y = weekly(seed)
        found = estimate_trend(week, f, coded, pi, story)
        held.append(found.low <= np.polyfit(week, y, 1)[0] <= found.high)
        alone = estimate_trend(week, f * 0, coded, pi, story)
        shorter.append((found.high - found.low) / (alone.high - alone.low))
    assert np.mean(held) > 0.92
    assert np.mean(shorter) < 0.7


def test_predictions_that_were_right_wherever_it_was_checked_leave_a_slope_its_limits():
    # Twenty of a thousand stories, all of one week, are misread; many samples hold none of them.
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        week = np.arange(1000) % 10 * 1.0
        y = (rng.random(1000) < 0.2) * 1.0
        f = np.where((week == 9) & (np.arange(1000) < 200), 1 - y, y)
        coded = np.where(rng.random(1000) < 0.06, y, NO)
        found = estimate_trend(week, f, coded, np.full(1000, 0.06), np.arange(1000))
        held.append(found.low <= np.polyfit(week, y, 1)[0] <= found.high)
    assert np.mean(held) > 0.92


def test_p_of_a_slope_is_below_five_percent_exactly_where_its_limits_leave_out_zero():
    found = [estimate_trend(*weekly(seed, slope=0.01)[:5]) for seed in range(40)]
    assert {t.p < 0.05 for t in found} == {True, False}
    assert all((t.p < 0.05) == (not t.low <= 0 <= t.high) for t in found)


def test_a_stratum_without_hits_lengthens_the_limits_of_a_slope(monkeypatch):
    week, f, coded, pi, story, y = weekly(2)
    strata = np.where(y == 1, "hits", np.where(story % 2 == 0, "dry", "drier"))
    told = estimate_trend(week, f * 0, coded, pi, story, stratum=strata)
    monkeypatch.setattr("newsangle.coverage.sample.UNSEEN", 1e-9)
    without = estimate_trend(week, f * 0, coded, pi, story, stratum=strata)
    assert told.slope == without.slope
    assert told.high - told.low > 1.001 * (without.high - without.low)


def test_too_few_codes_or_one_week_give_no_trend_and_a_broken_time_is_refused():
    week, f, coded, pi, story, _ = weekly(0)
    few = np.where(np.cumsum(~np.isnan(coded)) <= 20, coded, NO)
    assert estimate_trend(week, f, few, pi, story).method == "no number (too few coded)"
    assert estimate_trend(week * 0, f, coded, pi, story).method == "no number (coded rows of one time only)"
    with pytest.raises(ValueError, match="give one finite number for each of 960 rows"):
        estimate_trend(np.where(week == 3, NO, week), f, coded, pi, story)


def test_the_error_of_a_slope_is_that_of_its_residuals_not_of_the_codes():
    # Nearly a step in time: what the line explains is no error. Rows apart: Σ (x − x̄)² e² / Sxx², less the census part.
    rng = np.random.default_rng(3)
    week = np.tile(np.arange(8.0), 250)
    y = ((week >= 4) ^ (rng.random(2000) < 0.05)) * 1.0
    coded = np.where(rng.random(2000) < 0.25, y, NO)
    found = estimate_trend(week, np.full(2000, 0.5), coded, np.full(2000, 0.25), np.arange(2000))
    x, z = week[~np.isnan(coded)], coded[~np.isnan(coded)]
    slope, level = np.polyfit(x, z, 1)
    error = np.sqrt(0.75 * (((x - x.mean()) * (z - level - slope * x)) ** 2).sum()) / ((x - x.mean()) ** 2).sum()
    assert found.slope == pytest.approx(slope)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.03)
