"""A file under another name: what is read anew, and what the report calls it."""

from pathlib import Path

import newsangle
from newsangle.runs.jobs import Job
from newsangle.runs.plan import plan
from newsangle.runs.progress import Progress
from newsangle.runs.store import Store

QUIET = Progress(quiet=True)
CONFIG = """\
title = "Floods"
question = "Which?"

[corpus]
path = "{path}"

[topics]
model = "nmf"
n_topics = 2
"""


def _corpus(folder: Path, name: str) -> Job:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("text\nThe river rose.\nThe council met.\n", encoding="utf-8")
    (folder / "config.toml").write_text(CONFIG.format(path=name), encoding="utf-8")
    return plan(newsangle.load_experiment(folder), {})[0].corpus


def test_the_kind_of_a_file_is_part_of_the_key_and_its_name_is_not(tmp_path: Path) -> None:
    """As a table these bytes are two articles, as lines of text three."""
    table, same, lines = (_corpus(tmp_path / "floods", name) for name in ("a.csv", "b.CSV", "a.txt"))
    assert table.key == same.key
    assert table.key != lines.key


def test_a_renamed_corpus_is_found_and_the_report_calls_it_as_the_config_does(world: Path, tmp_path: Path) -> None:
    places = {"progress": QUIET, "jobs": 1}
    newsangle.run_experiment(world, runs=tmp_path / "before", **places)
    kept = set(Store(tmp_path / "home").stored_keys())
    (world / "articles.csv").rename(world / "stories.csv")
    run = newsangle.run_experiment(world, {"corpus.path": "stories.csv"}, runs=tmp_path / "runs", **places)
    assert set(Store(tmp_path / "home").stored_keys()) == kept
    page = run.report.read_text(encoding="utf-8")
    assert "<dt>Corpus</dt><dd>stories.csv</dd>" in page
    assert "articles.csv" not in page
