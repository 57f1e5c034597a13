"""What happened when? One file a run beside the store, written line by line, so that a killed run leaves it, too.

It holds no text of articles, no names and no e-mail addresses: what stands in quotes in an error is left out.
"""

import contextlib
import os
import platform
import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from newsangle import __version__
from newsangle.errors import NewsangleError, machine_errors
from newsangle.runs.spent import Spent
from newsangle.runs.store import Store

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
LOGS_READ = 20  # the newest logs of an experiment tell how long its jobs take
_MAIL = re.compile(r"[^\s@=]+@[^\s@=]+")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_COMPUTED = re.compile(r"^\S+ \d+ computed +([0-9a-f]+) (\S+) (\d+\.\d+) s (?:\d+ MB )?(.*)$")
_KEY = re.compile(r"^\S+ \d+ (?:computed|found) +([0-9a-f]{12}) ")
_BEGAN_OR_ENDED = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d+) (run(?= )|end(?= +published))")


class RunLog:
    """Appends lines to a log; each is on the disk's way when `write` returns. Raises MachineError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with machine_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():  # nothing in the store is followed out of it
                path.unlink()

    def write(self, what: str, text: str = "") -> None:
        """One line: when (UTC), which process, what, and about what."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        line = f"{now}Z {os.getpid()} {what:<9} {' '.join(_MAIL.sub('(e-mail address)', text).split())}"
        with machine_errors(self.path), open(self.path, "a", encoding="utf-8", opener=_no_link) as file:
            file.write(f"{line.rstrip()}\n")

    def begin(self, run: str, versions: Mapping[str, str], overrides: Mapping[str, Any], processes: str) -> None:
        """What a reader of the log has to know first: run, versions, machine, threads, what `--set` said."""
        self.write("run", run)
        told = {"newsangle": __version__} | dict(versions)
        self.write("versions", ", ".join(f"{name} {version}" for name, version in told.items()))
        cores = os.cpu_count() or 0
        machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores"
        self.write("machine", f"{machine}, {processes}")
        self.write("threads", ", ".join(["1 in a fit", *(f"{n}={os.environ[n]}" for n in THREADS if n in os.environ)]))
        for key, value in overrides.items():
            self.write("set", f"{key} = {value}")

    def computed(self, key: str, stage: str, title: str, spent: Spent) -> None:
        """A job is computed; `past_timings` reads these lines."""
        memory = f"{spent.peak_mb:.0f} MB " if spent.peak_mb is not None else ""
        self.write("computed", f"{key[:12]} {stage} {spent.seconds:.3f} s {memory}{title}")


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)


def error_told(error: BaseException) -> str:
    """An error for the log: ours without what it quotes, any other by its kind and place alone, for it may quote."""
    if isinstance(error, NewsangleError):
        return f"{type(error).__name__}: {_QUOTED.sub('…', str(error))}"
    places = [f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}newsangle{os.sep}" in f.filename]
    where = f" in {Path(places[-1].filename).name}:{places[-1].lineno}" if places else ""
    return f"{type(error).__name__}{where}"


def run_times(logs: Path, experiment: str, identity: str) -> tuple[datetime, datetime] | None:
    """When did the process that published this run begin, and end? None where no log tells, as on another machine."""
    found, began = None, {}
    for line in _read([logs / f"{experiment}-{identity}.log"]):
        match = _BEGAN_OR_ENDED.match(line)
        if match:
            when, process, what = datetime.fromisoformat(match[1]), match[2], match[3]
            if what == "run":
                began[process] = when
            elif process in began:
                found = began[process], when
    return found


@dataclass(frozen=True)
class Past:
    """How many seconds jobs took before: by title, and by stage (median)."""

    by_title: Mapping[str, float] = field(default_factory=dict)
    by_stage: Mapping[str, float] = field(default_factory=dict)


def past_timings(logs: Path, experiment: str) -> Past:
    """How long did the jobs of this experiment take in the runs that have a log? A log that can't be read is no help,
    and no error."""
    return _past(_lines(logs, experiment))


def past_keys(logs: Path, experiment: str) -> set[str]:
    """Which jobs did those runs of this experiment that have a log compute or find? Twelve signs of each key."""
    return {match[1] for match in map(_KEY.match, _lines(logs, experiment)) if match}


def _lines(logs: Path, experiment: str) -> list[str]:
    name = re.compile(rf"{re.escape(experiment)}-[0-9a-f]+\.log")
    found = [p for p in logs.glob("*.log") if name.fullmatch(p.name)]
    return _read(sorted(found, key=_written)[-LOGS_READ:])


def _read(logs: Iterable[Path]) -> list[str]:
    """The lines of these logs; one that can't be read has none."""
    lines: list[str] = []
    for path in logs:
        with contextlib.suppress(OSError):
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines


def told_titles(logs: Path) -> dict[str, str]:
    """What is each result called that a log tells of? Stage and title, by the first twelve digits of its key."""
    found: dict[str, str] = {}
    for line in _read(sorted(logs.glob("*.log"))):
        if match := _COMPUTED.match(line):
            key, stage, _, title = match.groups()
            found.setdefault(key, f"{stage} ({title})")
    return found


def result_name(key: str, store: Store, titles: Mapping[str, str]) -> str | None:
    """What is this result called: by `titles` (of `told_titles`), else by its stage? None where nothing tells."""
    if key[:12] in titles:
        return titles[key[:12]]
    recipe = store.recipe(key)
    return str(recipe["stage"]) if recipe else None


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _past(lines: Iterable[str]) -> Past:
    titles: dict[str, list[float]] = {}
    stages: dict[str, list[float]] = {}
    for line in lines:
        match = _COMPUTED.match(line)
        if match:
            _, stage, seconds, title = match.groups()
            titles.setdefault(title, []).append(float(seconds))
            stages.setdefault(stage, []).append(float(seconds))
    return Past({t: _typical(s) for t, s in titles.items()}, {t: _typical(s) for t, s in stages.items()})


def _typical(seconds: Sequence[float]) -> float:
    return median(seconds[-50:])
