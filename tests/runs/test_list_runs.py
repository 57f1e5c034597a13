"""Is the list of runs what an analyst needs: when, which, how good, what is different, what is broken, at once?"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from newsangle.cli import app
from newsangle.errors import ConfigError, DataError, IntegrityError
from newsangle.runs.differences import Difference, brief, differences, flat
from newsangle.runs.folder import verify
from newsangle.runs.list_runs import list_runs, main_score
from newsangle.runs.listing import listing

Make = Callable[..., Any]


def _lines(text: str) -> dict[str, str]:
    """The lines by their first word."""
    return {line.split()[0]: line for line in text.splitlines() if line.strip()}


def test_each_run_says_when_how_large_how_good_and_what_is_different(
    write_run: Make, score: Make, changed: Make
) -> None:
    for i, settings in enumerate([{}, {}, {"topics.n_topics": 20}]):
        path = write_run(f"{i}" * 12, [score(value=0.7 + i / 100)], config=changed(settings))
        os.utime(path / "manifest.json", (1_700_000_000 + i * 86_400,) * 2)
    text = list_runs(path.parents[1])
    assert text.splitlines()[0].endswith("/runs/orvia: Flood or election in Orvia?")
    lines = _lines(text)
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(1_700_000_000))
    assert lines["0" * 12].split("  ")[1:3] == ["0" * 12, day]
    assert "frame macro_f1 0.72 [0.70, 0.90]" in lines["2" * 12]
    assert lines["2" * 12].endswith("  topics.n_topics=20")  # of three runs one: it stands out,
    assert "n_topics" not in lines["0" * 12]  # and what most have isn't told
    assert [word for word in lines if word[0].isdigit()] == ["2" * 12, "1" * 12, "0" * 12]  # newest first


def test_of_two_runs_both_sides_are_told_and_inputs_versions_and_code_too(write_run: Make, changed: Make) -> None:
    write_run("a" * 12, versions={"python": "3.11", "numpy": "2.4.6"})
    path = write_run(
        "b" * 12,
        config=changed({"topics": None, "seed": 4}),
        inputs={"articles.csv": "b" * 64},
        versions={"python": "3.11", "numpy": "2.5.0"},
        source="6" * 64,
    )
    lines = _lines(list_runs(path.parents[1]))
    assert "seed=3" in lines["a" * 12]
    assert "topics.model=nmf" in lines["a" * 12]
    told = lines["b" * 12].partition("–")[2].strip()
    assert told == "seed=4, topics not set, articles.csv bbbbbb, numpy 2.5.0, code 666666"


def test_a_single_run_differs_from_nothing(write_run: Make) -> None:
    assert "DIFFERS" not in list_runs(write_run("a" * 12).parents[1])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manifest.json", "manifest.json: its checksum is wrong"),
        ("metrics.json", "metrics.json: changed since it was written"),
        ("config.toml", "config.toml: changed since it was written"),
    ],
)
def test_a_damaged_run_is_named_and_the_others_are_listed(write_run: Make, name: str, told: str) -> None:
    write_run("a" * 12)
    path = write_run("b" * 12)
    (path / name).write_bytes((path / name).read_bytes().replace(b"3", b"8"))
    if name == "metrics.json":
        (path / name).write_bytes(b"[ ]")
    lines = _lines(list_runs(path.parents[1]))
    assert "DAMAGED" not in lines["a" * 12]
    assert f"DAMAGED: {told}" in lines["b" * 12]


def test_missing_and_shortened_files_and_a_missing_manifest_are_damage_too(write_run: Make) -> None:
    paths = [write_run(letter * 12) for letter in "abc"]
    (paths[0] / "figures" / "top_words.svg").unlink()
    (paths[1] / "report.html").write_bytes(b"short")
    (paths[2] / "manifest.json").unlink()
    (paths[0].parent / "notes").mkdir()  # somebody's own folder is no run
    (paths[0].parent / ".dddd").mkdir()
    lines = _lines(list_runs(paths[0].parents[1]))
    assert "DAMAGED: figures/top_words.svg: missing" in lines["a" * 12]
    assert "DAMAGED: report.html: changed" in lines["b" * 12]
    assert "DAMAGED: manifest.json is missing" in lines["c" * 12]
    assert not {"notes", ".dddd"} & set(lines)


def test_runs_of_one_experiment_can_be_listed_alone(write_run: Make, tmp_path: Path) -> None:
    write_run("a" * 12)
    write_run("b" * 12, experiment="lee")
    text = listing("runs", experiments=tmp_path, runs=tmp_path / "runs", experiment="lee")
    assert "bbbb" in text
    assert "aaaa" not in text
    with pytest.raises(DataError, match="no runs there; experiments with runs: lee, orvia"):
        list_runs(tmp_path / "runs", "leee")
    with pytest.raises(ConfigError, match="only runs are listed by experiment"):
        listing("models", experiments=tmp_path, runs=tmp_path, experiment="lee")
    assert listing("runs", experiments=tmp_path, runs=tmp_path / "none") == "runs\n  (none)"


def test_the_main_score_is_the_first_tasks_with_codes_else_perplexity(score: Make, perplexity: Make) -> None:
    config = {"tasks": {"rules_only": {}, "frame": {}}}
    assert main_score(config, [perplexity(700), score()]) == "frame macro_f1 0.80 [0.70, 0.90]"
    assert main_score({}, [perplexity(700)]) == "nmf perplexity 700 [691, 709]"
    assert main_score(config, [perplexity(None, low=None, high=None, reason="no φ")]) == "nmf perplexity – (no φ)"
    assert main_score({}, []) == "–"


def test_the_score_of_a_sweep_says_of_which_point_it_is(score: Make, perplexity: Make) -> None:
    found = [perplexity(700, vary="topics.n_topics=6"), perplexity(600, vary="topics.n_topics=12")]
    assert main_score({}, found) == "nmf perplexity (n_topics=6) 700 [691, 709]"
    swept = [score(vary="features.min_df=2"), score(value=0.85, vary="features.min_df=3")]
    assert main_score({"tasks": {"frame": {}}}, swept) == "frame macro_f1 (min_df=2) 0.80 [0.70, 0.90]"


def test_points_that_failed_are_counted(write_run: Make, score: Make) -> None:
    path = write_run("a" * 12, [score()], failed={"topics.n_topics=9": "too many"})
    assert "frame macro_f1 0.80 [0.70, 0.90], 1 point failed" in list_runs(path.parents[1])


def test_fifty_runs_are_listed_at_once_without_pandas(write_run: Make, score: Make, changed: Make) -> None:
    records = [score(model=f"model{i}", metric=f"f1[{i}]") for i in range(450)]  # as many as the flagship has
    for i in range(50):
        path = write_run(f"{i:012d}", records, config=changed({"topics.n_topics": i, "note": "n" * 8000}))
    probe = (
        "import sys; from newsangle.cli import app\n"
        f"try: app(['list', 'runs', '--runs', {str(path.parents[1])!r}])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'scipy', 'pyarrow', 'rich'} & set(sys.modules)))"
    )
    seconds = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.count("topics.n_topics=") == 50
    assert min(seconds) < 0.8  # of a processor; alone on a machine under 0.5 s, the rest is for busy ones


def test_flat_keys_are_those_of_set_and_values_keep_their_type() -> None:
    config = {"a": {"b": [1, 2], "c": {}}, "rules": [{"x": 1}, {"x": 2}], "empty": []}
    assert flat(config) == {"a.b": [1, 2], "rules[1].x": 1, "rules[2].x": 2, "empty": []}
    found = differences([{"x": 1, "y": True}, {"x": 1.0, "y": 1}], [{}, {}])
    assert [d.key for d in found] == ["x", "y"]
    assert differences([{"x": [1]}, {"x": [1]}], [{"inputs": {"f": "1"}}, {"inputs": {"f": "1"}}]) == []


def test_long_values_are_told_by_what_is_their_own() -> None:
    models = ["majority", "keyword_rules", "logreg"]
    lists = Difference("config", "models", (models, [*models, "lsa"]))
    assert brief(lists, lists.values[1]) == "models=…, lsa"
    texts = Difference("config", "pattern", ("flood|dyke|water|river|rain|storm", "flood|dyke|water|river|rain|wind"))
    assert brief(texts, texts.values[1]) == "pattern=…|rain|wind"


def test_a_byte_changed_in_place_is_left_to_verify_and_the_help_says_so(write_run: Make) -> None:
    path = write_run("a" * 12)
    report = path / "report.html"
    report.write_bytes(report.read_bytes().replace(b"A", b"B"))
    assert "DAMAGED" not in list_runs(path.parents[1])
    with pytest.raises(IntegrityError, match=r"report\.html: changed"):
        verify(path)
    assert "newsangle verify" in " ".join(CliRunner().invoke(app, ["list", "--help"]).stdout.split())
