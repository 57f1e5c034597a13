"""Raw files are read as a config's table [ingest] says; the command line stands above it, and runs don't mind it."""

import inspect
import json
from pathlib import Path

import pytest
from raw_files import STORIES, put
from typer.testing import CliRunner

from newsangle.cli import app
from newsangle.corpus.load import load_corpus
from newsangle.errors import ConfigError
from newsangle.runs.experiment import load_experiment, load_ingest
from newsangle.runs.plan import _corpus_job

TABLE = """
[ingest]
encoding = "cp1252"
delimiter = ";"
date_format = "D/M/YYYY"
language = "en"
columns = { text = "body", date = "day", title = "head" }
"""


def told(words: list[str]) -> str:
    found = CliRunner().invoke(app, ["ingest", *words], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_columns_delimiter_encoding_and_dates_may_stand_in_the_config(tmp_path: Path) -> None:
    rows = "".join(f"{title};{text} Café.;0{n}/02/2031\n" for n, (title, text) in enumerate(STORIES, 1))
    raw = put(tmp_path / "raw", {"a.csv": f"head;body;day\n{rows}".encode("cp1252")})
    put(tmp_path, {"mine/config.toml": TABLE.encode()})  # a run would miss its title; ingest doesn't ask
    out = tmp_path / "corpus.parquet"
    assert "3 records seen = 3 articles" in told([str(raw), "--out", str(out), "--config", str(tmp_path / "mine")])
    corpus = load_corpus(out).articles
    assert (
        sorted(corpus["title"]) == sorted(title for title, _ in STORIES) and corpus["text"].str.endswith("Café.").all()
    )
    assert {str(day.date()) for day in corpus["date"]} == {"2031-02-01", "2031-02-02", "2031-02-03"}
    # What is said on the command line wins: one column of the three is another one.
    words = [str(raw), "--out", str(out), "--config", str(tmp_path / "mine"), "--columns", "title=day"]
    told(words)
    assert set(load_corpus(out).articles["title"]) == {"01/02/2031", "02/02/2031", "03/02/2031"}
    assert STORIES[0][0] in told([str(raw), "--explain", "--config", str(tmp_path / "mine" / "config.toml")])


def test_a_slip_in_the_table_is_named_with_its_line(tmp_path: Path) -> None:
    put(tmp_path, {"config.toml": b'title = "x"\n[ingest]\nencodign = "cp1252"\n[ingest.columns]\ntexd = "body"\n'})
    with pytest.raises(ConfigError) as caught:
        load_ingest(tmp_path)
    second, first = str(caught.value).splitlines()
    assert first.startswith("ingest.encodign is not a key of the config; did you mean encoding?") and "toml:3" in first
    assert second.startswith("ingest.columns.texd") and "choose from text" in second and "toml:5" in second
    with pytest.raises(ConfigError, match="no such folder or file"):
        load_ingest(tmp_path / "nowhere.toml")
    put(tmp_path / "bare", {"config.toml": b'title = "x"\n'})
    assert load_ingest(tmp_path / "bare").columns == {}


def test_a_run_is_named_alike_with_and_without_the_table(world: Path) -> None:
    before = load_experiment(world).config
    path = world / "config.toml"
    path.write_text(path.read_text(encoding="utf-8") + TABLE, encoding="utf-8")
    after = load_experiment(world).config
    assert after.ingest is not None and after.ingest.delimiter == ";"
    assert json.dumps(before.model_dump(mode="json")) == json.dumps(after.model_dump(mode="json"))


def test_an_experiment_declares_what_parts_the_columns_of_its_own_table(world: Path) -> None:
    experiment = load_experiment(world, {"corpus.delimiter": "|"})
    job = _corpus_job(experiment, experiment.config.corpus, {})
    assert job.part["options"]["delimiter"] == "|"
    assert set(job.part["options"]) <= set(inspect.signature(load_corpus).parameters)
