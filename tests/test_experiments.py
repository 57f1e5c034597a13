"""Do the experiments that ship run? Configs always; whole runs in the slow tests."""

from pathlib import Path

import pytest

import newsangle
from newsangle.errors import MachineError
from newsangle.runs.experiment import load_experiment
from newsangle.runs.identity import input_files
from newsangle.runs.progress import Progress

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
QUIET = Progress(quiet=True)


@pytest.mark.parametrize("folder", sorted(p.parent for p in EXPERIMENTS.glob("*/config.toml")), ids=lambda p: p.name)
def test_every_config_that_ships_is_sound_and_its_files_are_there(folder: Path) -> None:
    experiment = load_experiment(folder)
    input_files(experiment)
    assert (folder / "README.md").is_file()


def test_the_flagship_says_who_coded_in_both_tasks() -> None:
    config = load_experiment(EXPERIMENTS / "turkish_offensive_vs_isis").config
    for task in config.tasks.values():
        assert task.labels is not None
        assert "large language model" in task.labels.coded_by


def test_the_quickstart_needs_no_download_and_finds_what_2001_was_about(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    run = newsangle.run_experiment(EXPERIMENTS / "quickstart_lee", runs=tmp_path / "runs", progress=QUIET, jobs=1)
    share = run.predictions["predicted"].value_counts(normalize=True)
    assert 0.05 < share["afghanistan_war"] < 0.4
    assert 0.05 < share["israeli_palestinian"] < 0.4
    words = [set(t["words"]) for t in run.topics[0]["topics"]]
    assert any({"israeli", "palestinian"} <= w for w in words)
    assert any({"taliban", "afghanistan"} <= w for w in words)


@pytest.mark.slow
def test_the_flagship_reaches_its_figures_in_grouped_cross_validation(tmp_path: Path, common_home: None) -> None:
    """Frame macro-F1 at least 0.75, stance at least 0.45, both above their floors."""
    from newsangle.corpus.sources import fetch_source

    try:
        fetch_source("news_articles")
    except MachineError as error:
        pytest.skip(f"the corpus can't be fetched: {error}")
    run = newsangle.run_experiment(EXPERIMENTS / "turkish_offensive_vs_isis", runs=tmp_path / "runs", progress=QUIET)
    scores = run.metrics.query("metric == 'macro_f1' and target.isna()").set_index(["task", "model"])["value"]
    assert scores["frame", "selected"] >= 0.75
    assert scores["stance", "selected"] >= 0.45
    for task in ("frame", "stance"):
        for floor in ("majority", "keyword_rules"):
            assert scores[task, "selected"] > scores[task, floor]
    predictions = run.predictions
    assert (predictions["task"] == "frame").sum() == 4049
    assert (predictions["task"] == "stance").sum() == 2932
    perplexity = run.metrics.query("metric == 'perplexity'").groupby("model")["value"].first()
    assert perplexity["nmf"] < perplexity["unigram"]
    assert perplexity["lda"] < perplexity["nmf"]
