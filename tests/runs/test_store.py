"""The store: what comes back is what went in, and a damaged object is never used."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from newsangle.errors import MachineError
from newsangle.runs.digests import digest
from newsangle.runs.files import published_folder
from newsangle.runs.jobs import Job
from newsangle.runs.store import Store

KEY = "ab" + "0" * 62


def _values() -> dict[str, object]:
    return {
        "table": pd.DataFrame({"a": ["007", "NA", None], "n": [1, 2, 3]}),
        "array": np.arange(6.0).reshape(2, 3),
        "matrix": sp.csr_matrix(np.eye(3)),
        "about": {"name": "Łódź", "values": [1, None, 2.5]},
    }


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(KEY, _values())
    loaded, given = store.load(KEY), _values()
    pd.testing.assert_frame_equal(loaded["table"], given["table"])
    assert np.array_equal(loaded["array"], given["array"])
    assert (loaded["matrix"] != given["matrix"]).nnz == 0
    assert loaded["about"] == given["about"]


def test_a_flipped_bit_in_any_file_is_found_set_aside_and_never_used(tmp_path: Path) -> None:
    names = None
    for number in range(5):
        store = Store(tmp_path / str(number), warn=(told := []).append)
        store.save(KEY, _values())
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
    base = Job("stage", {"k": 1}, {"file": one})
    assert base.key == Job("stage", {"k": 1}, {"file": two}, title="another title").key
    upstream = Job("corpus", {})
    different = [
        Job("stage", {"k": 2}, {"file": one}),
        Job("stage", {"k": 1}, {"file": other}),
        Job("other", {"k": 1}, {"file": one}),
        Job("stage", {"k": 1}, {"file": one}, {"corpus": upstream}),
        Job("stage", {"k": 1}, {"file": one}, {"corpus": Job("corpus", {"x": 1})}),
    ]
    assert len({base.key, *(job.key for job in different)}) == 6


def test_equal_values_have_one_digest_whatever_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 1.5})
