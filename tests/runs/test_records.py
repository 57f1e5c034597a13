import json
import math
from pathlib import Path

import numpy as np
import pytest

from newsangle.runs.folder import Run
from newsangle.runs.records import FIELDS, record


def test_a_record_has_every_field_in_one_order_and_what_was_said_in_its_place():
    found = record(
        task="frame",
        target="oss",
        slice="2031",
        split="group",
        model="logreg",
        metric="macro_f1",
        value=0.75,
        low=0.5,
        high=1.0,
        interval="by hand",
        n=8,
        seed=3,
        vary="k = 5",
        reason="why",
    )
    assert list(found) == list(FIELDS)
    assert list(found.values()) == [
        "frame", "oss", "2031", "group", "logreg", "macro_f1", 0.75, 0.5, 1.0, "by hand", 8, 3, "k = 5", "why",
    ]  # fmt: skip


def test_what_is_not_said_is_null_and_all_rows_are_the_slice():
    found = record(task="frame", model="logreg", metric="macro_f1", value=1)
    assert list(found) == list(FIELDS)
    assert (found["slice"], found["vary"], found["value"]) == ("all", "", 1.0)
    assert {k for k, v in found.items() if v is None} == {
        "target", "split", "low", "high", "interval", "n", "seed", "reason",
    }  # fmt: skip


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_number_that_is_not_finite_is_null_with_a_reason(value):
    found = record(task="t", model="m", metric="x", value=value, low=value, high=value)
    assert (found["value"], found["low"], found["high"]) == (None, None, None)
    assert found["reason"] == "not defined on these rows"
    assert record(task="t", model="m", metric="x", value=value, reason="no code")["reason"] == "no code"
    json.dumps(found, allow_nan=False)


def test_ten_significant_digits_are_kept_at_any_size_and_no_more():
    # 0.1 + 0.2 and 0.3 differ in the seventeenth digit; 1.234567890|12 is cut in the eleventh.
    def kept(value):
        return record(task="t", model="m", metric="x", value=value)["value"]

    assert kept(0.1 + 0.2) == 0.3
    assert kept(1.23456789012) == 1.23456789
    assert kept(12345678901.23) == 12345678900.0
    assert kept(1.23456789012e-8) == 1.23456789e-8
    assert kept(0.12345678919) == 0.1234567892
    assert type(kept(np.float64(0.5))) is float


def test_equal_numbers_are_equal_bytes_zero_too():
    for value in (0.0, -0.0, 0):
        assert json.dumps(record(task="t", model="m", metric="x", value=value)["value"]) == "0.0"


def test_a_run_without_a_score_has_a_table_with_every_field(monkeypatch):
    monkeypatch.setattr(Run, "read", lambda self, name: b"[]")
    assert Run(Path("run"), {}).metrics.columns.tolist() == list(FIELDS)
