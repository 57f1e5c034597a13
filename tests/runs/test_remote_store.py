"""A store at an address: machines without a common disk share results, and no half or damaged one is ever used."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import platformdirs
import pytest
from dask_cluster import dask_cluster

import newsangle
from newsangle.corpus import load
from newsangle.corpus.fetch import file_sha256
from newsangle.corpus.sources import SOURCES
from newsangle.errors import ConfigError, DataError, IntegrityError, MachineError
from newsangle.runs import remote_store
from newsangle.runs.digests import digest
from newsangle.runs.gc import collect_garbage
from newsangle.runs.jobs import Call, Job, perform
from newsangle.runs.plan import plan
from newsangle.runs.progress import Progress
from newsangle.runs.remote_store import RemoteStore, as_named, files_here, marked, open_store, sees
from newsangle.runs.stages import STAGES
from newsangle.runs.store import Store, store_folder
from newsangle.runs.why import planned_run

RECIPE = {"stage": "invented", "part": {"k": 1}}
KEY = digest(RECIPE)
VALUES = {"table": pd.DataFrame({"a": ["007", "NA", None]}), "array": np.arange(6.0), "about": {"name": "Łódź"}}

Machine = Callable[..., RemoteStore]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The store as the machine of this name sees it: what it keeps is its own, the address is common to all."""

    def made(name: str, warn: Callable[[str], None] | None = None) -> RemoteStore:
        monkeypatch.setattr(platformdirs, "user_cache_path", lambda app: tmp_path / name / app)
        return RemoteStore((tmp_path / "common").as_uri(), warn)

    return made


def _same(loaded: dict[str, object]) -> None:
    pd.testing.assert_frame_equal(loaded["table"], VALUES["table"])
    assert np.array_equal(loaded["array"], VALUES["array"])
    assert loaded["about"] == VALUES["about"]


def test_what_one_machine_saves_another_one_loads(machine: Machine) -> None:
    one = machine("one")
    assert not one.has(KEY)
    assert one.save(RECIPE, VALUES) == KEY
    two = machine("two")
    assert two.has(KEY)
    assert two.recipe(KEY) == RECIPE
    assert not two.folder(KEY).exists()  # that it is there is known without fetching it
    _same(two.load(KEY))
    assert two.folder(KEY).is_dir()


def test_in_memory_too() -> None:
    store = open_store("memory://newsangle-test")
    assert isinstance(store, RemoteStore)
    store.save(RECIPE, VALUES)
    store.set_aside(store.folder(KEY))
    _same(store.load(KEY))
    with marked(store) as mark:
        assert sees("memory://newsangle-test", mark)
        assert not sees("memory://elsewhere", mark)
    assert not sees("memory://newsangle-test", mark)


