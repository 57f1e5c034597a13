from itertools import product

import numpy as np
import pytest
from scipy import stats

from newsangle.stats.tails import LEVELS, Lots, draw_lots, randomisation_z, student_z, two_sided_p


def all_or_nothing(chance, n):
    weights = np.zeros((1, LEVELS))
    weights[0, 0], weights[0, -1] = 1 - chance, chance
    return Lots(np.zeros(n, dtype=np.int64), weights, np.array([chance * (1 - chance)]))


def z_of(counts, on_side, chance, *, step=1.0):
    """One word; the groups without it are many, equal and small: together they take off what the word's groups add."""
    counts = np.asarray(counts, dtype=float)
    observed = float(counts @ on_side - chance * counts.sum())
    return float(
        randomisation_z(
            counts, np.zeros(len(counts), dtype=np.int64), np.array([0, len(counts)]), np.array([observed]),
            all_or_nothing(chance, len(counts)), rest_sum=np.array([-counts.sum()]), rest_variance=np.array([1e-6]),
            step=step,
        )[0]
    )  # fmt: skip


def test_five_of_five_stories_by_lot():
    # All five on a side that has half of the text: 1/32 in one tail, 1/16 in both. No z of 3 or 4, as log-odds over
    # their bootstrap error would have it (the side without the word has no error at all).
    p = two_sided_p(np.array([z_of([1] * 5, [1] * 5, 0.5)]))[0]
    assert 1 / 16 <= p <= 1.3 / 16


@pytest.mark.parametrize("chance", [0.5, 0.1, 0.03, 0.8])
@pytest.mark.parametrize("counts", [[1] * 5, [1, 1, 2, 3, 1, 1], [4, 1, 1, 1, 1, 2, 6], [1] * 11])
def test_the_tail_is_that_of_all_outcomes_counted_out(counts, chance):
    counts = np.array(counts)
    outcomes = np.array(list(product([0, 1], repeat=len(counts))))
    sums, weight = outcomes @ counts, np.where(outcomes, chance, 1 - chance).prod(axis=1)
    for on_side in (np.ones(len(counts)), np.zeros(len(counts)), np.arange(len(counts)) % 2):
        z, seen = z_of(counts, on_side, chance), on_side @ counts
        exact = weight[sums >= seen - 1e-9].sum() if z > 0 else weight[sums <= seen + 1e-9].sum()
        if exact < 0.25:  # in the middle of a few steps, half a step is most of the way
            assert 0.9 * exact <= stats.norm.sf(abs(z)) <= 4.2 * exact


def test_many_small_groups_give_the_normal_z():
    rng = np.random.default_rng(1)
    counts = rng.integers(1, 4, 4000).astype(float)
    on_side = rng.random(4000) < 0.32
    z = (on_side @ counts - 0.3 * counts.sum()) / np.sqrt(0.3 * 0.7 * (counts**2).sum())
    assert z_of(counts, on_side, 0.3) == pytest.approx(z, rel=0.03)


def test_the_other_side_sees_the_same_with_the_other_sign():
    rng = np.random.default_rng(2)
    sizes = rng.integers(50, 400, 60).astype(float)
    parts = np.where(rng.random(60) < 0.1, 0.5, (rng.random(60) < 0.4).astype(float))
    members = np.where(parts == 0.5, 2, 1)
    counts = rng.poisson(sizes / 100).astype(float)
    residuals = counts - sizes * counts.sum() / sizes.sum()
    found = []
    for share in (parts, 1 - parts):
        lots = draw_lots(share, sizes, members)
        observed = np.array([residuals @ share])
        nothing = np.zeros(1)
        starts = np.array([0, 60])
        found += randomisation_z(
            residuals, lots.kind, starts, observed, lots, rest_sum=nothing, rest_variance=nothing, step=0.0
        ).tolist()
    assert found[0] == pytest.approx(-found[1], rel=1e-6)
    assert abs(found[0]) > 0.1


def test_stories_on_both_sides_agree_with_drawing():
    """Half of the stories are on both sides in part: the tail is that of 200,000 draws of the parts."""
    rng = np.random.default_rng(3)
    parts = rng.choice([0.0, 0.25, 0.5, 1.0], size=40, p=[0.5, 0.2, 0.1, 0.2])
    members = np.where((parts > 0) & (parts < 1), 4, 1)
    counts = rng.integers(1, 9, 40).astype(float)
    residuals = counts - counts.mean()
    lots = draw_lots(parts, np.ones(40), members)
    drawn = np.stack([rng.choice(np.linspace(0, 1, LEVELS), 200_000, p=lots.weights[k]) for k in lots.kind])
    sums = residuals @ drawn
    observed = np.array([float(np.quantile(sums, 0.995))])
    nothing = np.zeros(1)
    z = randomisation_z(
        residuals, lots.kind, np.array([0, 40]), observed, lots, rest_sum=nothing, rest_variance=nothing, step=0.0
    )
    assert stats.norm.sf(z[0]) == pytest.approx(0.005, rel=0.15)


def test_lots_keep_the_mean_of_all_in_every_kind():
    # Singles: one of four on the side; pairs: one wholly, one by 3/8. Mean of all, by size: (1 + 2 + 0.75) / 8 = 15/32.
    parts, sizes = np.array([1.0, 0, 0, 0, 1.0, 0.375]), np.array([1.0, 1, 1, 1, 2, 2])
    lots = draw_lots(parts, sizes, np.array([1, 1, 1, 1, 2, 2]))
    levels = np.linspace(0, 1, LEVELS)
    assert lots.weights @ levels == pytest.approx([15 / 32, 15 / 32])
    assert lots.weights.sum(axis=1) == pytest.approx([1, 1])
    # Pairs had ¼, ½ and 1 with weights 1, 1, 2 of 4, mean 11/16; nothing is mixed in until the mean is 15/32.
    assert lots.weights[1] == pytest.approx(_pairs())
    assert (lots.weights >= 0).all()


def _pairs():
    kept = (15 / 32) / (11 / 16)
    return np.array([1 - kept, 0.25 * kept, 0.25 * kept, 0, 0.5 * kept])


def test_a_side_with_nothing_or_everything_is_refused():
    for parts in (np.zeros(3), np.ones(3)):
        with pytest.raises(ValueError, match="needs a part between 0 and 1"):
            draw_lots(parts, np.ones(3), np.ones(3, dtype=np.int64))


def test_student_z_agrees_with_scipy_and_outlasts_it():
    for df in (4.0, 9.0, 60.0, 2000.0):
        t = np.array([-6.0, -2.0, 0.0, 0.5, 3.0, 12.0])
        exact = np.sign(t) * stats.norm.isf(stats.t.sf(np.abs(t), df))
        assert student_z(t, np.full(6, df)) == pytest.approx(exact, abs=0.001, rel=0.02)
    assert 60 < student_z(np.array([80.0]), np.array([5000.0]))[0] < 80
    assert student_z(np.array([np.inf]), np.array([5.0]))[0] == np.inf
