"""What is kept: what would be computed and why, what can go, whether a run is still what it was."""

import io
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import newsangle
from newsangle.cli import app
from newsangle.corpus.fetch import file_sha256
from newsangle.errors import ConfigError, DataError, IntegrityError, MachineError
from newsangle.runs import compute, identity, jobs
from newsangle.runs.find import find_run
from newsangle.runs.folder import verify
from newsangle.runs.gc import collect_garbage, garbage_text
from newsangle.runs.identity import cpu_type, run_id
from newsangle.runs.jobs import Job
from newsangle.runs.progress import Progress
from newsangle.runs.same_numbers import numbers_differ
from newsangle.runs.source import index_file
from newsangle.runs.stages import STAGES
from newsangle.runs.store import Store
from newsangle.runs.verify import _other_machine, verified_text, verify_run
from newsangle.runs.why import _reason, plan_text, planned_run

QUIET = Progress(quiet=True)


@pytest.fixture
def kept(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a finished run with its store and experiment; the folder of the run."""
    base = finished.parents[2]
    for name in ("home", "runs", "orvia"):
        shutil.copytree(base / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSANGLE_HOME", "home")
    return tmp_path / finished.relative_to(base)


def _reasons(*overrides: str) -> dict[str, str | None]:
    return {job.title: reason for job, reason in planned_run("orvia", overrides, runs="runs").jobs}


def test_a_plan_of_what_is_there_has_nothing_to_compute(kept: Path) -> None:
    planned = planned_run("orvia", runs="runs")
    assert planned.exists
    assert {reason for _, reason in planned.jobs} == {None}
    assert plan_text(planned).splitlines()[0].endswith("is there, nothing to do; 23 results, 0 to compute")


def test_a_plan_names_the_part_of_the_key_that_changed_and_nothing_else_is_computed(kept: Path) -> None:
    reasons = _reasons("topics.n_topics=4")
    assert reasons["nmf, 4 topics, seed 3, all articles"] == "n_topics 3 → 4"
    assert reasons["nmf: topics of passages"] == "builds on other results"
    assert reasons["document-term matrices"] is None
    assert reasons["corpus and passages"] is None
    assert reasons["frame: 3 models, 3 folds"] is None


def test_a_plan_names_the_file_the_package_and_the_module_that_changed(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("orvia") / "labels.csv"
    path.write_bytes(path.read_bytes().replace(b"0.75", b"0.5"))
    reasons = _reasons()
    assert reasons["frame: rows and codes"] == "labels.csv (labels) is another file"
    assert reasons["frame: n-grams"] is None
    assert reasons["corpus and passages"] is None
    before = jobs.stage_source

    def other(root: str) -> tuple[dict[str, str], dict[str, str]]:
        modules, versions = before(root)
        if root.endswith(":matrix_stage"):
            return modules | {"newsangle.features.phrases": "edited"}, versions | {"numpy": "99.0"}
        return modules, versions

    monkeypatch.setattr(jobs, "stage_source", other)
    reasons = _reasons()
    told = reasons["document-term matrices"]
    assert told is not None
    assert re.fullmatch(r"source of newsangle\.features\.phrases changed; numpy [\d.]+ → 99\.0", told)


def test_a_plan_names_what_is_no_longer_read_and_another_order_of_names(kept: Path) -> None:
    told = _reasons("topics.seeds=1")["nmf: held-out perplexity, coherence, diversity"]
    assert told == "builds on fewer results"
    told = _reasons("topics.seeds=3")["nmf, 3 topics: stability, exclusivity, flags"]
    assert told == "builds on more results"
    job = Job("topics", {"options": {"a": 1, "b": 2}})
    other = Job("topics", {"options": {"b": 2, "a": 1}})
    assert _reason(job, {other.key: other.recipe}) == "names of the config in another order"


def _first_lines(*overrides: str) -> tuple[str, str, str]:
    """Lines two and last of the plan, and the run that it is compared with."""
    planned = planned_run("orvia", overrides, runs="runs")
    lines = plan_text(planned).splitlines()
    return lines[1].strip(), lines[-1].strip(), str(planned.beside)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("seed=5", "config seed 3 → 5"),
        ("topics.bootstrap=4", "config topics.bootstrap 0 → 4"),
        ("topics.seeds=1", "config topics.seeds 2 → 1"),
        ("title=Rivers", "config title Flood or election in Orvia? → Rivers"),
    ],
)
def test_a_plan_says_first_what_differs_from_the_nearest_run_as_the_config_says_it(
    kept: Path, override: str, told: str
) -> None:
    first, _, beside = _first_lines(override)
    assert beside == kept.name
    assert first == f"beside run {kept.name}: {told}"


def test_a_plan_tells_why_there_is_a_new_report_where_all_else_is_there(kept: Path) -> None:
    _, last, _ = _first_lines("title=Rivers")
    assert last == "compute  figures and report: config title Flood or election in Orvia? → Rivers"
    assert _first_lines("seed=5")[1] == "compute  figures and report"


def test_a_plan_tells_the_nearest_of_several_runs_and_its_results_beside_the_planned(kept: Path) -> None:
    newsangle.run_experiment("orvia", ["topics.n_topics=5"], runs="runs", jobs=1, progress=QUIET)
    both = _reasons("topics.n_topics=5", "topics.seeds=1", "features.min_df=3")
    assert both["nmf, 5 topics, seed 3, all articles"] == "builds on other results"
    first, _, beside = _first_lines("topics.n_topics=5", "topics.seeds=1", "features.min_df=3")
    assert beside != kept.name
    assert first == f"beside run {beside}: config features.min_df 2 → 3; config topics.seeds 2 → 1"


def test_a_plan_says_how_long_it_would_take_where_its_kinds_of_jobs_were_timed(kept: Path) -> None:
    planned = planned_run("orvia", ["topics.n_topics=4"], runs="runs")
    assert planned.seconds is not None
    assert 0 < planned.seconds < 600
    assert re.search(r" to compute, (about|a few) .* with a process on each core$", plan_text(planned).splitlines()[0])
    for log in Path("home/logs").iterdir():
        log.unlink()
    assert planned_run("orvia", ["topics.n_topics=4"], runs="runs").seconds is None


def test_a_plan_compares_a_fit_with_no_sample_of_articles_and_tells_no_seed_of_a_fit(kept: Path) -> None:
    reasons = _reasons("topics.bootstrap=1")
    assert reasons["nmf, 3 topics, seed 3, sample 1 of the articles"] == "never computed"
    assert _reasons("topics.first_seed=9")["nmf, 3 topics, seed 9, all articles"] == "another seed"
    assert _reasons("topics.seeds=3")["nmf, 3 topics, seed 5, all articles"] == "another seed"


def test_what_another_experiment_has_computed_is_nothing_to_compare_with(kept: Path) -> None:
    """But where this one ran and left no run, its log tells what is its own."""
    Path("orvia").rename("lume")
    planned = planned_run("lume", ["topics.n_topics=4"], runs="runs")
    reasons = {job.title: reason for job, reason in planned.jobs}
    assert set(reasons.values()) == {None, "never computed"}
    assert plan_text(planned).splitlines()[1] == "  nothing to compare with: runs/lume holds no finished run"
    [log] = Path("home/logs").glob("orvia-*.log")
    log.rename(log.with_name(log.name.replace("orvia", "lume")))
    planned = planned_run("lume", ["topics.n_topics=4"], runs="runs")
    reasons = {job.title: reason for job, reason in planned.jobs}
    assert reasons["nmf, 4 topics, seed 3, all articles"] == "n_topics 3 → 4"


def test_a_plan_says_which_result_is_damaged_and_leaves_it(kept: Path) -> None:
    store = Store(Path("home"))
    corpus = planned_run("orvia", runs="runs").jobs[0][0]
    victim = store.folder(corpus.key) / "card.json"
    victim.write_bytes(victim.read_bytes() + b" ")
    assert _reasons()["corpus and passages"] == "the stored result is damaged"
    assert victim.exists()


def test_a_plan_fetches_computes_and_writes_nothing(world: Path, tmp_path: Path) -> None:
    planned = planned_run(world, runs=tmp_path / "runs")
    assert not planned.exists
    assert {reason for _, reason in planned.jobs} == {"never computed"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orvia"]


def _objects() -> set[str]:
    return set(Store(Path("home")).stored_keys())


def test_garbage_is_what_no_run_refers_to(kept: Path) -> None:
    before = _objects()
    assert len(before) == 23
    newsangle.run_experiment("orvia", ["topics.n_topics=4"], runs="elsewhere", jobs=1, progress=QUIET)
    both = _objects()
    assert len(both) > 23
    left = Path("home/objects/ab") / ("." + "ab" * 32 + ".xyz123")
    left.mkdir(parents=True)
    own = Path("runs/orvia/.ipynb_checkpoints")
    own.mkdir()
    garbage = collect_garbage(dry_run=True)
    assert [path.resolve() for path in garbage.paths] == [left.resolve()]
    assert garbage.kept == len(both)
    assert left.exists()
    assert collect_garbage().paths == garbage.paths
    assert not left.exists()
    assert own.exists()
    shutil.rmtree("elsewhere")
    told = garbage_text(collect_garbage(forget=["elsewhere"], dry_run=True), dry_run=True)
    lines = [line for line in told.splitlines() if line.startswith("topics (nmf, 4 topics, seed 3, all articles), 0.0")]
    assert len(lines) == 1
    assert re.search(r" MB: home/objects/../[0-9a-f]{64}$", lines[0])
    assert told.splitlines()[-1].endswith("MB; 23 results stay")
    assert collect_garbage(forget=["elsewhere"]).kept == 23
    assert _objects() == before
    shutil.rmtree(kept)
    assert collect_garbage().kept == 0
    assert not _objects()
    assert newsangle.run_experiment("orvia", jobs=1, progress=QUIET).path.name == kept.name


def test_nothing_is_removed_while_a_folder_of_runs_is_away(kept: Path) -> None:
    """A disk that isn't there now: all that its runs need would go."""
    Path("runs").rename("away")
    for dry_run in (True, False):
        with pytest.raises(MachineError, match=r"/runs: held runs and isn't there; bring it back or, .* gc --forget /"):
            collect_garbage(dry_run=dry_run)
    assert len(_objects()) == 23
    assert collect_garbage(forget=["runs"], dry_run=True).kept == 0
    with pytest.raises(MachineError, match="held runs and isn't there"):  # a dry run has forgotten nothing
        collect_garbage()
    Path("away").rename("runs")
    assert collect_garbage().paths == ()
    shutil.rmtree("runs")
    assert CliRunner().invoke(app, ["gc", "--forget", "runs"]).exit_code == 0
    assert not _objects()
    assert collect_garbage().paths == ()


def test_a_folder_of_runs_that_is_not_what_the_command_says_is_an_error(kept: Path) -> None:
    with pytest.raises(ConfigError, match="--runs nowhere: no such folder"):
        collect_garbage(["nowhere"])
    with pytest.raises(ConfigError, match="--forget runs: is there; delete it first"):
        collect_garbage(forget=["runs"])
    with pytest.raises(
        ConfigError, match=r"--forget nowhere: not a folder of runs that the store knows; it knows .*/runs"
    ):
        collect_garbage(forget=["nowhere"])
    assert len(_objects()) == 23


def test_a_folder_of_runs_that_can_not_be_read_is_not_taken_for_an_empty_one(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def closed(path: Any = ".") -> Any:
        if Path(path).name == "runs":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", closed)
        with pytest.raises(MachineError, match=r"runs: can't be read \(Permission denied\)"):
            collect_garbage()
    assert len(_objects()) == 23


def test_garbage_is_nothing_that_somebody_has_put_there_and_all_that_was_left_half_written(kept: Path) -> None:
    shelf = next(Path("home/objects").iterdir())
    (shelf / "notes.txt").write_text("mine")
    (Path("home") / "notes.txt").write_text("mine")
    left = [Path("home/locks/.lease-01.json.ab012cde"), Path("home/source/.cd.json.0123abcd")]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_text("half")
    with Store(Path("home")).lease([]):
        pass
    assert sorted(path.name for path in collect_garbage().paths) == sorted(path.name for path in left)
    assert (shelf / "notes.txt").exists()
    assert (Path("home") / "notes.txt").exists()
    assert collect_garbage().paths == ()


def test_what_a_run_under_way_needs_is_no_garbage(kept: Path) -> None:
    shutil.rmtree(kept)
    keys = sorted(_objects())
    with Store(Path("home")).lease(keys[:4]):
        assert collect_garbage().kept == 4
    assert sorted(_objects()) == keys[:4]


def test_a_damaged_run_stops_the_removal(kept: Path) -> None:
    (kept / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"manifest\.json: damaged.*until then nothing is removed"):
        collect_garbage()
    assert len(_objects()) == 23


def test_a_run_is_verified_with_what_it_was_made_from(kept: Path) -> None:
    found = verify_run(kept)
    assert (found.objects, found.stored, found.rerun) == (23, 23, None)
    victim = next(Path("home/objects").glob("*/*/*.parquet"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    with pytest.raises(IntegrityError, match="its hash is not that of its manifest; set aside in home/damaged"):
        verify_run(kept)
    assert verify_run(kept).stored == 22
    shutil.rmtree("home")
    assert verify_run(kept).stored == 0


@pytest.mark.parametrize("file", ["values", "manifest.json"])
def test_a_damaged_result_is_named_and_set_aside_and_the_run_stands_without_it(kept: Path, file: str) -> None:
    [job] = [
        job for job, _ in planned_run("orvia", runs="runs").jobs if job.title == "nmf, 3 topics, seed 3, all articles"
    ]
    folder = Store(Path("home")).folder(job.key)
    victim = next(
        path for path in sorted(folder.iterdir()) if (path.name == "manifest.json") == (file == "manifest.json")
    )
    victim.write_bytes(victim.read_bytes()[:-9] + b"x")
    with pytest.raises(IntegrityError) as found:
        verify_run(kept)
    first, last = str(found.value).splitlines()
    assert first.startswith(f"topics ({job.title}): {folder}")
    assert first.endswith("; set aside in home/damaged")
    assert f"{kept}: its own files are whole" in last
    assert not folder.exists()
    assert "22 of 23 intermediate results are stored, all whole" in verified_text(kept, verify_run(kept))
    assert [path.name for path in collect_garbage().paths] == [job.key]
    assert not list(Path("home/damaged").iterdir())


def test_damage_is_told_where_nothing_can_be_set_aside(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = next(Path("home/objects").glob("*/*/*.parquet"))
    victim.write_bytes(b"")

    def closed(store: Store, key: str) -> None:
        raise MachineError(f"{key}: no permission to write there")

    monkeypatch.setattr(Store, "drop_damaged", closed)
    with pytest.raises(IntegrityError, match=r"its hash is not that .*; it can't be set aside: .*no permission"):
        verify_run(kept)
    assert victim.exists()


@pytest.mark.slow
def test_a_run_again_gives_every_byte_and_a_forged_number_is_found(kept: Path) -> None:
    told = verify_run(kept, rerun=True, experiment="orvia").rerun
    assert told == "run again on 3 threads with another hash seed: every byte the same"
    _forge(kept, "metrics.json", b'"macro_f1"', b'"macro_f2"')
    with pytest.raises(IntegrityError, match=r"metrics\.json: run again it differs: first at byte \d+ of \d+"):
        verify_run(kept, rerun=True, experiment="orvia")


@pytest.mark.slow
def test_on_another_processor_numbers_are_compared_and_the_report_says_so(kept: Path) -> None:
    manifest = json.loads((kept / "manifest.json").read_bytes())
    _rewrite(kept, manifest | {"cpu": "abacus"})
    told = verify_run(kept, rerun=True, experiment="orvia").rerun
    assert told is not None
    assert told.startswith("run again with another CPU (abacus → ")
    assert "numbers within 1e-6" in told
    _forge(kept, "metrics.json", b'"macro_f1"', b'"macro_f2"')
    with pytest.raises(IntegrityError, match=r"metrics\.json: run again it differs: .*macro_f2"):
        verify_run(kept, rerun=True, experiment="orvia")


def test_a_run_names_every_kind_of_processor_that_its_results_were_made_on(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever verifies it on one of them must not look for every byte."""
    shutil.rmtree(kept)
    monkeypatch.setattr(identity, "cpu_type", lambda: "abacus")  # where results are made
    run = newsangle.run_experiment("orvia", {"topics.n_topics": 2}, jobs=1, progress=QUIET)
    assert run.manifest["cpu"] == " and ".join(sorted(["abacus", cpu_type()]))
    assert _other_machine(run.manifest).startswith("another CPU (")


def test_a_run_of_an_older_newsangle_is_told_in_its_own_words(kept: Path) -> None:
    manifest = json.loads((kept / "manifest.json").read_bytes())
    for name in ("cpu", "objects", "failed"):
        del manifest[name]
    _rewrite(kept, manifest)
    assert (verify_run(kept).objects, collect_garbage(dry_run=True).kept) == (0, 0)
    assert _other_machine(manifest).startswith("another CPU (not told → ")
    assert CliRunner().invoke(app, ["run", "orvia"]).exit_code == 0


def test_a_rerun_on_other_files_is_refused(kept: Path) -> None:
    path = Path("orvia") / "labels.csv"
    path.write_bytes(path.read_bytes().replace(b"0.75", b"0.5"))
    with pytest.raises(DataError, match=r"labels\.csv: is not the file that .* was made from"):
        verify_run(kept, rerun=True, experiment="orvia")
    with pytest.raises(DataError, match=r"isn't in experiments/orvia; name its folder with --experiment"):
        verify_run(kept, rerun=True)


def _forge(run: Path, name: str, before: bytes, after: bytes) -> None:
    """Change a file and its hash in the manifest, as a careful forger would."""
    import hashlib

    data = (run / name).read_bytes().replace(before, after, 1)
    (run / name).write_bytes(data)
    manifest = json.loads((run / "manifest.json").read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    _rewrite(run, manifest)


def _rewrite(run: Path, manifest: dict[str, object]) -> None:
    from newsangle.runs.digests import digest
    from newsangle.runs.folder import json_bytes

    manifest.pop("checksum")
    (run / "manifest.json").write_bytes(json_bytes(manifest | {"checksum": digest(manifest)}))


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        (b'{"a": [1.0, "x"]}', b'{"a": [1.0000005, "x"]}', None),
        (b'{"a": [1.0, "x"]}', b'{"a": [1.00001, "x"]}', "a[0]: 1.0, now 1.00001"),
        (b'{"a": [1.0, "x"]}', b'{"a": [1.0, "y"]}', "a[1]: 'x', now 'y'"),
        (b'{"a": 1}', b'{"a": 2}', "a: 1, now 2"),
        (b'{"a": null}', b'{"a": 0.0}', "a: None, now 0.0"),
        (b"[1]", b"[1, 2]", ": 1 entries, now 2"),
        (b'{"a": 1e9}', b'{"a": 1000000001.0}', None),
    ],
)
def test_numbers_may_differ_in_the_last_digits_and_words_may_not(one: bytes, two: bytes, told: str | None) -> None:
    assert numbers_differ("x.json", one, two) == told


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ([1.0, np.nan, np.inf], [1.0000005, np.nan, np.inf], True),
        ([np.inf], [1.0], False),
        ([np.inf], [-np.inf], False),
        ([np.nan], [1.0], False),
        ([0.0], [-0.0], True),
        ([1], [2], False),
        (["a", None], ["a", None], True),
        (["a"], ["b"], False),
        (["a"], [None], False),
        ([[1.0, np.nan], []], [[1.0000005, np.nan], []], True),
        ([[1.0]], [[1.1]], False),
        ([[["a"], []]], [[["a"], []]], True),
        ([[["a"]]], [[["b"]]], False),
        ([{"a": [1.0]}], [{"a": [1.0000005]}], True),
        ([{"a": [1.0]}], [{"a": [1.1]}], False),
        (pd.array([1, None], dtype="Int64"), pd.array([1, None], dtype="Int64"), True),
        (pd.array([1, None], dtype="Int64"), pd.array([1, 2], dtype="Int64"), False),
        (pd.to_datetime(["2020-01-01", None]), pd.to_datetime(["2020-01-01", None]), True),
        (pd.to_datetime(["2020-01-01"]), pd.to_datetime(["2020-01-02"]), False),
        (pd.Categorical(["a", "b"]), pd.Categorical(["a", "b"]), True),
        (pd.Categorical(["a", "b"]), pd.Categorical(["a", "a"]), False),
    ],
)
def test_tables_are_compared_cell_by_cell_whatever_stands_in_them(one: Any, two: Any, same: bool) -> None:
    first, second = (io.BytesIO(), io.BytesIO())
    pd.DataFrame({"x": one}).to_parquet(first)
    pd.DataFrame({"x": two}).to_parquet(second)
    told = numbers_differ("x.parquet", first.getvalue(), second.getvalue())
    assert (told is None) == same, told


# --- points that fail -----------------------------------------------------------------------------------------------


def _vary(world: Path) -> None:
    config = world / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("seed = 3", 'seed = 3\nvary = { "features.min_df" = [500, 2] }', 1), encoding="utf-8"
    )


def test_a_failing_point_is_told_and_the_others_are_published(world: Path, tmp_path: Path) -> None:
    _vary(world)
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    failed = run.manifest["failed"]
    assert list(failed) == ["features.min_df=500"]
    assert "lower features.min_df" in failed["features.min_df=500"]
    assert [entry["vary"] for entry in run.topics] == ["features.min_df=2"]
    page = run.report.read_text(encoding="utf-8")
    assert "Not computed: features.min_df=500." in page
    again = CliRunner().invoke(app, ["run", str(world), "--runs", str(tmp_path / "runs")])
    assert again.exit_code == 3
    assert "newsangle: features.min_df=500: document-term matrix" in again.stderr


def test_a_failed_point_names_a_file_as_its_config_does_wherever_it_lies(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "other.csv").write_text("article_id\n", encoding="utf-8")
    config = world / "config.toml"
    vary = 'seed = 3\nvary = { "tasks.frame.labels.file" = ["labels.csv", "~/other.csv"] }'
    config.write_text(config.read_text(encoding="utf-8").replace("seed = 3", vary, 1), encoding="utf-8")
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    [told] = run.manifest["failed"].values()
    assert told.startswith("~/other.csv: column 'start' is missing")
    with pytest.raises(ConfigError, match="~no-such-user/x: there is no such home folder"):
        newsangle.run_experiment(world, {"corpus.path": "~no-such-user/x"}, progress=QUIET)


def test_an_error_of_ours_in_one_point_lets_the_others_finish_and_publishes_nothing(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _vary(world)
    perform, done = jobs.perform, []

    def broken(root: Path, call: jobs.Call) -> bool:
        if call.recipe["stage"] == "matrix" and call.part["features"]["min_df"] == 500:
            raise ZeroDivisionError("oops")
        done.append(call.recipe["stage"])
        return perform(root, call)

    monkeypatch.setattr(jobs, "perform", broken)
    with pytest.raises(ZeroDivisionError):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert "topic_quality" in done
    assert not list((tmp_path / "runs").rglob("manifest.json"))
    monkeypatch.setattr(jobs, "perform", perform)
    newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)


def test_a_run_tells_the_files_that_it_began_with_and_a_later_edit_is_another_run(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = world / "labels.csv"
    before, assemble = file_sha256(labels), compute.assemble

    def edit(*args: Any) -> Any:
        labels.write_bytes(labels.read_bytes() + b"\n")
        return assemble(*args)

    monkeypatch.setattr(compute, "assemble", edit)
    run = newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert run.manifest["inputs"]["labels.csv"] == before != file_sha256(labels)
    plan = compute.plan

    def edit_first(*args: Any) -> Any:
        labels.write_bytes(labels.read_bytes() + b"\n")
        return plan(*args)

    monkeypatch.setattr(compute, "plan", edit_first)
    with pytest.raises(DataError, match=r"labels\.csv: was changed while the run was starting; run the same command"):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert len(list((tmp_path / "runs").rglob("manifest.json"))) == 1


def test_a_point_that_fails_because_its_file_was_changed_is_no_failed_point(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be kept as a run of the file as it was, for ever."""

    def broken(part: Any, files: Any, upstream: Any) -> dict[str, Any]:
        (world / "labels.csv").write_text("passage_id\n")
        raise DataError("labels.csv: half of it is missing")

    before = STAGES["task_rows"]
    broken.__module__, broken.__qualname__ = before.__module__, before.__qualname__
    monkeypatch.setitem(STAGES, "task_rows", broken)
    with pytest.raises(DataError, match=r"labels\.csv: was changed while the run was under way"):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert not list((tmp_path / "runs").rglob("manifest.json"))


def test_the_store_knows_where_runs_lie_before_one_is_published(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compute, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert Store(tmp_path / "home").roots() == [tmp_path / "runs"]
    assert not list((tmp_path / "home" / "locks").glob("lease-*"))


def test_the_first_run_in_a_store_keeps_the_index_of_the_source_for_its_workers(kept: Path) -> None:
    assert [path.name for path in Path("home/source").iterdir()] == [index_file()]


def test_a_link_in_place_of_a_log_is_not_followed(kept: Path, tmp_path: Path) -> None:
    shutil.rmtree(kept)
    (tmp_path / "mine.txt").write_text("mine")
    log = Path("home/logs") / f"orvia-{kept.name}.log"
    log.unlink(missing_ok=True)
    log.symlink_to(tmp_path / "mine.txt")
    newsangle.run_experiment("orvia", runs="runs", progress=QUIET, jobs=1)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert "published" in log.read_text()


@pytest.mark.parametrize("table", ["topics.seed_words", "tasks.frame.rules.aliases"])
def test_names_in_another_order_are_another_run(world: Path, table: str) -> None:
    """Their order numbers the topics: the run that is there is not the one asked for."""
    order = {"one": "a", "two": "b"}
    orders = [{name: [order[name]] for name in names} for names in (("one", "two"), ("two", "one"))]
    if table.endswith("aliases"):
        orders = [{"water": "flood"} | order, order | {"water": "flood"}]
    ids = {run_id(newsangle.load_experiment(world, {table: order})) for order in orders}
    assert len(ids) == 2


def test_a_file_that_changes_under_way_is_never_kept_under_the_old_name(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = STAGES["corpus"]

    def slow(part: Any, files: Any, upstream: Any) -> dict[str, Any]:
        (world / "articles.csv").write_bytes((world / "articles.csv").read_bytes().replace(b"Lume", b"Luma"))
        return before(part, files, upstream)

    slow.__module__, slow.__qualname__ = before.__module__, before.__qualname__
    monkeypatch.setitem(STAGES, "corpus", slow)
    with pytest.raises(DataError, match=r"articles\.csv: was changed while the run was under way"):
        newsangle.run_experiment(world, runs=tmp_path / "runs", progress=QUIET, jobs=1)
    assert not list(Store(tmp_path / "home").stored_keys())


@pytest.mark.parametrize("written", [b"", None])
def test_a_run_that_was_being_written_when_its_process_was_killed_is_none(kept: Path, written: bytes | None) -> None:
    """All files may be there but the name, or half of a manifest."""
    shutil.copytree(kept, left := kept.with_name(f".{kept.name}.0123abcd"))
    if written is not None:
        (left / "manifest.json").write_bytes(written)
    assert newsangle.load_run(kept.parent).path == kept
    assert find_run(kept.name, Path("runs")).path == kept.relative_to(Path.cwd())
    assert [path.resolve() for path in collect_garbage().paths] == [left]
    assert not left.exists()
    kept.rename(left)
    with pytest.raises(DataError, match="no run is there"):
        newsangle.load_run(kept.parent)


def test_what_can_not_be_read_now_is_not_said_to_be_missing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or somebody deletes a run that is whole."""
    read = Path.read_bytes
    for closed in ("metrics.json", "manifest.json"):

        def refused(path: Path, closed: str = closed) -> bytes:
            if path.name == closed:
                raise PermissionError(13, "Permission denied", str(path))
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", refused)
        with pytest.raises(MachineError, match=rf"{closed}: can't be read \(Permission denied\); check"):
            verify(kept)


def test_hidden_files_and_folders_are_no_part_of_a_run(kept: Path) -> None:
    (kept / ".ipynb_checkpoints").mkdir()
    (kept / ".ipynb_checkpoints" / "report-checkpoint.html").write_text("<p>")
    (kept / ".DS_Store").write_text("")
    verify(kept)
    (kept / "notes.txt").write_text("mine")
    with pytest.raises(IntegrityError, match=r"notes\.txt: not part of the run"):
        verify(kept)