@pytest.mark.parametrize("number", range(4))
def test_a_flipped_bit_at_the_address_is_found_and_the_object_made_again(
    machine: Machine, tmp_path: Path, number: int
) -> None:
    machine("one").save(RECIPE, VALUES)
    files = sorted(path for path in (tmp_path / "common").rglob("*") if path.is_file())
    assert len(files) == 4  # the manifest and three values
    data = bytearray(files[number].read_bytes())
    data[len(data) // 2] ^= 1
    files[number].write_bytes(data)
    two = machine("two", told := [].append)
    with pytest.raises(KeyError):
        two.load(KEY)
    assert len(told.__self__) == 1
    assert not two.has(KEY)
    two.save(RECIPE, VALUES)
    _same(machine("three").load(KEY))


def test_whatever_breaks_off_leaves_no_half_of_an_object(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The n-th file that is written there fails, for every n: until all are there, nobody else sees the object."""
    whole = remote_store._Files._whole
    for last in range(4):
        shutil.rmtree(tmp_path / "common", ignore_errors=True)
        written: list[str] = []

        def failing(self: object, name: str, write: object, last: int = last, written: list[str] = written) -> None:
            if len(written) == last:
                raise OSError(28, "No space left on device")
            written.append(name)
            whole(self, name, write)

        monkeypatch.setattr(remote_store._Files, "_whole", failing)
        with pytest.raises(MachineError, match="No space left") as caught:
            machine(f"one {last}").save(RECIPE, VALUES)
        assert "\n" not in str(caught.value)
        assert not machine(f"other {last}").has(KEY)
        monkeypatch.setattr(remote_store._Files, "_whole", whole)
    # The machine that had made it sends the rest as soon as it is asked.
    assert machine("one 3").has(KEY)
    _same(machine("other 3").load(KEY))


def test_a_file_cut_short_there_is_sent_again(machine: Machine, tmp_path: Path) -> None:
    machine("one").save(RECIPE, VALUES)
    for path in (tmp_path / "common" / "blobs").glob("*/*"):
        path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(KeyError):
        machine("two").load(KEY)
    machine("one").has(KEY)
    _same(machine("two").load(KEY))


def test_a_manifest_that_names_a_file_outside_is_refused(machine: Machine, tmp_path: Path) -> None:
    one = machine("one")
    one.save(RECIPE, VALUES)
    path = next((tmp_path / "common" / "objects").rglob("*.json"))
    manifest = json.loads(path.read_bytes())
    manifest["files"]["../../../../planted"] = manifest["files"]["array.npy"]
    del manifest["checksum"]
    manifest["checksum"] = digest(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(KeyError):
        machine("two").load(KEY)
    assert not list(tmp_path.rglob("planted"))


def test_an_input_file_travels_by_its_content(machine: Machine, tmp_path: Path) -> None:
    (folder := tmp_path / "laptop").mkdir()
    (path := folder / "articles.csv").write_text("id,text\n1,flood\n", encoding="utf-8")
    known = file_sha256(path)
    one = machine("one")
    one.offer(path, known)
    assert one.input_file(path, known) == path  # it lies here
    path.rename(folder / "moved.csv")
    two = machine("two")
    copy = two.input_file(path, known)
    assert copy.name == "articles.csv"
    assert copy.read_text(encoding="utf-8") == "id,text\n1,flood\n"
    copy.write_text("damaged", encoding="utf-8")
    assert file_sha256(two.input_file(path, known)) == known
    path.write_text("another file of this name", encoding="utf-8")
    assert two.input_file(path, known) == copy
    with pytest.raises(MachineError, match=r"articles\.csv: .* is missing; run the same command again"):
        two.input_file(path, "0" * 64)


def test_with_a_folder_for_a_store_input_files_have_to_be_there_and_the_same(tmp_path: Path) -> None:
    (path := tmp_path / "articles.csv").write_text("id,text\n", encoding="utf-8")
    job = Job("corpus", {}, {"articles": path})
    assert job.recipe["files"] == {"articles": file_sha256(path)}
    store = open_store(str(tmp_path))
    assert files_here(store, job) == {"articles": path}
    path.write_text("other", encoding="utf-8")
    with pytest.raises(MachineError, match=r"articles\.csv: another file on this machine"):
        files_here(store, job)
    path.unlink()
    with pytest.raises(MachineError, match=r"articles\.csv: not on this machine \(.+:\d+\); keep it in a folder that"):
        files_here(store, job)


def test_an_error_names_the_file_that_was_meant_not_its_copy(machine: Machine, tmp_path: Path) -> None:
    (path := tmp_path / "labels.csv").write_text("frame\nfire\n", encoding="utf-8")
    job = Job("corpus", {}, {"labels": path})
    store = machine("one")
    store.offer(path, job.recipe["files"]["labels"])
    path.unlink()
    files = files_here(store, job)
    assert files["labels"] != path
    with pytest.raises(DataError, match=f"^{path}: row 2$"), as_named(job, files):
        raise DataError(f"{files['labels']}: row 2")


@pytest.mark.parametrize(
    ("address", "error", "told"),
    [("nosuch://place", MachineError, "nosuch"), ("adl://bucket/place", ConfigError, "adl://bucket/place: ")],
)
def test_an_address_that_cannot_be_is_one_line(address: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told) as caught:
        open_store(address)
    assert "\n" not in str(caught.value)


def test_without_an_address_the_store_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(open_store(str(tmp_path))) is Store
    monkeypatch.setenv("NEWSANGLE_HOME", "memory://newsangle-test/place")
    assert store_folder() == open_store().root
    assert isinstance(open_store(), RemoteStore)


@pytest.mark.slow
def test_workers_with_caches_of_their_own_publish_the_same_bytes_through_an_address(
    finished: Path, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process is a machine: what it has it keeps for itself, and all it shares goes through the address."""

    def cache(name: str) -> str:
        place = tmp_path / name / "newsangle"
        place.mkdir(parents=True)
        (kernels := platformdirs.user_cache_path("newsangle") / "kernels").mkdir(parents=True, exist_ok=True)
        (place / "kernels").symlink_to(kernels)  # compiling them again would take a minute
        return str(place.parent)

    with dask_cluster(tmp_path / "dask", 0) as cluster:
        for name in ("one", "two"):
            cluster.add_worker("--no-nanny", XDG_CACHE_HOME=cache(name))
        cluster.wait(2)
        monkeypatch.setenv("XDG_CACHE_HOME", cache("parent"))
        monkeypatch.setenv("NEWSANGLE_HOME", (tmp_path / "common").as_uri())
        places = {"runs": tmp_path / "runs", "scheduler": cluster.address}
        run = newsangle.run_experiment(world, progress=Progress(quiet=True), **places)
    files = {path.relative_to(finished) for path in finished.rglob("*") if path.is_file()}
    assert {path.relative_to(run.path) for path in run.path.rglob("*") if path.is_file()} == files
    assert [name for name in sorted(files) if (run.path / name).read_bytes() != (finished / name).read_bytes()] == []
    for name in ("one", "two"):
        assert list((tmp_path / name).rglob("manifest.json"))
    assert not (tmp_path / "common" / "locks").exists()


def test_a_named_corpus_is_read_from_the_file_that_came_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker may have no network, and a data folder of its own that nobody has checked."""
    monkeypatch.setenv("NEWSANGLE_DATA", str(tmp_path / "data"))
    SOURCES["lee"].fetch(path := tmp_path / "copy.cor")
    monkeypatch.setattr(load, "fetch_source", lambda name, **_: pytest.fail(f"{name} is fetched"))
    part = {"source": "lee", "options": {"min_words": 40, "max_words": 80}}
    values = STAGES["corpus"](part, {"articles": path}, {})
    assert len(values["articles"]) == 300
    assert not (tmp_path / "data").exists()


def test_what_the_address_has_lost_or_changed_stops_the_run_in_one_line_and_the_next_one_mends_it(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No bug of ours, and no point of a sweep that its data can't carry: nothing is published."""
    monkeypatch.setenv("NEWSANGLE_HOME", (tmp_path / "common").as_uri())
    places = {"progress": Progress(quiet=True), "jobs": 1}

    def cache(name: str) -> None:
        monkeypatch.setattr(remote_store, "cache_folder", lambda address: tmp_path / name)

    cache("one")
    whole = newsangle.run_experiment(world, runs=tmp_path / "runs", **places)
    [card] = [
        path for path in (tmp_path / "common" / "blobs").glob("*/*") if b"groups_with_copies" in path.read_bytes()
    ]
    card.write_bytes(card.read_bytes()[:-1] + b"!")
    cache("two")
    told = r".*: was lost while the run was under way; run the same command again"
    with pytest.raises(IntegrityError, match=f"^{told}$"):
        newsangle.run_experiment(world, runs=tmp_path / "again", **places)
    assert not list((tmp_path / "again").rglob("manifest.json"))
    assert newsangle.run_experiment(world, runs=tmp_path / "again", **places).manifest == whole.manifest


def test_an_input_file_that_did_not_arrive_is_no_fault_of_the_data(
    machine: Machine, world: Path, tmp_path: Path
) -> None:
    store = machine("one")
    job = Job("corpus", {}, {"articles": world / "articles.csv"})
    call = Call(job.key, job.recipe, job.part, {"articles": tmp_path / "elsewhere" / "articles.csv"}, "corpus")
    with pytest.raises(MachineError, match="is missing; run the same command again"):
        perform(store.place, call)


def test_a_plan_knows_what_lies_at_the_address(
    world: Path, tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSANGLE_HOME", (tmp_path / "common").as_uri())
    corpus = plan(newsangle.load_experiment(world), {})[0].corpus
    machine("one").save(corpus.recipe, VALUES)
    machine("two")
    jobs = planned_run(world, runs=tmp_path / "runs").jobs
    assert [job.title for job, reason in jobs if reason is None] == ["corpus and passages"]
    assert not (tmp_path / "two" / "newsangle" / "stores").exists()


def test_gc_on_the_machine_of_a_worker_takes_nothing_from_the_job_at_work(
    machine: Machine, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease of the run lies where its parent is."""
    corpus = plan(newsangle.load_experiment(world), {})[0].corpus
    store = machine("one")
    store.offer(world / "articles.csv", corpus.recipe["files"]["articles"])
    monkeypatch.setenv("NEWSANGLE_HOME", store.place)
    swept = []

    def stage(part: object, files: dict[str, Path], upstream: object) -> dict[str, object]:
        swept.append(collect_garbage([]))
        return {"articles": files["articles"].read_text(encoding="utf-8")}

    monkeypatch.setitem(STAGES, "corpus", stage)
    elsewhere = {"articles": tmp_path / "parents" / "articles.csv"}
    perform(store.place, Call(corpus.key, corpus.recipe, corpus.part, elsewhere, corpus.title))
    assert [garbage.paths for garbage in swept] == [()]
    assert store.has(corpus.key)
    gone = {path.parent.name for path in collect_garbage([]).paths}
    assert gone == {"inputs", corpus.key[:2]}
    assert not list((store.root / "inputs").iterdir())
