import math

import pytest

from newsangle.runs.records import record
from newsangle.runs.wording import find, number, percent, signed, with_interval


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (0.123, 0, "12%"),
        (0.127, 0, "13%"),
        (0.0, 0, "0%"),
        (1.0, 0, "100%"),
        (0.12345, 1, "12.3%"),
        (-0.05, 0, "−5%"),
        (-0.001, 0, "0%"),
        (None, 0, "–"),
        (math.nan, 0, "–"),
    ],
)
def test_a_share_is_a_percentage(value, digits, said):
    assert percent(value, digits) == said


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (0.756, 2, "0.76"),
        (-0.756, 2, "−0.76"),
        (-0.001, 2, "0.00"),
        (0.0004, 3, "0.000"),
        (99.4, 1, "99.4"),
        (100, 2, "100"),
        (2925.4, 2, "2,925"),
        (-12345.6, 2, "−12,346"),
        (None, 2, "–"),
        (math.nan, 2, "–"),
    ],
)
def test_a_number_has_a_real_minus_and_no_decimals_from_a_hundred_on(value, digits, said):
    assert number(value, digits) == said


@pytest.mark.parametrize(("value", "said"), [(0.04, "+0.04"), (-0.01, "−0.01"), (0.0, "+0.00"), (-0.004, "+0.00")])
def test_a_difference_has_its_sign(value, said):
    assert signed(value) == said


def made(**changes):
    return record(**({"task": "frame", "model": "logreg", "metric": "macro_f1", "value": 0.756} | changes))


def test_a_value_stands_before_its_limits():
    assert with_interval(made(low=0.7149, high=0.8)) == "0.76 [0.71, 0.80]"
    assert with_interval(made(low=-0.7149, high=0.8), digits=1) == "0.8 [−0.7, 0.8]"
    assert with_interval(made()) == "0.76"
    assert with_interval(made(value=None, reason="nothing coded")) == "– (nothing coded)"
    assert with_interval(made(value=math.nan)) == "– (not defined on these rows)"


def test_the_first_record_with_all_these_fields_is_found():
    records = [made(), made(model="majority", value=0.2), made(model="majority", value=0.3), made(target="oss")]
    assert find(records, model="majority", target=None)["value"] == 0.2
    assert find(records, target="oss") is records[3]
    assert find(records, model="majority", target="oss") is None
    assert find([], model="majority") is None
