"""Is this run in MLflow, too? Finished runs mirrored to an MLflow store: by the parent process, once, and whole."""

import contextlib
import importlib.util
import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from newsangle.errors import ConfigError, DataError, MachineError, machine_errors
from newsangle.runs.compare_shares import share_records
from newsangle.runs.differences import points
from newsangle.runs.folder import MANIFEST, Run, verify
from newsangle.runs.mirror_names import Mirrored, one_point, whole
from newsangle.runs.run_log import run_times
from newsangle.runs.store import store_folder

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT = "sqlite:///mlflow.db"  # MLflow's own: `mlflow ui` in the same folder finds it
RUN, POINT, WHOLE = "newsangle.run", "newsangle.point", "newsangle.mirrored"
FILES = ("report.html", "config.toml", "metrics.json")
_BATCH, _METRICS = 100, 900  # MLflow takes so many parameters or tags, and so many metrics, at once


@dataclass(frozen=True)
class Mirror:
    """Where a run is in MLflow: the store, the MLflow run, and whether this call has `added` anything."""

    uri: str
    mlflow_run: str
    added: bool


def tracking_uri(given: str | None = None) -> str:
    """Which MLflow store? The one that is given, else MLFLOW_TRACKING_URI, else MLflow's default in this folder.

    Raises ConfigError where the extra `mlflow` isn't installed: asked for before a long run, not after it.
    """
    missing = [name for name in ("mlflow", "sqlalchemy", "alembic") if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"tracking needs {', '.join(missing)}: pip install 'newsangle[mlflow]'")
    return given or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT


def mirror_run(run: Run, uri: str) -> Mirror:
    """Mirror a finished run to the MLflow store at this address: sqlite:///FILE, or a tracking server.

    Config keys become parameters, scores and overall shares with their limits metrics, report and figures artifacts,
    run id, inputs' hashes and versions tags; each point of `vary` a child run. A run that is there already is left as
    it is, one whose mirroring was interrupted is finished. Every byte is checked first. Raises IntegrityError for a
    damaged run, DataError where MLflow holds another run with this id, MachineError where the store can't be reached or
    written.
    """
    verify(run.path)
    records = json.loads(run.read("metrics.json")) + share_records(run)
    with _mlflow(uri) as client, _alone(uri):
        experiment = _experiment(client, str(run.manifest["experiment"]), uri)
        return _mirror(client, experiment, run, records, uri)


def _mirror(client: "MlflowClient", experiment: str, run: Run, records: Sequence[dict[str, Any]], uri: str) -> Mirror:
    identity, mine = str(run.manifest["id"]), whole(run, records)
    there = client.search_runs([experiment], f"tags.`{RUN}` = '{identity}'", max_results=10_000)
    parents = [found for found in there if POINT not in found.data.tags]
    if parents and parents[0].data.tags.get("newsangle.checksum") != mine.tags["newsangle.checksum"]:
        raise DataError(f"{shown(uri)}: holds another run {identity} (its checksum differs); delete it there first")
    if parents and WHOLE in parents[0].data.tags:
        return Mirror(uri, parents[0].info.run_id, added=False)
    begin, when = _times(run)
    tags = mine.tags | {RUN: identity}
    parent = parents[0].info.run_id if parents else _create(client, experiment, identity, tags, begin)
    _fill(client, parent, mine, when)
    _attach(client, parent, run)
    children = {found.data.tags[POINT]: found.info.run_id for found in there if POINT in found.data.tags}
    failed = run.manifest.get("failed", {})
    for label in points(run.config):
        tags = {RUN: identity, POINT: label, "mlflow.parentRunId": parent}
        child = children.get(label) or _create(client, experiment, label, tags, when)
        _fill(client, child, one_point(run, records, label), when)
        client.set_terminated(child, "FAILED" if label in failed else "FINISHED", end_time=when)
    client.set_terminated(parent, "FAILED" if failed else "FINISHED", end_time=when)  # as the exit code of `run` says
    client.set_tag(parent, WHOLE, "yes")  # last: without it the next call goes on
    return Mirror(uri, parent, added=True)


