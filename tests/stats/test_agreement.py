"""Krippendorff's alpha: the published example, the formulas counted pair by pair, limits, invariances."""

import itertools

import numpy as np
import pytest

from newsangle.stats.agreement import alpha_of, class_alpha, coincidences, krippendorff_alpha

# Krippendorff (2011), Computing Krippendorff's alpha-reliability, part D: four observers, twelve units, gaps.
# By hand: 40 pairable values (unit 12 has one code and drops out); n_c = 9, 13, 10, 5, 3; matching coincidences
# 7 + 10 + 8 + 4 + 3 = 32; nominal alpha = (39 · 32 − 344) / (1560 − 344) = 904 / 1216 = 0.743.
PUBLISHED = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    ).T
    - 1
)
UNITS = [f"u{i}" for i in range(12)]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_the_published_example(level, alpha):
    found = krippendorff_alpha(PUBLISHED, 5, UNITS, level=level)
    assert found.alpha == pytest.approx(alpha, abs=5e-4)
    assert found.n_units == 11
    assert found.low <= found.alpha <= found.high
    if level == "nominal":
        assert found.alpha == pytest.approx(904 / 1216, abs=1e-12)
        assert found.percent == pytest.approx(32 / 40)


def test_the_coincidences_of_the_published_example_are_those_counted_by_hand():
    table = coincidences(PUBLISHED, 5).sum(axis=0)
    assert table.sum(axis=1).tolist() == pytest.approx([9, 13, 10, 5, 3])
    assert np.diag(table).tolist() == pytest.approx([7, 10, 8, 4, 3])
    np.testing.assert_array_equal(table, table.T)


def test_alpha_agrees_with_disagreements_counted_pair_by_pair():
    rng = np.random.default_rng(3)
    codes = rng.integers(-1, 4, size=(30, 3))
    observed, values = 0.0, []
    for unit in codes:
        present = [c for c in unit if c >= 0]
        if len(present) > 1:
            values += present
            pairs = list(itertools.permutations(present, 2))
            observed += sum(a != b for a, b in pairs) / (len(present) - 1)
    expected = np.mean([a != b for a, b in itertools.permutations(values, 2)])
    found = krippendorff_alpha(codes, 4, [str(i) for i in range(30)], n_draws=10)
    assert found.alpha == pytest.approx(1 - observed / len(values) / expected, abs=1e-12)


def test_coders_who_agree_have_one_coders_who_guess_have_nought():
    codes = np.repeat(np.arange(40)[:, None] % 3, 2, axis=1)
    groups = [str(i) for i in range(40)]
    perfect = krippendorff_alpha(codes, 3, groups)
    assert (perfect.alpha, perfect.percent) == (1.0, 1.0)
    assert np.isnan(perfect.low)
    assert "no disagreement in 40 units" in perfect.method
    guessed = np.random.default_rng(1).integers(0, 3, size=(20_000, 2))
    found = krippendorff_alpha(guessed, 3, [str(i) for i in range(20_000)], n_draws=50)
    assert abs(found.alpha) < 0.02
    assert found.percent == pytest.approx(1 / 3, abs=0.02)


def test_no_alpha_is_not_nought():
    one_class = krippendorff_alpha(np.zeros((5, 2), dtype=np.int64), 2, list("abcde"))
    assert np.isnan(one_class.alpha)
    assert "one class" in one_class.method
    alone = krippendorff_alpha(np.array([[0, -1], [-1, 1]]), 2, ["a", "b"])
    assert np.isnan(alone.alpha)
    assert "no unit has two codes" in alone.method


def test_who_codes_first_and_which_unit_comes_first_change_nothing_and_classes_may_be_renamed():
    rng = np.random.default_rng(5)
    codes = np.where(rng.random((60, 3)) < 0.7, rng.integers(0, 3, size=(60, 1)), rng.integers(-1, 3, size=(60, 3)))
    groups = np.array([f"g{i // 3}" for i in range(60)])
    base = krippendorff_alpha(codes, 3, groups.tolist())
    order = rng.permutation(60)
    moved = krippendorff_alpha(codes[order][:, [2, 0, 1]], 3, groups[order].tolist())
    assert (moved.alpha, moved.percent) == pytest.approx((base.alpha, base.percent))
    assert (moved.low, moved.high) == pytest.approx((base.low, base.high))
    renamed = np.where(codes < 0, -1, (codes + 1) % 3)
    assert krippendorff_alpha(renamed, 3, groups.tolist()).alpha == pytest.approx(base.alpha)


def test_for_two_classes_each_class_has_the_alpha_of_both():
    codes = np.random.default_rng(8).integers(0, 2, size=(50, 2))
    groups = [str(i) for i in range(50)]
    both = krippendorff_alpha(codes, 2, groups).alpha
    assert class_alpha(codes, 2, 0, groups).alpha == pytest.approx(both)
    assert class_alpha(codes, 2, 1, groups).alpha == pytest.approx(both)


def test_a_class_that_is_never_confused_has_one_though_the_others_are():
    codes = np.array([[0, 0], [0, 0], [1, 2], [2, 1], [1, 1], [2, 2], [0, 0], [1, 2]])
    groups = list("abcdefgh")
    assert class_alpha(codes, 3, 0, groups).alpha == 1.0
    assert class_alpha(codes, 3, 1, groups).alpha < 0.6


def test_for_two_classes_all_levels_are_one():
    table = coincidences(np.random.default_rng(2).integers(0, 2, size=(40, 3)), 2).sum(axis=0)
    nominal = float(alpha_of(table))
    assert float(alpha_of(table, "interval", [3.0, 11.0])) == pytest.approx(nominal)
    assert float(alpha_of(table, "ordinal")) == pytest.approx(nominal)


def test_wrong_numbers_and_shapes_are_refused():
    for codes in (np.array([[0, 2]]), np.array([[0, -2]]), np.array([0, 1])):
        with pytest.raises(ValueError, match="expected units × coders"):
            coincidences(codes, 2)
    with pytest.raises(ValueError, match="2 units have 1 groups"):
        krippendorff_alpha(np.array([[0, 1], [1, 1]]), 2, ["a"])


@pytest.mark.slow
def test_the_interval_holds_the_alpha_of_all_articles_in_about_95_of_100_samples():
    # 60 articles of 4 units drawn out of very many; a hard article is hard for every unit of its.
    rng = np.random.default_rng(11)

    def draw(n):
        hard = np.repeat(rng.beta(1, 5, size=n), 4)
        truth = rng.integers(0, 3, size=4 * n)
        second = np.where(rng.random(4 * n) < hard, rng.integers(0, 3, size=4 * n), truth)
        return np.stack([truth, second], axis=1)

    truth = float(alpha_of(coincidences(draw(100_000), 3).sum(axis=0)))
    groups = np.repeat([f"a{i}" for i in range(60)], 4).tolist()
    hits = 0
    for i in range(500):
        found = krippendorff_alpha(draw(60), 3, groups, n_draws=400, seed=i)
        hits += found.low <= truth <= found.high
    assert 0.91 <= hits / 500 <= 0.98
