"""The store: what comes back is what went in, and a damaged object is never used."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from newsangle.errors import IntegrityError, MachineError
from newsangle.runs import store as store_module
from newsangle.runs.digests import digest
from newsangle.runs.files import published_folder
from newsangle.runs.jobs import Job
from newsangle.runs.store import Store, kept_json, store_folder

RECIPE = {"stage": "topics", "part": {"n_topics": 3}}
KEY = digest(RECIPE)


def _values() -> dict[str, object]:
    return {
        "table": pd.DataFrame({"a": ["007", "NA", None], "n": [1, 2, 3]}),
        "array": np.arange(6.0).reshape(2, 3),
        "matrix": sp.csr_matrix(np.eye(3)),
        "about": {"name": "Łódź", "values": [1, None, 2.5]},
    }


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(RECIPE, _values())
    loaded, given = store.load(KEY), _values()
    pd.testing.assert_frame_equal(loaded["table"], given["table"])
    assert np.array_equal(loaded["array"], given["array"])
    assert (loaded["matrix"] != given["matrix"]).nnz == 0
    assert loaded["about"] == given["about"]


def test_a_flipped_bit_in_any_file_is_found_set_aside_and_never_used(tmp_path: Path) -> None:
    names = None
    for number in range(5):
        store = Store(tmp_path / str(number), warn=(told := []).append)
        store.save(RECIPE, _values())
        names = sorted(p.name for p in store.folder(KEY).iterdir())
        assert len(names) == 5
        victim = store.folder(KEY) / names[number]
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        assert not store.has(KEY)
        assert len(told) == 1
        assert not store.folder(KEY).exists()
        assert (tmp_path / str(number) / "damaged" / KEY).is_dir()
        with pytest.raises(KeyError):
            store.load(KEY)


def test_a_folder_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), published_folder(tmp_path / "run") as folder:
        (folder / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="the disk is full; free some space"), published_folder(tmp_path / "run"):
        raise OSError(28, "No space left on device")


def test_a_key_changes_with_content_never_with_the_place(tmp_path: Path) -> None:
    (one := tmp_path / "one.csv").write_text("a")
    (two := tmp_path / "two.csv").write_text("a")
    (other := tmp_path / "other.csv").write_text("b")
    base = Job("topics", {"k": 1}, {"file": one})
    assert base.key == Job("topics", {"k": 1}, {"file": two}, title="another title").key
    upstream = Job("corpus", {})
    different = [
        Job("topics", {"k": 2}, {"file": one}),
        Job("topics", {"k": 1}, {"file": other}),
        Job("topic_scores", {"k": 1}, {"file": one}),
        Job("topics", {"k": 1}, {"file": one}, {"corpus": upstream}),
        Job("topics", {"k": 1}, {"file": one}, {"corpus": Job("corpus", {"x": 1})}),
    ]
    assert len({base.key, *(job.key for job in different)}) == 6


def test_the_order_of_names_in_a_config_is_part_of_the_key() -> None:
    """A stage may number targets in their order: the same key for both orders would hand the one the other's."""
    one, two = ({"task": {"targets": dict(pairs)}} for pairs in ([("a", "x"), ("b", "y")], [("b", "y"), ("a", "x")]))
    assert Job("topics", one).key != Job("topics", two).key
    listed = [{"rules": [{"all": 1, "none": 2}]}, {"rules": [{"none": 2, "all": 1}]}]
    assert len({Job("topics", part).key for part in listed}) == 2
    assert Job("topics", one).key == Job("topics", {"task": {"targets": {"a": "x", "b": "y"}}}).key


def test_equal_values_have_one_digest_whatever_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})


