"""The command line as a person meets it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import newsangle
from newsangle.runs.config import ExperimentConfig


def _command(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newsangle.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
        timeout=300,
    )


def test_help_version_and_schema_print_and_end_well() -> None:
    assert "run" in _command("--help").stdout
    assert _command("--version").stdout == f"newsangle {newsangle.__version__}\n"
    schema = json.loads(_command("schema").stdout)
    assert schema["properties"].keys() == ExperimentConfig.model_fields.keys()


def test_help_says_that_commands_on_codes_run_the_experiment() -> None:
    told = " ".join(_command("label", "plan", "--help").stdout.split())
    assert "an experiment folder, which is run as by newsangle run (runs/ keeps it)" in told


def test_help_loads_no_heavy_library() -> None:
    probe = (
        "import sys; from newsangle.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'scipy', 'gensim', 'matplotlib', 'pyarrow', 'pydantic', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_finding_a_finished_run_loads_no_heavy_library(finished: Path) -> None:
    base = finished.parents[2]
    probe = (
        "import sys; from newsangle.cli import app\n"
        f"try: app(['run', {str(base / 'orvia')!r}, '--runs', {str(base / 'runs')!r}])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'sklearn', 'scipy', 'gensim', 'matplotlib', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
    assert finished.name in done.stdout


def test_list_shows_experiments_corpora_models_metrics_and_runs(finished: Path, world: Path) -> None:
    root = world.parent
    (root / "experiments").mkdir()
    world.rename(root / "experiments" / "orvia")
    told = _command("list", "--runs", str(finished.parents[1]), cwd=root).stdout
    for name in ("experiments/orvia", "news_articles", "sklearn_lda", "linear_svc", "macro_f1", finished.name):
        assert name in told
    assert "keyword_rules" not in _command("list", "corpora").stdout
    wrong = _command("list", "modles")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_report_checks_the_run_and_prints_its_headline(finished: Path) -> None:
    done = _command("report", str(finished))
    assert done.returncode == 0
    assert "macro_f1" in done.stdout
    assert done.stdout.rstrip().endswith("report.html")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "nowhere"), 2),
        (("run",), 2),
        (("frobnicate",), 2),
        (("run", "{world}", "--set", "topics.n_topics"), 2),
        (("run", "{world}", "--set", "topics.n_topic=3"), 2),
        (("run", "{world}", "--set", "corpus.path=gone.csv"), 3),
        (("report", "{world}"), 3),
        (("data", "get", "nothing"), 2),
        (("run", "{world}", "--runs", "/proc/newsangle"), 4),
    ],
)
def test_exit_codes_tell_whose_turn_it_is(world: Path, arguments: tuple[str, ...], code: int) -> None:
    done = _command(*(a.replace("{world}", str(world)) for a in arguments), cwd=world.parent)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_goes_where_it_is_told_and_prints_plain_lines_in_a_pipe(world: Path, tmp_path: Path) -> None:
    done = _command(
        "run", str(world), "--runs", str(tmp_path / "elsewhere"), "--set", "topics.n_topics=2", "--jobs", "1"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0].startswith("[1/")
    assert "\x1b" not in done.stderr + done.stdout
    [manifest] = (tmp_path / "elsewhere").rglob("manifest.json")
    assert newsangle.load_run(manifest.parent).config["topics"]["n_topics"] == 2
    assert (tmp_path / "home" / "logs").is_dir()  # timings lie beside the store


def _run_that_raises(error: str, world: Path) -> subprocess.CompletedProcess[str]:
    probe = (
        "import sys, newsangle.runs.flow as flow\n"
        f"def broken(*a, **k): raise {error}\n"
        "flow.run_loaded = broken\n"
        f"sys.argv = ['newsangle', 'run', {str(world)!r}]\n"
        "from newsangle.cli import main\nmain()"
    )
    return subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)


def test_a_bug_of_ours_is_one_line_and_exit_code_one(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run_that_raises("ZeroDivisionError('oops')", world)
    assert done.returncode == 1
    assert "ZeroDivisionError: oops: this is our bug" in done.stderr
    assert done.stderr.count("\n") == 1


def test_memory_that_is_used_up_is_the_machines_fault(world: Path) -> None:
    done = _run_that_raises("MemoryError", world)
    assert done.returncode == 4
    assert re.fullmatch("newsangle: not enough memory; .*\n", done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_says_so_and_the_same_command_finishes_it(
    world: Path, tmp_path: Path, number: signal.Signals
) -> None:
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
        process.send_signal(number)
        told = process.stderr.read()
        assert process.wait(timeout=60) == 128 + number
    assert "stopped; what was finished is kept" in told
    assert "Traceback" not in told
    assert "leaked" not in told
    assert not list((tmp_path / "runs").rglob("manifest.json"))
    done = _command("run", str(world), "--runs", str(tmp_path / "runs"), "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "corpus and passages: found in the store" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_any_command_that_is_stopped_says_so(number: signal.Signals) -> None:
    probe = (
        "import os, sys, types, newsangle.runs.find as find, newsangle.runs.verify as verify\n"
        "find.find_run = lambda *a: types.SimpleNamespace(path='somewhere')\n"
        f"verify.verify_run = lambda *a, **k: os.kill(os.getpid(), {int(number)})\n"
        "sys.argv = ['newsangle', 'verify', 'somewhere', '--rerun']\n"
        "from newsangle.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (128 + number, "newsangle: stopped\n")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes here alone")
def test_names_that_are_no_text_are_told_or_shown_never_a_bug(finished: Path, world: Path, tmp_path: Path) -> None:
    strange = os.fsdecode(b"orvi\xe4")
    world.rename(world.with_name(strange))
    done = _command("run", str(world.with_name(strange)))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no character of UTF-8" in done.stderr
    (tmp_path / strange).joinpath("runs").symlink_to(finished)
    done = _command("report", str(tmp_path / strange / "runs"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith(r"orvi\udce4/runs/report.html")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_our_signs_gets_the_headline_all_the_same(finished: Path, encoding: str) -> None:
    done = _command("report", str(finished), PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "macro_f1" in done.stdout
    listed = _command("list", "metrics", PYTHONIOENCODING=encoding)
    assert (listed.returncode, listed.stderr) == (0, "")


def test_options_that_no_model_takes_stop_all_experiments_before_the_first_begins(world: Path, tmp_path: Path) -> None:
    other = world.with_name("other")
    shutil.copytree(world, other)
    config = (other / "config.toml").read_text(encoding="utf-8")
    assert "[topics]" in config
    (other / "config.toml").write_text(config + "\n[topics.options]\ndepth = 3\n", encoding="utf-8")
    done = _command("run", str(world), str(other), "--runs", str(tmp_path / "runs"), "--jobs", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"newsangle: topics\.options\.depth is not an option of nmf; .*\n", done.stderr)
    assert not (tmp_path / "runs").exists()
