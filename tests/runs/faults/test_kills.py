"""Whole process groups killed at any moment, and several processes at once: nothing is lost, nothing mixed up."""

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tree_judge import differences, illegal

if TYPE_CHECKING:
    from conftest import Workshop

pytestmark = pytest.mark.slow

_KILLS = 100


def test_a_hundred_kills_across_a_sweep_lose_nothing(workshop: "Workshop") -> None:
    """Two processes on three points, killed with their workers; what was finished is kept, the next call goes on."""
    case, server = workshop.case("sweep"), workshop.server
    case.reset()
    start = time.monotonic()
    assert server.run(case.command).code == 0
    whole = time.monotonic() - start
    draw = random.Random(0)
    case.reset()
    killed = finished = 0
    kept = 0
    while killed < _KILLS:
        said = server.run(case.command, kill_after=draw.uniform(0, whole * 0.8))
        killed += said.code == -9
        for left in Path("/dev/shm").glob(f"sem.loky-{said.pid}-*"):  # nobody is left to remove it
            left.unlink()
        found = case.tree()
        problems = illegal(found, case.old, case.new, case.unit)
        assert not problems, problems[:5]
        objects = sum(path.count("/") == 3 and path.startswith("home/objects/") for path in found)
        assert objects >= kept, "what was finished is gone"
        kept = objects
        if said.code == 0 or killed % 10 == 0:  # to the end, then from the beginning
            assert server.run(case.command).code == 0
            assert not differences(case.tree(), case.new)
            finished += 1
            kept = 0
            case.reset()
    assert finished >= _KILLS / 10


def test_two_processes_on_one_experiment_share_the_work(workshop: "Workshop") -> None:
    case, server = workshop.case("run"), workshop.server
    for _ in range(10):
        case.reset()
        said = server.run(case.command, copies=2)
        assert said.codes == [0, 0], said.err
        assert not differences(case.tree(), case.new)


def test_two_ingests_into_one_file_never_mix(workshop: "Workshop") -> None:
    """One of them writes, the other writes the same after it or says that it has to wait."""
    case, server = workshop.case("ingest"), workshop.server
    refused = 0
    for _ in range(20):
        case.reset()
        said = server.run(case.command, copies=2)
        assert 0 in said.codes and set(said.codes) <= {0, 4}, said
        if said.code == 4:
            assert "another ingest is writing there" in said.err
        refused += 4 in said.codes
        assert not differences(case.tree(), case.new)
    assert refused


def test_a_run_and_gc_at_once_get_along(workshop: "Workshop") -> None:
    """gc while a run is under way takes nothing that the run needs."""
    case, server = workshop.case("run"), workshop.server
    for _ in range(10):
        case.reset()
        said = server.run(case.command, copies=2, other=["gc"])
        assert said.codes == [0, 0], said.err
        assert not differences(case.tree(), case.new)
