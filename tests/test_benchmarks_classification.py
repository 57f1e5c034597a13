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


def test_published_scores_stand_beside_the_way_of_averaging_they_were_made_in(bench):
    # TweetEval's evaluation script puts the five targets' rows together: its .673 is pooled, and so is SemEval's .6898.
    import classification_report as report

    told = bench.QUESTIONS["tweeteval_stance"].published
    beside = {
        m: [p["value"] for p in told if report._is_about(p["what"], m)] for m in ("pooled", "averaged_over_targets")
    }
    assert beside == {"pooled": [0.673, 0.68, 0.729, 0.6898, 0.6782, 0.6522], "averaged_over_targets": [0.5801]}


def test_both_looks_stay_in_the_table(bench):
    import classification_report as report

    look = {
        "model": "m",
        "n_scored": 3,
        "how": "test part",
        "published": [],
        "asked": {},
        "seconds": 1.0,
        "cpu_seconds": 1.0,
    }
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "is": "pooled"}
    first, second = (
        {**look, "note": n, "scores": {"pooled": score | {"value": v}}} for n, v in (("1st", 0.5), ("2nd", 0.6))
    )
    lines = report.table({"x": {"result": second, "first_look": first}}).split("\n")[2:]
    assert ["1st" in lines[0], "0.500" in lines[0], "2nd" in lines[1], "0.600" in lines[1], len(lines)] == [
        True
    ] * 4 + [2]


def test_hashtags_keep_their_name_and_get_its_words_and_the_tag_of_the_task_goes(bench):
    from classification_tweets import with_split_tags

    assert (
        with_split_tags("No #ProLife #USElection2016 #SemST") == "No #ProLife Pro Life #USElection2016 US Election 2016"
    )
    assert with_split_tags("#plain words #SemSTx") == "#plain plain words #SemSTx Sem S Tx"


def test_naming_one_set_leaves_the_results_of_the_others(bench, monkeypatch, tmp_path):
    # The test parts of sets that weren't named are not read, and what was found on them stays, looks before included.
    import json

    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / "classification.json"
    before = {"other": {"result": {"scores": 1}}, "mine": {"first_look": 2, "result": 3}, "versions": {}}
    path.write_text(json.dumps(before))
    monkeypatch.setattr(bench, "HERE", tmp_path)
    monkeypatch.setattr("sys.argv", ["classification.py", str(tmp_path), "mine"])

    def never(folder):
        raise AssertionError("read")

    def question(load):
        return bench.Question(load, (), {}, [])

    monkeypatch.setattr(bench, "QUESTIONS", {"mine": question(lambda folder: None), "other": question(never)})
    monkeypatch.setattr(bench, "measure", lambda name, question, data: {"scores": 4})
    bench.main()
    after = json.loads(path.read_text())
    assert after["other"] == before["other"]
    assert after["mine"] == {"first_look": 2, "result": {"scores": 4}}


def test_choosing_in_deals_reads_no_row_of_the_test_part(bench, monkeypatch):
    # 10 training rows and 2 of the test part; every training row is predicted once a deal, the others never seen.
    seen_texts = []

    def run(setup, sources, data, seen, wanted):
        seen_texts.extend(data.texts)
        assert not seen[wanted].any()
        return data.codes[wanted]

    monkeypatch.setattr(bench, "run_setup", run)
    names = [f"t{i}" for i in range(12)]
    data = bench.Data(
        names, np.array([1, 2] * 6), ["none", "against", "favor"], names, np.arange(12) < 10, ["abortion"] * 12
    )
    setup = bench.Setup("s", lambda data: None, "logreg")
    found = bench.choose("x", bench.Question(lambda f: None, (setup,), {"pooled": "pooled"}, [], deals=2), data)
    assert set(seen_texts) == set(names[:10])
    assert found == [{"name": "x", "candidate": "s", "pooled": 1.0, "pooled_range": [1.0, 1.0]}]


def test_a_target_fitted_alone_knows_nothing_of_the_codes_of_others(bench):
    # Codes of atheism are turned around: what is said of abortion stays, what is said of atheism turns with them.
    import classification_tweets as tweets

    texts = ["so good good", "so bad bad", "good thing good", "bad thing bad"] * 4
    targets = ["abortion"] * 8 + ["atheism"] * 8
    codes = np.array([2, 1] * 8)
    turned = np.where(np.arange(16) < 8, codes, 3 - codes)
    seen, wanted = np.arange(16) % 8 < 6, np.flatnonzero(np.arange(16) % 8 >= 6)
    setup = bench.Setup("s", tweets.characters_first, "logreg", {"logreg": {"C": 1.0}}, each_target=True)
    found = []
    for c in (codes, turned):
        data = bench.Data(texts, c, ["none", "against", "favor"], texts, seen, targets)
        found.append(bench.run_setup(setup, setup.read(data), data, seen, wanted).tolist())
    assert found == [[2, 1, 2, 1], [2, 1, 1, 2]]


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
