"""How much memory does this process hold at most from now on? Linux: the high-water mark of its own resident memory.

`resource.getrusage` would tell the parent's where that was larger: a child inherits the figure when it is forked.
"""

import ctypes
import gc
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _kib(field: str) -> int:
    line = next(line for line in _STATUS.read_text("ascii").splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1])


def resident_mb() -> float:
    """What the process holds now, in MB (10^6 bytes)."""
    return _kib("VmRSS") * 1024 / 1e6


def forget_peak() -> None:
    """From here on `peak_mb` speaks of what comes, not of what was; what was freed is given back first."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    _CLEAR.write_text("5")


def peak_mb() -> float:
    """The most that the process held since it began or since `forget_peak`, in MB (10^6 bytes)."""
    return _kib("VmHWM") * 1024 / 1e6
