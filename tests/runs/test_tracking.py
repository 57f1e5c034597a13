"""Does MLflow hold what the run holds, once and whole? Asked through MLflow's own client."""

import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before MLflow is loaded
from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun

from newsangle.errors import ConfigError, DataError, IntegrityError, MachineError
from newsangle.runs import tracking
from newsangle.runs.folder import Run, load_run
from newsangle.runs.tracking import mirror_run, tracking_uri

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store; making one takes seconds, copying it none."""
    file = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{file}")
    return file


@pytest.fixture
def store(empty_store: Path, tmp_path: Path) -> str:
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


@pytest.fixture
def swept(write_run: Make, score: Make, perplexity: Make, changed: Make) -> Run:
    """A run that compares two numbers of topics, with one score of the task."""
    records = [
        score(),
        score(metric="f1[flood]", value=None, low=None, high=None, reason="the class is not coded here"),
        score(target="Orvia, the land", value=0.5, low=None, high=None),
        *(perplexity(700 + k, vary=f"topics.n_topics={k}") for k in (3, 9)),
        perplexity(9, metric="chosen_n_topics", low=None, high=None, vary=""),
    ]
    config = changed({"vary": {"topics.n_topics": [3, 9]}, "tasks.frame.note": "n" * 7000})
    files = {"figures/top_words.png": b"\x89PNG", "predictions.parquet": b"PAR1"}
    return load_run(write_run("0123456789ab", records, config=config, files=files))


def _found(store: str, experiment: str = "orvia") -> tuple[MlflowRun, dict[str, MlflowRun]]:
    """The run and its children by name."""
    client = MlflowClient(tracking_uri=store)
    there = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    [parent] = [r for r in there if "mlflow.parentRunId" not in r.data.tags]
    children = {r.info.run_name: r for r in there if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id}
    assert len(there) == 1 + len(children)
    return parent, children


def _artifacts(store: str, mlflow_run: str) -> dict[str, bytes]:
    folder = Path(MlflowClient(tracking_uri=store).download_artifacts(mlflow_run, ""))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _bytes(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of change of every file, of the database its rows."""
    found = {}
    for p in sorted(folder.rglob("*")):
        if p.is_file() and p.suffix != ".lock":
            rows = "\n".join(sqlite3.connect(p).iterdump()).encode() if p.suffix == ".db" else p.read_bytes()
            found[str(p)] = (hashlib.sha256(rows).hexdigest(), 0 if p.suffix == ".db" else p.stat().st_mtime_ns)
    return found


def test_params_metrics_tags_and_files_are_there(swept: Run, store: str) -> None:
    mirrored = mirror_run(swept, store)
    parent, children = _found(store)
    assert (parent.info.run_id, parent.info.status, parent.info.run_name) == (
        mirrored.mlflow_run,
        "FINISHED",
        "0123456789ab",
    )
    params = parent.data.params
    assert (params["topics.model"], params["seed"], params["tasks.frame.classes"]) == ("nmf", "3", "flood, other")
    assert params["vary.topics.n_topics"] == "3, 9"
    assert "topics.n_topics" not in params  # the whole has no one value of it
    assert params["tasks.frame.note"].endswith("(in full: config.toml)")
    assert parent.data.metrics == {
        "frame/macro_f1/selected": 0.8,
        "frame/macro_f1/selected.lower": 0.7,
        "frame/macro_f1/selected.upper": 0.9,
        "frame/macro_f1/selected/Orvia_ the land": 0.5,
        "topics/chosen_n_topics/nmf": 9.0,
    }
    tags = parent.data.tags
    assert tags["newsangle.run"] == "0123456789ab"
    assert tags["newsangle.input.articles.csv"] == "a" * 64
    assert tags["newsangle.package.numpy"] == "2.4.6"
    assert (tags["newsangle.version"], tags["newsangle.source"]) == ("0.1.0", "5" * 64)
    files = _artifacts(store, parent.info.run_id)
    assert set(files) == {
        *("report.html", "config.toml", "metrics.json", "manifest.json"),
        *("figures/top_words.svg", "figures/top_words.png"),
    }
    assert all(files[name] == (swept.path / name).read_bytes() for name in files)
    assert {name: child.data.params["topics.n_topics"] for name, child in children.items()} == {
        "topics.n_topics=3": "3",
        "topics.n_topics=9": "9",
    }
    nine = children["topics.n_topics=9"]
    assert nine.info.status == "FINISHED"
    assert nine.data.metrics == {
        "topics/perplexity/nmf": 709.0,
        "topics/perplexity/nmf.lower": 700.0,
        "topics/perplexity/nmf.upper": 718.0,
    }


