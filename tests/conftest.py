"""What every test stands on: no store or data folder of the person who runs the tests is ever touched."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import computed  # noqa: F401 (found in sys.modules by the tests that need it)
import covering  # noqa: F401 (as above)
import dask_cluster  # noqa: F401 (as above)
import raw_files  # noqa: F401 (as above)
from tiny import write_world

sys.path.pop(0)  # or `import coverage`, which numba tries, would find tests/coverage


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSANGLE_HOME", str(tmp_path / "home"))


@pytest.fixture
def common_home(_own_folders: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store for all tests that run what ships, whichever process they are in: what one computes the others find."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    monkeypatch.setenv("NEWSANGLE_HOME", str(base / "common-home"))


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """An experiment folder on an invented corpus of sixty articles."""
    return write_world(tmp_path / "orvia")


@pytest.fixture(scope="session")
def make_world() -> Callable[..., Path]:
    """Writes that experiment into a folder of the caller's."""
    return write_world


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of that experiment; its folder. Read only."""
    from newsangle import run_experiment

    base = tmp_path_factory.mktemp("finished")
    before = os.environ.get("NEWSANGLE_HOME")
    os.environ["NEWSANGLE_HOME"] = str(base / "home")
    try:
        return run_experiment(write_world(base / "orvia"), runs=base / "runs", jobs=1).path
    finally:
        if before is None:
            del os.environ["NEWSANGLE_HOME"]
        else:
            os.environ["NEWSANGLE_HOME"] = before
