"""Executors: the same interface and results wherever a job is computed, and one line for all that can go wrong."""

import importlib
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import pytest
from dask_cluster import WORK

import newsangle
from newsangle.errors import ConfigError, JobLost, MachineError
from newsangle.runs import dask_executor, source, workers
from newsangle.runs.executors import InlineExecutor, LocalExecutor, open_executor
from newsangle.runs.progress import Progress
from newsangle.runs.store import Store
from newsangle.runs.workers import agreement, at_work, check, stop

sys.path.append(str(WORK))  # processes beside this one find modules where it does
work = importlib.import_module("work_on_workers")


def _written(place: Path, unlike: str = "") -> str:
    """What stands in a file, as soon as something else than `unlike` does."""
    for _ in range(3000):
        if place.exists() and (text := place.read_text()) not in ("", unlike):
            return text
        time.sleep(0.1)
    raise TimeoutError(place)


def test_inline_is_done_when_submitted_and_ctrl_c_goes_through(tmp_path: Path) -> None:
    with open_executor(1, store=Store(tmp_path)) as (executor, slots):
        assert isinstance(executor, InlineExecutor)
        assert slots == 1
        future = executor.submit(work.double, 21)
        assert future.done()
        assert future.result() == 42
        assert str(executor.submit(work.fail, "why").exception()) == "why"
        assert executor.submit(work.who).result() == os.getpid()

        def interrupt() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            executor.submit(interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_is_not_there_is_told_in_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "SECONDS", 0.3)
    with (
        pytest.raises(MachineError, match=r"tcp://127\.0\.0\.1:1: no Dask scheduler answers") as caught,
        open_executor(1, "tcp://127.0.0.1:1", store=Store(tmp_path)),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "parents").iterdir())


def test_what_listens_there_and_is_no_scheduler_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(dask_executor, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        told = "no Dask scheduler answers"
        with pytest.raises(MachineError, match=told), open_executor(1, address, store=Store(tmp_path)):
            pass


@pytest.mark.parametrize("address", ["cluster", "http://cluster:8786", "tcp://cluster"])
def test_what_is_no_address_is_a_config_error(address: str, tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"write tcp://HOST:8786") as caught,
        open_executor(1, address, store=Store(tmp_path)),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_missing_dask_is_told_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "distributed"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ConfigError, match=r"pip install 'newsangle\[dask\]'"),
        open_executor(1, "tcp://127.0.0.1:8786", store=Store(tmp_path)),
    ):
        pass


def test_a_worker_says_what_differs_from_its_parent(tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    same = agreement(str(tmp_path), "mark", "session")
    check(same)
    versions = tuple((name, "0.1" if name == "numpy" else version) for name, version in same.versions)
    with pytest.raises(MachineError, match=r"worker .*: numpy is [0-9.]+, not 0\.1; install the parent's versions"):
        check(replace(same, versions=versions))
    here = re.escape(str(Path(workers.__file__).parents[1]))
    told = rf"worker .+:\d+: newsangle as loaded from {here} is not its parent's, from /else/newsangle; .* restart"
    with pytest.raises(MachineError, match=told):
        check(replace(same, source="0", place="/else/newsangle"))
    with pytest.raises(MachineError, match="is not the parent's store there; set NEWSANGLE_HOME"):
        check(replace(same, store=str(tmp_path / "elsewhere")))
    with pytest.raises(MachineError, match="is not the parent's store there"):
        check(replace(same, mark="of another parent"))


def test_threads_of_one_worker_take_turns(tmp_path: Path) -> None:
    """A job sets the threads of the whole process: two at once would undo each other's setting."""
    (tmp_path / "mark").touch()
    agreed = agreement(str(tmp_path), "mark", "turns")
    inside, most = 0, 0

    def job() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.02)
        inside -= 1

    threads = [threading.Thread(target=at_work, args=(agreed, job)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_stopped_session_ends_what_is_at_work_and_what_waits_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    stopped, other = (agreement(str(tmp_path), "mark", session) for session in ("stopped", "other"))
    errors: list[str] = []
    place = tmp_path / "number"

    def job() -> None:
        try:
            at_work(stopped, work.count_up, place)
        except MachineError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=job) for _ in range(2)]
    for thread in threads:
        thread.start()
    _written(place)
    assert stop("stopped") == 1
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert len(errors) == 2
    assert all("stopped, as its parent asked" in error for error in errors)
    assert at_work(other, work.double, 4) == 8


