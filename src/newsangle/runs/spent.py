"""What did a job cost? Seconds, and the most memory that its process held meanwhile."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

_PROCESS = Path("/proc/self")


@dataclass(frozen=True)
class Spent:
    """Seconds of wall time; peak_mb: the process's largest resident memory while the job ran, None where the system
    doesn't tell it by job (only Linux does)."""

    seconds: float
    peak_mb: float | None


class Meter:
    """Started when it is made; `stop` says what was spent since."""

    def __init__(self) -> None:
        self._reset = False
        with contextlib.suppress(OSError):  # not Linux, or not allowed: then no peak is told
            (_PROCESS / "clear_refs").write_text("5")  # the peak begins anew at what is held now
            self._reset = True
        self._started = time.perf_counter()

    def stop(self) -> Spent:
        """What was spent since the start."""
        return Spent(time.perf_counter() - self._started, _peak() if self._reset else None)


def _peak() -> float | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (_PROCESS / "status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None
