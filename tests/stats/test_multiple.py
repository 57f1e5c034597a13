import numpy as np
import pytest
from scipy.stats import false_discovery_control

from newsangle.stats.multiple import benjamini_hochberg, holm

# Worked by hand, four tests. Sorted p: .005 .011 .02 .04.
# Holm: 4·.005 = .020; 3·.011 = .033; 2·.02 = .040; 1·.04 = .040.
# BH from the largest down: .04·4/4 = .04; min(.04, .02·4/3 = .02667); min(.02667, .011·4/2 = .022); .005·4/1 = .020.
P = [0.02, 0.005, 0.04, 0.011]


def test_holm_as_worked_by_hand():
    assert holm(P) == pytest.approx([0.04, 0.02, 0.04, 0.033])


def test_benjamini_hochberg_as_worked_by_hand():
    assert benjamini_hochberg(P) == pytest.approx([0.02666667, 0.02, 0.04, 0.022])


def test_a_later_step_never_undercuts_an_earlier_one():
    # Holm: 3·.01 = .03, then 2·.02 = .04, then .025 is lifted to .04. BH: .01·3 = .03 comes down to .025·3/3.
    assert holm([0.01, 0.02, 0.025]) == pytest.approx([0.03, 0.04, 0.04])
    assert benjamini_hochberg([0.01, 0.02, 0.025]) == pytest.approx([0.025, 0.025, 0.025])


def test_benjamini_hochberg_agrees_with_scipy():
    rng = np.random.default_rng(1)
    for n in (1, 2, 17, 1000):
        p = np.round(rng.beta(0.4, 1.0, n), 2)  # with ties
        assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p, method="bh"), abs=1e-15)


def test_holm_agrees_with_its_definition():
    rng = np.random.default_rng(2)
    p = rng.beta(0.3, 1.0, 40)
    order = np.argsort(p)
    for level in (0.01, 0.05, 0.2):
        rejected = np.zeros(40, dtype=bool)
        for step, test in enumerate(order):
            if p[test] > level / (40 - step):
                break
            rejected[test] = True
        assert ((holm(p) <= level) == rejected).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_was_not_tested_counts_for_nothing(adjust):
    assert adjust([0.01, np.nan, 0.04])[[0, 2]] == pytest.approx(adjust([0.01, 0.04]))
    assert np.isnan(adjust([0.01, np.nan, 0.04])[1])
    assert adjust([]).tolist() == []
    assert adjust([[0.01, 0.5], [np.nan, 0.2]]).shape == (2, 2)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_the_order_of_the_tests_changes_nothing(adjust):
    rng = np.random.default_rng(3)
    p, order = rng.random(30), rng.permutation(30)
    assert adjust(p)[order].tolist() == adjust(p[order]).tolist()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_a_number_that_is_no_p_value_is_refused(adjust):
    with pytest.raises(ValueError, match=r"p = 1\.2 is no p value"):
        adjust([0.1, 1.2])
