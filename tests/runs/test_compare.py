"""Which models of a run, and which runs, differ beyond chance?"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import newsangle
from newsangle.errors import DataError
from newsangle.runs.answer import beats_the_rule
from newsangle.runs.compare import compare_runs, comparison_text
from newsangle.runs.progress import Progress

QUIET = Progress(quiet=True)


@pytest.fixture(scope="module")
def runs(make_world: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> list[newsangle.Run]:
    """One experiment twice: with all models, and with the majority class alone and fewer codes."""
    base = tmp_path_factory.mktemp("compared")
    world = make_world(base / "orvia")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSANGLE_HOME", str(base / "home"))
        first = newsangle.run_experiment(world, runs=base / "runs", progress=QUIET, jobs=1)
        lines = (world / "labels.csv").read_text(encoding="utf-8").splitlines()
        (world / "labels.csv").write_text("\n".join(lines[:-6]) + "\n", encoding="utf-8")
        config = world / "config.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace('"majority", "keyword_rules", "logreg"', '"majority"'), encoding="utf-8")
        second = newsangle.run_experiment(world, runs=base / "runs", progress=QUIET, jobs=1)
    return [first, second]


def test_every_pair_of_models_is_in_the_run(runs: list[newsangle.Run]) -> None:
    pairs = {(t["first"], t["second"]): t for t in runs[0].comparisons["frame"]}
    assert len(pairs) == 6  # of majority, keyword_rules, logreg, selected
    test = pairs["majority", "selected"]
    scores = runs[0].metrics.query("task == 'frame' and metric == 'macro_f1'").set_index("model")["value"]
    assert test["difference"] == pytest.approx(scores["majority"] - scores["selected"])
    assert test["p_holm"] < 0.05
    assert test["high"] < 0
    assert pairs["logreg", "selected"]["p_holm"] == 1.0  # the same model


def test_the_predictions_of_every_model_give_its_score(runs: list[newsangle.Run]) -> None:
    table = runs[0].predictions_by_model
    score = runs[0].metrics.query("task == 'frame' and metric == 'accuracy'").set_index("model")["value"]
    for model, part in table.groupby("model"):
        assert (part["coded"] == part["predicted"]).mean() == pytest.approx(score[model])
    coded = runs[0].predictions.query("coded.notna()")
    selected = table.query("model == 'selected'").set_index("passage_id")["predicted"]
    assert selected.loc[coded["passage_id"]].tolist() == coded["predicted"].tolist()


def test_runs_are_compared_on_the_rows_that_both_coded(runs: list[newsangle.Run]) -> None:
    (found,) = compare_runs(runs)
    test = found["test"]
    tables = [run.predictions_by_model.query("model == 'selected'").set_index("passage_id") for run in runs]
    both = tables[0].index.intersection(tables[1].index)
    assert (test.n, found["left_out"]) == (len(both), 6)
    right = [(t.loc[both, "coded"] == t.loc[both, "predicted"]) for t in tables]
    assert test.only_first == int((right[0] & ~right[1]).sum())
    assert test.difference > 0.2
    assert test.p_holm < 0.01
    assert set(found["splits"].values()) == {"group"}
    assert "split differently" not in comparison_text([found])
    mixed = found | {"splits": dict(zip(found["splits"], ("group", "time"), strict=True))}
    assert "split differently" in comparison_text([mixed])
    text = comparison_text([found])
    assert "frame" in text
    assert "6 coded rows" in text


def test_the_order_of_the_runs_turns_the_sign_alone(runs: list[newsangle.Run]) -> None:
    (forth,), (back,) = compare_runs(runs), compare_runs(runs[::-1])
    assert back["test"].difference == pytest.approx(-forth["test"].difference)
    assert back["test"].p == forth["test"].p


def test_what_can_not_be_compared_is_told_in_one_line(runs: list[newsangle.Run], finished: Path) -> None:
    for given, model, told in [
        (runs[:1], "selected", "at least two"),
        ([runs[0], runs[0]], "selected", "named twice"),
        (runs, "linear_svc", "no model 'linear_svc'; it has"),
    ]:
        with pytest.raises(DataError, match=told) as caught:
            compare_runs(given, model=model)
        assert "\n" not in str(caught.value)


def test_the_command_prints_the_comparison(runs: list[newsangle.Run]) -> None:
    command = [sys.executable, "-m", "newsangle.cli", "compare", *(str(run.path) for run in runs)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "macro-F1 difference" in done.stdout
    alone = subprocess.run(command[:-1], capture_output=True, text=True, timeout=120)
    assert (alone.returncode, len(alone.stderr.splitlines())) == (DataError.exit_code, 1)


def _lead(run: newsangle.Run) -> str:
    return run.report.read_text(encoding="utf-8").split('<p class="lead">')[1].split("</p>")[0]


def test_the_report_says_first_whether_the_best_model_beats_the_rule(runs: list[newsangle.Run]) -> None:
    pairs = {(t["first"], t["second"]): t for t in runs[0].comparisons["frame"]}
    test = pairs["keyword_rules", "selected"]
    verdict = "is not shown to be better than" if test["p_holm"] > 0.05 else "beats"
    assert _lead(runs[0]).startswith("On frame, the best classifier (macro-F1 ")
    assert verdict in _lead(runs[0])
    assert "was not compared with a keyword rule" in _lead(runs[1])


@pytest.mark.parametrize(
    ("first", "difference", "p", "told"),
    [
        (
            "selected",
            0.1,
            0.01,
            "beats the keyword rule (0.70) beyond chance: difference +0.10 [+0.08, +0.12], p = 0.01 alone, ",
        ),
        ("keyword_rules", -0.1, 0.0001, "beats the keyword rule (0.70) beyond chance: difference +0.10 [+0.08, +0.12]"),
        (
            "selected",
            -0.1,
            0.01,
            "is worse than the keyword rule (0.70) beyond chance: difference −0.10 [−0.12, −0.08]",
        ),
        ("selected", 0.1, 0.06, "is not shown to be better than the keyword rule (0.70): difference +0.10"),
        ("selected", 0.1, None, "can't be compared with the keyword rule (0.70)"),
    ],
)
def test_the_verdict_on_the_rule_has_the_right_sign(first: str, difference: float, p: float | None, told: str) -> None:
    pair = {"selected", "keyword_rules"} - {first}
    test = {"first": first, "second": pair.pop(), "difference": difference, "smallest": 0.05, "p": p, "p_holm": p}
    test |= {"low": difference - 0.02, "high": difference + 0.02}
    score = {"metric": "macro_f1", "target": None, "low": None}
    records = [score | {"model": m, "value": v} for m, v in (("selected", 0.8), ("keyword_rules", 0.7))]
    task = SimpleNamespace(name="frame", records=records, comparisons=[test], config=SimpleNamespace(split="group"))
    assert told in beats_the_rule(task)[0]
    task.config.split = "time"
    assert beats_the_rule(task)[0].startswith("On frame of later weeks, the best classifier (macro-F1 0.80)")
    test["smallest"] = None
    assert "four times in five" not in beats_the_rule(task)[0]


def test_a_run_without_codes_has_no_comparison(make_world: Callable[[Path], Path], tmp_path: Path) -> None:
    world = make_world(tmp_path / "orvia")
    config = (world / "config.toml").read_text(encoding="utf-8")
    start, end = config.index("[tasks.frame.labels]"), config.index("[tasks.frame.rules]")
    config = (config[:start] + config[end:]).replace('["majority", "keyword_rules", "logreg"]', '["keyword_rules"]')
    (world / "config.toml").write_text(config, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSANGLE_HOME", str(tmp_path / "home"))
        run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert run.comparisons == {"frame": []}
    assert isinstance(run.predictions_by_model, pd.DataFrame)
    assert run.predictions_by_model.empty
