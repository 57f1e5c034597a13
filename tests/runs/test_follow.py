"""Is the time left an honest one, and does the log tell what happened, even of a run that was killed?"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import newsangle
from newsangle.errors import DataError, MachineError
from newsangle.runs import jobs
from newsangle.runs.executors import InlineExecutor
from newsangle.runs.follow import Follow
from newsangle.runs.forecast import Forecast
from newsangle.runs.jobs import Job
from newsangle.runs.progress import Progress
from newsangle.runs.run_log import Past, RunLog, error_told, past_timings
from newsangle.runs.spent import Meter, Spent
from newsangle.runs.store import Store


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _job(name: str, *needs: Job, stage: str = "fit") -> Job:
    job = Job(stage, {}, needs={n.title: n for n in needs}, title=name)
    job.__dict__["key"] = name  # there is no such stage whose source could be hashed
    return job


def _forecast(seconds: dict[str, float], *jobs: Job, slots: int | None = 2, clock: Clock | None = None) -> Forecast:
    return Forecast({job.key: job for job in jobs}, slots, Past(seconds), clock=clock or Clock(), after="report")


def test_time_left_is_that_of_the_jobs_played_through_in_their_order() -> None:
    """a (10 s) before b (5 s) and c (5 s), d (12 s) alone. Two slots: a and d from 0, b from 10 to 15, c from 12 to 17.
    One slot: 32. Three: d beside all others, 15."""
    a = _job("a")
    b, c, d = _job("b", a), _job("c", a), _job("d")
    seconds = {"a": 10.0, "b": 5.0, "c": 5.0, "d": 12.0}
    for slots, left in ((2, 17), (1, 32), (3, 15)):
        assert _forecast(seconds, a, b, c, d, slots=slots).left() == left
    assert _forecast(seconds | {"report": 4.0}, a, b, c, d).left() == 21
    assert _forecast(seconds, a, b, c, d, slots=None).left() is None  # nobody knows how many run


def test_what_runs_counts_for_its_rest_and_what_is_late_is_not_done_at_once() -> None:
    a, clock = _job("a"), Clock()
    forecast = _forecast({"a": 10.0}, a, clock=clock)
    forecast.started(a)
    clock.now += 4
    assert forecast.left() == 6
    clock.now += 36
    assert forecast.left() == 4  # a tenth of the forty seconds that it runs
    forecast.done(a, 41.0)
    assert forecast.left() == 0


def test_what_was_found_takes_no_time_and_never_timed_kinds_make_no_time_left() -> None:
    a, b, c = _job("a"), _job("b"), _job("c", stage="scores")
    forecast = _forecast({}, a, b, c, slots=1)
    assert forecast.left() is None
    forecast.done(a, 3.0)  # b is of the same stage,
    assert forecast.seconds_of(b) == 3.0
    assert forecast.left() is None  # c isn't
    forecast.done(c, None)
    assert forecast.left() == 3.0


def test_a_run_that_is_slower_than_those_before_expects_the_rest_to_be_slower() -> None:
    a, b, c = _job("a"), _job("b"), _job("c", stage="scores")
    forecast = Forecast({j.key: j for j in (a, b, c)}, 1, Past({"a": 2.0, "b": 10.0}, {"scores": 1.0}), clock=Clock())
    assert forecast.left() == 13.0
    forecast.done(a, 6.0)  # three times the two seconds of before
    assert forecast.left() == 33.0


def test_a_pipe_gets_a_line_a_step_with_time_gone_and_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    with progress:
        progress.expect(3, lambda: 600.0 - (clock.now - 100))
        progress.started("lda")
        clock.now += 65
        progress.step("lda", "computed in 65 s")
        clock.now += 480
        progress.step("corpus", "found in the store")
        clock.now += 55
        progress.step("report", "written")
    assert capsys.readouterr().err.splitlines() == [
        "[1/3] lda: computed in 65 s (1:05, about 9 min left)",
        "[2/3] corpus: found in the store (9:05, about 60 s left)",
        "[3/3] report: written (10:00)",
    ]


def test_silence_in_a_pipe_is_broken_by_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(silent=0.05) as progress:
        progress.expect(9)
        for name in "abcdef":
            progress.started(name)
        told = ""
        for _ in range(200):
            time.sleep(0.02)
            told += capsys.readouterr().err
            if told:
                break
    assert re.match(r"\[0/9\] running: a \(0:00\); b \(0:00\); c \(0:00\); and 3 more \(0:00\)\n", told)


def test_what_another_run_has_begun_is_shown_as_such(tmp_path: Path) -> None:
    clock, a, b = Clock(), _job("a"), _job("b")
    progress = Progress(quiet=True, clock=clock)
    store = Store(tmp_path)
    follow = Follow(progress, tmp_path, "orvia", "0a", {}, "1 process")
    follow.expect({"a": a, "b": b}, 2, store.locked)
    assert not store.locked("a")
    with store.lock("a"):
        follow.started(a)
    follow.started(b)  # no lock was ever there
    clock.now += 65
    assert progress.running() == ["a, begun by another run (1:05)", "b (1:05)"]
    follow.done(a, None)
    follow.started(a)  # a lock that nobody holds any more
    assert progress.running() == ["b (1:05)", "a (0:00)"]
    follow.note("a process was killed")
    assert "note      a process was killed\n" in follow.log.path.read_text(encoding="utf-8")


def test_a_quiet_one_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=True, silent=0.01) as progress:
        progress.expect(1)
        progress.started("a")
        time.sleep(0.05)
        progress.step("a", "computed")
        progress.say("a")
    assert capsys.readouterr() == ("", "")


def test_peak_memory_is_that_of_the_job_alone() -> None:
    first = Meter()
    block = np.ones(20_000_000)
    with_block = first.stop()
    del block
    second = Meter().stop()
    if with_block.peak_mb is None or second.peak_mb is None:
        pytest.skip("this system doesn't tell the peak by job")
    assert with_block.peak_mb > second.peak_mb + 100  # of 160 MB
    assert with_block.seconds > 0


def test_errors_in_the_log_quote_nothing() -> None:
    ours = DataError("labels.csv: row 5: coder 'Ann Reader' wrote \"The river\"; ask “Ann”")
    assert error_told(ours) == "DataError: labels.csv: row 5: coder … wrote …; ask …"
    try:
        newsangle.load_experiment(3)  # type: ignore[arg-type]
    except TypeError as error:
        assert re.fullmatch(r"TypeError in experiment\.py:\d+", error_told(error))
    assert error_told(KeyError("The river Lume rose")) == "KeyError"


def test_addresses_and_line_breaks_stay_out_of_the_log(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "logs" / "x.log")
    log.write("set", "title = Ask ann.b@example.org\nor bob@x.y=1")
    [line] = (tmp_path / "logs" / "x.log").read_text(encoding="utf-8").splitlines()
    assert line.endswith("set       title = Ask (e-mail address) or (e-mail address)=1")


def test_timings_come_back_from_the_logs_of_the_same_experiment_alone(tmp_path: Path) -> None:
    def log(name: str, *seconds: float) -> None:
        file = RunLog(tmp_path / name)
        file.write("started", "0123456789ab fit 9.000 s lda")
        for s in seconds:
            file.computed("0123456789abcdef", "fit", "lda, 3 topics", Spent(s, 12.0))

    log("orvia-0123456789ab.log", 1.0, 3.0)
    log("orvia-ba9876543210.log", 8.0)
    log("orvia-2-0123456789ab.log", 1000.0)
    (tmp_path / "orvia-cccccccccccc.log").write_bytes(b"\xff computed \n2031 1 computed 0123 fit 1")
    assert past_timings(tmp_path, "orvia") == Past({"lda, 3 topics": 3.0}, {"fit": 3.0})
    assert past_timings(tmp_path / "none", "orvia") == Past()


def test_the_log_tells_machine_threads_settings_and_each_job_with_its_price(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    told: list[tuple[str, str]] = []

    class Heard(Progress):
        def started(self, title: str, note: str = "") -> None:
            told.append(("started", title))

        def step(self, title: str, how: str) -> None:
            told.append(("done", title))

    quick = {"topics.seeds": 1, "tasks": {}, "title": "Ask ann@example.org"}
    run = newsangle.run_experiment(world, quick, runs=tmp_path / "runs", progress=Heard(quiet=True), jobs=1)
    done = [title for what, title in told if what == "done"]
    assert len(done) == len(set(done)) >= 5
    assert all(told.index(("started", title)) < told.index(("done", title)) for title in done)
    [log] = (tmp_path / "home" / "logs").iterdir()
    assert log.name == f"orvia-{run.path.name}.log"
    text = log.read_text(encoding="utf-8")
    assert f"newsangle {newsangle.__version__}, " in text
    assert f"{os.cpu_count()} cores, 1 process\n" in text
    assert "1 in a fit, OMP_NUM_THREADS=2" in text
    assert re.search(r"set +topics\.seeds = 1\n", text)
    assert "example.org" not in text
    computed = re.findall(r"computed +([0-9a-f]{12}) (\S+) \d+\.\d{3} s", text)
    started = re.findall(r"started +([0-9a-f]{12}) (\S+) ", text)
    assert started == computed[:-1]
    assert {"corpus", "matrix", "topics", "topic_scores"} <= {stage for _, stage in computed}
    assert computed[-1][1] == "report"
    assert re.search(r"end +published after 0:\d\d\n$", text)
    articles = (world / "articles.csv").read_text(encoding="utf-8")
    assert not [words for words in re.findall(r"(?:\w+ ){4}\w+", articles)[:500] if words in text]
    assert past_timings(log.parent, "orvia").by_stage.keys() >= {"corpus", "topics", "report"}


def test_failed_jobs_and_those_that_need_them_are_told_and_leave_the_time_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, c = _job("a"), _job("b"), _job("c", stage="scores")
    with Follow(Progress(), tmp_path, "orvia", "0123456789ab", overrides={}, processes="1 process") as follow:
        follow.expect({job.key: job for job in (a, b, c)}, 1)
        follow.started(a)
        follow.done(a, Spent(2.0, None))
        follow.started(c)
        follow.failed(c, few := DataError("too few in 'the river'"))  # of a kind that was never timed
        follow.done(b, None)
    lines = [line.partition(" (")[0] for line in capsys.readouterr().err.splitlines()]
    assert lines == ["[1/4] a: computed in 2.0 s", f"[2/4] c: failed: {few}", "[3/4] b: found in the store"]
    log = (tmp_path / "logs" / "orvia-0123456789ab.log").read_text(encoding="utf-8")
    assert "failed    c scores c: DataError: too few in …\n" in log
    assert re.search(r"computed +a fit 2\.000 s a\n", log)


def _perform(errors: dict[str, Exception]) -> Any:
    def perform(place: str, call: jobs.Call) -> Spent:
        if call.title in errors:
            raise errors[call.title]
        return Spent(1.0, None)

    return perform


def _told(tmp_path: Path, capsys: pytest.CaptureFixture[str], *ends: Job) -> list[str]:
    """What is said of these jobs and those that they need."""
    wanted = jobs.with_needs(ends)
    with Follow(Progress(), tmp_path, "orvia", "0123456789ab", overrides={}, processes="1 process") as follow:
        follow.expect(wanted, 1)
        jobs.run_jobs(wanted, Store(tmp_path), InlineExecutor(), follow, slots=1)
    return [line.rpartition(" (")[0] for line in capsys.readouterr().err.splitlines()]


def test_a_failure_tells_its_reason_once_and_those_that_need_it_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """a and b fail alike, e by an error of ours; c needs both, d needs c; f needs none of them."""
    a, b, e, f = (Job("corpus", {"name": name}, title=name) for name in "abef")
    c = Job("corpus", {"name": "c"}, needs={"a": a, "b": b}, title="c")
    d = Job("corpus", {"name": "d"}, needs={"c": c}, title="d")
    few = {name: DataError(f"{n} rivers are too few") for name, n in (("a", 12), ("b", 9))}
    monkeypatch.setattr(jobs, "perform", _perform({**few, "e": ZeroDivisionError("oops\nno")}))
    assert _told(tmp_path, capsys, d, e, f) == [
        "[1/7] a: failed: 12 rivers are too few",
        "[3/7] 2 jobs that need it: skipped",
        "[4/7] b: failed in the same way",
        "[5/7] e: failed: ZeroDivisionError: oops",
        "[6/7] f: computed in 1.0 s",
    ]
    log = (tmp_path / "logs" / "orvia-0123456789ab.log").read_text(encoding="utf-8")
    assert re.findall(r" (failed|skipped) +\S+ corpus (\S+)", log) == [
        ("failed", "a:"), ("skipped", "c"), ("skipped", "d"), ("failed", "b:"), ("failed", "e:")
    ]  # fmt: skip


def test_where_the_machine_fails_the_job_under_way_is_not_blamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = Job("corpus", {}, title="a")
    monkeypatch.setattr(jobs, "perform", _perform({"a": MachineError("the scheduler is gone")}))
    with pytest.raises(MachineError):
        _told(tmp_path, capsys, a)
    assert capsys.readouterr().err.startswith("log of this run: ")
    log = (tmp_path / "logs" / "orvia-0123456789ab.log").read_text(encoding="utf-8")
    assert re.search(r" stopped +\S+ corpus a: MachineError: the scheduler is gone\n", log)


def test_a_failure_stays_on_a_terminal_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    progress, lines = Progress(), []
    progress.expect(3)
    console = SimpleNamespace(print=lambda line, **how: lines.append(line.partition(" (")[0]))
    bar = SimpleNamespace(console=console, update=lambda task, advance: None, task_ids=[0])
    monkeypatch.setattr(progress, "_bar", bar)
    progress.step("a", "computed in 1.0 s")
    progress.step("b", "failed: too few", stays=True)
    assert lines == ["[2/3] b: failed: too few"]


@pytest.mark.slow  # two commands
def test_a_failed_run_says_where_its_log_is_and_a_killed_one_leaves_it(world: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "newsangle.cli",
        "run",
        str(world),
        "--runs",
        str(tmp_path / "runs"),
        "--jobs",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("[1/")
        process.send_signal(signal.SIGKILL)
    [killed] = (tmp_path / "home" / "logs").iterdir()
    text = killed.read_text(encoding="utf-8")
    assert re.search(r"computed +[0-9a-f]{12} corpus", text)
    assert " end " not in text
    labels = world / "labels.csv"
    labels.write_text(labels.read_text(encoding="utf-8").replace(",flood", ",fire"), encoding="utf-8")
    failed = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert failed.returncode == DataError.exit_code
    told = failed.stderr.splitlines()[-2:]
    assert re.fullmatch(r"log of this run: (.*\.log)", told[0])
    assert told[1].startswith("newsangle: ")
    text = Path(told[0].removeprefix("log of this run: ")).read_text(encoding="utf-8")
    assert re.search(r"failed +[0-9a-f]{12} task_rows frame.*: DataError: .*row \d+: frame = …", text)
    assert "fire" not in text
    assert re.search(r"end +failed after 0:\d\d: DataError", text)