def _times(run: Run) -> tuple[int, int]:
    """When it began and ended, in milliseconds, from its log; where there is none, when it was written, twice."""
    found = run_times(store_folder() / "logs", str(run.manifest["experiment"]), str(run.manifest["id"]))
    if found is None:
        written = int((run.path / MANIFEST).stat().st_mtime * 1000)
        return written, written
    begin, end = (round(when.timestamp() * 1000) for when in found)
    return begin, end


def _create(client: "MlflowClient", experiment: str, name: str, tags: dict[str, str], when: int) -> str:
    return str(client.create_run(experiment, start_time=when, tags=tags, run_name=name).info.run_id)


def _fill(client: "MlflowClient", mlflow_run: str, wanted: Mirrored, when: int) -> None:
    """Add what isn't there yet; nothing is logged twice."""
    from mlflow.entities import Metric, Param, RunTag

    have = client.get_run(mlflow_run).data
    params = [Param(k, v) for k, v in wanted.params.items() if k not in have.params]
    tags = [RunTag(k, v) for k, v in wanted.tags.items() if k not in have.tags]
    metrics = [Metric(k, v, when, 0) for k, v in wanted.metrics.items() if k not in have.metrics]
    for i in range(0, len(params), _BATCH):
        client.log_batch(mlflow_run, params=params[i : i + _BATCH])
    for i in range(0, len(tags), _BATCH):
        client.log_batch(mlflow_run, tags=tags[i : i + _BATCH])
    for i in range(0, len(metrics), _METRICS):
        client.log_batch(mlflow_run, metrics=metrics[i : i + _METRICS])


def _attach(client: "MlflowClient", mlflow_run: str, run: Run) -> None:
    """Report, config, scores, figures and the manifest, those that aren't there with their full length."""
    sizes = {name: entry["bytes"] for name, entry in run.manifest["files"].items()}
    wanted = [name for name in sizes if name in FILES or name.startswith("figures/")]
    sizes[MANIFEST] = (run.path / MANIFEST).stat().st_size
    have = {
        found.path: found.file_size
        for folder in (None, "figures")
        for found in client.list_artifacts(mlflow_run, folder)
    }
    for name in [*wanted, MANIFEST]:
        if have.get(name) != sizes[name]:
            client.log_artifact(mlflow_run, str(run.path / name), Path(name).parent.as_posix().strip("."))


def _experiment(client: "MlflowClient", name: str, uri: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is None:
        file = _sqlite_file(uri)
        where = None if file is None else (file.parent / "mlruns" / name).as_uri()  # beside the database
        return str(client.create_experiment(name, artifact_location=where))
    if found.lifecycle_stage != "active":
        raise DataError(f"{shown(uri)}: experiment {name!r} is deleted there; restore it or delete it for good")
    return str(found.experiment_id)


@contextlib.contextmanager
def _mlflow(uri: str) -> Iterator["MlflowClient"]:
    """MLflow's client, without telemetry, quiet, and with its errors in one line."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # what is printed is ours to say
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # of seven, the last one after minutes
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    file = _sqlite_file(uri)
    if file is not None:
        with machine_errors(file):
            file.parent.mkdir(parents=True, exist_ok=True)
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.WARNING)
        yield MlflowClient(tracking_uri=uri)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        first = shown(str(error).strip().split("\n")[0] or type(error).__name__)
        first = first if len(first) <= 200 else f"{first[:199]}…"
        raise MachineError(
            f"{shown(uri)}: MLflow says: {first}; check the address, then newsangle track RUN goes on from there"
        ) from error
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _alone(uri: str) -> Iterator[None]:
    """One at a time in a file of this machine: two that open a new one at once fail, and both would add a run."""
    file = _sqlite_file(uri)
    if file is None:
        yield
        return
    from filelock import FileLock

    with FileLock(file.with_name(f"{file.name}.lock")):
        yield


def _sqlite_file(uri: str) -> Path | None:
    if not uri.startswith("sqlite:///"):
        return None
    return Path(unquote(uri.removeprefix("sqlite:///").partition("?")[0])).absolute()


def shown(text: str) -> str:
    """An address without the password in it.

    >>> shown("https://ann:secret@example.org/mlflow")
    'https://…@example.org/mlflow'
    """
    return re.sub(r"//[^/\s@]+@", "//…@", text)
