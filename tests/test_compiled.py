"""Compiled kernels are kept where only their owner can write, under the hash of their source; else not at all."""

import os
import stat

import platformdirs
import pytest

from newsangle import compiled


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The user's cache, in a folder of the test."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / name)
    return tmp_path / "newsangle" / "kernels"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "kernel.py"
    path.write_text("one", encoding="utf-8")
    return path


def test_the_folder_is_the_users_alone_and_another_source_is_another_folder(kept, source):
    first = compiled.cache_folder([source])
    assert first == compiled.cache_folder([source])
    assert first.parent == kept
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    source.write_text("two", encoding="utf-8")
    assert compiled.cache_folder([source]) not in (None, first)


def test_other_options_of_the_compiler_are_another_folder(kept, source, tmp_path, monkeypatch):
    """numba names what it keeps by types and processor alone: code of other options would be taken for this one."""
    first = compiled.cache_folder([source])
    (edited := tmp_path / "compiled.py").write_text("fastmath=True", encoding="utf-8")
    monkeypatch.setattr(compiled, "__file__", str(edited))
    assert compiled.cache_folder([source]) not in (None, first)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o750, 0o705])
def test_a_folder_that_others_can_open_is_not_read(kept, source, mode):
    compiled.cache_folder([source]).chmod(mode)
    assert compiled.cache_folder([source]) is None


def test_a_link_in_place_of_the_folder_is_not_followed(kept, source, tmp_path):
    folder = compiled.cache_folder([source])
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    assert compiled.cache_folder([source]) is None


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners here")
def test_somebody_elses_folder_is_not_read(kept, source, monkeypatch):
    compiled.cache_folder([source])
    monkeypatch.setattr(os, "getuid", lambda: -1)
    assert compiled.cache_folder([source]) is None


def test_where_no_folder_can_be_made_there_is_none(kept, source):
    kept.parent.mkdir()
    kept.write_text("a file", encoding="utf-8")
    assert compiled.cache_folder([source]) is None


def test_a_folder_that_cannot_be_written_means_compiling_again(kept, source, monkeypatch):
    # As on a read-only file system: numba would look for a folder of its own, and stop where it finds none.
    compiled.cache_folder([source])
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    assert compiled.cache_folder([source]) is None
    twice = compiled.kernels(str(source))(lambda x: x * 2)
    assert twice(21) == 42