def test_an_object_that_does_not_say_where_it_was_made_is_whole_all_the_same(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(RECIPE, _values())
    path = store.folder(KEY) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    assert store.made_on([KEY]) == {manifest["cpu"]}
    older = {"recipe": manifest["recipe"], "files": manifest["files"]}
    path.write_text(json.dumps(older | {"checksum": digest(older)}), encoding="utf-8")
    assert store.has(KEY)
    assert store.made_on([KEY]) == set()
    path.write_text(json.dumps(older | {"cpu": "abacus", "checksum": digest(older)}), encoding="utf-8")
    assert not store.has(KEY)


def test_an_object_under_another_name_proves_itself_wrong(tmp_path: Path) -> None:
    store = Store(tmp_path, warn=(told := []).append)
    store.save(RECIPE, _values())
    other = digest(RECIPE | {"part": {"n_topics": 4}})
    store.folder(other).parent.mkdir(exist_ok=True)
    store.folder(KEY).rename(store.folder(other))
    assert not store.has(other)
    assert "another recipe" in told[0]


def test_links_planted_in_the_store_are_not_followed(tmp_path: Path) -> None:
    away = Store(tmp_path / "away")
    away.save(RECIPE, _values())
    store = Store(tmp_path / "home", warn=(told := []).append)
    store.folder(KEY).parent.mkdir(parents=True)
    store.folder(KEY).symlink_to(away.folder(KEY), target_is_directory=True)
    assert not store.has(KEY)
    store.folder(KEY).parent.rmdir()
    store.folder(KEY).parent.symlink_to(away.folder(KEY).parent, target_is_directory=True)
    assert not store.has(KEY)
    store.save(RECIPE, _values())
    victim = store.folder(KEY) / "array.npy"
    victim.unlink()
    victim.symlink_to(away.folder(KEY) / "array.npy")
    assert not store.has(KEY)
    assert [line.count("is a symbolic link") for line in told] == [1, 1, 1]
    assert away.has(KEY)
    (tmp_path / "home" / "logs").symlink_to(tmp_path / "away")
    with pytest.raises(IntegrityError, match="logs: is a symbolic link, the store follows none; remove it"):
        Store(tmp_path / "home")


def test_a_good_object_that_another_process_has_just_made_again_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process saw the damaged object; before it could set that aside, another had done so and made a good one."""
    store = Store(tmp_path, warn=(told := []).append)
    store.save(RECIPE, _values())
    real, calls = store_module.fault_of, []

    def slow(root: Path, key: str) -> str | None:
        calls.append(key)
        return "what was damaged" if len(calls) == 1 else real(root, key)

    monkeypatch.setattr(store_module, "fault_of", slow)
    assert store.has(KEY)
    assert not told
    assert not (tmp_path / "damaged").exists()


def test_files_of_others_in_the_store_are_no_objects(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(RECIPE, _values())
    (store.folder(KEY).parent / "notes.txt").write_text("mine")
    (tmp_path / "objects" / "mine").mkdir()
    (tmp_path / "objects" / "mine" / KEY).mkdir()
    assert list(store.stored_keys()) == [KEY]


def test_a_lease_that_ends_while_it_is_read_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.lock("lease-0123"):
        (tmp_path / "locks" / "lease-0123.json").symlink_to("gone")  # listed, and not there when it is opened
        with store.lock("gc"):
            assert store.leased() == set()


def test_a_link_among_the_roots_is_not_followed(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    store.add_root(tmp_path / "runs")
    assert store.roots() == [tmp_path / "runs"]
    (tmp_path / "away.json").write_text('{"runs": ".."}', encoding="utf-8")
    (tmp_path / "home" / "roots" / "planted.json").symlink_to(tmp_path / "away.json")
    assert store.roots() == [tmp_path / "runs"]


def test_a_flipped_bit_in_the_name_of_a_folder_of_runs_is_found_and_mended(tmp_path: Path) -> None:
    """Or gc would look for the runs elsewhere, find none, and take what they need."""
    store = Store(tmp_path / "home")
    store.add_root(tmp_path / "runs")
    [path] = (tmp_path / "home" / "roots").iterdir()
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(IntegrityError, match="damaged; delete it, and name the folder"):
            store.roots()
    store.add_root(tmp_path / "runs")
    assert store.roots() == [tmp_path / "runs"]


def test_a_lease_lasts_as_long_as_its_process(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.lease(["b", "a"]):
        with store.lock("gc"):
            assert store.leased() == {"a", "b"}
        probe = (
            "import os, sys; from pathlib import Path; from newsangle.runs.store import Store, kept_json\n"
            "with Store(Path(sys.argv[1])).lease(['c']):\n    os.kill(os.getpid(), 9)"
        )
        subprocess.run([sys.executable, "-c", probe, str(tmp_path)], check=False, timeout=60)
        assert len(list((tmp_path / "locks").glob("lease-*.json"))) == 2
        with store.lock("gc"):
            assert store.leased() == {"a", "b"}
    assert not list((tmp_path / "locks").glob("lease-*"))


def test_what_a_killed_process_has_left_is_removed_by_who_publishes_next(tmp_path: Path) -> None:
    store = Store(tmp_path)
    left = store.folder(KEY).with_name(f".{KEY}.abc123")
    left.mkdir(parents=True)
    (left / "array.npy").write_bytes(b"half")
    store.save(RECIPE, _values())
    assert [p.name for p in store.folder(KEY).parent.iterdir()] == [KEY]


def test_a_kept_value_is_made_again_where_it_is_damaged_and_nowhere_begins_a_store(tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> dict[str, list[int]]:
        calls.append(1)
        return {"a": [1, 2]}

    assert kept_json(tmp_path / "none", "source/x.json", make) == {"a": [1, 2]}
    assert not (tmp_path / "none").exists()
    for _ in range(2):
        assert kept_json(tmp_path, "source/x.json", make) == {"a": [1, 2]}
    assert len(calls) == 2
    path = tmp_path / "source" / "x.json"
    path.write_bytes(path.read_bytes().replace(b"[1, 2]", b"[1, 3]"))
    assert kept_json(tmp_path, "source/x.json", make) == {"a": [1, 2]}
    assert len(calls) == 3


def test_the_store_may_be_named_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEWSANGLE_HOME", "~/results")
    assert store_folder() == tmp_path / "results"


def test_a_disk_without_file_locks_is_told_and_nothing_else_stands_in_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, how: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(MachineError, match=r"home: no file can be locked there \(flock\); set NEWSANGLE_HOME"):
        Store(tmp_path / "home").lock("gc").__enter__()
