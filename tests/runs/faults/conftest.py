"""Makes the fault harness importable, and keeps its servers and cases for all tests of a process."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import broken_publishers  # noqa: F401 (found in sys.modules by the tests beside it)
import fault_cases
import injection
import small_world  # noqa: F401
import store_attacks  # noqa: F401

sys.path.pop(0)


class Workshop:
    """One undisturbed fork server, one with the fault that was asked for last, and every case with its points."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.server = injection.Server(scratch, scratch / "memory")
        self._faulty: injection.Server | None = None
        self._cases: dict[str, fault_cases.Case] = {}
        self._calls: dict[tuple[str, str | None], list[str]] = {}
        self._healed: dict[tuple[str, str | None], dict[int, list[str]]] = {}

    def case(self, name: str, mutant: str | None = None) -> fault_cases.Case:
        """A case, its publisher broken on purpose if asked for."""
        if name not in self._cases:
            self._cases[name] = fault_cases.CASES[name](self.scratch, self.server)
        return self._cases[name].broken_by(mutant) if mutant else self._cases[name]

    def calls(self, name: str, mutant: str | None = None) -> list[str]:
        """What the command of this case does to the disk, call by call, as strace tells it."""
        if (name, mutant) not in self._calls:
            case = self.case(name, mutant)
            case.reset()
            said, lines = self.server.trace(case.command)
            assert said.code == 0, said.err
            self._calls[name, mutant] = lines
        return self._calls[name, mutant]

    def points(self, name: str, mutant: str | None = None) -> list[injection.Point]:
        """All points at which the command of this case can fail."""
        found = injection.points(self.calls(name, mutant), self.scratch)
        return [point for point in found if self.case(name).opens or point.call != "openat"]

    def counts(self, name: str) -> dict[str, int]:
        """How many calls of each kind the command of this case makes."""
        return injection.counts(self.calls(name))

    def faulty(self, fault: injection.Fault, name: str) -> injection.Server:
        """The server with this fault, having learned what this case computes."""
        if self._faulty is None or self._faulty.fault != fault:
            self.close_faulty()
            self._faulty = injection.Server(self.scratch, self.scratch / "memory", fault)
        if name not in self._faulty.learned:
            case = self.case(name)
            case.reset()
            self._faulty.warm(case.command)
            self._faulty.learned.add(name)
        return self._faulty

    def close_faulty(self) -> None:
        if self._faulty is not None:
            self._faulty.close()
            self._faulty = None

    def try_points(
        self, name: str, fault: injection.Fault, points: list[injection.Point], mutant: str | None = None
    ) -> Iterator[str]:
        """What is wrong after the fault at each of these points, told in one line a problem."""
        case = self.case(name, mutant)
        healed = self._healed.setdefault((name, mutant), {})
        faulty = self.faulty(fault, name)
        for point in points:
            for problem in fault_cases.try_point(case, faulty, self.server, point, healed):
                yield f"{fault} at {point}: {problem}"


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """The servers and cases; skipped without strace, failed where strace is to be there."""
    if not injection.faults_can_be_injected():
        needed = "needs strace on Linux, and the right to trace (apt-get install strace)"
        if os.environ.get("NEWSANGLE_REQUIRE_STRACE"):
            pytest.fail(needed)
        pytest.skip(needed)
    # In memory, if it can be: a disk takes milliseconds for each fsync, and here nobody pulls the plug.
    memory = Path("/dev/shm")
    base = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    scratch = Path(tempfile.mkdtemp(prefix="newsangle-faults-", dir=base))
    scratch.chmod(0o755)  # some tests go on as another user
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        workshop = Workshop(scratch)
        stack.callback(workshop.server.close)
        stack.callback(workshop.close_faulty)
        yield workshop
