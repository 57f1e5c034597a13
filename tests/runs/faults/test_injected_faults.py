"""The n-th call that changes the disk fails or is the last one, for every n: then the state is old or new, and heals.

The sweep is cut into parts so that processes side by side share it.
"""

from typing import TYPE_CHECKING, get_args

import pytest
from injection import Fault, Point, unsynced

if TYPE_CHECKING:
    from conftest import Workshop

FAULTS = get_args(Fault)
_PARTS = 4

pytestmark = pytest.mark.slow


def _told(problems: list[str]) -> str:
    return "\n".join([f"{len(problems)} problems", *problems[:20]])


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["ingest", "run", "source", "gc"])
def test_after_a_fault_at_any_call_the_state_is_old_or_new_and_the_same_command_finishes(
    workshop: "Workshop", name: str, fault: Fault, part: int
) -> None:
    points = workshop.points(name)[part::_PARTS]
    assert points
    problems = list(workshop.try_points(name, fault, points))
    assert not problems, _told(problems)


@pytest.mark.parametrize("name", ["ingest", "run", "gc"])
def test_the_sweep_tried_every_call_until_none_was_left(workshop: "Workshop", name: str) -> None:
    """One further than the last call of each kind nothing fails; at the last one something does."""
    case = workshop.case(name)
    last = {point.call: point for point in workshop.points(name)}
    assert {"write", "rename"} <= set(last)
    server = workshop.faulty("EIO", name)
    for call, n in workshop.counts(name).items():
        case.reset()
        said = server.run_with_fault(case.command, Point(call, n + 1, "one too far"))
        assert said.code == 0 and case.tree() == case.new, f"{call}: {said.err}"
    case.reset()
    assert server.run_with_fault(case.command, last["rename"]).code == 4


@pytest.mark.parametrize("name", ["ingest", "run"])
def test_everything_is_on_the_disk_before_it_gets_its_name(workshop: "Workshop", name: str) -> None:
    assert not unsynced(workshop.calls(name), workshop.case(name).command.cwd)
