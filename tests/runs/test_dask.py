"""A real scheduler with real workers: the same bytes, stale code refused, killed workers and schedulers survived."""

import contextlib
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dask_cluster import SOURCE, WORK, Cluster, dask_cluster

from newsangle.errors import JobLost, MachineError
from newsangle.runs.executors import open_executor
from newsangle.runs.store import Store, fault_of

pytestmark = pytest.mark.slow

sys.path.append(str(WORK))
work = importlib.import_module("work_on_workers")


def _run(world: Path, base: Path, *options: str) -> "subprocess.Popen[str]":
    """The command line on `world`, with a store and runs of its own in `base`."""
    environment = os.environ | {"NEWSANGLE_HOME": str(base / "home"), "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "newsangle.cli", "run", str(world), "--runs", str(base / "runs"), *options]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _ended(process: "subprocess.Popen[str]") -> tuple[int, list[str]]:
    """Exit code, and the lines of standard error that don't tell of progress."""
    _, told = process.communicate(timeout=300)
    progress = ("[", "log of this run:", "starting 2 processes")
    return process.returncode, [line for line in told.splitlines() if not line.startswith(progress)]


def _until(happened: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    """Wait until it has, two minutes at most, and no longer than that process lives."""
    for _ in range(2400):
        if happened():
            return
        assert process is None or process.poll() is None, _ended(process)
        time.sleep(0.05)
    raise TimeoutError


def _bytes(runs: Path) -> dict[str, bytes]:
    return {path.relative_to(runs).as_posix(): path.read_bytes() for path in runs.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers under their nannies; a job whose worker dies is tried on one other."""
    failures = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "dask", **failures) as started:
        yield started


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory, make_world: Callable[..., Path]) -> Path:
    """An experiment run in one process: `orvia` and `runs` lie in the folder."""
    base = tmp_path_factory.mktemp("inline")
    world = make_world(base / "orvia", n_articles=24)
    assert _ended(_run(world, base, "--jobs", "1")) == (0, [])
    return base


def test_inline_two_processes_and_two_workers_publish_the_same_bytes(
    inline: Path, cluster: Cluster, tmp_path: Path
) -> None:
    local, remote = tmp_path / "local", tmp_path / "remote"
    assert _ended(_run(inline / "orvia", local, "--jobs", "2")) == (0, [])
    assert _ended(_run(inline / "orvia", remote, "--scheduler", cluster.address)) == (0, [])
    published = _bytes(inline / "runs")
    assert len(published) > 30
    assert _bytes(local / "runs") == published
    assert _bytes(remote / "runs") == published


def test_a_job_whose_worker_is_killed_is_done_by_another_and_one_that_kills_them_all_is_lost(
    cluster: Cluster, tmp_path: Path
) -> None:
    said: list[str] = []
    with open_executor(1, cluster.address, store=Store(tmp_path), say=said.append) as (executor, slots):
        assert slots > 100
        once = executor.submit(work.die_at_first, tmp_path / "seen")
        deadly = executor.submit(work.die, work.Told("topics of Orvia"))
        failing = executor.submit(work.fail, "why")
        assert once.result(120) == "done"
        assert str(failing.exception(120)) == "why"
        with pytest.raises(JobLost, match="topics of Orvia: its worker died 2 times over"):
            deadly.result(120)
        assert executor.submit(work.double, 21).result(120) == 42  # the nannies have started new workers
    assert re.fullmatch(r"gone: worker tcp://.*; what was computed there is begun anew on another", said[0])
    assert not list((tmp_path / "parents").iterdir())


def test_what_is_at_work_when_the_parent_stops_is_given_up(cluster: Cluster, tmp_path: Path) -> None:
    places = [tmp_path / str(number) for number in range(4)]
    with pytest.raises(KeyboardInterrupt), open_executor(1, cluster.address, store=Store(tmp_path)) as (executor, _):
        for place in places:
            executor.submit(work.count_up, place)
        _until(lambda: sum(place.exists() for place in places) == 2)
        raise KeyboardInterrupt
    time.sleep(1)
    reached = [place.read_text() for place in places if place.exists()]
    time.sleep(1)
    assert [place.read_text() for place in places if place.exists()] == reached
    with open_executor(1, cluster.address, store=Store(tmp_path)) as (executor, _):
        assert executor.submit(work.double, 21).result(60) == 42


def test_a_scheduler_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsangle.runs import dask_executor

    monkeypatch.setattr(dask_executor, "WORKER_SECONDS", 0.5)
    told = r"has no worker; start some: dask worker tcp://"
    with (
        dask_cluster(tmp_path / "dask", 0) as empty,
        pytest.raises(MachineError, match=told),
        open_executor(1, empty.address, store=Store(tmp_path / "home")),
    ):
        pass


PARENT = """
import sys
from pathlib import Path
from newsangle.errors import NewsangleError
from newsangle.runs.executors import open_executor
from newsangle.runs.store import Store
from work_on_workers import double
try:
    with open_executor(1, sys.argv[1], store=Store(Path(sys.argv[2]))) as (executor, _):
        print(executor.submit(double, 21).result(60))
except NewsangleError as error:
    sys.exit(str(error))
"""


def test_a_worker_whose_code_is_not_the_parents_is_refused_until_it_is_restarted(tmp_path: Path) -> None:
    copied = tmp_path / "source"
    shutil.copytree(SOURCE, copied, ignore=shutil.ignore_patterns("__pycache__"))
    module = copied / "newsangle" / "runs" / "task_scores.py"
    original = module.read_text(encoding="utf-8")

    def answer(source: Path = copied) -> tuple[int, str]:
        command = [sys.executable, "-c", PARENT, cluster.address, str(tmp_path / "home")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(source), str(WORK)])}
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120)
        return done.returncode, (done.stdout + done.stderr).strip()

    with dask_cluster(tmp_path / "dask", 0, path=[copied, WORK]) as cluster:
        worker = cluster.add_worker("--no-nanny")
        cluster.wait(1)
        assert answer() == (0, "42")
        module.write_text(f"{original}\n\n# A comment changes nothing.\n", encoding="utf-8")
        assert answer() == (0, "42")
        module.write_text(f"{original}\nADDED = 1\n", encoding="utf-8")
        code, told = answer()
        assert code == 1
        assert "\n" not in told
        assert f"newsangle as loaded from {copied / 'newsangle'} is not its parent's, from " in told
        # The worker goes on with what it has imported: for a parent that has the same, whatever lies on its disk now.
        assert answer(SOURCE) == (0, "42")
        worker.terminate()
        worker.wait(30)
        cluster.add_worker("--no-nanny")
        cluster.wait(1)
        assert answer() == (0, "42")
        assert answer(SOURCE)[0] == 1


def test_a_killed_scheduler_leaves_a_valid_store_and_the_same_command_goes_on(inline: Path, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", 2) as cluster:
        process = _run(inline / "orvia", tmp_path, "--scheduler", cluster.address)
        objects = tmp_path / "home" / "objects"
        _until(lambda: len(list(objects.glob("*/*/manifest.json"))) > 2, process)
        cluster.scheduler.send_signal(signal.SIGKILL)
        code, told = _ended(process)
    assert code == MachineError.exit_code
    assert len(told) == 1
    assert "the scheduler is gone; what was finished is kept" in told[0]
    store = Store(tmp_path / "home")
    kept = list(store.stored_keys())
    assert len(kept) >= 3
    assert [fault_of(store.root, key) for key in kept] == [None] * len(kept)
    assert _ended(_run(inline / "orvia", tmp_path, "--jobs", "1")) == (0, [])
    assert _bytes(tmp_path / "runs") == _bytes(inline / "runs")


def test_ctrl_c_ends_a_run_on_a_cluster_in_one_line(inline: Path, cluster: Cluster, tmp_path: Path) -> None:
    process = _run(inline / "orvia", tmp_path, "--scheduler", cluster.address)
    _until(lambda: bool(list((tmp_path / "home").glob("objects/*/*/manifest.json"))), process)
    process.send_signal(signal.SIGINT)
    code, told = _ended(process)
    assert code == 130
    assert told == ["newsangle: stopped; what was finished is kept, the same command goes on from there"]
    assert not list((tmp_path / "home").glob("parents/*"))
    with contextlib.suppress(FileNotFoundError):
        assert not _bytes(tmp_path / "runs")
