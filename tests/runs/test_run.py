"""A whole run on an invented corpus: what is in the folder, that it repeats byte for byte, and what bad input does."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import newsangle
from newsangle.errors import ConfigError, DataError, IntegrityError, MachineError
from newsangle.runs.experiment import load_experiment
from newsangle.runs.progress import Progress

QUIET = Progress(quiet=True)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsangle.cli", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
    )


def test_the_folder_holds_what_it_should_and_the_manifest_knows_every_byte(finished: Path) -> None:
    files = _bytes(finished)
    needed = {"config.toml", "manifest.json", "metrics.json", "predictions.parquet", "topics.json", "report.html"}
    needed |= {"shares.parquet", "share_contrasts.parquet", "share_trends.parquet"}
    assert needed <= set(files)
    assert {"model/frame.npz", "model/frame.json", "model/topics.npz", "model/topics.json"} <= set(files)
    figures = {Path(n).stem for n in files if n.startswith("figures/")}
    assert {f"figures/{f}.{s}" for f in figures for s in ("svg", "png")} <= set(files)
    assert len(figures) >= 7
    manifest = json.loads(files["manifest.json"])
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry == {"sha256": hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
    assert manifest["inputs"].keys() == {"articles.csv", "labels.csv"}


def test_records_are_flat_and_every_number_has_an_interval_and_a_floor_beside_it(finished: Path) -> None:
    records = json.loads((finished / "metrics.json").read_bytes())
    fields = ["task", "target", "slice", "split", "model", "metric", "value", "low", "high", "interval", "n", "seed"]
    for r in records:
        assert list(r)[:12] == fields
        if r["value"] is None:
            assert r["reason"]
        else:
            assert r["interval"]
            if not r["interval"].endswith("no spread"):  # two seeds are one pair
                assert r["low"] <= r["value"] <= r["high"]
    macro = {r["model"] for r in records if r["task"] == "frame" and r["metric"] == "macro_f1"}
    assert macro == {"majority", "keyword_rules", "logreg", "selected"}
    assert {r["model"] for r in records if r["metric"] == "perplexity"} == {"nmf", "unigram"}


def test_predictions_are_of_the_selected_model_one_row_a_passage(finished: Path) -> None:
    run = newsangle.load_run(finished)
    table = run.predictions
    corpus = pd.read_csv(finished.parents[2] / "orvia" / "articles.csv", dtype=str).set_index("id")["body"]
    assert table["passage_id"].is_unique
    assert set(table["fold"]) == {0, 1, 2}
    assert table.groupby("group")["fold"].nunique().max() == 1
    chances = table[["p_flood", "p_election", "p_other"]].to_numpy()
    assert np.allclose(chances.sum(axis=1), 1)
    assert (
        table["passage_id"] == [f"{a}:{s}-{e}" for a, s, e in table[["article_id", "start", "end"]].to_numpy()]
    ).all()
    assert table["article_id"].str.len().eq(3).all()  # ids stay text: "007" is not 7
    for row in table.head(20).itertuples():
        assert corpus[row.article_id][row.start : row.end].strip() == corpus[row.article_id][row.start : row.end]
    coded = table.dropna(subset="coded")
    assert (coded["coded"] == coded["predicted"]).mean() > 0.9
    assert coded["pi"].eq(0.75).all()


def test_the_stored_model_gives_the_same_scores_with_numpy_alone(finished: Path) -> None:
    about = json.loads((finished / "model" / "frame.json").read_bytes())
    arrays = np.load(finished / "model" / "frame.npz", allow_pickle=False)
    assert about["model"] == "logreg"
    assert about["terms"].keys() == {"word", "char"}
    assert arrays["coef"].shape == (3, len(about["terms"]["word"]) + len(about["terms"]["char"]))
    flood = arrays["coef"][0, about["terms"]["word"].index("flooded")]
    assert flood > 0 > arrays["coef"][1, about["terms"]["word"].index("flooded")]


def test_the_resolved_config_runs_again_to_the_same_id(finished: Path, world: Path, tmp_path: Path) -> None:
    config = tomllib.loads((finished / "config.toml").read_text(encoding="utf-8"))
    assert config["topics"]["held_out"] == 0.2  # defaults are written out
    (world / "config.toml").write_bytes((finished / "config.toml").read_bytes())
    again = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert again.path.name == finished.name


def test_the_same_inputs_give_the_same_bytes_on_two_processes_and_another_hash_seed(
    finished: Path, world: Path, tmp_path: Path
) -> None:
    environment = {"PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "2"}
    done = _command("run", str(world), "--runs", str(tmp_path / "runs"), "--jobs", "2", **environment)
    assert done.returncode == 0, done.stderr
    other = tmp_path / "runs" / "orvia" / finished.name
    first, second = _bytes(finished), _bytes(other)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_the_order_of_the_articles_changes_no_number(finished: Path, world: Path, tmp_path: Path) -> None:
    lines = (world / "articles.csv").read_bytes().split(b"\r\n")
    table = pd.read_csv(world / "articles.csv", dtype=str)
    assert len(lines) > 60
    table.sample(frac=1, random_state=1).to_csv(world / "articles.csv", index=False)
    again = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    for name in ("metrics.json", "predictions.parquet", "topics.json", "model/frame.npz", "figures/top_words.svg"):
        assert again.read(name) == (finished / name).read_bytes(), name


def test_a_second_run_is_found_and_touches_nothing(finished: Path, tmp_path: Path) -> None:
    base = finished.parents[2]
    before = {p: p.stat().st_mtime_ns for p in finished.rglob("*")}
    done = _command("run", str(base / "orvia"), "--runs", str(base / "runs"), NEWSANGLE_HOME=str(tmp_path / "empty"))
    assert done.returncode == 0, done.stderr
    assert "already run" in done.stderr
    assert not (tmp_path / "empty").exists()
    assert before == {p: p.stat().st_mtime_ns for p in finished.rglob("*")}


def test_a_changed_file_of_a_run_is_reported_with_exit_code_five(world: Path, tmp_path: Path) -> None:
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    metrics = run.path / "metrics.json"
    metrics.write_bytes(metrics.read_bytes().replace(b"selected", b"selectes", 1))
    done = _command("run", str(world), "--runs", str(tmp_path / "runs"))
    assert done.returncode == 5
    assert re.fullmatch(r"newsangle: .*metrics\.json: changed since it was written; .*\n", done.stderr)
    with pytest.raises(IntegrityError):
        _ = newsangle.load_run(run.path).metrics


def test_a_shared_task_is_computed_once_for_all_points_of_vary(world: Path, tmp_path: Path) -> None:
    text = (world / "config.toml").read_text(encoding="utf-8")
    varied = text.replace("seed = 3", 'seed = 3\nvary = { "topics.model" = ["nmf", "gensim_lsi"] }', 1)
    (world / "config.toml").write_text(varied, encoding="utf-8")
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    metrics = run.metrics
    topics = metrics[(metrics["task"] == "topics") & (metrics["metric"] == "perplexity")]
    lsi = topics[topics["model"] == "gensim_lsi"].iloc[0]
    assert np.isnan(lsi["value"])
    assert "no φ" in lsi["reason"]
    frame = metrics[(metrics["task"] == "frame") & (metrics["metric"] == "macro_f1")]
    assert frame["model"].is_unique
    assert (frame["vary"] == "").all()
    assert [t["vary"] for t in run.topics] == ["topics.model=nmf", "topics.model=gensim_lsi"]
    assert run.topics[0]["topics"][0]["share"] is not None
    assert run.topics[1]["topics"][0]["share"] is None


def test_shares_are_corrected_by_the_codes_in_every_slice(finished: Path) -> None:
    run = newsangle.load_run(finished)
    whole = run.shares[(run.shares["slice"] == "all") & (run.shares["count"] == "published")]
    assert whole["class"].tolist() == ["flood", "election", "other"]
    assert ((whole["low"] < whole["estimate"]) & (whole["estimate"] < whole["high"])).all()
    assert whole["n_coded"].unique().tolist() == [len(run.predictions.dropna(subset="coded"))]
    assert set(run.shares["slice"]) == {"all", "outlet", "week", "outlet_week"}
    blank = run.shares[run.shares["estimate"].isna()]
    assert len(blank)
    assert (blank["labels_needed"] > 0).all()
    assert len(run.share_contrasts) == 9  # three pairs of outlets, three classes


def test_the_report_is_one_page_that_needs_nothing_else(finished: Path) -> None:
    page = (finished / "report.html").read_text(encoding="utf-8")
    assert "caption { position: sticky; left: 0; max-width: 100cqi; }" in page  # where a wide table scrolls, it doesn't
    assert '<th>Class</th><th class="n">Of rows</th>' in page  # all rows stand there, not those of the class
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)", page)
    assert "url(" not in page
    for told in (
        "Flood or election in Orvia?",
        "predicted, uncorrected",
        "Coded by the authors of the test.",
        "keyword rule",
    ):
        assert told in page


def test_markup_in_articles_is_text_in_the_report(world: Path, tmp_path: Path) -> None:
    config = (world / "config.toml").read_text(encoding="utf-8")
    assert 'title = "Flood' in config
    evil = config.replace('title = "Flood', 'title = "<script>alert(1)</script> Flood', 1)
    (world / "config.toml").write_text(evil, encoding="utf-8")
    run = newsangle.run_experiment(world, {"tasks.frame.folds": 3}, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    page = run.report.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- bad input: one line, the right exit code, nothing left behind --------------------------------------------------


def _labels(world: Path, change: dict[str, str] | None = None, keep: str | None = None) -> None:
    table = pd.read_csv(world / "labels.csv", dtype=str)
    for column, value in (change or {}).items():
        table.loc[3, column] = value
    if keep is not None:
        table = table[table["frame"] == keep]
    table.to_csv(world / "labels.csv", index=False)


def _break(world: Path, how: str) -> None:
    config = (world / "config.toml").read_text(encoding="utf-8")
    if how == "no corpus":
        (world / "articles.csv").unlink()
    elif how == "empty corpus":
        (world / "articles.csv").write_text("")
    elif how == "header only":
        (world / "articles.csv").write_text("id,headline,body,paper,day\n")
    elif how == "one article":
        pd.read_csv(world / "articles.csv", dtype=str).head(1).to_csv(world / "articles.csv", index=False)
        config = config[: config.index("[tasks.")]
    elif how == "unknown column":
        config = config.replace('text = "body"', 'text = "boddy"')
    elif how == "not UTF-8":
        (world / "articles.csv").write_bytes(
            (world / "articles.csv").read_bytes().replace(b"Report 7", b"Report \xe9", 1)
        )
    elif how == "wrong hash":
        _labels(world, {"sha1": "0" * 12})
    elif how == "wrong offsets":
        _labels(world, {"end": "9999"})
    elif how == "unknown class":
        _labels(world, {"frame": "fire"})
    elif how == "bad pi":
        _labels(world, {"pi": "1.5"})
    elif how == "one class":
        _labels(world, keep="flood")
    elif how == "too few":
        config = config.replace("folds = 3", "folds = 60")
    elif how == "no labels":
        (world / "labels.csv").unlink()
    elif how == "labels not UTF-8":
        (world / "labels.csv").write_bytes((world / "labels.csv").read_bytes() + b"\xff")
    elif how == "filter leaves nothing":
        config = config.replace("[corpus.passages]", '[corpus.filter]\npattern = "zzz"\n\n[corpus.passages]')
    elif how == "no n-gram":
        config += "\n[tasks.frame.text]\nmin_df = 5000\n"
    elif how == "min_df":
        config = config.replace("min_df = 2", "min_df = 500")
    elif how == "too many topics":
        config = config.replace("n_topics = 3", "n_topics = 5000")
    (world / "config.toml").write_text(config, encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("no corpus", "articles.csv: no such file"),
        ("empty corpus", "articles.csv"),
        ("header only", "articles.csv"),
        ("unknown column", "boddy"),
        ("one article", "the corpus has 1; add articles"),
        ("not UTF-8", "articles.csv"),
        ("wrong hash", "labels.csv: row 5: sha1 '000000000000'"),
        ("wrong offsets", "labels.csv: row 5"),
        ("unknown class", "labels.csv: row 5: frame = 'fire' is not one of flood, election, other"),
        ("bad pi", "labels.csv: row 5: pi = '1.5'"),
        ("one class", "codes of 1 class only"),
        ("too few", "fewer than 60 folds"),
        ("no labels", "labels.csv: no such file"),
        ("labels not UTF-8", "labels.csv"),
        ("filter leaves nothing", "widen corpus.filter"),
        ("min_df", "lower features.min_df"),
        ("no n-gram", "lower tasks.frame.text.min_df"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_run(world: Path, tmp_path: Path, how: str, told: str) -> None:
    _break(world, how)
    with pytest.raises(DataError) as caught:
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    message = str(caught.value)
    assert told in message
    assert "\n" not in message
    assert caught.value.exit_code == 3
    assert not list((tmp_path / "runs").rglob("manifest.json"))
    assert not [p for p in tmp_path.rglob(".*") if p.is_dir()]  # no temporary folder stays


def test_more_topics_than_articles_is_run_or_refused_in_one_line(world: Path, tmp_path: Path) -> None:
    _break(world, "too many topics")
    try:
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    except DataError as error:
        assert "\n" not in str(error)


def test_options_that_a_model_does_not_take_are_refused_before_anything_runs(world: Path, tmp_path: Path) -> None:
    settings = {"topics.options": {"depth": 3}, "tasks.frame.options": {"logreg": {"c": 1.0}}}
    with pytest.raises(ConfigError) as caught:
        newsangle.run_experiment(world, settings, runs=tmp_path / "runs", progress=QUIET)
    faults = str(caught.value).split("\n")
    assert len(faults) == 2
    assert "topics.options.depth is not an option of nmf" in faults[0]
    assert "tasks.frame.options.logreg.c is not an option of logreg; its options: C, balanced" in faults[1]


def test_an_unwritable_runs_folder_is_a_machine_error(world: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file stands where the folder should be")
    with pytest.raises(MachineError) as caught:
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 4


def test_load_run_says_where_there_is_none_and_names_several(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no run is there"):
        newsangle.load_run(tmp_path)
    assert newsangle.load_run(finished.parent).path == finished
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    with pytest.raises(DataError, match="holds 2 runs; name one: a, b"):
        newsangle.load_run(tmp_path)


def test_a_run_folder_without_its_manifest_is_said_to_be_incomplete(world: Path, tmp_path: Path) -> None:
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    (run.path / "manifest.json").unlink()
    with pytest.raises(IntegrityError, match=r"manifest\.json is missing; delete the folder and run again"):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)


@pytest.mark.parametrize("options", [[2, 3, 2], [3, 3]])
def test_a_point_that_stands_twice_in_vary_is_a_config_error(world: Path, options: list[object]) -> None:
    twice = f"topics.n_topics={options[-1]} is the same as topics.n_topics={options[0]}"
    with pytest.raises(ConfigError, match=f"{re.escape(twice)}; name each value once"):
        load_experiment(world, {"vary": {"topics.n_topics": options}})


@pytest.mark.parametrize("settings", [{"vary": {"topics.model": []}}, {"vary": 3}, {"tasks.topics": {}}])
def test_what_vary_and_task_names_cannot_be_is_a_config_error(world: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        newsangle.run_experiment(world, settings, progress=QUIET)


def test_seed_words_guide_a_topic_and_the_report_shows_what_they_changed(world: Path, tmp_path: Path) -> None:
    seeded = {"topics.model": "lda", "topics.seed_words": {"water": ["flooded", "nosuchword"]}}
    run = newsangle.run_experiment(world, seeded, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    perplexities = run.metrics[run.metrics["metric"] == "perplexity"]
    assert set(perplexities["model"]) == {"lda", "lda without seed words", "unigram"}
    report = run.report.read_text(encoding="utf-8")
    assert "1 water" in report
    assert '<span class="missing">nosuchword (0)</span>' in report
    assert re.search(r"<span>flooded \([1-9]\d*\)</span>", report)


def test_seed_words_that_guide_no_model_are_refused(world: Path) -> None:
    with pytest.raises(ConfigError, match=r"topics\.seed_words guide no model of this experiment"):
        newsangle.run_experiment(world, {"topics.seed_words": {"water": ["flooded"]}}, progress=QUIET, jobs=1)
    with pytest.raises(ConfigError, match="seed_words name 2 topics, n_topics = 1: raise n_topics"):
        newsangle.load_experiment(world, {"topics.n_topics": 1, "topics.seed_words": {"a": ["x"], "b": ["y"]}})
