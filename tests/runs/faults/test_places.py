"""Folders that can't be written, no home, a path with blanks: one line that says so, or the same run as anywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from injection import Command
from small_world import write_small_world
from store_attacks import bring_back, finished_state
from tree_judge import differences, read_tree

import newsangle

if TYPE_CHECKING:
    from conftest import Workshop

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("closed", ["", "home", "home/objects", "home/locks", "runs", "runs/world"])
@pytest.mark.parametrize("name", ["run", "gc"])
def test_a_folder_that_can_not_be_written_is_one_line_and_changes_nothing(
    workshop: "Workshop", name: str, closed: str
) -> None:
    case = workshop.case(name)
    if name == "run":
        bring_back(case, finished_state(case, workshop.server))
        shutil.rmtree(case.state / "runs" / "world")
        (case.state / "runs" / "world").mkdir()
        shutil.rmtree(next(iter((case.state / "home" / "objects").iterdir())))
    else:
        case.reset()
    before = case.tree()
    everything = [case.state, *case.state.rglob("*")]
    for path in everything:
        path.chmod(0o777 if path.is_dir() else 0o666)
    (case.state / closed).chmod(0o555)
    if not closed:
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
    said = workshop.server.run(case.command, nobody=os.getuid() == 0)
    for path in case.state.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    case.state.chmod(0o755)
    assert "Traceback" not in said.err and "our bug" not in said.err
    if said.code:
        assert said.code == 4
        [line] = [line for line in said.err.splitlines() if line.startswith("newsangle: ")]
        assert "no permission to write there" in line
        if not closed:
            assert not differences(case.tree(), before)
    assert workshop.server.run(case.command).code == 0
    assert not differences(case.tree(), case.new)


def test_what_is_finished_can_be_read_where_nothing_can_be_written(workshop: "Workshop") -> None:
    case = workshop.case("run")
    bring_back(case, finished_state(case, workshop.server))
    [run] = (case.state / "runs" / "world").iterdir()
    everything = [case.state, *case.state.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for argv in (case.command.argv, ("verify", str(run)), ("report", str(run)), ("list", "runs")):
            said = workshop.server.run(Command(argv, case.command.cwd, case.command.env), nobody=os.getuid() == 0)
            assert said.code == 0, (argv, said.err)
    finally:
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_without_a_home_and_with_a_store_whose_name_has_blanks_the_run_is_the_same(
    workshop: "Workshop", tmp_path: Path, home: str | None
) -> None:
    """A process of its own, that knows nothing but where Python is."""
    case = workshop.case("run")
    store = tmp_path / "my störe Łódź 新" / "a b"
    world = write_small_world(tmp_path / "ein Ördner" / "world")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(newsangle.__file__).parents[1])}
    # Which kernels its linear algebra uses is the machine's own.
    environment |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    environment |= {"NEWSANGLE_HOME": str(store)} | ({"HOME": home} if home else {})
    command = [sys.executable, "-m", "newsangle.cli", "run", str(world), "--jobs", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    kept = finished_state(case, workshop.server)
    assert not differences(read_tree(tmp_path / "runs"), read_tree(kept / "runs"))
    objects = read_tree(store / "objects")
    assert not differences(objects, read_tree(kept / "home" / "objects"))