@pytest.mark.slow
def test_a_killed_process_is_replaced_and_only_a_job_that_kills_every_process_is_lost(tmp_path: Path) -> None:
    told: list[str] = []
    with open_executor(2, store=Store(tmp_path), say=told.append) as (executor, slots):
        assert slots == 2
        once = executor.submit(work.die_at_first, tmp_path / "seen")
        deadly = executor.submit(work.die, work.Told("topics of Orvia"))
        others = [executor.submit(work.double, number) for number in range(5)]
        failing = executor.submit(work.fail, "why")
        wait([once, deadly, failing, *others], timeout=300)
        assert once.result() == "done"
        assert [future.result() for future in others] == [0, 2, 4, 6, 8]
        assert str(failing.exception()) == "why"
        with pytest.raises(JobLost, match="topics of Orvia: its process was killed 4 times over"):
            deadly.result()
    assert not list((tmp_path / "parents").iterdir())
    assert told[0] == "starting 2 processes, which takes some seconds"
    anew = "its process was killed; begun anew in another"
    assert sorted(told[1:]) == [f"a job: {anew} (2 of 4)", *(f"topics of Orvia: {anew} ({n} of 4)" for n in (2, 3, 4))]


@pytest.mark.slow
def test_the_first_job_starts_all_processes(tmp_path: Path) -> None:
    with open_executor(2, store=Store(tmp_path)) as (executor, _):
        assert isinstance(executor, LocalExecutor)
        first = executor.submit(work.who).result()
        second = executor.submit(work.who)  # whoever takes it, the other process is there or about to be
        assert second.result() != os.getpid()
        assert first != os.getpid()
        for _ in range(3000):
            if len(executor._pools) == 2:
                break
            time.sleep(0.1)
        assert len(executor._pools) == 2


@pytest.mark.slow
def test_a_process_that_holds_much_memory_goes_on(tmp_path: Path) -> None:
    """loky would begin it anew, with a warning, which costs seconds for every large job."""
    with open_executor(2, store=Store(tmp_path)) as (executor, _):
        who = {executor.submit(work.who_holds, 400_000_000, 1.2).result() for _ in range(6)}
    assert len(who) <= 2


@pytest.mark.slow
def test_processes_are_killed_with_what_they_compute_when_the_block_ends(tmp_path: Path) -> None:
    place = tmp_path / "number"
    with pytest.raises(RuntimeError, match="enough"), open_executor(2, store=Store(tmp_path)) as (executor, _):
        executor.submit(work.count_up, place)
        _written(place)
        raise RuntimeError("enough")
    reached = place.read_text()
    time.sleep(0.3)
    assert place.read_text() == reached


PARENT = """
import sys
from pathlib import Path
from newsangle.runs.executors import open_executor
from newsangle.runs.store import Store
import work_on_workers as work

if __name__ == "__main__":
    with open_executor(2, store=Store(Path(sys.argv[1]))) as (executor, _):
        executor.submit(work.count_up, Path(sys.argv[1]) / "number").result()
"""


@pytest.mark.slow
def test_processes_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    place = tmp_path / "number"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(WORK)])}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], env=environment)
    try:
        _written(place)
    finally:
        parent.kill()
        parent.wait()
    for _ in range(100):
        reached = place.read_text()
        time.sleep(1)
        if reached and place.read_text() == reached:
            return
    raise AssertionError("it still counts")


IMPORTED = """
import sys
import newsangle.runs.jobs as jobs
import newsangle.runs.workers as workers
from newsangle.runs.flow import run_experiment

imported = set()
perform = jobs.perform

def watched(place, call):
    workers.loaded_source()
    before = set(sys.modules)
    try:
        return perform(place, call)
    finally:
        imported.update(set(sys.modules) - before)

jobs.perform = watched
run_experiment(sys.argv[1], {"topics.model": "lda"}, runs=sys.argv[2], jobs=1)
print(*sorted(name for name in imported if name.startswith("newsangle")))
"""


@pytest.mark.slow
def test_a_worker_that_has_checked_its_code_imports_no_more_of_it(world: Path, tmp_path: Path) -> None:
    """Or what it imports later could be another edit's code than the one it has checked."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(world), str(tmp_path / "runs")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_a_source_edited_under_a_process_is_never_mixed_with_what_it_has_imported(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named by the hash of the one and may run the other, in a notebook above all."""
    places = {"runs": tmp_path / "runs", "progress": Progress(quiet=True), "jobs": 1}
    with monkeypatch.context() as edited, pytest.raises(MachineError, match="edited since this process read it"):
        edited.setattr(source, "disk_state", lambda: [("topics/lda.py", 1, 2)])
        newsangle.run_experiment(world, **places)
    workers.loaded_source.cache_clear()
    monkeypatch.setattr(workers, "_AT_IMPORT", [("topics/lda.py", 1, 2)])
    with (
        pytest.raises(MachineError, match="edited while it started; start it again"),
        open_executor(1, store=Store(tmp_path)),
    ):
        pass
