"""The benchmark's own counting: two ways of averaging, what is masked, and a clear skip without data."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import classification

    return classification


def test_pooled_and_averaged_scores_by_hand(bench):
    # Two targets. abortion: against 1 of 1 right (F1 1), favor 1 of 1 right (1) → 1. atheism: one against called favor:
    # F1 against 0, favor 0 → 0. Averaged .5. Pooled: against 2·1/(2+1) = 2/3, favor 2·1/(1+2) = 2/3 → 2/3.
    Data = bench.Data
    data = Data(["a"] * 3, np.array([1, 2, 1]), ["none", "against", "favor"], ["1", "2", "3"], np.zeros(3, bool),
                ["abortion", "abortion", "atheism"])  # fmt: skip
    rows, predicted = np.arange(3), np.array([1, 2, 2])
    table = bench.per_target(data, rows, predicted).sum(axis=0)
    assert bench.favor_against(table[:2]).tolist() == [1.0, 0.0]
    assert bench.favor_against(table.sum(axis=0)) == pytest.approx(2 / 3)
    assert bench.score(data, rows, predicted, "pooled")["value"] == pytest.approx(2 / 3)


def test_every_mention_is_masked_and_windows_keep_their_side(bench):
    masked = bench._masked("Ann met Bo and she left", [(0, 3), (15, 18)])
    assert masked.split() == ["xtargetx", "met", "Bo", "and", "xtargetx", "left"]
    assert bench._window(masked.lower().split(), 1, sided=True) == "r_met l_and r_left"


def test_without_data_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.delenv("NEWSANGLE_BENCHMARK_DATA", raising=False)
    done = subprocess.run(
        [sys.executable, str(FOLDER / "classification.py")], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "set NEWSANGLE_BENCHMARK_DATA" in done.stderr