def test_a_second_time_changes_nothing(swept: Run, store: str, tmp_path: Path) -> None:
    assert mirror_run(swept, store).added
    before = _bytes(tmp_path)
    again = mirror_run(swept, store)
    assert not again.added
    assert _bytes(tmp_path) == before


@pytest.mark.parametrize("step", ["log_batch", "log_artifact", "create_run", "set_terminated", "set_tag"])
@pytest.mark.parametrize("after", [0, 2])
def test_an_interrupted_mirror_is_finished_by_the_next_call(
    swept: Run, store: str, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    """Stopped at the first or third call of each kind, and once more on the way, it ends as if it had
    never been."""
    real = getattr(MlflowClient, step)
    calls = 0

    def breaks(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, step, breaks)
        for _ in range(2):
            calls = 0
            try:
                mirror_run(swept, store)
            except KeyboardInterrupt:
                continue
    mirror_run(swept, store)
    parent, children = _found(store)
    assert parent.data.tags["newsangle.mirrored"] == "yes"
    assert len(parent.data.metrics) == 5
    assert len(_artifacts(store, parent.info.run_id)) == 6
    assert {name: len(child.data.metrics) for name, child in children.items()} == {
        "topics.n_topics=3": 3,
        "topics.n_topics=9": 3,
    }
    for run in (parent, *children.values()):
        assert run.info.status == "FINISHED"
        for name in run.data.metrics:
            assert len(MlflowClient(tracking_uri=store).get_metric_history(run.info.run_id, name)) == 1


def test_a_point_that_failed_is_a_failed_child_with_its_reason(write_run: Make, changed: Make, store: str) -> None:
    config = changed({"vary": {"topics.n_topics": [3, 9]}})
    mirror_run(load_run(write_run("0123456789ab", config=config, failed={"topics.n_topics=9": "too many"})), store)
    parent, children = _found(store)
    told = {name: (c.info.status, c.data.tags.get("newsangle.failed")) for name, c in children.items()}
    assert told == {"topics.n_topics=3": ("FINISHED", None), "topics.n_topics=9": ("FAILED", "too many")}
    assert (parent.info.status, parent.data.tags["newsangle.failed"]) == ("FAILED", "1 of 2 points: topics.n_topics=9")


def test_a_run_lasts_as_long_as_its_log_says_and_shares_are_metrics(
    write_run: Make, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first attempt was stopped; the second began a minute later and took 12.5 s."""
    monkeypatch.setenv("NEWSANGLE_HOME", str(tmp_path / "home"))
    log = tmp_path / "home" / "logs" / "orvia-0123456789ab.log"
    log.parent.mkdir(parents=True)
    log.write_text(
        "2001-12-01T10:00:00.000Z 7 run       orvia 0123456789ab\n"
        "2001-12-01T10:00:09.000Z 7 end       stopped after 0:09\n"
        "2001-12-01T10:01:00.000Z 8 run       orvia 0123456789ab\n2001-12-01T10:01:01.000Z 8 jobs      3 wanted\n"
        "2001-12-01T10:01:12.500Z 8 end       published after 0:12\n",
        encoding="utf-8",
    )
    row = {"task": "frame", "class": "flood", "slice": "all", "key": "all", "target": None, "method": "corrected"}
    row |= {"estimate": 0.16, "low": 0.12, "high": 0.21, "naive": 0.2, "n": 300}
    buffer = io.BytesIO()
    pd.DataFrame([row | {"count": "published"}, row | {"count": "original", "estimate": 0.18}]).to_parquet(buffer)
    mirror_run(load_run(write_run("0123456789ab", files={"shares.parquet": buffer.getvalue()})), store)
    parent, _ = _found(store)
    assert parent.info.start_time == 1007200860000  # 2001-12-01 10:01 UTC
    assert parent.info.end_time - parent.info.start_time == 12_500
    shares = {name: value for name, value in parent.data.metrics.items() if "share" in name}
    assert shares == {
        **{"frame/share/flood": 0.16, "frame/share/flood.lower": 0.12, "frame/share/flood.upper": 0.21},
        **{f"frame/share/flood/original{k}": v for k, v in (("", 0.18), (".lower", 0.12), (".upper", 0.21))},
    }


def test_a_half_copied_file_is_copied_again(swept: Run, store: str, tmp_path: Path) -> None:
    mirrored = mirror_run(swept, store)
    MlflowClient(tracking_uri=store).delete_tag(mirrored.mlflow_run, "newsangle.mirrored")  # as if it never ended
    [report] = (tmp_path / "mlruns").rglob("report.html")
    report.write_bytes(b"<p>A r")
    mirror_run(swept, store)
    assert report.read_bytes() == swept.report.read_bytes()


def test_two_runs_of_an_experiment_are_two_and_other_content_under_one_id_is_refused(
    swept: Run, store: str, write_run: Make, tmp_path: Path
) -> None:
    mirror_run(swept, store)
    mirror_run(load_run(write_run("ba9876543210")), store)
    client = MlflowClient(tracking_uri=store)
    experiment = client.get_experiment_by_name("orvia").experiment_id
    assert len(client.search_runs([experiment])) == 4
    shutil.rmtree(swept.path)
    with pytest.raises(DataError, match="holds another run 0123456789ab"):
        mirror_run(load_run(write_run("0123456789ab")), store)


def test_a_damaged_run_is_not_mirrored(swept: Run, store: str) -> None:
    (swept.path / "figures" / "top_words.svg").write_bytes(b"<svg/>")
    with pytest.raises(IntegrityError):
        mirror_run(swept, store)
    assert MlflowClient(tracking_uri=store).get_experiment_by_name("orvia") is None


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("http://ann:secret@127.0.0.1:9/", "http://…@127.0.0.1:9/: MLflow says: "),
        ("ftp://nowhere", "ftp://nowhere: MLflow says: "),
        ("sqlite:////proc/newsangle/mlflow.db", "/proc/newsangle: |/proc/newsangle/mlflow.db: can't be written"),
    ],
)
def test_a_store_that_is_not_there_is_one_line_without_its_password(
    swept: Run, uri: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(MachineError, match=told) as caught:
        mirror_run(swept, uri)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_address_is_the_one_given_else_the_environments_else_mlflows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_uri() == "sqlite:///mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri() == "http://127.0.0.1:5000"
    assert tracking_uri("sqlite:///x.db") == "sqlite:///x.db"
    monkeypatch.setattr(tracking.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'newsangle\[mlflow\]'"):
        tracking_uri()


@pytest.mark.slow  # two commands that load MLflow, and a run
def test_run_and_track_mirror_by_one_way_to_one_run(world: Path, tmp_path: Path, store: str) -> None:
    """`run --track`, again (found, not run), then `track` by the ID's first signs: one run in MLflow."""
    settings = ["--set", "topics.seeds=1", "--set", "tasks={}"]
    environment = os.environ | {"MLFLOW_TRACKING_URI": store}
    told = []
    for arguments in (["run", str(world), "--track", "--jobs", "1", *settings], ["track"]):
        if arguments == ["track"]:
            [manifest] = (tmp_path / "runs").rglob("manifest.json")
            arguments.append(manifest.parent.name[:6])
        command = [sys.executable, "-m", "newsangle.cli", *arguments, "--runs", str(tmp_path / "runs")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert "INFO" not in done.stderr
        told.append(done.stdout.splitlines()[-1])
    assert ": mirrored, sqlite:///" in told[0]
    assert ": already there, sqlite:///" in told[1]
    parent, children = _found(store)
    assert children == {}
    run = load_run(manifest.parent)
    perplexity = run.metrics.query("metric == 'perplexity' and model == 'nmf'")["value"].item()
    assert parent.data.metrics["topics/perplexity/nmf"] == perplexity
    assert parent.data.params["topics.seeds"] == "1"
    assert {f"figures/{name}.svg" for name in run.figures} <= set(_artifacts(store, parent.info.run_id))
