"""Do the tests of faults find a publisher that is broken? Each known way to be wrong is tried, and has to be told."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from broken_publishers import MUTANTS
from injection import Fault, unsynced
from store_attacks import flip_bits, plant_link
from tree_judge import read_tree

if TYPE_CHECKING:
    from conftest import Workshop

pytestmark = pytest.mark.slow

# Which command shows it, by which fault, and where: words that the call is told with.
BY_FAULT: dict[str, tuple[str, Fault, str]] = {
    "written in place": ("run", "KILL", "/objects/"),
    "renamed too early": ("run", "KILL", "/objects/"),
    "errors swallowed": ("run", "ENOSPC", "/objects/"),
    "half an array": ("run", "ENOSPC", ".npy"),
    "remains stay": ("run", "KILL", "/objects/"),
    "corpus in place": ("ingest", "KILL", "corpus.parquet"),
    "removed in place": ("gc", "KILL", "unlink"),
    "used objects removed": ("gc", "KILL", "unlink"),
}


@pytest.mark.parametrize("mutant", BY_FAULT)
def test_the_sweep_of_faults_finds(workshop: "Workshop", mutant: str) -> None:
    name, fault, words = BY_FAULT[mutant]
    points = [point for point in workshop.points(name, mutant) if words in str(point)]
    assert next(workshop.try_points(name, fault, points, mutant), None) is not None
    sound = [point for point in workshop.points(name) if words in str(point)][:3]
    assert not list(workshop.try_points(name, fault, sound))


@pytest.mark.parametrize("mutant", ["nothing synced", "files not synced"])
@pytest.mark.parametrize("name", ["run", "ingest"])
def test_the_order_of_calls_tells_that(workshop: "Workshop", name: str, mutant: str) -> None:
    assert unsynced(workshop.calls(name, mutant), workshop.case(name).command.cwd)


def test_flipped_bits_tell_that_nothing_is_verified(workshop: "Workshop") -> None:
    assert next(flip_bits(workshop.case("run", "nothing verified"), workshop.server), None) is not None


def test_planted_links_tell_that_they_are_followed(workshop: "Workshop") -> None:
    def told() -> Iterator[str]:
        case = workshop.case("run", "links followed")
        for place in ("home/objects", "OBJECT/FILE", "home/logs"):
            outside, before = plant_link(case, workshop.server, place, copied=True)
            said = workshop.server.run(case.command)
            if read_tree(outside) != before or (said.code == 0 and "symbolic link" not in said.err):
                yield place

    assert len(list(told())) == 3


def test_every_way_to_be_wrong_is_tried() -> None:
    elsewhere = {"nothing synced", "files not synced", "nothing verified", "links followed"}
    assert set(BY_FAULT) | elsewhere == set(MUTANTS)
