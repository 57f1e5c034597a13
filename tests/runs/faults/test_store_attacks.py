"""Flipped bits, planted links and clocks that jump: what was tampered with is found, and never used."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from injection import Command
from store_attacks import PLACES, bring_back, finished_state, flip_bits, flipped_run_files, plant_link
from tree_judge import differences, read_tree

if TYPE_CHECKING:
    from conftest import Workshop

pytestmark = pytest.mark.slow


def test_a_flipped_bit_in_any_file_of_any_object_is_found_and_never_used(workshop: "Workshop") -> None:
    problems = list(flip_bits(workshop.case("run"), workshop.server))
    assert not problems, "\n".join(problems[:20])


def test_a_flipped_bit_in_any_file_of_a_run_is_found_by_every_command_that_reads_it(workshop: "Workshop") -> None:
    case = workshop.case("run")
    for run, victim in flipped_run_files(case, workshop.server):
        for argv in (case.command.argv, ("verify", str(run)), ("report", str(run))):
            said = workshop.server.run(Command(argv, case.command.cwd, case.command.env))
            assert said.code == 5 and victim.name in said.err and "Traceback" not in said.err, (victim, argv, said)


@pytest.mark.parametrize("copied", [True, False], ids=["to a whole copy", "to something else"])
@pytest.mark.parametrize("place", PLACES)
def test_a_planted_link_is_never_followed_outside(workshop: "Workshop", place: str, copied: bool) -> None:
    case = workshop.case("run")
    for argv in (case.command.argv, ("gc",)):
        outside, before = plant_link(case, workshop.server, place, copied=copied)
        (case.state / "runs").mkdir(exist_ok=True)  # gc stops where the folder of runs is away
        said = workshop.server.run(Command(argv, case.command.cwd, case.command.env))
        assert not differences(read_tree(outside), before)
        assert "Traceback" not in said.err and "our bug" not in said.err
        if said.code:
            assert said.code in (4, 5) and "link" in said.err, said
        elif argv != ("gc",):
            found = {path: what for path, what in case.tree().items() if not path.startswith("home/damaged")}
            assert not differences(found, case.new)
            if place in ("SHELF", "OBJECT", "OBJECT/manifest.json", "OBJECT/FILE"):
                assert "symbolic link" in said.err and "computed again" in said.err


@pytest.mark.parametrize("year", [1970, 2100])
def test_no_time_of_a_file_is_read(workshop: "Workshop", year: int) -> None:
    """All files old or of the future: nothing is computed again, and the run comes out the same."""
    case = workshop.case("run")
    bring_back(case, finished_state(case, workshop.server))
    seconds = (year - 1970) * 31_557_600
    world = Path(case.command.argv[1])
    before = {path: path.stat() for path in world.rglob("*")}
    for path in [*world.rglob("*"), *case.state.rglob("*")]:
        os.utime(path, (seconds, seconds))
    try:
        said = workshop.server.run(case.command)
        assert said.code == 0 and "already run with exactly these inputs" in said.err
        bring_back(case, finished_state(case, workshop.server), runs=False)
        for path in case.state.rglob("*"):
            os.utime(path, (seconds, seconds))
        said = workshop.server.run(case.command)
        assert said.code == 0 and ": computed" not in said.err and "found in the store" in said.err
        assert not differences(case.tree(), case.new)
    finally:
        for path, status in before.items():
            os.utime(path, (status.st_atime, status.st_mtime))
